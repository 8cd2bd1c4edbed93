"""What no webhook brought is taken in like a webhook: decided, recorded once, and marked; against the sandbox."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from deliverers import ask, order
from secrets_of_tests import API_KEY
from sweeps import ASKS, AWAY, Installation, installed, show, write

from inbox.recovery import NO_TEXT
from inbox.sweep import Sweep, plan_sweep
from model import Mark
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR, DAY = 3600.0, 86400.0
ALL_ELSE_READ = "version: 1\ndefault: read\nrules: []\n"


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        order(made, "empty", {})
        yield made


@pytest.fixture
def here(database_url: str, tmp_path: Path, smartlead: Sandbox) -> Iterator[Installation]:
    with installed(database_url, tmp_path, smartlead) as made:
        yield made


class _Asking:
    """Calls with something that happens between two of them."""

    def __init__(self, calls: Any, page: Any) -> None:
        self.page, self.history = page, calls.history


@pytest.mark.parametrize(("text", "mark"), [(AWAY, Mark.READ), (ASKS, Mark.UNREAD), ("Who are you?", None)])
def test_a_reply_that_no_webhook_brought_is_decided_and_marked_as_any_other(
    here: Installation, smartlead: Sandbox, text: str, mark: Mark | None
) -> None:
    show(smartlead, 7, time.time() - HOUR)
    write(smartlead, 7, text)
    assert here.findings(here.sweep()) == {7: ("missed", mark or Mark.LEAVE)}
    assert here.deliver() == ({7: mark} if mark else {})
    assert {row.words: row.mark for row in here.events()}[text] == (mark or Mark.LEAVE)
    assert here.findings(here.sweep()) == {}


def test_its_webhook_that_comes_late_is_a_duplicate(here: Installation, smartlead: Sandbox) -> None:
    show(smartlead, 7, time.time() - HOUR)
    event = write(smartlead, 7, AWAY)
    here.sweep()
    here.deliver()
    receipt = here.take(event)
    assert (receipt.status, receipt.mark) == ("duplicate", Mark.READ)
    assert here.deliver() == {}


def test_of_several_missed_replies_the_newest_decides_and_all_are_recorded(
    here: Installation, smartlead: Sandbox
) -> None:
    now = time.time()
    show(smartlead, 7, now - HOUR)
    here.take(write(smartlead, 7, "Who are you?", now - 3000))
    write(smartlead, 7, ASKS, now - 2000)
    write(smartlead, 7, AWAY, now - 1000)
    assert here.findings(here.sweep()) == {7: ("missed", Mark.READ)}
    assert {row.words for row in here.events()} == {AWAY, ASKS}  # what was known is not told again
    assert here.deliver() == {7: Mark.READ}


def test_a_time_that_smartlead_s_list_tells_later_than_the_reply_s_own_is_no_missed_reply(
    here: Installation, smartlead: Sandbox
) -> None:
    now = time.time()
    show(smartlead, 7, now - DAY)
    here.take(write(smartlead, 7, ASKS, now - HOUR) | {"received_at": now})
    here.deliver()
    show(smartlead, 7, now - HOUR + 240)
    assert here.findings(here.sweep()) == {}
    asked = histories(smartlead)
    assert here.findings(here.sweep()) == {}
    assert (asked, histories(smartlead)) == (1, 1)


def histories(smartlead: Sandbox) -> int:
    """How often mails were asked for."""
    return sum(one["path"].endswith("message-history") for one in ask(smartlead, "requests"))


def test_a_history_that_can_not_be_had_now_is_asked_for_by_the_next_sweep(
    here: Installation, smartlead: Sandbox
) -> None:
    show(smartlead, 7, time.time() - HOUR, is_read=True)  # so it is in one list alone, and looked at once
    order(smartlead, "faults", [{"match": "message-history", "status": 200, "body": '{"odd": 1}', "times": 3}])
    walk = here.sweep()
    (row,) = here.ledger.rows_of(walk, "missed")
    assert (row.mark, "the next sweep asks again" in (row.note or "")) == (None, True)
    assert here.events() == []
    assert here.findings(here.sweep())[7][0] == "missed"
    assert len(here.events()) == 1


def test_without_any_history_the_reply_is_recorded_and_left(here: Installation, smartlead: Sandbox) -> None:
    show(smartlead, 7, time.time() - HOUR)
    order(smartlead, "faults", [{"match": "message-history", "status": 404, "body": "{}", "times": 1}])
    walk = here.sweep()
    (row,) = here.ledger.rows_of(walk, "missed")
    assert (row.mark, row.note) == (Mark.LEAVE, NO_TEXT)
    assert (here.deliver(), here.findings(here.sweep())) == ({}, {})


def test_rules_that_mark_all_else_read_hide_no_reply_whose_words_nobody_knows(
    database_url: str, tmp_path: Path, smartlead: Sandbox
) -> None:
    rules = tmp_path / "all_else_read.yaml"
    rules.write_text(ALL_ELSE_READ, encoding="utf-8")
    with installed(database_url, tmp_path, smartlead, {"RULES_FILE": str(rules)}) as here:
        for map_id in (7, 8):
            show(smartlead, map_id, time.time() - HOUR)
        write(smartlead, 8, "Thanks, no.", time.time() - HOUR)
        order(smartlead, "faults", [{"match": "400000007/message-history", "status": 404, "body": "{}", "times": 1}])
        assert here.findings(here.sweep()) == {7: ("missed", Mark.LEAVE), 8: ("missed", Mark.READ)}
        assert here.deliver() == {8: Mark.READ}


def test_a_reply_that_was_missed_beside_one_that_told_no_time_is_taken_in(
    here: Installation, smartlead: Sandbox
) -> None:
    now = time.time()
    show(smartlead, 7, now - HOUR)
    first = write(smartlead, 7, AWAY, now - 600)
    first["reply_message"].pop("time", None)
    here.take({name: told for name, told in first.items() if "time" not in name})
    write(smartlead, 7, "Who are you?", now - 300)
    assert here.deliver() == {7: Mark.READ}
    assert here.findings(here.sweep()) == {7: ("missed", Mark.LEAVE)}
    assert here.deliver() == {7: Mark.UNREAD}
    assert here.findings(here.sweep()) == {}


def test_what_came_since_the_list_was_asked_for_has_nobody_read(here: Installation, smartlead: Sandbox) -> None:
    show(smartlead, 7, time.time() - HOUR, is_read=True)

    def page_and_write(*told: Any) -> Any:
        page = calls.page(*told)
        if not written and page.rows:
            written.append(write(smartlead, 7, AWAY, time.time() + 1))
        return page

    calls, written = here.calls(), list[Any]()
    asking: Any = _Asking(calls, page_and_write)
    assert here.findings(here.sweep(calls=asking)) == {7: ("missed", Mark.READ)}
    assert here.deliver() == {7: Mark.READ}


def test_a_missed_reply_that_a_person_has_read_is_recorded_and_nothing_is_sent(
    here: Installation, smartlead: Sandbox
) -> None:
    show(smartlead, 7, time.time() - HOUR)
    here.mark_as_person(7, Mark.READ)
    assert here.findings(here.sweep())[7][0] == "missed"
    assert [row.email_lead_map_id for row in here.events() if row.email_lead_map_id == 7] == [7]
    assert (here.deliver().get(7), here.is_read(7)) == (None, True)


def test_a_missed_reply_that_our_own_read_hid_is_shown_again(here: Installation, smartlead: Sandbox) -> None:
    at = time.time() - HOUR
    show(smartlead, 7, at)
    here.receive(7, AWAY, at)
    show(smartlead, 7, time.time())  # a second reply, whose webhook is lost, and then our read arrives
    assert here.deliver()[7] is Mark.READ
    assert here.is_read(7)
    assert here.findings(here.sweep())[7][0] == "missed"
    assert here.deliver()[7] is Mark.UNREAD
    assert not here.is_read(7)


def test_what_was_taken_in_by_a_process_that_died_before_it_kept_the_page_is_recorded_once(
    here: Installation, smartlead: Sandbox
) -> None:
    for number in range(3):
        show(smartlead, 100 + number, time.time() - HOUR)

    def take_and_die(account: str, events: Any, *, seen: bool) -> Any:
        here.taking(account, events, seen=seen)
        raise InterruptedError

    begun = here.ledger.begin_walk(plan_sweep("default", "tests", dry_run=False))
    assert begun
    with pytest.raises(InterruptedError):
        Sweep(ledger=here.ledger, calls=here.calls(), account="default", take=take_and_die).run(begun)
    here.let_leases_end()
    here.sweep()
    assert sorted((row.email_lead_map_id, row.repeats) for row in here.events()) == [(100, 0), (101, 0), (102, 0)]
