"""`flask worker`: deliver, apart from the web process."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

import logs
from cli.output import fail, ready_ledger
from parts import current_parts
from serving import Delivering

if TYPE_CHECKING:
    from types import FrameType

group = AppGroup()


@group.command()
def run() -> None:
    """Deliver what is due until SIGTERM; then finish the PATCHes in hand. Any number may run."""
    settings = current_parts().settings
    if settings.sandbox and not settings.problems:
        fail("In the sandbox the web process delivers (make run). For real use set SMARTLEAD_API_KEY.")
    ledger = ready_ledger()
    logs.configure(settings.log_level, settings.secrets)
    delivering = Delivering(current_parts())

    def finish(_signal: int, _frame: FrameType | None) -> None:
        click.echo("Terminated; finishing the PATCHes in hand …", err=True)
        delivering.stop()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    delivering.run()
    ledger.close()
