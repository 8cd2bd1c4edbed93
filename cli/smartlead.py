"""`flask smartlead`: what is wrong between SmartLead and here, and what its webhooks are."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from cli.accounts import account_option, account_or_end, smartlead_or_end
from cli.doctor.addresses import Home
from cli.doctor.asking import Asker, OwnPace, SharedPace
from cli.doctor.examination import examine
from cli.doctor.finding import Level
from cli.doctor.forms import smartlead_form, token_for, zapier_form
from cli.doctor.listing import COLOURS, COLUMNS, look, row_of
from cli.doctor.names import clean_texts
from cli.doctor.report import clear_notice, notice, show_fields, show_report
from cli.output import fail, json_option, printable, show_json, show_table
from model import DEFAULT_ACCOUNT
from parts import current_parts
from serving import make_handler
from webhooks.paths import describe
from webhooks.redaction import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.doctor.finding import Finding
    from config import Account, Settings
    from handlers.reading import Reading

group = AppGroup("smartlead")

NOT_LISTED = (
    "SmartLead has no list of the webhooks of the account and of clients; one of the account takes the place of these"
    " for the same event. Look at one with --webhook NUMBER."
)
campaigns_option = click.option(
    "--campaigns", type=click.IntRange(0, 10_000), default=20, show_default=True, help="How many campaigns to look at."
)
webhook_option = click.option(
    "--webhook", "webhooks_", type=click.IntRange(1), multiple=True, metavar="NUMBER", help="Look at this webhook, too."
)


@group.command()
@click.option("--account", "name", help="Only this account, of several.")
@campaigns_option
@webhook_option
@click.option(
    "--paste", is_flag=True, help="Show what to paste in SmartLead's and Zapier's forms, even if all is well."
)
@click.option("--show-token", is_flag=True, help="The same, with the token in it; at a terminal only.")
@click.option("--fields", is_flag=True, help="Only show which keys of an event tell what; examine nothing.")
@json_option
def doctor(  # noqa: PLR0913 - the command's options
    *,
    name: str | None,
    campaigns: int,
    webhooks_: tuple[int, ...],
    paste: bool,
    show_token: bool,
    fields: bool,
    as_json: bool,
) -> None:
    """Examine everything between SmartLead and here, and say how to mend it.

    Asks SmartLead once for each campaign and a few times more, within SMARTLEAD_RATE_LIMITS, and sends a test event to
    PUBLIC_URL, which is kept as ignored. Changes nothing in SmartLead. Exit code 1 if there is a problem.

    \b
    flask smartlead doctor
    flask smartlead doctor --account acme
    flask smartlead doctor --webhook 12345 --json
    """
    if show_token and (as_json or not sys.stdout.isatty()):
        raise click.UsageError("--show-token is for your eyes: at a terminal, and without --json.")
    if fields:
        show_json({"fields": describe()}) if as_json else show_fields(describe())
        return
    settings, ledger = current_parts().settings, current_parts().ledger
    chosen = _chosen(settings, name, webhooks_)
    with ExitStack() as ending:
        askers = {
            one.name: ending.enter_context(_asking(settings, one, quiet=as_json))
            for one in chosen
            if not settings.problems
        }
        examined = examine(settings, ledger, askers, campaigns=campaigns, webhooks=webhooks_)
        findings = [_clean(finding, settings) for finding in examined]
    forms = {} if settings.sandbox else _forms(settings, chosen, show_token=show_token)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    calls = sum(asker.calls for asker in askers.values())
    if as_json:
        report = {"problems": problems, "calls": calls, "findings": list(map(asdict, findings))}
        show_json(report | {"paste": forms, "fields": describe()})
    else:
        show_report(findings, forms, calls, paste=paste or show_token)
    raise SystemExit(problems > 0)


@group.command()
@click.argument("action", type=click.Choice(["list"]), default="list", metavar="[list]")
@account_option
@click.option("--campaign", type=click.IntRange(1), metavar="NUMBER", help="Only the webhooks of this campaign.")
@campaigns_option
@webhook_option
@json_option
def webhooks(  # noqa: PLR0913 - the command's options
    *,
    action: str,  # noqa: ARG001 - there is one so far
    account: str,
    campaign: int | None,
    campaigns: int,
    webhooks_: tuple[int, ...],
    as_json: bool,
) -> None:
    """List the webhooks that SmartLead shows: those of campaigns, and others by their numbers.

    \b
    flask smartlead webhooks list
    flask smartlead webhooks list --campaign 372 --json
    """
    settings = current_parts().settings
    if settings.problems:
        fail(*settings.problems)
    here = smartlead_or_end(settings, account)
    with _asking(settings, here, quiet=as_json) as asker:
        shown = look(asker, campaign, campaigns, webhooks_)
    rows = [row_of(each, Home(settings.public_url, here)) for each in shown.webhooks]
    clear_notice()
    for sentence in (*shown.troubles, *shown.hints):
        click.echo(sentence, err=True)
    if as_json:
        show_json(rows)
    elif rows or not shown.troubles:
        _show_rows(rows)
    raise SystemExit(bool(shown.troubles))


def _chosen(settings: Settings, name: str | None, webhooks_: tuple[int, ...]) -> tuple[Account, ...]:
    """The accounts that are to be examined."""
    chosen = settings.accounts if name is None else (account_or_end(settings, name),)
    if webhooks_ and len(chosen) > 1:
        raise click.UsageError("A webhook's number is of one account: say which with --account.")
    return chosen


@contextmanager
def _asking(settings: Settings, account: Account, *, quiet: bool) -> Iterator[Asker]:
    ledger = current_parts().ledger
    own = settings.sandbox or bool(settings.problems or ledger.problems())
    pace = OwnPace(settings.windows) if own else SharedPace(ledger, account.name, settings.windows)
    with closing(make_handler(settings, account.name)) as handler:

        def get(path: str) -> Reading:
            reading = handler.get(path)
            return replace(reading, value=clean_texts(reading.value, settings.secrets))

        yield Asker(get, pace, (lambda _what: None) if quiet else notice)


def _clean(finding: Finding, settings: Settings) -> Finding:
    """Names come from SmartLead, and sentences from everywhere: no secret leaves with them."""
    mend = finding.mend and scrub(finding.mend, settings.secrets)
    return replace(finding, found=scrub(finding.found, settings.secrets), mend=mend)


def _forms(settings: Settings, accounts: Sequence[Account], *, show_token: bool) -> dict[str, dict[str, str]]:
    """By sender, and of every account but the usual one by its name, too."""
    forms = {}
    for home in (Home(settings.public_url, one) for one in accounts):
        of = "" if home.account.name == DEFAULT_ACCOUNT else f" {home.account.name}"
        forms[f"smartlead{of}"] = smartlead_form(home, token_for(home, whole=show_token, in_url=True))
        forms[f"zapier{of}"] = zapier_form(home, token_for(home, whole=show_token, in_url=False))
    return forms


def _show_rows(rows: list[dict[str, Any]]) -> None:
    cells = [row | {"events": ", ".join(row["events"])} for row in rows]
    show_table(cells, COLUMNS, COLOURS.get, "SmartLead shows no webhook.")
    for row in rows:
        if row["flaw"]:
            click.echo(f"\nNot taken: the address of webhook {row['id']} {printable(row['flaw'])}.")
    click.echo(f"\n{NOT_LISTED}")
