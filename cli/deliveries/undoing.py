"""Marks taken back: `flask deliveries undo`, and what `flask rules rollback --repair` does."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from cli.deliveries.choice import conversations_are
from cli.manner import Manner
from cli.moment import Moment
from cli.output import fail, iso, json_option, printable, ready_ledger, show_json, show_table
from ledger import Origin
from model import MAX_MAP_ID
from parts import current_parts
from rules.engine import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ledger import Ledger, StandingRead

    Find = Callable[[], Iterable[StandingRead]]

SAMPLES = 5
PIECE = 200  # conversations in one transaction
COLUMNS = ("email_lead_map_id", "wanted_at", "rule", "sender", "words")
DEFAULT = "(the default)"


@dataclass(slots=True)
class Found:
    """How many conversations are hidden, by rule, and the first of them."""

    rules: Counter[str] = field(default_factory=Counter)
    samples: list[StandingRead] = field(default_factory=list)

    def add(self, one: StandingRead) -> None:
        """Count it, and keep it if it is among the first."""
        self.rules[one.rule or DEFAULT] += 1
        if len(self.samples) < SAMPLES:
            self.samples.append(one)

    @property
    def count(self) -> int:
        """Of all rules together."""
        return self.rules.total()


@click.command()
@click.argument("conversations", nargs=-1, type=click.IntRange(1, MAX_MAP_ID))
@click.option("--rule", help="Marks that this rule gave.")
@click.option("--version", type=click.IntRange(1), help="Marks that this version of the rules gave.")
@click.option("--since", type=Moment(), help="Marks that were decided since then: 2026-11-20T09:30Z, or 6h, 2d ago.")
@click.option("--account", help="Only of this account.")
@click.option("--dry-run", is_flag=True, help="Only show what would be marked unread.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either.")
@json_option
def undo(  # noqa: PLR0913, PLR0917 - each option is a parameter
    conversations: tuple[int, ...],
    rule: str | None,
    version: int | None,
    since: float | None,
    account: str | None,
    dry_run: bool,  # noqa: FBT001 - click hands over by name
    yes: bool,  # noqa: FBT001 - the same
    as_json: bool,  # noqa: FBT001 - the same
) -> None:
    """Take marks back: what a rule, a version or some hours marked read, or CONVERSATIONS alone, is marked unread.

    First says how many and shows some. A conversation with a newer reply is left alone, and so is one that a person
    marked since. What is given together must all hold.

    \b
    flask deliveries undo --rule "Out of office" --dry-run
    flask deliveries undo --version 12 --since 6h
    flask deliveries undo 2300000102
    """
    if rule is None and version is None and since is None and not conversations:
        raise click.UsageError("Say what is to be taken back: --rule, --version, --since, or conversations.")
    ledger = ready_ledger()
    if version is not None and ledger.rules_version(version) is None:
        fail(f"There is no version {version}: see flask rules history.")
    origin = Origin(rule=rule, version=version, since=since, account=account, map_ids=conversations or None)
    manner = Manner(dry_run=dry_run, yes=yes, as_json=as_json)
    count = take_back(ledger, lambda: ledger.standing_reads(origin), "taken back by flask deliveries undo", manner)
    if rule and not as_json:
        _show_state_of_rule(ledger, rule, count)


def take_back(ledger: Ledger, find: Find, why: str, manner: Manner) -> int:
    """Show what `find` finds, ask where somebody can answer, and mark it unread; how many are to be marked.

    `why` is kept beside each reply.
    """
    if current_parts().settings.dry_run and not manner.dry_run:
        fail("DRY_RUN is set, so nothing is sent: unset it, or say --dry-run.")
    found = Found()
    for one in find():
        found.add(one)
    if not manner.as_json:
        _show(found)
    if found.count and not manner.dry_run:
        manner.confirm("Mark them unread?")
    count = 0 if manner.dry_run else _take_all(ledger, find(), why, found.count)
    if manner.as_json:
        show_json(_for_scripts(found) | {"dry_run": manner.dry_run, "marked": count})
    elif found.count:
        click.echo(_outcome(count, dry_run=manner.dry_run))
    return count


def _outcome(count: int, *, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was changed."
    return f"{conversations_are(count)} to be marked unread; flask deliveries list shows how it goes."


def _take_all(ledger: Ledger, reads: Iterable[StandingRead], why: str, count: int) -> int:
    walk = iter(reads)
    with click.progressbar(length=count, label="Conversations", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        taken = 0
        while piece := list(islice(walk, PIECE)):
            taken += ledger.take_back(piece, why)
            bar.update(len(piece))
    return taken


def _show(found: Found) -> None:
    what = "conversation stands" if found.count == 1 else "conversations stand"
    click.echo(f"{found.count:,} {what} read by what is to be taken back.")
    if len(found.rules) > 1:
        rows = [{"conversations": count, "rule": rule} for rule, count in found.rules.most_common()]
        show_table(rows, ("conversations", "rule"), lambda _cell: None, "")
    if found.samples:
        click.echo("\nSome of them:")
        show_table([_row(one) for one in found.samples], COLUMNS, lambda _cell: None, "")
        click.echo()


def _row(one: StandingRead) -> dict[str, Any]:
    return {name: getattr(one, name) for name in COLUMNS} | {"wanted_at": iso(one.wanted_at)}


def _for_scripts(found: Found) -> dict[str, Any]:
    return {"found": found.count, "rules": dict(found.rules), "samples": [_row(one) for one in found.samples]}


def _show_state_of_rule(ledger: Ledger, rule: str, count: int) -> None:
    """Whether it goes on; and if it gave no mark, whether that may be for its name alone."""
    live = ledger.live_rules()
    ruleset = load(live.content).ruleset if live else None
    paused = {one.name: one.paused for one in ruleset.rules} if ruleset else {}
    if count and paused.get(rule) is False:
        click.echo(f'The rule "{printable(rule)}" still is live: it goes on marking new replies. Mend or pause it.')
    elif not count and rule not in paused:
        click.echo(f'No live rule is called "{printable(rule)}". Rules: {printable(", ".join(paused)) or "none"}')
