"""SmartLead's stand-in as a process of its own, so that it can be down, slow or in trouble."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acceptance.calls import call, post_json
from secrets_of_tests import API_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from acceptance.processes import Process, Processes

CHECKOUT = Path(__file__).parents[2]
MARKING = "/change-read-status"
UNLIMITED = "100000/1s"
LISTENS = "SmartLead sandbox: "


class StandIn:
    """A SmartLead that is always at the same address; what it knows ends with its process."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._process: Process | None = None
        self.url = f"http://127.0.0.1:{processes.own_port()}"

    def start(self, limits: str = UNLIMITED) -> None:
        """Start it, and wait until it listens."""
        port = self.url.rpartition(":")[2]
        arguments = ("-m", "sandbox", "--port", port, "--api-key", API_KEY, "--rate-limits", limits)
        command = shlex.join([sys.executable, *arguments])
        self._process = self._processes.start("smartlead", f"exec {command}", CHECKOUT, {})
        self._process.says(f"{LISTENS}{self.url}")

    def kill(self) -> None:
        """Be gone, in the midst of whatever it does."""
        if self._process:
            self._process.kill()

    def suffer(self, *faults: dict[str, Any]) -> None:
        """Order trouble for the next PATCHes, or for what a fault's `match` names."""
        self._order("faults", [{"match": MARKING} | fault for fault in faults])

    def hold(self, *conversations: dict[str, Any]) -> None:
        """Have these conversations, of leads and campaigns of one's own."""
        self._order("conversations", conversations)

    def _order(self, name: str, value: Any) -> None:
        answer = post_json(f"{self.url}/_sandbox/{name}", value)
        assert answer.status == 200, answer.text

    def inbox(self) -> dict[int, dict[str, Any]]:
        """Every conversation that it knows: whether it is read, and by how many PATCHes."""
        states: dict[str, dict[str, Any]] = call("GET", f"{self.url}/_sandbox/inbox").json
        return {int(map_id): state for map_id, state in states.items()}

    def requests(self) -> list[dict[str, Any]]:
        """The PATCHes so far, oldest first."""
        return [entry for entry in self._all_requests() if entry["path"].endswith(MARKING)]

    def questions(self) -> list[dict[str, Any]]:
        """The requests for a conversation's id so far, oldest first."""
        return [entry for entry in self._all_requests() if entry["path"].endswith(("/leads/", "/inbox-replies"))]

    def _all_requests(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = call("GET", f"{self.url}/_sandbox/requests").json
        return entries

    def has_all(self, conversations: Collection[int]) -> bool:
        """Whether a PATCH has come for each of these."""
        inbox = self.inbox()
        return all(conversation in inbox for conversation in conversations)

    def state_of(self, conversation: int) -> str | None:
        """`read` or `unread`, once a PATCH said so; None before."""
        state = self.inbox().get(conversation, {"patches": 0})
        if not state["patches"]:
            return None
        return "read" if state["is_read"] else "unread"

    def shows(self, marks: Mapping[int, str]) -> bool:
        """Whether PATCHes have made each of these conversations `read` or `unread` as told."""
        inbox = self.inbox()
        wanted = {conversation: mark == "read" for conversation, mark in marks.items()}
        return wanted == {one: state["is_read"] for one, state in inbox.items() if one in wanted and state["patches"]}

    def patches_of(self, conversation: int) -> int:
        """How many PATCHes this conversation had an effect of."""
        state = self.inbox().get(conversation)
        return int(state["patches"]) if state else 0
