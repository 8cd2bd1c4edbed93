"""Sweeps, people and lost webhooks against the model of SmartLead: what nobody brought is found, and nobody is fought.

The world is that of `test_slot_order_model`; here webhooks get lost, a person clicks in SmartLead at any moment, and
lists and orders are carried out some time after they were made. Histories may lack the reply that the list tells of.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from test_slot_model import ACTIONS
from test_slot_order_model import MARKS, MORE, OrderedWorld

from inbox.recovery import LATE
from ledger.observation import Shown, known_until, observe
from ledger.orders import Order
from ledger.slot import SAME_TIME, State, Wish, take_wish
from model import Mark

LATER = range(3)
SWEEPING: dict[str, Any] = {"lose": LATER, "click": MARKS, "look": (0,), "act": LATER, "page": MARKS, "give": LATER}
STORIES = 3_000


@dataclass
class SweptWorld(OrderedWorld):
    """One conversation, which people look at in SmartLead, and sweeps."""

    gaps: bool = False  # histories lack each reply that was written at an even second
    recorded: set[int] = field(default_factory=set)
    looks: list[tuple[bool, float, float]] = field(default_factory=list)
    pages: list[tuple[Mark, float, float]] = field(default_factory=list)
    read_by_people_at: list[float] = field(default_factory=list)
    click_to_stand: Mark | None = None  # a person's last word, that a sweep could tell from all else

    def write(self, mark: Mark, *, dated: bool = True) -> None:
        """Somebody replies; no two replies come at what may be the same time."""
        self.now += 3
        super().write(mark, dated=dated)
        self.now += 2
        self.click_to_stand = None

    def lose(self, which: int) -> None:
        """One of the webhooks on the way never arrives."""
        if self.on_the_way:
            self.on_the_way.pop(which % len(self.on_the_way))

    def arrive(self, which: int) -> None:
        """One of the webhooks on the way arrives."""
        if self.on_the_way:
            self._record(self.on_the_way.pop(which % len(self.on_the_way)))

    def decide_anew(self, mark: Mark) -> None:
        """The newest reply that is here is decided anew."""
        if self.slot.reply_event is not None and self.slot.reply_event <= len(self.written):
            self.click_to_stand = None
            super().decide_anew(mark)

    def click(self, mark: Mark) -> None:
        """A person marks the conversation in SmartLead itself."""
        self.now += 1
        self.is_read = mark is Mark.READ
        if self.is_read:
            self.read_by_people_at.append(self.now)
        quiet = not self.on_the_way and self.slot.lease is None and self.slot.state is not State.PENDING
        quiet &= not any(call.lands_until >= self.now and not call.landed for call in self.calls)
        known = self.slot.confirmed is not None and self.slot.reply_at == self._newest and self.slot.reply_dated
        self.click_to_stand = mark if quiet and known else None

    def look(self, _: int = 0) -> None:
        """A sweep asks for the list."""
        if self._newest:
            self.looks.append((self.is_read, self._newest, self.now))

    def act(self, which: int) -> None:
        """A sweep acts on a list that it asked for."""
        if self.looks:
            is_read, last_reply_at, asked_at = self.looks.pop(which % len(self.looks))
            shown = Shown(
                account="default",
                email_lead_map_id=7,
                is_read=is_read,
                last_reply_at=last_reply_at,
                asked_at=asked_at,
            )
            _same, finding = observe(self.slot, shown)
            if finding and finding.kind == "missed":
                self._recover(last_reply_at, asked_at, is_read=is_read)
            self.slot, _finding = observe(self.slot, shown)

    def sweep(self, _: int = 0) -> None:
        """A sweep asks for the list, and acts on it."""
        self.look()
        self.act(-1)

    def page(self, mark: Mark) -> None:
        """A person asks for the list, to order this mark."""
        if self._newest:
            self.pages.append((mark, self._newest, self.now))

    def give(self, which: int) -> None:
        """A person orders a mark of what the list showed."""
        if self.pages:
            mark, knows_until, asked_at = self.pages.pop(which % len(self.pages))
            told: dict[str, Any] = {"knows_until": knows_until, "asked_at": asked_at}
            self._order(Order(account="default", email_lead_map_id=7, mark=mark, by="jo", **told))

    def end(self) -> None:
        """All that can still happen happens, with some more sweeps."""
        self.finish()
        for _ in range(3):
            self.wait(1000.0)
            self.sweep()
            self.finish()

    @property
    def _newest(self) -> float | None:
        return max((wish.at for wish in self.written), default=None)

    def _order(self, order: Order) -> None:
        super()._order(order)
        self.click_to_stand = None

    def _recover(self, last_reply_at: float, asked_at: float, *, is_read: bool) -> None:
        known = self._known_until()
        there = [wish for wish in self.written if not (self.gaps and int(wish.at) % 2 == 0)]
        for wish in there:
            if known is None or wish.at > known + SAME_TIME:
                self._record(replace(wish, dated=True, seen=is_read))
        shows_last = any(wish.at >= last_reply_at - SAME_TIME for wish in there)
        is_late = last_reply_at < asked_at - LATE
        if is_late and not shows_last:
            bare = Wish(1000 + len(self.recorded), Mark.LEAVE, None, last_reply_at, dated=True, arrived_at=self.now)
            self._record(replace(bare, seen=is_read))
        if is_late or shows_last:
            self.slot = replace(self.slot, looked_at=last_reply_at)

    def _known_until(self) -> float | None:
        if self.slot.reply_event is None or self.slot.reply_at is None:
            return None
        return known_until(self.slot.reply_at, dated=self.slot.reply_dated)

    def _record(self, wish: Wish) -> None:
        if wish.event_id not in self.recorded:
            self.recorded.add(wish.event_id)
            at = wish.at if wish.dated else self.now
            self.slot, _note = take_wish(self.slot, replace(wish, at=at, arrived_at=self.now))
            self.arrived.append((wish.at, self.now))


def story(seed: int, *, untimed: bool) -> list[tuple[str, Any]]:
    chance = Random(seed)
    actions = {
        name: values for name, values in (ACTIONS | MORE | SWEEPING).items() if untimed or name != "write_untimed"
    }
    names = chance.choices(list(actions), k=chance.randint(5, 30))
    return [(name, chance.choice(actions[name])) for name in names]


def played(told: list[tuple[str, Any]], *, gaps: bool) -> SweptWorld:
    world = SweptWorld(gaps=gaps)
    for name, value in told:
        getattr(world, name)(value)
    world.end()
    return world


@pytest.mark.parametrize(
    ("gaps", "untimed"),
    [
        pytest.param(False, False, id="all is told"),
        pytest.param(True, False, id="histories lack replies"),
        pytest.param(False, True, id="webhooks tell no times"),
    ],
)
def test_no_reply_is_hidden_that_nobody_read_whether_or_not_its_webhook_came(*, gaps: bool, untimed: bool) -> None:
    for seed in range(STORIES):
        told = story(seed, untimed=untimed)
        world = played(told, gaps=gaps)
        assert world.slot.state is not State.PENDING, told
        newest = max(world.written, key=lambda wish: wish.at, default=None)
        if newest is not None and newest.mark is not Mark.READ and world.is_read:
            ordered = [one.at for one in world.orders if one.mark is Mark.READ]
            assert any(at > newest.at for at in ordered + world.read_by_people_at), told


def test_no_sweep_undoes_what_a_person_marked_after_the_last_reply() -> None:
    for seed in range(2 * STORIES):
        told = story(seed, untimed=False)
        world = played(told, gaps=False)
        if world.click_to_stand is not None:
            assert world.is_read is (world.click_to_stand is Mark.READ), told
