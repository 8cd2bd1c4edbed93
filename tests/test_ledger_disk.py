"""Which disks SQLite may lie on, and who may work on its file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from test_ledger_trouble import AS_ANYBODY

from config import read_settings
from ledger import disk
from ledger.disk import Mount
from ledger.occupancy import Occupancy
from parts import doubts_of_disk
from serving import refusals

ROOT = Path(__file__).parent.parent
MOUNTINFO = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
22 21 0:20 / /proc rw - proc proc rw
30 21 0:40 / /mnt/nas rw,relatime shared:20 - nfs4 nas:/export rw,vers=4.2
31 21 0:41 / /mnt/my\\040share rw - cifs //nas/share rw
32 21 0:42 / /mnt/host rw - 9p host rw,trans=virtio
33 21 0:43 / /mnt/ssh rw - fuse.sshfs me@host: rw
34 21 254:1 / /mnt/usb rw - fuseblk /dev/sdb1 rw
35 30 254:2 / /mnt/nas/local rw - xfs /dev/sdc rw
36 21 0:44 / /data rw - nfs nas:/data rw
37 21 254:3 / /data rw - ext4 /dev/sdd rw
38 21 0:45 / /scratch rw - tmpfs tmpfs rw
39 21 0:46 / /merged rw - fuse.fuse-overlayfs fuse-overlayfs rw
"""
MOUNTS = disk.parse_mountinfo(MOUNTINFO)
OF_A_MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//guest@nas/share on /Volumes/my share (smbfs, nodev, nosuid, mounted by ann)
nas:/export on /Volumes/nfs (nfs, nodev, nosuid)
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/mnt/nas/ledger.db", "nfs4"),
        ("/mnt/nas/deep/er/ledger.db", "nfs4"),
        ("/mnt/my share/ledger.db", "cifs"),
        ("/mnt/host/ledger.db", "9p"),
        ("/mnt/ssh/ledger.db", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_refused_by_name(file: str, kind: str) -> None:
    sentence = disk.why_not_on_network(Path(file), MOUNTS) or ""
    assert f"({kind} at " in sentence
    assert "local disk" in sentence


@pytest.mark.parametrize(
    "file",
    [
        pytest.param("/srv/replymark/var/ledger.db", id="the root's own disk"),
        pytest.param("/mnt/usb/ledger.db", id="FUSE over a local disk"),
        pytest.param("/mnt/nas/local/ledger.db", id="a local disk below a network's"),
        pytest.param("/data/ledger.db", id="a local disk over a network's"),
        pytest.param("/merged/ledger.db", id="the layers of a container without root"),
        pytest.param("/mnt/nasty/ledger.db", id="a name that only begins alike"),
    ],
)
def test_a_local_disk_is_welcome(file: str) -> None:
    assert disk.why_not_on_network(Path(file), MOUNTS) is None


def test_a_mac_tells_its_mounts_in_its_own_way() -> None:
    mounts = disk.parse_mount(OF_A_MAC)
    assert [mount.kind for mount in mounts] == ["apfs", "apfs", "smbfs", "nfs"]
    assert mounts[2] == Mount(Path("/Volumes/my share"), "smbfs")


def test_a_system_that_tells_nothing_refuses_nothing() -> None:
    assert disk.why_not_on_network(Path("/mnt/nas/ledger.db"), []) is None


def test_this_machine_tells_where_its_files_are(tmp_path: Path) -> None:
    mount = disk.mount_of(tmp_path, disk.read_mounts())
    assert mount
    assert tmp_path.is_relative_to(mount.folder)


@pytest.mark.parametrize(
    ("file", "stays"),
    [
        ("/app/var/x.db", False),
        ("/scratch/x.db", False),
        ("/merged/x.db", False),
        ("/data/x.db", True),
        ("/mnt/usb/x.db", True),
    ],
)
def test_a_disk_stays_if_it_is_one_of_its_own(file: str, stays: bool) -> None:  # noqa: FBT001
    assert disk.stays(Path(file), MOUNTS) is stays


REAL = {"SMARTLEAD_API_KEY": "sk-canary-api-key-7f3a", "WEBHOOK_TOKENS": "canary-webhook-token-9c1e"}
ON_ROOT = {"DATABASE_URL": "sqlite:////replymark-is-not-here/ledger.db"}


@pytest.mark.parametrize("sign", ["RENDER", "RAILWAY_PROJECT_ID", "FLY_APP_NAME", "KUBERNETES_SERVICE_HOST"])
def test_a_platform_with_volumes_wants_the_file_on_one(sign: str) -> None:
    settings = read_settings(REAL | ON_ROOT | {sign: "yes"})
    assert settings.problems == ()
    (refused,) = doubts_of_disk(settings)
    assert "on a volume" in refused
    assert refusals(settings, 1, []) == [refused]
    assert doubts_of_disk(read_settings(REAL | ON_ROOT | {sign: "yes", "DISK_STAYS": "1"})) == []
    assert doubts_of_disk(read_settings(REAL | {sign: "yes", "DATABASE_URL": "postgres://h/d"})) == []


ASK = "import sys; from ledger.occupancy import Occupancy; print(Occupancy(sys.argv[1]).take())"
HOLD = """\
import sys
from ledger.occupancy import Occupancy
assert Occupancy(sys.argv[1]).take() is None
"""


def test_a_second_web_process_is_refused_and_let_in_once_the_first_was_killed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new/ledger.db"
    program = HOLD + "print('taken', flush=True)\nsys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout
        assert first.stdout.readline() == "taken\n"
        second = Occupancy(url)
        assert "exactly one may" in (second.take() or "")
        first.kill()
    assert second.take() is None


def test_nobody_has_to_wait_for_the_web_process_of_another_ledger(tmp_path: Path) -> None:
    held = [Occupancy(f"sqlite:///{tmp_path}/{name}.db") for name in ("one", "two")]
    assert [one.take() for one in held] == [None, None]
    assert Occupancy("postgresql://h/d").take() is None


def test_a_link_to_the_file_of_another_web_process_is_no_second_ledger(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    first, second = (Occupancy(f"sqlite:///{tmp_path}/{name}.db") for name in ("real", "link"))
    assert first.take() is None
    assert "exactly one may" in (second.take() or "")


@pytest.mark.skipif(sys.platform != "linux", reason="only there root can be kept from what it may do")
def test_who_may_only_read_the_lock_is_kept_out_by_it_all_the_same(tmp_path: Path) -> None:
    url, lock = f"sqlite:///{tmp_path}/ledger.db", tmp_path / "ledger.db.web"
    held = Occupancy(url)
    assert held.take() is None
    lock.chmod(0o444)
    asked = subprocess.run(
        [sys.executable, "-c", AS_ANYBODY, sys.executable, "-c", ASK, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "exactly one may" in asked.stdout


def test_a_disk_that_takes_no_lock_is_told_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert Occupancy(f"sqlite:///{tmp_path}/file/ledger.db").take() is None
