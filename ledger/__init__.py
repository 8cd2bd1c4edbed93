"""The ledger remembers: the only SQL, on SQLite or PostgreSQL. It is the queue, too."""

from ledger.arrivals import Arrival, Bucket, Receipt, pack
from ledger.budget import Hold
from ledger.decisions import Redecision
from ledger.deliveries import DeliveryRow
from ledger.events import StoredReply
from ledger.ledger import Ledger
from ledger.lists import EventRow
from ledger.outbox import SILENT_SECONDS
from ledger.refusals import Refusal
from ledger.slot import State
from ledger.standing_reads import Origin, StandingRead
from ledger.store import UnusableError
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
    "Origin",
    "Receipt",
    "Redecision",
    "Refusal",
    "RuleVersion",
    "StandingRead",
    "State",
    "StoredReply",
    "UnusableError",
    "digest_of",
    "pack",
]
