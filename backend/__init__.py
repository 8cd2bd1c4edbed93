"""The process beside each web process: it has ledger, rules and worker, and answers what the other's threads are asked.

The web process speaks HTTP from 32 threads, which share one interpreter. What costs time, reading and deciding and
recording, stands here instead, where one thread takes whatever waits, commits it in one transaction and answers all of
it: on a core of its own, and without a word from one thread to another for each webhook.
"""

from backend.line import Switchboard, make_switchboard
from backend.lines import Lines
from backend.loop import Loop
from backend.process import Backend, NotStartedError

__all__ = ["Backend", "Lines", "Loop", "NotStartedError", "Switchboard", "make_switchboard"]
