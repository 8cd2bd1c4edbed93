"""`flask worker run` and `flask sandbox run`: what runs until it is stopped."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

import logs
import sandbox as stand_in
from cli.output import fail, ready_ledger
from parts import current_parts
from sandbox.limits import read_limits
from serving import make_handler
from worker import Worker

if TYPE_CHECKING:
    from types import FrameType

worker = AppGroup("worker", help="Deliver to SmartLead.")
sandbox = AppGroup("sandbox", help="A stand-in SmartLead on this machine.")


@worker.command("run")
def run_worker() -> None:
    """Deliver what is due until SIGTERM; then finish the PATCHes in hand. Any number may run."""
    settings = current_parts().settings
    if settings.sandbox and not settings.problems:
        fail("In the sandbox the web process delivers (make run). For real use set SMARTLEAD_API_KEY.")
    ledger = ready_ledger()
    logs.configure(settings.log_level, settings.secrets)
    handler = make_handler(settings)
    delivering = Worker(ledger, handler, settings)

    def finish(_signal: int, _frame: FrameType | None) -> None:
        click.echo("Terminated; finishing the PATCHes in hand …", err=True)
        delivering.stop()

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, finish)
    delivering.run()
    handler.close()
    ledger.close()


@sandbox.command("run")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--api-key", "keys", multiple=True, default=("sandbox",), show_default=True, help="A key that is let in.")
@click.option("--rate-limits", default="10/1s 60/1m 1000/1h", show_default=True, help="As SMARTLEAD_RATE_LIMITS.")
def run_sandbox(port: int, keys: tuple[str, ...], rate_limits: str) -> None:
    """Play SmartLead on 127.0.0.1 until SIGTERM, for tests of your own.

    \b
    flask sandbox run --port 8001 --api-key my-test-key
    SMARTLEAD_API_KEY=my-test-key SMARTLEAD_BASE_URL=http://127.0.0.1:8001 WEBHOOK_TOKENS=a-test-token make run
    """
    try:
        limits = read_limits(rate_limits)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    stand_in.serve(port, keys, limits)
