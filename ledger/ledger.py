"""The ledger: the one memory of all processes."""

from __future__ import annotations

from ledger.inbox import Inbox
from ledger.outbox import Outbox
from ledger.rules import Rules
from ledger.steering import Steering
from ledger.walking import Walks


class Ledger(Inbox, Outbox, Steering, Walks, Rules):
    """What came in, what goes out, walks, and the rules, over one store. Each method is one transaction."""
