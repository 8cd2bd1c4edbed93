"""Orders and sweeps against the model of SmartLead: no order hides a reply that is newer than it, and no sweep does.

The world is that of `test_slot_model`; here people and their tools also order marks, and sweeps look at what SmartLead
shows, at any moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from test_slot_model import ACTIONS, World

from ledger.observation import Shown, observe
from ledger.orders import Order, take_order
from ledger.slot import State
from model import Mark

MARKS = (Mark.READ, Mark.UNREAD)
MORE: dict[str, Any] = {"tool": MARKS, "bulk": MARKS, "sweep": (0,), "wait": (0.5, 5.0, 61.0, 200.0)}
STORIES = 12_000


@dataclass(frozen=True)
class Ordered:
    """An order that was taken."""

    mark: Mark
    at: float
    knows_until: float | None


@dataclass
class OrderedWorld(World):
    """One conversation, which people mark, too."""

    orders: list[Ordered] = field(default_factory=list)
    arrived: list[tuple[float, float]] = field(default_factory=list)  # own time of a reply, and when it arrived

    def arrive(self, which: int) -> None:
        """One of the webhooks on the way arrives."""
        if self.on_the_way:
            wish = self.on_the_way[which % len(self.on_the_way)]
            super().arrive(which)
            self.arrived.append((wish.at, self.now))

    def tool(self, mark: Mark) -> None:
        """A tool orders a mark, and nobody knows what it had seen."""
        self._order(Order(account="default", email_lead_map_id=7, mark=mark, by="a tool"))

    def bulk(self, mark: Mark) -> None:
        """A person orders a mark of what SmartLead's list shows now."""
        if self.written:
            shown = self.written[-1].at
            order = Order(account="default", email_lead_map_id=7, mark=mark, by="jo", knows_until=shown)
            self._order(order)

    def _order(self, order: Order) -> None:
        self.now += 1
        after = take_order(self.slot, order, self.now)
        if after is not None:
            self.slot = after
            self.orders.append(Ordered(order.mark, self.now, after.knows_until))

    def sweep(self, _: int = 0) -> None:
        """A sweep sees what SmartLead shows; what it missed is recorded elsewhere."""
        last = self.written[-1].at if self.written else None
        shown = Shown(
            account="default", email_lead_map_id=7, is_read=self.is_read, last_reply_at=last, asked_at=self.now
        )
        self.slot, _finding = observe(self.slot, shown)

    @property
    def standing_order(self) -> Ordered | None:
        """The last order, if no reply that it could not know arrived since."""
        if not self.orders:
            return None
        last = self.orders[-1]
        known = -1.0 if last.knows_until is None else last.knows_until
        return None if any(arrived >= last.at and at > known for at, arrived in self.arrived) else last


def story(seed: int) -> list[tuple[str, Any]]:
    chance = Random(seed)
    actions = {name: values for name, values in (ACTIONS | MORE).items() if name != "write_untimed"}
    names = chance.choices(list(actions), k=chance.randint(5, 30))
    return [(name, chance.choice(actions[name])) for name in names]


def played(seed: int) -> OrderedWorld:
    world = OrderedWorld()
    for name, value in story(seed):
        getattr(world, name)(value)
    world.finish()
    assert world.slot.state is not State.PENDING, story(seed)
    return world


@pytest.mark.parametrize("block", range(4))
def test_no_order_hides_a_reply_that_was_written_after_it(block: int) -> None:
    for seed in range(block * STORIES // 4, (block + 1) * STORIES // 4):
        world = played(seed)
        newest = max(world.written, key=lambda wish: wish.at, default=None)
        if newest is not None and newest.mark is not Mark.READ:
            last_order = max((one.at for one in world.orders), default=0.0)
            assert not world.is_read or newest.at < last_order, story(seed)


@pytest.mark.parametrize("block", range(4))
def test_an_order_stands_at_the_end_if_no_reply_came_that_it_could_not_know(block: int) -> None:
    for seed in range(block * STORIES // 4, (block + 1) * STORIES // 4):
        world = played(seed)
        order = world.standing_order
        if order is not None and world.slot.ordered:
            shown_late = not world.is_read and world.lost_an_unread
            assert shown_late or world.is_read is (order.mark is Mark.READ), story(seed)
        if order is not None:
            assert world.slot.ordered, story(seed)
