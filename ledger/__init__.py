"""The ledger remembers: the only SQL, on SQLite or PostgreSQL. It is the queue, too."""

from ledger.budget import Hold
from ledger.deliveries import DeliveryRow
from ledger.events import Arrival, Bucket, EventRow, Receipt, pack
from ledger.ledger import SILENT_SECONDS, Ledger, UnusableError
from ledger.slot import State
from ledger.versions import Draft, RuleVersion, digest_of
from ledger.writer import NotStoredError

__all__ = [
    "SILENT_SECONDS",
    "Arrival",
    "Bucket",
    "DeliveryRow",
    "Draft",
    "EventRow",
    "Hold",
    "Ledger",
    "NotStoredError",
    "Receipt",
    "RuleVersion",
    "State",
    "UnusableError",
    "digest_of",
    "pack",
]
