"""The ledger remembers: the only SQL, on SQLite or PostgreSQL. It is the queue, too."""

from ledger.arrivals import Arrival, Bucket, Kept, Receipt, pack
from ledger.batches import OvertakenError
from ledger.budget import Hold
from ledger.decisions import Redecision
from ledger.events import StoredReply
from ledger.ledger import Ledger
from ledger.lists import EventRow
from ledger.observation import Finding, Shown
from ledger.orders import Order
from ledger.outbox import SILENT_SECONDS
from ledger.pace import Timing
from ledger.refusals import Refusal
from ledger.slot import State
from ledger.standing import Standing
from ledger.standing_reads import Origin, StandingRead
from ledger.store import UnusableError
from ledger.versions import Draft, RuleVersion, digest_of
from ledger.walks import Plan, TakenOverError, Tally, Walk, WalkRow
from ledger.wishes import Choice, Crowd, DeliveryRow, Redone
from ledger.writer import NotStoredError

__all__ = [
    "SILENT_SECONDS",
    "Arrival",
    "Bucket",
    "Choice",
    "Crowd",
    "DeliveryRow",
    "Draft",
    "EventRow",
    "Finding",
    "Hold",
    "Kept",
    "Ledger",
    "NotStoredError",
    "Order",
    "Origin",
    "OvertakenError",
    "Plan",
    "Receipt",
    "Redecision",
    "Redone",
    "Refusal",
    "RuleVersion",
    "Shown",
    "Standing",
    "StandingRead",
    "State",
    "StoredReply",
    "TakenOverError",
    "Tally",
    "Timing",
    "UnusableError",
    "Walk",
    "WalkRow",
    "digest_of",
    "pack",
]
