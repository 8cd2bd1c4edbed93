"""A story that may happen to a conversation, and how the inbox must look when it is over.

SmartLead is the sandbox, the database is real, and time goes by because what is stored grows older.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from deliverers import ask, order
from ledgers import WINDOWS, arrival
from secrets_of_tests import API_KEY

from handlers.smartlead import SmartLead
from ledger import Ledger, Origin, dialect
from ledger.attempts import LINGER_SECONDS
from ledger.schema import calls, events, slots
from ledger.tasks import LEASE_SECONDS
from model import Decision, Delivery, Done, Mark, Retry, Unsent

if TYPE_CHECKING:
    from ledger import Arrival
    from sandbox import Sandbox

AGEING = {
    slots: ("wanted_at", "due_at", "reply_at", "read_until", "lease_until"),
    events: ("written_at", "received_at"),
    calls: ("until",),
}
Chosen = TypeVar("Chosen")
NEW_IDS = count(3_000_000_001)
PASSING = (0.5, 5.0, 25.0, LINGER_SECONDS + 1, LEASE_SECONDS + 1)  # seconds


@dataclass(eq=False)
class Written:
    """A reply that somebody wrote; `at` is the story's time."""

    mark: Mark
    at: float
    dated: bool
    key: str
    event_id: int | None = None  # since it arrived


@dataclass(eq=False)
class Call:
    """A claim of a worker, and what became of its PATCH."""

    delivery: Delivery
    lands_until: float
    sent: bool = False
    landed: bool = False
    over: bool = False  # its worker answered, or died
    lost: bool = False  # nobody knows whether and when it landed


class Story:
    """One conversation, some workers, and a SmartLead that may be slow to act.

    Each action takes a number, which chooses among what it could be about; where there is nothing it does nothing.
    """

    def __init__(self, ledger: Ledger, smartlead: Sandbox, engine: sa.Engine) -> None:
        self.ledger, self.smartlead, self.engine = ledger, smartlead, engine
        self.handler = SmartLead(smartlead.url, API_KEY)
        self.number = next(NEW_IDS)
        self.written: list[Written] = []
        self.shown_by_person = False  # a read was taken back, and no reply has come since
        self.calls: list[Call] = []
        self.gone_by = 0.0  # seconds that the story is ahead of the database's clock
        self._show_in_smartlead()
        self._tell_smartlead(Mark.READ)

    @property
    def now(self) -> float:
        """The story's time in seconds."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(dialect.now())).scalar_one() + self.gone_by

    # what people and webhooks do

    def write(self, which: int) -> None:
        """Somebody replies: SmartLead shows the conversation, and sends a webhook."""
        mark, dated = list(Mark)[which % 3], which // 3 > 0
        self.written.append(Written(mark, self.now, dated, f"{self.number}-{len(self.written)}"))
        self._show_in_smartlead()

    def write_and_arrive(self, which: int) -> None:
        """Somebody replies, and the webhook is here at once."""
        self.write(which)
        self._take(self.written[-1:])

    def arrive(self, which: int) -> None:
        """One of the webhooks on the way arrives."""
        self._take(_one_of(self._on_the_way(), which))

    def arrive_again(self, which: int) -> None:
        """A webhook is sent once more: nothing changes."""
        for one in _one_of(self._arrived(), which):
            before = self.ledger.recent_deliveries()
            (receipt,) = self.ledger.record([self._arrival(one)])
            assert receipt.status == "duplicate"
            assert self.ledger.recent_deliveries() == before

    def take_back(self, _which: int) -> None:
        """A person takes back what a rule hid."""
        hidden = self.ledger.standing_reads(Origin(rule="wants read"))
        if self.ledger.take_back([one for one in hidden if one.email_lead_map_id == self.number], "taken back"):
            self.shown_by_person = True

    def decide_anew(self, which: int) -> None:
        """A category comes, by which the rules decide a reply anew: that counts for the conversation's newest alone."""
        for one in _one_of(self._arrived(), which):
            mark = list(Mark)[which // 8 % 3]
            decision = Decision(mark, f"wants {mark}", version=1)
            receipt = self.ledger.revise(one.event_id or 0, decision, "a category", dry_run=False)
            if receipt.status == "accepted":
                one.mark = mark

    # what workers and SmartLead do

    def claim(self, _which: int) -> None:
        """A worker claims what is due."""
        task = self.ledger.claim("default", WINDOWS)
        if isinstance(task, Delivery):
            self.calls.append(Call(task, self.now + LEASE_SECONDS))

    def deliver(self, which: int) -> None:
        """A worker makes its call, which lands at once, and writes the answer down."""
        self.send(which)
        self.answer(which)

    def send(self, which: int) -> None:
        """A worker sends its call, if its claim still holds; else it gives the claim back."""
        for call in _one_of([one for one in self._unanswered() if not one.sent], which):
            if self.ledger.holds(call.delivery):
                call.sent = True
            else:
                self.ledger.drop(call.delivery)
                call.over = True

    def land(self, which: int) -> None:
        """SmartLead carries out a call that was sent, whether or not somebody still waits for its answer."""
        for call in _one_of(self._may_land(), which):
            self._land(call)

    def answer(self, which: int) -> None:
        """A call that was sent is carried out and answered, and its worker writes that down."""
        for call in _one_of([one for one in self._unanswered() if one.sent], which):
            call.over = True
            if not call.landed:
                self._land(call)
            self._settle(call, Done())

    def lose_the_answer(self, which: int) -> None:
        """A call's answer never comes; it may land yet."""
        for call in _one_of([one for one in self._unanswered() if one.sent], which):
            call.over = call.lost = True
            self._settle(call, Retry("no answer", landing="later"))
            call.lands_until = self.now + LINGER_SECONDS

    def die(self, which: int) -> None:
        """A worker dies with its call; if that was sent, it may land until the lease ends."""
        for call in _one_of(self._unanswered(), which):
            call.over, call.lost = True, call.sent

    def wait(self, which: int) -> None:
        """Time goes by."""
        seconds = PASSING[which % len(PASSING)]
        with self.engine.begin() as connection:
            for table, names in AGEING.items():
                connection.execute(table.update().values({name: table.c[name] - seconds for name in names}))
        self.gone_by += seconds

    # what must hold

    def check(self) -> None:
        """No two claims hold at once."""
        assert len([one for one in self._unanswered() if self.ledger.holds(one.delivery)]) <= 1

    def end(self) -> None:
        """All webhooks arrive, what may still land lands, and a worker delivers the rest."""
        self._take(self._on_the_way())
        for call in self._may_land():
            self._land(call)
        for _ in range(8):
            self.wait(PASSING.index(LEASE_SECONDS + 1))
            self._deliver_the_rest()
        assert ask(self.smartlead, "inbox")[str(self.number)]["is_read"] in self._may_be_read()
        self.handler.close()

    def _may_be_read(self) -> set[bool]:
        """Which states are right once everything is over."""
        if self.shown_by_person:
            return {False}
        if not self.written:
            return {True}
        newest = max(self.written, key=lambda one: one.at)
        unread_is_late = any(one.lost and one.delivery.mark is Mark.UNREAD for one in self.calls)
        in_doubt = unread_is_late or not all(one.dated for one in self.written)  # costs a glance, hides no lead
        return {newest.mark is Mark.READ} | ({False} if in_doubt else set())

    def _deliver_the_rest(self) -> None:
        while isinstance(task := self.ledger.claim("default", WINDOWS), Delivery):
            answer = self.handler.mark(task)
            assert not isinstance(answer, Unsent)
            self.ledger.settle(task, answer, WINDOWS, 100)

    def _take(self, written: list[Written]) -> None:
        if not written:
            return
        receipts = self.ledger.record([self._arrival(one) for one in written])
        for one, receipt in zip(written, receipts, strict=True):
            one.event_id = receipt.event_id
            newest = not one.dated or one.at == max(each.at for each in self.written if each.event_id)
            self.shown_by_person &= not newest

    def _arrival(self, one: Written) -> Arrival:
        at = one.at - self.gone_by if one.dated else None
        return arrival(one.mark, at=at, email_lead_map_id=self.number, key=one.key, message_key=one.key)

    def _land(self, call: Call) -> None:
        call.landed = True
        self._tell_smartlead(call.delivery.mark)

    def _tell_smartlead(self, mark: Mark) -> None:
        said = Delivery(account="default", email_lead_map_id=self.number, mark=mark, generation=1, lease="", attempt=1)
        assert self.handler.mark(said) == Done()

    def _show_in_smartlead(self) -> None:
        order(self.smartlead, "conversations", [{"map_id": self.number, "email": f"lead-{self.number}@lead.example"}])

    def _settle(self, call: Call, answer: Done | Retry) -> None:
        self.ledger.settle(call.delivery, answer, WINDOWS, 100)

    def _unanswered(self) -> list[Call]:
        return [one for one in self.calls if not one.over]

    def _may_land(self) -> list[Call]:
        return [one for one in self.calls if one.sent and not one.landed and one.lands_until >= self.now]

    def _on_the_way(self) -> list[Written]:
        return [one for one in self.written if not one.event_id]

    def _arrived(self) -> list[Written]:
        return [one for one in self.written if one.event_id]


def _one_of(choice: list[Chosen], which: int) -> list[Chosen]:
    """One of them, if there is any."""
    return [choice[which % len(choice)]] if choice else []
