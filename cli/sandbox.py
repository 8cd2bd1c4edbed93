"""`flask sandbox`: a SmartLead to play with, apart from the web process."""

from __future__ import annotations

import click
from flask.cli import AppGroup

import sandbox
from sandbox.limits import read_limits

group = AppGroup()


@group.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--api-key", "keys", multiple=True, default=("sandbox",), show_default=True, help="A key that is let in.")
@click.option(
    "--webhook", "webhooks", multiple=True, metavar="URL", help="Shown as a campaign's webhook; never called."
)
@click.option("--conversations", type=click.IntRange(0, 100_000), default=0, help="So many more, an hour apart.")
@click.option("--rate-limits", default="10/1s 60/1m 1000/1h", show_default=True, help="As SMARTLEAD_RATE_LIMITS.")
def run(port: int, keys: tuple[str, ...], webhooks: tuple[str, ...], conversations: int, rate_limits: str) -> None:
    """Play SmartLead on 127.0.0.1 until SIGTERM, for tests of your own.

    \b
    flask sandbox run --port 8001 --api-key my-test-key
    export SMARTLEAD_API_KEY=my-test-key SMARTLEAD_BASE_URL=http://127.0.0.1:8001
    export WEBHOOK_TOKENS=a-test-token DATABASE_URL=sqlite:///var/trial.db
    make run
    """
    try:
        limits = read_limits(rate_limits)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    sandbox.serve(port, keys, limits, webhooks, conversations)
