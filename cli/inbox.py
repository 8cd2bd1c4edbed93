"""`flask inbox`: what arrived and what was not let in; marks and sweeps of the inbox itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from cli.marking import mark
from cli.output import fail, iso, json_option, limit_option, ready_ledger, show_json, show_table
from cli.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger import Ledger

group = AppGroup("inbox")
group.add_command(mark)
group.add_command(sweep)

NUMBER = click.IntRange(1, 2**63 - 1)
BUCKETS = ("accepted", "ignored", "parked", "quarantined")
WHO = "sender_or_lead"
COLUMNS = ("event_id", "bucket", "received_at", "account", "source", WHO, "mark", "rule", "reason")
COLUMNS_OF_PARKED = (
    *("event_id", "bucket", "received_at", "lead", "mark", "rule"),
    *("lookup_attempts", "lookup_due_at", "reason"),
)
COLUMNS_OF_DUPLICATES = ("event_id", "bucket", "received_at", "repeats", "twin_of", WHO, "mark", "reason")
COLUMNS_OF = {"duplicate": COLUMNS_OF_DUPLICATES, "parked": COLUMNS_OF_PARKED}
COLUMNS_OF_REFUSED = ("refused_at", "reason", "sender", "path")
COLOURS = {"quarantined": "red", "parked": "yellow", "ignored": "bright_black", "duplicate": "bright_black"}
LISTED = {"duplicates": "duplicate", "refused": "refused"}  # option -> bucket, where the two differ


def _bucket_option(name: str, about: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    bucket = LISTED.get(name, name)
    return click.option(f"--{name}", "bucket", flag_value=bucket, help=about or f"Only what was {name}.")


@group.command()
@_bucket_option("accepted")
@_bucket_option("ignored")
@_bucket_option("parked")
@_bucket_option("quarantined")
@_bucket_option("duplicates", "Only what came more than once, or by two ways.")
@_bucket_option("refused", "The last webhooks that were not let in, and how many for which reason.")
@click.option("--body", "event_id", type=NUMBER, help="Print the stored body (without secrets) of this event.")
@limit_option
@json_option
def show(bucket: str | None, event_id: int | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """List the newest events, or print the body of one.

    \b
    flask inbox show --quarantined
    flask inbox show --refused
    flask inbox show --body 17
    """
    ledger = ready_ledger()
    if event_id is not None:
        _show_body(ledger, event_id)
    elif bucket == "refused":
        _show_refused(ledger, limit, as_json=as_json)
    else:
        _show_events(ledger, bucket, limit, as_json=as_json)


@group.command()
@click.argument("event_ids", nargs=-1, type=NUMBER, metavar="[EVENT_ID]...")
@click.option("--all", "everything", is_flag=True, help="Every parked reply.")
def lookup(event_ids: tuple[int, ...], everything: bool) -> None:  # noqa: FBT001 - click
    """Ask SmartLead now for the conversations of parked replies: of these events, or of all.

    The worker asks, behind what it has to mark; see what came of it with flask inbox show --parked. Exit code 1 if an
    event is not parked, or tells no lead that can be looked up.

    \b
    flask inbox lookup 17
    flask inbox lookup --all
    """
    if bool(event_ids) == everything:
        raise click.UsageError("Name events, or say --all: one of the two.")
    asked = set(event_ids)
    waiting = ready_ledger().retry_parked(None if everything else sorted(asked))
    click.echo(f"{waiting} parked {'reply is' if waiting == 1 else 'replies are'} to be looked up now.")
    if waiting < len(asked):
        click.echo(f"{len(asked) - waiting} not: no parked reply, or one that tells no lead.", err=True)
        raise SystemExit(1)


def _show_body(ledger: Ledger, event_id: int) -> None:
    body = ledger.body_of(event_id)
    if body is None:
        fail(f"There is no body of event {event_id}.")
    click.echo(body)


def _show_events(ledger: Ledger, bucket: str | None, limit: int, *, as_json: bool) -> None:
    rows = ledger.recent_events(bucket, limit)
    times = [{"received_at": iso(row.received_at), "lookup_due_at": iso(row.lookup_due_at)} for row in rows]
    events = [asdict(row) | told for row, told in zip(rows, times, strict=True)]
    counts, refused = ledger.buckets(), ledger.refused_counts()
    if as_json:
        show_json({"counts": counts, "refused": refused, "events": events})
        return
    named = "a duplicate" if bucket == "duplicate" else bucket
    show_table(
        [event | {WHO: event["sender"] or event["lead"]} for event in events],
        COLUMNS_OF.get(bucket or "", COLUMNS),
        COLOURS.get,
        "Nothing arrived yet." if bucket is None else f"Nothing was {named}.",
    )
    shares = ", ".join(f"{counts.get(name, 0)} {name}" for name in (*BUCKETS, "duplicates"))
    beside = f" Refused beside these: {_by_reason(refused)}" if refused else ""
    click.echo(f"\n{sum(counts.values())} received: {shares}.{beside}")


def _show_refused(ledger: Ledger, limit: int, *, as_json: bool) -> None:
    refusals = [asdict(one) | {"refused_at": iso(one.refused_at)} for one in ledger.refusals(limit)]
    counts = ledger.refused_counts()
    if as_json:
        show_json({"refused": counts, "refusals": refusals})
        return
    show_table(refusals, COLUMNS_OF_REFUSED, lambda _reason: None, "Nothing was refused.")
    if counts:
        click.echo(f"\nRefused so far: {_by_reason(counts)}")


def _by_reason(counts: Mapping[str, int]) -> str:
    """How many were refused, and why."""
    shares = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f"{sum(counts.values())} ({shares})."
