"""`flask smartlead`: what is wrong between SmartLead and here, and what its webhooks are."""

from __future__ import annotations

import sys
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from cli.doctor.addresses import home_of
from cli.doctor.asking import Asker, OwnPace, SharedPace
from cli.doctor.examination import examine, look_at_campaigns, look_at_numbers, look_at_webhooks
from cli.doctor.finding import Level, count
from cli.doctor.forms import smartlead_form, token_for, zapier_form
from cli.doctor.report import clear_notice, notice, show_finding, show_form
from cli.doctor.subscriptions import Campaign
from cli.output import fail, json_option, show_json, show_table
from parts import current_parts
from serving import make_handler
from webhooks.redaction import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.addresses import Home
    from cli.doctor.finding import Finding
    from cli.doctor.subscriptions import Subscription
    from config import Settings

group = AppGroup("smartlead")

COLUMNS = ("campaign", "state", "id", "level", "events", "here", "name", "address")
COLOURS = {"active": "green", "off": "red"}
NOT_LISTED = (
    "SmartLead has no list of the webhooks of the account and of clients; one of the account takes the place of these"
    " for the same event. Look at one with --webhook NUMBER."
)
PASTED = {
    "smartlead": "To paste in SmartLead → Settings → Webhooks (or a campaign's webhooks)",
    "zapier": 'To paste in Zapier, action POST of "Webhooks by Zapier"',
}
campaigns_option = click.option(
    "--campaigns", type=click.IntRange(0, 10_000), default=20, show_default=True, help="How many campaigns to look at."
)
webhook_option = click.option(
    "--webhook", "webhooks_", type=click.IntRange(1), multiple=True, metavar="NUMBER", help="Look at this webhook, too."
)


@group.command()
@campaigns_option
@webhook_option
@click.option("--show-token", is_flag=True, help="Show the token in what is to be pasted; at a terminal only.")
@json_option
def doctor(campaigns: int, webhooks_: tuple[int, ...], show_token: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Examine everything between SmartLead and here, and say how to mend it.

    Asks SmartLead once for each campaign and a few times more, within SMARTLEAD_RATE_LIMITS, and sends a test event to
    PUBLIC_URL, which is kept as ignored. Changes nothing in SmartLead. Exit code 1 if there is a problem.

    \b
    flask smartlead doctor
    flask smartlead doctor --webhook 12345 --json
    """
    if show_token and (as_json or not sys.stdout.isatty()):
        raise click.UsageError("--show-token is for your eyes: at a terminal, and without --json.")
    parts = current_parts()
    findings: list[Finding] = []
    with _asking(parts.settings, quiet=as_json) as asker:
        for finding in examine(parts.settings, parts.ledger, asker, campaigns=campaigns, webhooks=webhooks_):
            findings.append(clean := _clean(finding, parts.settings))
            if not as_json:
                show_finding(clean)
    forms = {} if parts.settings.sandbox else _forms(home_of(parts.settings), show_token=show_token)
    problems = sum(finding.level is Level.PROBLEM for finding in findings)
    if as_json:
        show_json({"problems": problems, "calls": asker.calls, "findings": list(map(asdict, findings)), "paste": forms})
    else:
        _show_end(forms, problems, asker.calls)
    raise SystemExit(problems > 0)


@group.command()
@click.argument("action", type=click.Choice(["list"]), default="list", metavar="[list]")
@click.option("--campaign", type=click.IntRange(1), metavar="NUMBER", help="Only the webhooks of this campaign.")
@campaigns_option
@webhook_option
@json_option
def webhooks(
    action: str,  # noqa: ARG001 - there is one so far
    campaign: int | None,
    campaigns: int,
    webhooks_: tuple[int, ...],
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """List the webhooks that SmartLead shows: those of campaigns, and others by their numbers.

    \b
    flask smartlead webhooks list
    flask smartlead webhooks list --campaign 372 --json
    """
    settings = current_parts().settings
    if settings.problems:
        fail(*settings.problems)
    if settings.sandbox:
        fail("This is the sandbox, which has no account. For real use set SMARTLEAD_API_KEY.")
    home = home_of(settings)
    with _asking(settings, quiet=as_json) as asker:
        rows = [_row(each, home, settings) for each in _look(asker, campaign, campaigns, webhooks_)]
    if as_json:
        show_json(rows)
        return
    show_table(
        [row | {"events": ", ".join(row["events"])} for row in rows],
        COLUMNS,
        COLOURS.get,
        "SmartLead shows no webhook.",
    )
    click.echo(f"\n{NOT_LISTED}")


def _look(asker: Asker, campaign: int | None, most: int, numbers: tuple[int, ...]) -> list[Subscription]:
    """What SmartLead shows of what was asked for; or the end of the command, if that is nothing for a reason."""
    if campaign is not None or numbers:
        wanted = [Campaign(campaign, str(campaign))] if campaign else []
        found = [*look_at_campaigns(asker, wanted)[1], *look_at_numbers(asker, numbers)]
    else:
        seen = look_at_webhooks(asker, most, ())
        found = list(seen.of_campaigns)
        if seen.unread:
            click.echo(f"{count(seen.unread, 'further campaign')} not shown: see more with --campaigns N.", err=True)
    clear_notice()
    for trouble in dict.fromkeys(asker.troubles) if found else ():
        click.echo(trouble, err=True)
    if asker.troubles and not found:
        fail(*dict.fromkeys(asker.troubles))
    return found


@contextmanager
def _asking(settings: Settings, *, quiet: bool) -> Iterator[Asker]:
    ledger = current_parts().ledger
    own = settings.sandbox or bool(settings.problems or ledger.problems())
    pace = OwnPace(settings.windows) if own else SharedPace(ledger, settings.windows)
    with closing(make_handler(settings)) as handler:
        yield Asker(handler.get, pace, (lambda _what: None) if quiet else notice)


def _clean(finding: Finding, settings: Settings) -> Finding:
    """Names come from SmartLead, and sentences from everywhere: no secret leaves with them."""
    mend = finding.mend and scrub(finding.mend, settings.secrets)
    return replace(finding, found=scrub(finding.found, settings.secrets), mend=mend)


def _forms(home: Home, *, show_token: bool) -> dict[str, dict[str, str]]:
    return {
        "smartlead": smartlead_form(home, token_for(home, whole=show_token, in_url=True)),
        "zapier": zapier_form(home, token_for(home, whole=show_token, in_url=False)),
    }


def _show_end(forms: dict[str, dict[str, str]], problems: int, calls: int) -> None:
    for name, form in forms.items():
        show_form(PASTED[name], form)
    told = count(problems, "problem") if problems else "No problem"
    click.echo(f"\n{told}. {count(calls, 'call')} to SmartLead.")


def _row(webhook: Subscription, home: Home, settings: Settings) -> dict[str, Any]:
    return {
        "campaign": scrub(webhook.campaign, settings.secrets) if webhook.campaign else webhook.campaign_id,
        "state": {True: "active", False: "off", None: None}[webhook.active],
        "id": webhook.id,
        "level": webhook.level,
        "events": [scrub(event, settings.secrets) for event in webhook.events],
        "here": "yes" if home.is_here(webhook.address) else "no",
        "name": scrub(webhook.name, settings.secrets),
        "address": home.show(webhook.address),
    }
