"""Whether a disk is one for SQLite: a local one, that stays, and that no second web process works on."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# SQLite's log needs memory that all processes share, and locks that hold: https://www.sqlite.org/wal.html
NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs?|9p|v9fs|afs|afpfs|webdav|ceph|glusterfs|lustre|beegfs|gpfs|ocfs2|gfs2"
    r"|fuse(?!blk|ctl|\.fuse-overlayfs)(\.[\w-]+)?|macfuse|osxfuse|vboxsf|vmhgfs|prl_fs"
)
FORGETS = ("tmpfs", "ramfs", "overlay", "aufs", "fuse.fuse-overlayfs")
ESCAPED = re.compile(r"\\([0-7]{3})")  # blanks and the like in the kernel's list
OF_MOUNT = re.compile(r"^.* on (?P<folder>.*?) \((?P<kind>\w+)")


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system, and the folder where it begins."""

    folder: Path
    kind: str  # as the system calls it: ext4, nfs4, fuse.sshfs


def why_not_on_network(file: Path, mounts: Sequence[Mount]) -> str | None:
    """A sentence if SQLite's file would lie on a file system that several machines share."""
    mount = mount_of(file, mounts)
    if mount is None or not NETWORK.fullmatch(mount.kind):
        return None
    return (
        f"{file} lies on a network file system ({mount.kind} at {mount.folder}), where SQLite loses data:"
        " put it on a local disk, or set DATABASE_URL to a PostgreSQL."
    )


def stays(file: Path, mounts: Sequence[Mount]) -> bool:
    """Whether the file lies on a disk of its own, and not on that of a container."""
    mount = mount_of(file, mounts)
    return mount is not None and mount.folder != Path("/") and mount.kind not in FORGETS


def mount_of(file: Path, mounts: Sequence[Mount]) -> Mount | None:
    """The file system that this file is on, or would be. Of several at one folder the last one covers the others."""
    whole = file.resolve()
    holding = [mount for mount in mounts if whole.is_relative_to(mount.folder)]
    return max(reversed(holding), key=lambda mount: len(mount.folder.parts), default=None)


def read_mounts() -> list[Mount]:
    """What is mounted now; empty where the system does not tell."""
    if sys.platform == "darwin":
        listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False)
        return parse_mount(listed.stdout)
    try:
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"))
    except OSError:
        return []


def parse_mountinfo(text: str) -> list[Mount]:
    """Linux's list: https://www.kernel.org/doc/html/latest/filesystems/proc.html."""
    found = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        folder = ESCAPED.sub(lambda code: chr(int(code[1], 8)), before.split()[4])
        found.append(Mount(Path(folder), after.split()[0]))
    return found


def parse_mount(text: str) -> list[Mount]:
    """What `mount` prints on macOS: `//guest@nas/share on /Volumes/share (smbfs, nodev, nosuid)`."""
    told = filter(None, map(OF_MOUNT.match, text.splitlines()))
    return [Mount(Path(one["folder"]), one["kind"]) for one in told]
