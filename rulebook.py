"""The live rules: the ledger's newest version. The file is an input that is checked, tried and published.

A bad file never goes live: the old rules stay in force, and it is said so loudly.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from errno import EINVAL
from itertools import count
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, NamedTuple

from ledger import Draft, digest_of
from rules.engine import load
from rules.file import examine, read_file, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from ledger import Ledger
    from rules.engine import RuleSet

log = logging.getLogger(__name__)

ASK_EVERY = 2  # looks: the ledger costs more than the file, and who publishes there makes one change
COARSE = 3.0  # seconds; some file systems count in two
LOOK_EVERY = 0.4  # seconds; a change must look the same twice, so it is live well within 2 s


@dataclass(frozen=True, slots=True)
class Live:
    """The rules that decide now, and their version."""

    version: int
    digest: str
    ruleset: RuleSet


class Rulebook:
    """The rules in force, kept up to date with the ledger and the file. Safe to ask from many threads."""

    def __init__(self, ledger: Ledger, file: Path) -> None:
        self._ledger = ledger
        self._file = file
        self._live: Live | None = None
        self._seen: bytes | None = None  # the file when it was last acted upon
        self._unchanged: _State | None = None  # in which it surely holds that; then it need not be read
        self._pending: bytes | None = None  # a change that was seen once
        self._refused: str | None = None  # the first problem of the file's content
        self._waiting: tuple[str, str] | None = None  # digest of a content that waits, and why
        self._unreadable: str | None = None  # why the file can not be read
        self._unloadable: int | None = None  # a version that another release published, and this one can not read
        self._trouble: str | None = None  # the kind of the last failed look
        self._lock = Lock()
        self._closing = Event()
        self._thread: Thread | None = None

    @property
    def live(self) -> Live | None:
        """The rules in force, None while there never were any."""
        return self._live

    @property
    def warnings(self) -> list[str]:
        """What people should know about the rules file, in sentences that are true now."""
        stays = f"version {self._live.version} stays in force" if self._live else "there are no live rules yet"
        found = []
        if self._unreadable:
            found.append(f"The rules file {self._file} can not be read ({self._unreadable}); {stays}.")
        if self._unloadable:
            found.append(f"Version {self._unloadable} of the rules can not be read by this release; {stays}.")
        if self._refused:
            found.append(f"The rules file {self._file} was refused ({stays}): {self._refused}")
        if self._waiting and self._live and self._live.digest != self._waiting[0]:
            publish = "To make the file live: flask rules publish"
            found.append(f"The rules file {self._file} {self._waiting[1]}; {stays}. {publish}")
        return found

    def refresh(self) -> None:
        """Look at the ledger and the file once, and act on what changed."""
        self._look(ask_ledger=True)

    def follow(self) -> Live | None:
        """Take the newest version from the ledger, whatever the file holds; None while there never was one."""
        with self._lock:
            self._follow_ledger()
        return self._live

    def watch(self) -> None:
        """Keep looking from a thread of its own until `close`."""
        self._thread = Thread(target=self._watch, name="rulebook", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._closing.set()
        if self._thread:
            self._thread.join()

    def _watch(self) -> None:
        for look in count():
            if self._closing.wait(LOOK_EVERY):
                return
            try:
                self._look(ask_ledger=look % ASK_EVERY == 0)
            except Exception as error:  # noqa: BLE001 - the database may be away; looking goes on
                self._tell_trouble(type(error).__name__)
            else:
                self._trouble = None

    def _look(self, *, ask_ledger: bool) -> None:
        with self._lock:
            if ask_ledger:
                self._follow_ledger()
            self._follow_file()

    def _tell_trouble(self, kind: str) -> None:
        if kind != self._trouble:
            log.warning("rules_not_looked_at reason=%s", kind)
        self._trouble = kind

    def _follow_ledger(self) -> None:
        newest = self._ledger.live_rules_id()
        if newest is None or newest == self._unloadable or (self._live and self._live.version == newest):
            return
        version = self._ledger.live_rules()
        if version is None:
            return
        ruleset = load(version.content).ruleset
        if ruleset is None:
            self._unloadable = version.id
            log.error("rules_unloadable version=%s", version.id)
            return
        self._unloadable = None
        self._live = Live(version.id, version.digest, ruleset)
        log.info("rules_live version=%s source=%s", version.id, version.source)

    def _follow_file(self) -> None:
        try:
            state = _state(self._file)
            if state is not None and state == self._unchanged:
                return
            raw = _read_regular(self._file)
        except OSError as error:
            self._unchanged = None
            if not self._unreadable:
                log.warning("rules_file_unreadable file=%s reason=%s", self._file, error.strerror)
            self._unreadable = error.strerror or type(error).__name__
            return
        self._unreadable = None
        if raw == self._seen:
            self._pending, self._unchanged = None, state
        elif self._seen is None:
            self._begin_with(raw)
            self._seen = raw
        elif raw == self._pending:
            self._publish_change(raw)
            self._seen, self._pending = raw, None  # only now: without a ledger the change is tried again
        else:
            self._pending = raw  # perhaps half written: look once more

    def _begin_with(self, raw: bytes) -> None:
        """At start only content that was never live is published: an old copy must roll nothing back."""
        digest, current = digest_of(text_of(raw)), self._ledger.live_rules()
        if current is None or not self._ledger.were_rules_published(digest):
            self._publish(raw)
        elif current.digest != digest:
            self._wait(raw, f"holds rules that are older than version {current.id}")

    def _publish_change(self, raw: bytes) -> None:
        current = self._ledger.live_rules()
        if current and not current.is_from_file:
            self._wait(raw, f"was changed, but somebody published version {current.id} since")
        else:
            self._publish(raw)

    def _wait(self, raw: bytes, why: str) -> None:
        self._refused, self._waiting = None, (digest_of(text_of(raw)), why)
        log.warning("rules_waiting file=%s: it %s", self._file, why)

    def _publish(self, raw: bytes) -> None:
        draft = Draft(content=text_of(raw), source="file", author="file")
        examined = examine(raw, str(self._file))
        if examined.ruleset is None:
            self._refuse(draft, examined.problems)
            return
        self._ledger.publish_rules(draft)
        self._refused = self._waiting = None
        self._follow_ledger()

    def _refuse(self, draft: Draft, problems: tuple[str, ...]) -> None:
        self._ledger.refuse_rules(draft, "\n".join(problems))
        self._refused, self._waiting = problems[0].splitlines()[0], None
        log.error("rules_refused file=%s problems=%d first=%r", self._file, len(problems), self._refused)


class _State(NamedTuple):
    """What the system tells of a file without reading it."""

    number: int
    size: int
    written: int  # nanoseconds since 1970
    changed: int


def _state(file: Path) -> _State | None:
    """None while a second change might look like the first: clocks of file systems are coarse."""
    status = file.stat()
    if time.time() - max(status.st_mtime, status.st_ctime) < COARSE:
        return None
    return _State(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _read_regular(file: Path) -> bytes:
    """Read a file that is not a pipe: that would keep its reader for ever. OSError as `read_file`."""
    if file.exists() and not file.is_file():
        raise OSError(EINVAL, "it is no file")
    return read_file(file)
