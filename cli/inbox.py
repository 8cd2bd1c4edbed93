"""`flask inbox`: what arrived, bucket by bucket."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from cli.output import fail, iso, json_option, limit_option, ready_ledger, show_json, show_table

if TYPE_CHECKING:
    from collections.abc import Callable

group = AppGroup("inbox")

BUCKETS = ("accepted", "ignored", "parked", "quarantined")
COLUMNS = ("event_id", "bucket", "received_at", "sender", "mark", "rule", "reason")
COLOURS = {"quarantined": "red", "parked": "yellow", "ignored": "bright_black"}


def _bucket_option(name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(f"--{name}", "bucket", flag_value=name, help=f"Only what was {name}.")


@group.command()
@_bucket_option("accepted")
@_bucket_option("ignored")
@_bucket_option("parked")
@_bucket_option("quarantined")
@click.option("--body", "event_id", type=int, help="Print the stored body (without secrets) of this event.")
@limit_option
@json_option
def show(bucket: str | None, event_id: int | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """List the newest events, or print the body of one.

    \b
    flask inbox show --quarantined
    flask inbox show --body 17
    """
    ledger = ready_ledger()
    if event_id is not None:
        body = ledger.body_of(event_id)
        if body is None:
            fail(f"There is no body of event {event_id}.")
        click.echo(body)
        return
    events = [asdict(row) | {"received_at": iso(row.received_at)} for row in ledger.recent_events(bucket, limit)]
    if as_json:
        show_json({"counts": ledger.buckets(), "events": events})
        return
    show_table(events, COLUMNS, COLOURS.get, "Nothing arrived yet." if bucket is None else f"Nothing was {bucket}.")
    counts = ledger.buckets()
    received = sum(counts.values())
    shares = ", ".join(f"{counts.get(name, 0)} {name}" for name in (*BUCKETS, "duplicates"))
    click.echo(f"\n{received} received: {shares}.")
