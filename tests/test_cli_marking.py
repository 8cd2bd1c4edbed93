"""`flask inbox mark`: what is meant is marked once and nothing else, and people see what happens."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.processes import until
from commands import BARE, FLASK, ROOT, flask_at_a_terminal, settings_for, write_rules
from deliverers import delivering
from leaks import in_text
from ledgers import arrival, name_categories, publish
from sandbox_client import change, control
from secrets_of_tests import API_KEY

from app import create_app
from cli.marking import mark
from config import read_settings
from ledger import Ledger, State, pack
from parts import parts_of
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

DAY = 86400.0
SPRING, SUMMER = (101, "Bakers, spring"), (102, "Millers, summer")
NAMES = {1: "Interested", 6: "Out Of Office"}


@dataclass
class Place:
    """A SmartLead, an installation's settings and its ledger."""

    box: Sandbox
    settings: dict[str, str]
    ledger: Ledger

    def conversation(self, number: int, days: float = 1.0, **values: Any) -> None:
        """An unread conversation whose last reply is so many days old."""
        usual = {"map_id": number, "email": f"lead-{number}@lead.example", "last_reply_time": time.time() - days * DAY}
        control(self.box, "conversations", [usual | values])

    def read(self, *numbers: int) -> None:
        """Have these read by a person, in SmartLead."""
        for number in numbers:
            change(self.box, number, read_status=True, key=API_KEY)

    def run(self, *arguments: str, stdin: str | None = None, **settings: str) -> Result:
        """Run the command; what it shows must keep secrets."""
        app = create_app(read_settings(self.settings | settings))
        with app.app_context():
            done = app.test_cli_runner().invoke(mark, arguments, input=stdin)
        parts_of(app).close()
        assert not in_text(done.output), done.output
        return done

    def told(self, *arguments: str, stdin: str | None = None, **settings: str) -> dict[str, Any]:
        """What a run tells a script; the worker delivers meanwhile."""
        with delivering(self.ledger, self.box):
            done = self.run(*arguments, "--json", stdin=stdin, **settings)
        assert done.exit_code == 0, done.output
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def marked(self) -> dict[int, bool]:
        """Conversations whose read status was set since `forget_patches`, and what it is; each was set once."""
        states = control(self.box, "inbox").json
        touched = {int(number): state for number, state in states.items() if state["patches"]}
        assert all(state["patches"] == 1 for state in touched.values()), touched
        return {number: state["is_read"] for number, state in touched.items()}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(tmp_path) as made:
        yield made


@contextmanager
def open_place(folder: Path) -> Iterator[Place]:
    """A SmartLead that shows three conversations of spring and one of summer; it limits nobody."""
    with Sandbox(api_keys=(API_KEY,), limits=(), strict=True) as box:
        settings = settings_for(folder, write_rules(folder))
        settings |= {"SMARTLEAD_BASE_URL": box.url, "SMARTLEAD_RATE_LIMITS": "1000/1s"}
        ledger = Ledger(settings["DATABASE_URL"], "real")
        ledger.migrate()
        publish(ledger)
        name_categories(ledger, NAMES)
        made = Place(box, settings, ledger)
        for number, days, (campaign_id, name), category in (
            (1, 1, SPRING, 6),
            (2, 10, SPRING, 1),
            (3, 40, SPRING, None),
            (4, 50, SUMMER, 6),
        ):
            made.conversation(number, days, campaign_id=campaign_id, campaign_name=name, category_id=category)
        yield made
        ledger.close()


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("--unread", "--campaign", "102"), {4}),
        (("--campaign", "bakers, SPRING", "--older-than", "5d"), {2, 3}),
        (("--campaign", "102", "--campaign", "101", "--category", "out of office"), {1, 4}),
        (("--older-than", "30d"), {3, 4}),
        (("--older-than", "30d", "--category", "Interested"), set()),
    ],
)
def test_what_is_meant_is_marked_once_and_nothing_else(
    place: Place, options: tuple[str, ...], chosen: set[int]
) -> None:
    told = place.told("read", *options, "--yes")
    assert place.marked() == dict.fromkeys(chosen, True)
    assert (told["state"], told["chosen"], told["marked"], told["failed"]) == ("done", len(chosen), len(chosen), 0)


def test_what_has_the_mark_already_costs_no_call(place: Place) -> None:
    place.read(1, 2)
    assert place.told("unread", "--campaign", "101", "--dry-run")["chosen"] == 2
    assert place.told("read", "--campaign", "101", "--dry-run")["chosen"] == 1


def test_ids_of_a_file_are_marked_whatever_the_list_shows(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff# of last week\n\n 1 \n4  # Marit\n4\n", "utf-8")
    told = place.told("unread", "--ids", str(file), "--yes")
    assert (place.marked(), told["marked"], told["pages"]) == ({1: False, 4: False}, 2, 0)


def test_ids_may_come_from_another_program_and_be_narrowed_down(place: Place) -> None:
    place.told("read", "--ids", "-", "--campaign", "101", "--yes", stdin="1\n4\n")
    assert place.marked() == {1: True}


def test_a_wrong_line_of_ids_is_told_with_its_number_and_nothing_is_sent(place: Place) -> None:
    done = place.run("read", "--ids", "-", "--yes", stdin="1\nmap2\n\n0\n9223372036854775808\n")
    assert done.exit_code == 2
    assert [f"-:{number}:" in done.output for number in (1, 2, 3, 4, 5)] == [False, True, False, True, True]
    assert place.ledger.recent_deliveries() == []


def test_rules_choose_by_the_newest_reply_that_is_known(place: Place, tmp_path: Path) -> None:
    now = time.time()
    for number, days, words in (
        (1, 1, "I am out of the office"),
        (2, 10, "Call me"),
        (3, 41, "I am out of the office"),
    ):
        body = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": number, "reply_message": {"text": words}}
        told = {"email_lead_map_id": number, "body": pack(json.dumps(body))}
        place.ledger.record([arrival("leave", at=now - days * DAY, **told)])
    place.conversation(6, campaign_id=SPRING[0], campaign_name=SPRING[1])
    told = place.told("read", "--match", str(write_rules(tmp_path, name="away.yaml")), "--campaign", "101", "--yes")
    assert place.marked() == {1: True}
    assert told["not_known"] == 2  # SmartLead shows a newer reply of 3 than is known, and none of 6 is


def test_a_dry_run_shows_what_is_meant_and_sends_nothing(place: Place) -> None:
    with delivering(place.ledger, place.box):
        done = place.run("read", "--older-than", "5d", "--dry-run")
    assert done.exit_code == 0
    for words in (
        "3 conversations are to be marked read, of ",
        SPRING[1],
        SUMMER[1],
        "lead-4@lead.example",
        "Nothing was changed.",
    ):
        assert words in done.output
    assert place.marked() == {}


def test_of_bare_ids_a_dry_run_shows_the_ids_alone(place: Place) -> None:
    done = place.run("read", "--ids", "-", "--dry-run", stdin="1\n4\n")
    assert "Some of them: 1, 4." in done.output
    assert "last reply" not in done.output


def test_each_sample_is_shown_once_as_it_was_seen_last(place: Place) -> None:
    """The last row of a page is the first of the next; one that got a reply meanwhile is not to be marked any more."""
    for number in range(20, 60):
        place.conversation(number, days=60 + number, campaign_id=103, is_read=number not in (20, 21, 39, 40))
    control(place.box, "faults", [{"match": "inbox-replies", "replies": [21]}])
    lines = place.run("read", "--campaign", "103", "--dry-run").output.splitlines()
    table = lines[lines.index("Some of them:") + 2 : lines.index("Nothing was changed.") - 1]
    assert [line.split()[0] for line in table] == ["20", "39", "40"]


def test_who_leads_are_is_neither_told_to_scripts_nor_kept(place: Place, tmp_path: Path) -> None:
    done = place.run("read", "--all", "--dry-run", "--json")
    place.ledger.close()
    assert "lead.example" not in done.output
    assert not [file for file in tmp_path.glob("ledger.db*") if b"lead.example" in file.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("read",), "Say which conversations"),
        (("leave", "--all"), "'leave' is not one of"),
        (("read", "--all"), "say --yes, or --dry-run"),  # nobody can be asked
        (("read", "--all", "--json"), "say --yes, or --dry-run"),
        (("read", "--all", "--unread", "--yes"), "--all is every conversation"),
        (("unread", "--unread", "--yes"), "leave --unread out"),
        (("read", "--older-than", "soon", "--yes"), "is no time"),
        (("read", "--category", "Out of offce", "--yes"), "The account has: Interested, Out Of Office"),
        (("read", "--ids", "/nowhere", "--yes"), "does not exist"),
    ],
)
def test_wrong_use_is_told(place: Place, arguments: tuple[str, ...], says: str) -> None:
    done = place.run(*arguments)
    assert (done.exit_code, says in done.output) == (2, True), done.output


@pytest.mark.parametrize(
    ("arguments", "settings", "says"),
    [
        (("--account", "acme"), {}, 'no account "acme"'),
        ((), {"DRY_RUN": "1"}, "DRY_RUN is set"),
    ],
)
def test_what_can_not_be_done_here_is_told(
    place: Place, arguments: tuple[str, ...], settings: dict[str, str], says: str
) -> None:
    done = place.run("read", "--all", "--yes", *arguments, **settings)
    assert (done.exit_code, says in done.output) == (1, True), done.output


def test_it_tells_that_smartlead_refuses_the_key_and_waits_for_a_better_one(place: Place) -> None:
    settings = place.settings | {"SMARTLEAD_API_KEY": "another-key-of-tests"}
    with started("inbox", "mark", "read", "--all", "--yes", settings=settings) as running:
        assert running.stderr is not None
        assert "waiting" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        told = running.stderr.read()
    assert (running.returncode, "nothing was ordered yet" in told) == (130, True), told


def test_marks_that_fail_are_counted_and_the_exit_code_says_so(place: Place) -> None:
    with delivering(place.ledger, place.box):
        done = place.run("read", "--ids", "-", "--yes", stdin="1\n404\n")
    assert done.exit_code == 1
    assert "1 conversation marked read." in done.output
    assert "1 conversation failed: see flask deliveries list --state failed" in done.output


def test_a_command_that_is_stopped_says_how_far_it_is_and_the_same_one_goes_on(place: Place) -> None:
    arguments = ("read", "--campaign", SPRING[1], "--yes")
    with started("inbox", "mark", *arguments, settings=place.settings) as running:
        assert running.stderr is not None
        assert "No worker was seen" in running.stderr.readline()
        wait_for_orders(place.ledger, 3)
        running.send_signal(signal.SIGTERM)
        told = running.stderr.read()
    assert (running.returncode, "0 are marked, 3 are ordered and will be, 0 are left" in told) == (143, True), told
    with delivering(place.ledger, place.box):
        until(lambda: len(place.ledger.recent_deliveries(State.SETTLED)) == 3, "all delivered")
    assert "Of 3 conversations to be marked read, 3 are done, 0 ordered and 0 left." in place.run(*arguments).output
    assert place.marked() == {1: True, 2: True, 3: True}


def test_what_is_done_is_told_to_scripts_without_another_walk(place: Place) -> None:
    arguments = ("read", "--campaign", SPRING[1], "--yes")
    with started("inbox", "mark", *arguments, settings=place.settings) as running:
        wait_for_orders(place.ledger, 3)
        running.send_signal(signal.SIGTERM)
    report = place.told(*arguments)
    assert (report["marked"], report["pages"]) == (3, 1)  # the list was not walked again


def test_afresh_looks_at_the_list_again_and_orders_nothing_twice(place: Place) -> None:
    arguments = ("read", "--campaign", SPRING[1], "--yes")
    for more in ((), ("--afresh",)):
        with started("inbox", "mark", *arguments, *more, settings=place.settings) as running:
            wait_for_orders(place.ledger, 3 + len(more))
            running.send_signal(signal.SIGTERM)
        place.conversation(5, campaign_id=SPRING[0], campaign_name=SPRING[1])
    assert place.told(*arguments)["marked"] == 4
    assert place.marked() == {1: True, 2: True, 3: True, 5: True}


def test_a_person_is_shown_what_it_is_about_and_asked(place: Place) -> None:
    arguments = ("inbox", "mark", "read", "--campaign", "102")
    code, shown = flask_at_a_terminal(*arguments, settings=place.settings, typed="n\n")
    assert (code, "1 conversation is to be marked read" in shown, "lead-4@lead.example" in shown) == (1, True, True)
    with delivering(place.ledger, place.box):
        assert place.marked() == {}
        code, shown = flask_at_a_terminal(*arguments, settings=place.settings, typed="y\n")
    assert (code, "1/1" in shown, "1 conversation marked read." in shown) == (0, True, True), shown
    assert place.marked() == {4: True}


def test_it_tells_why_it_waits_for_an_account_that_is_paused(place: Place) -> None:
    place.ledger.pause("default", "jo", "we look first")
    with (
        delivering(place.ledger, place.box),
        started("inbox", "mark", "read", "--campaign", "101", "--yes", settings=place.settings) as running,
    ):
        assert running.stderr is not None
        assert "we look first" in running.stderr.readline()
        place.ledger.resume(["default"])
        assert running.wait(30) == 0
    assert len(place.marked()) == 3


def test_a_ledger_that_is_lost_on_the_way_is_told_in_a_sentence(place: Place, tmp_path: Path) -> None:
    with started("inbox", "mark", "read", "--campaign", "101", "--yes", settings=place.settings) as running:
        wait_for_orders(place.ledger, 3)
        place.ledger.close()
        for file in tmp_path.glob("ledger.db*"):
            file.unlink()
        assert running.stderr is not None
        told = running.stderr.read()
    assert (running.returncode, "Error: " in told, "Traceback" in told) == (1, True, False), told


def wait_for_orders(ledger: Ledger, count: int) -> None:
    """Wait until so many marks are ordered; nobody delivers them."""
    until(lambda: len(ledger.recent_deliveries(State.PENDING)) == count, f"{count} orders")


@contextmanager
def started(*arguments: str, settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command that runs beside the test; it has ended when the block has."""
    with subprocess.Popen(
        [str(FLASK), *arguments],
        cwd=ROOT,
        env=BARE | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
            running.wait(30)
        finally:
            running.kill()
