"""Ledger and handler against a model: whatever is late, twice, lost or dead, the inbox ends as it should.

Hypothesis tells the stories. SmartLead is the sandbox, the database is real, and time goes by because what is stored
grows older.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
import sqlalchemy as sa
from deliverers import ask, order
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from ledgers import WINDOWS, arrival, name_categories
from secrets_of_tests import API_KEY

from handlers.smartlead import SmartLead
from ledger import Ledger, Origin, dialect
from ledger.schema import calls, events, slots
from ledger.slot import LINGER_SECONDS
from ledger.tasks import LEASE_SECONDS
from model import Delivery, Done, Mark, Retry, Unsent
from sandbox import Sandbox

if TYPE_CHECKING:
    from ledger import Arrival

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

    conversation: int
    mark: Mark
    at: float
    dated: bool
    key: str
    arrived: bool = False


@dataclass(eq=False)
class Call:
    """A claim of a worker, and what became of its PATCH."""

    delivery: Delivery
    lands_until: float
    landed: bool = False
    over: bool = False  # its worker answered, or died
    lost: bool = False  # nobody knows whether and when it landed


@dataclass
class Conversation:
    """What should be seen in the end."""

    written: list[Written] = field(default_factory=list)
    shown_by_person: bool = False  # its read was taken back, and no reply has come since

    def may_be(self, calls_of_it: list[Call]) -> set[bool]:
        """Which states of `is_read` are right once everything is over."""
        if self.shown_by_person:
            return {False}
        if not self.written:
            return {True}
        last = max(one.at for one in self.written)
        newest = [one.mark for one in self.written if one.at == last]
        unread_is_late = any(one.lost and one.delivery.mark is Mark.UNREAD for one in calls_of_it)
        in_doubt = unread_is_late or not all(one.dated for one in self.written)  # costs a glance, hides no lead
        return {newest == [Mark.READ]} | ({False} if in_doubt else set())


class Story:
    """Two conversations, some workers, and a SmartLead that may be slow to act.

    Each action takes a number, which chooses among what it could be about; where there is nothing it does nothing.
    """

    def __init__(self, ledger: Ledger, smartlead: Sandbox, engine: sa.Engine) -> None:
        self.ledger, self.smartlead, self.engine = ledger, smartlead, engine
        self.handler = SmartLead(smartlead.url, API_KEY)
        self.numbers = [next(NEW_IDS), next(NEW_IDS)]
        self.conversations = {number: Conversation() for number in self.numbers}
        self.calls: list[Call] = []
        self.gone_by = 0.0  # seconds that the story is ahead of the database's clock
        for number in self.numbers:
            self._show_in_smartlead(number)
            self._tell_smartlead(number, Mark.READ)

    @property
    def now(self) -> float:
        """The story's time in seconds."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(dialect.now())).scalar_one() + self.gone_by

    # what people and webhooks do

    def write(self, which: int) -> None:
        """Somebody replies: SmartLead shows the conversation, and sends a webhook."""
        number, mark = self.numbers[which % 2], list(Mark)[which // 2 % 3]
        written = self.conversations[number].written
        written.append(Written(number, mark, self.now, which // 6 % 4 > 0, f"{number}-{len(written)}"))
        self._show_in_smartlead(number)

    def write_and_arrive(self, which: int) -> None:
        """Somebody replies, and the webhook is here at once."""
        self.write(which)
        self._take(self.conversations[self.numbers[which % 2]].written[-1:])

    def arrive(self, which: int) -> None:
        """One of the webhooks on the way arrives."""
        self._take(_one_of(self._on_the_way(), which))

    def arrive_together(self, _which: int) -> None:
        """All of them arrive in one batch."""
        self._take(self._on_the_way())

    def arrive_again(self, which: int) -> None:
        """A webhook is sent once more: nothing changes."""
        for one in _one_of(self._arrived(), which):
            before = self.ledger.recent_deliveries()
            (receipt,) = self.ledger.record([self._arrival(one)])
            assert receipt.status == "duplicate"
            assert self.ledger.recent_deliveries() == before

    def take_back(self, which: int) -> None:
        """A person takes back what a rule hid."""
        number = self.numbers[which % 2]
        hidden = self.ledger.standing_reads(Origin(rule="wants read"))
        if self.ledger.take_back([one for one in hidden if one.email_lead_map_id == number], "taken back"):
            self.conversations[number].shown_by_person = True

    # what workers and SmartLead do

    def claim(self, _which: int) -> None:
        """A worker claims what is due."""
        task = self.ledger.claim("default", WINDOWS)
        if isinstance(task, Delivery):
            self.calls.append(Call(task, self.now + LEASE_SECONDS))

    def deliver(self, which: int) -> None:
        """A worker makes its call, if its claim still holds, and writes the answer down."""
        for call in _one_of(self._unanswered(), which):
            call.over = True
            if self._may_send(call):
                self._land(call)
                self._settle(call, Done())

    def lose_the_answer(self, which: int) -> None:
        """A call's answer never comes; it has landed, or may land yet."""
        for call in _one_of(self._unanswered(), which):
            call.over = call.lost = True
            if self._may_send(call):
                self._land_by_chance(call, which)
                self._settle(call, Retry("no answer", landing="later"))
                call.lands_until = self.now + LINGER_SECONDS

    def die(self, which: int) -> None:
        """A worker dies with its call; it has landed, or may land until the lease ends."""
        for call in _one_of(self._unanswered(), which):
            call.over = call.lost = True
            if self._may_send(call):
                self._land_by_chance(call, which)

    def land_late(self, which: int) -> None:
        """SmartLead carries out a call whose answer nobody waits for."""
        for call in _one_of(self._may_land_yet(), which):
            self._land(call)

    def wait(self, which: int) -> None:
        """Time goes by."""
        seconds = PASSING[which % len(PASSING)]
        with self.engine.begin() as connection:
            for table, names in AGEING.items():
                connection.execute(table.update().values({name: table.c[name] - seconds for name in names}))
        self.gone_by += seconds

    # what must hold

    def check(self) -> None:
        """No two claims of one conversation hold at once."""
        holding = [one.delivery for one in self._unanswered() if self.ledger.holds(one.delivery)]
        conversations = [one.email_lead_map_id for one in holding]
        assert len(conversations) == len(set(conversations))

    def end(self) -> None:
        """All webhooks arrive, what may still land lands, and a worker delivers the rest."""
        self._take(self._on_the_way())
        for call in self._may_land_yet():
            self._land(call)
        for _ in range(8):
            self.wait(PASSING.index(LEASE_SECONDS + 1))
            self._deliver_the_rest()
        shown = ask(self.smartlead, "inbox")
        for number, conversation in self.conversations.items():
            mine = [one for one in self.calls if one.delivery.email_lead_map_id == number]
            assert shown[str(number)]["is_read"] in conversation.may_be(mine)
        self.handler.close()

    def _deliver_the_rest(self) -> None:
        while isinstance(task := self.ledger.claim("default", WINDOWS), Delivery):
            answer = self.handler.mark(task)
            assert not isinstance(answer, Unsent)
            self.ledger.settle(task, answer, WINDOWS, 100)

    def _take(self, written: list[Written]) -> None:
        if not written:
            return
        self.ledger.record([self._arrival(one) for one in written])
        for one in written:
            one.arrived = True
            conversation = self.conversations[one.conversation]
            newer = not one.dated or one.at == max(each.at for each in conversation.written if each.arrived)
            conversation.shown_by_person &= not newer

    def _arrival(self, one: Written) -> Arrival:
        at = one.at - self.gone_by if one.dated else None
        return arrival(one.mark, at=at, email_lead_map_id=one.conversation, key=one.key, message_key=one.key)

    def _may_send(self, call: Call) -> bool:
        if self.ledger.holds(call.delivery):
            return True
        self.ledger.drop(call.delivery)
        call.lost, call.lands_until = False, 0.0  # it was never sent
        return False

    def _land_by_chance(self, call: Call, which: int) -> None:
        if which // 8 % 2:
            self._land(call)

    def _land(self, call: Call) -> None:
        call.landed = True
        self._tell_smartlead(call.delivery.email_lead_map_id, call.delivery.mark)

    def _tell_smartlead(self, number: int, mark: Mark) -> None:
        said = Delivery(account="default", email_lead_map_id=number, mark=mark, generation=1, lease="", attempt=1)
        assert self.handler.mark(said) == Done()

    def _show_in_smartlead(self, number: int) -> None:
        order(self.smartlead, "conversations", [{"map_id": number, "email": f"lead-{number}@lead.example"}])

    def _settle(self, call: Call, answer: Done | Retry) -> None:
        self.ledger.settle(call.delivery, answer, WINDOWS, 100)

    def _unanswered(self) -> list[Call]:
        return [one for one in self.calls if not one.over]

    def _may_land_yet(self) -> list[Call]:
        return [one for one in self.calls if one.lost and not one.landed and one.lands_until >= self.now]

    def _on_the_way(self) -> list[Written]:
        return [one for each in self.conversations.values() for one in each.written if not one.arrived]

    def _arrived(self) -> list[Written]:
        return [one for each in self.conversations.values() for one in each.written if one.arrived]


def _one_of(choice: list[Chosen], which: int) -> list[Chosen]:
    """One of them, if there is any."""
    return [choice[which % len(choice)]] if choice else []


OFTEN = (Story.write_and_arrive, Story.write, Story.claim, Story.claim, Story.deliver, Story.wait)
SELDOM = (Story.arrive, Story.arrive_together, Story.arrive_again, Story.take_back)
TROUBLE = (Story.lose_the_answer, Story.die, Story.land_late)
ACTIONS = st.tuples(st.sampled_from([*OFTEN, *OFTEN, *SELDOM, *TROUBLE]), st.integers(0, 47))


@pytest.mark.parametrize("part", range(2))
def test_the_inbox_ends_as_the_newest_replies_ask_for(ledger: Ledger, database_url: str, part: int) -> None:
    name_categories(ledger)
    engine = dialect.open_engine(database_url)
    with Sandbox(api_keys=(API_KEY,), limits=()) as smartlead:

        @seed(part)
        @settings(max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(ACTIONS, min_size=30, max_size=50))
        def tell(actions: list[Any]) -> None:
            story = Story(ledger, smartlead, engine)
            for act, which in actions:
                act(story, which)
                story.check()
            story.end()

        tell()
    engine.dispose()
