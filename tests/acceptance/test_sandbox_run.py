"""The first minute of a newcomer: what `make run` starts where nothing is set."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.calls import call
from acceptance.installation import Installation, read_procfile
from acceptance.processes import until
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from pathlib import Path

    from acceptance.processes import Process, Processes

pytestmark = pytest.mark.acceptance

SAMPLES = {
    "marit.solheim@northpier.example": "Sounds interesting. Can you send me pricing",
    "jonas.adeyemi@quayside.example": "Thank you for your message. I am out of the office",
    "priya.raman@coldstore.example": "Please remove me from your list",
    "tomas.havel@riverlog.example": "We had something like this at the old yard.",
    "mailer-daemon@mx.tidewater.example": "Delivery has failed to these recipients",
}
IN_SMARTLEAD = {"read": "yes", "unread": "yes", "leave": "nothing to send"}
OWN_SENDER = "wen.zhao@lockgate.example"


class Toy(Installation):
    """Replymark in the sandbox, as a newcomer sees it."""

    web: Process

    def show(self) -> None:
        """Start it as `make run` does, and wait until it has shown what it prints."""
        assert self.run("migrate", "exec flask ledger migrate").exit_code() == 0
        self.web = self.run("web", f"exec {read_procfile()['web']}")
        self.web.says("curl ")

    def curl_line(self) -> str:
        """The line to paste into another terminal."""
        found = re.search(r"^\s+(curl .+)$", self.web.output, re.MULTILINE)
        assert found, self.web.output
        return found[1]

    def paste(self) -> Any:
        """What the curl line prints."""
        if not shutil.which("curl"):
            pytest.skip("no curl on this machine")
        pasted = self.run("curl", self.curl_line())
        assert pasted.exit_code() == 0, pasted.output
        return json.loads(pasted.output)

    def rows(self) -> dict[str, list[str]]:
        """The page's lines by sender: first words, rule, mark, and whether SmartLead has it."""
        page = LexborHTMLParser(call("GET", f"{self.url}/").text)
        lines = [[cell.text(strip=True) for cell in line.css("td")] for line in page.css("tbody tr")]
        return {sender: rest for _time, sender, *rest in lines}

    def is_delivered(self, sender: str) -> bool:
        """Whether this sender's reply is shown, and waits for nothing."""
        shown = self.rows().get(sender)
        return shown is not None and shown[-1] == IN_SMARTLEAD[shown[-2]]


@pytest.fixture
def toy(processes: Processes, tmp_path: Path, checkout: Path) -> Toy:
    made = Toy(processes, tmp_path, {}, checkout)
    made.show()
    return made


def test_it_prints_the_console_and_a_line_to_paste(toy: Toy) -> None:
    assert f"Console: http://127.0.0.1:{toy.port}/\n" in toy.web.output
    assert f"http://127.0.0.1:{toy.port}/webhooks/" in toy.curl_line()
    assert "sandbox" in toy.web.output


def test_the_samples_are_shown_as_decided_and_delivered(toy: Toy) -> None:
    until(lambda: all(toy.is_delivered(sender) for sender in SAMPLES), "every sample is delivered")
    rows = toy.rows()
    for sender, first_words in SAMPLES.items():
        words, rule, mark, delivered = rows[sender]
        assert words.startswith(first_words)
        assert rule
        assert delivered == IN_SMARTLEAD[mark]
    assert {"read", "unread"} <= {mark for _words, _rule, mark, _delivered in rows.values()}


def test_the_pasted_line_sends_a_reply_that_is_decided_and_delivered(toy: Toy) -> None:
    answer = toy.paste()
    assert answer["status"] == "accepted"
    assert answer["mark"] in {"read", "unread"}
    until(lambda: toy.is_delivered(OWN_SENDER), "the pasted reply is delivered")
    _words, rule, mark, delivered = toy.rows()[OWN_SENDER]
    assert (rule, mark, delivered) == (answer["rule"], answer["mark"], "yes")
    again = toy.paste()
    assert again == answer | {"status": "duplicate"}


def test_a_sample_that_comes_again_is_a_duplicate(toy: Toy) -> None:
    events = json.loads(toy.flask("inbox", "show", "--json"))["events"]
    (sample,) = [event for event in events if event["sender"] == "tomas.havel@riverlog.example"]
    body = toy.flask("inbox", "show", "--body", str(sample["event_id"]))
    answer = call("POST", f"{toy.url}/webhooks/smartlead", body, Content_Type="application/json")
    assert (answer.json["status"], answer.json["event_id"]) == ("duplicate", sample["event_id"])


def test_nobody_but_this_machine_is_answered(toy: Toy) -> None:
    for stranger in ({"Host": "replymark.example"}, {"X_Forwarded_For": "203.0.113.9"}):
        for path in ("/", "/readyz"):
            assert call("GET", f"{toy.url}{path}", **stranger).status == 403
        assert call("POST", f"{toy.url}/webhooks/smartlead", "{}", **stranger).status == 403


def test_it_ends_in_peace_when_told_to(toy: Toy) -> None:
    toy.web.terminate()
    assert toy.web.exit_code() == 0
