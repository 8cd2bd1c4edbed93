"""What is wrong with the database, in sentences that say what to do. None quotes an error: it may hold secrets."""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import dialect
from ledger.schema_version import MIGRATE

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

LONG = 1.0  # seconds that a transaction may take to fail, until others need not try it, too
MOMENT = 0.25  # seconds that they need not; time enough for all who wait behind it
CROWDED = "Every connection of this process to {place} is in use: see what the database does so long."
BUSY = "Another process keeps the ledger to itself: find out which one writes to {place}, and end it."
FULL = "The disk of the ledger is full ({place}): make room on it."
NOT_OURS = "The ledger may not be written: {place} and its folder must belong to the user that Replymark runs as."
READ_ONLY = "The ledger can not be written: {place} is read-only, or its disk is. Make both writable."
GONE = "The ledger's file {place} was removed or moved away while it was in use: put it back."
REPLACED = (
    "Another file was put in the place of the ledger {place} while it was in use: stop web and worker, remove"
    " {place}-wal and {place}-shm, put the backup there once more, and start them."
)
NO_FOLDER = "The folder of the ledger's file {place} can not be made: check DATABASE_URL."
DAMAGED = "The ledger's file {place} is damaged, or is no SQLite database: stop Replymark and restore a backup."
BROKEN = "The disk of the ledger fails ({place}): see the system's log, and whether files may grow."
OTHER = "The ledger can not be reached ({kind}): check DATABASE_URL, the server or the disk."

# By SQLite's primary result codes: https://www.sqlite.org/rescode.html
OF_SQLITE = {
    sqlite3.SQLITE_PERM: NOT_OURS,
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR: BROKEN,
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: NOT_OURS,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
OF_THE_ROW = {sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH}
OF_FILES = {
    errno.ENOENT: GONE,
    errno.ESTALE: REPLACED,
    errno.EACCES: NOT_OURS,
    errno.EPERM: NOT_OURS,
    errno.EROFS: READ_ONLY,
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.ENOTDIR: NO_FOLDER,
    errno.EEXIST: NO_FOLDER,
    errno.EIO: BROKEN,
}
# By SQLSTATE, the longest that fits: https://www.postgresql.org/docs/current/errcodes-appendix.html
OF_POSTGRESQL = {
    "08": "The connection to {place} broke: see whether the server runs, and its log.",
    "25006": "{place} takes no changes: it is a standby, or default_transaction_read_only is on. Name the primary.",
    "42501": "{place} does not allow the ledger's user to do this: make that user the owner of its tables.",
    "42P01": MIGRATE,
    "42703": MIGRATE,
    "53100": "The disk of {place} is full: make room on it.",
    "53300": "{place} has too many connections: raise max_connections, or run fewer processes.",
    "55P03": "Another transaction keeps the ledger's rows locked: look into pg_stat_activity of {place}.",
    "57014": "{place} did not answer in time: see what else it does in pg_stat_activity.",
    "57P": "{place} is stopping or starting: if that lasts, see its log.",
}
# Of what refuses a connection only the words are told: those of libpq, and of a server that speaks English.
OF_CONNECTING = {
    "too many connections": OF_POSTGRESQL["53300"],
    "too many clients": OF_POSTGRESQL["53300"],
    "connection slots": OF_POSTGRESQL["53300"],
    "password authentication failed": "{place} refuses the user or the password in DATABASE_URL.",
    "no password supplied": "{place} refuses the user or the password in DATABASE_URL.",
    "role ": "{place} does not let the user in DATABASE_URL in.",
    "no pg_hba.conf entry": "{place} does not let this machine or this user in: see its pg_hba.conf.",
    "database ": "{place} has no database of the name in DATABASE_URL: create it.",
    "the database system is": OF_POSTGRESQL["57P"],
    "failed to resolve host": "The host in DATABASE_URL is not known here: check its name.",
    "Connection refused": "Nothing answers at {place}: start PostgreSQL, or check DATABASE_URL.",
    "No such file or directory": "Nothing answers at {place}: start PostgreSQL, or check DATABASE_URL.",
    "timeout expired": "{place} does not answer: check the network between, and DATABASE_URL.",
    "SSL": "{place} and this machine do not agree about encryption: check sslmode in DATABASE_URL.",
}


def sentence(error: Exception, url: sa.URL) -> str | None:
    """What a person should know and do about it; None where the trouble is of one transaction and not the database."""
    found = _found(error)
    return found.format(place=_place(url), kind=type(error).__name__) if found else None


def read_only(url: sa.URL) -> str:
    """What to say of a database that can be read, and takes no changes."""
    told = READ_ONLY if url.get_backend_name() == "sqlite" else OF_POSTGRESQL["25006"]
    return told.format(place=_place(url))


def _found(error: Exception) -> str | None:
    if isinstance(error, sa.exc.DBAPIError):
        orig = error.orig
        return _of_sqlite(orig) if isinstance(orig, sqlite3.Error) else _of_postgresql(error, orig)
    if isinstance(error, sa.exc.TimeoutError):
        return CROWDED
    if isinstance(error, TimeoutError):
        return BUSY
    return OF_FILES.get(getattr(error, "errno", 0), OTHER)


def _of_sqlite(error: sqlite3.Error) -> str | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in OF_THE_ROW:
        return None
    return OF_SQLITE.get(code) or (MIGRATE if str(error).startswith(("no such ", "table ")) else OTHER)


def _of_postgresql(error: Exception, orig: BaseException | None) -> str | None:
    state = getattr(orig, "sqlstate", None)
    if state is None:
        return _first(OF_CONNECTING, str(orig)) or OTHER
    if dialect.is_of_the_row(error) or state[:2] == "40":
        return None
    return next((told for code, told in OF_POSTGRESQL.items() if state.startswith(code)), OTHER)


def _first(told: Mapping[str, str], words: str) -> str | None:
    """By the words after "FATAL:" where a server refuses: before them stands only where it happened."""
    said = words.rpartition("FATAL:")[2]
    return next((meaning for sign, meaning in told.items() if sign in said), None)


def _place(url: sa.URL) -> str:
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    where = f"{url.host}:{url.port or 5432}" if url.host else "the local socket"
    return f"PostgreSQL ({where})"


class Watch:
    """What is wrong now. Each trouble, and its end, is one line of the log, however many meet it."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._room = frozenset(told.format(place=_place(url)) for told in (FULL, OF_POSTGRESQL["53100"]))
        self._no_use_before = 0.0
        self.trouble: str | None = None

    @property
    def in_vain(self) -> str | None:
        """The trouble, if others have just waited long and in vain: senders would wait for minutes, one by one."""
        return self.trouble if time.monotonic() < self._no_use_before else None

    def met(self, error: Exception, waited: float) -> None:
        """A transaction failed with this, after so many seconds."""
        told = sentence(error, self._url)
        if told and waited > LONG:
            self._no_use_before = time.monotonic() + MOMENT
        if told and told != self.trouble:
            self.trouble = told
            log.error("ledger_trouble %s", told)

    def wrote(self, *, much: bool = False) -> None:
        """A transaction was committed; `much`: of the size of a reply. Little finds room on a full disk, too."""
        if self.trouble and (much or self.trouble not in self._room):
            self.trouble = None
            log.warning("ledger_works_again")
