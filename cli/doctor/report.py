"""How the doctor speaks to people: findings, forms to paste, and what it is waiting for."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from cli.accounts import TRIAL
from cli.doctor.finding import Level, count
from cli.output import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cli.doctor.finding import Finding
    from cli.doctor.forms import Form

PASTED = {
    "smartlead": "To paste in SmartLead → Settings → Webhooks (or a campaign's webhooks)",
    "zapier": 'To paste in Zapier, action POST of "Webhooks by Zapier"',
}
COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red", Level.UNKNOWN: "cyan"}
WORST_FIRST = (Level.PROBLEM, Level.WARNING, Level.UNKNOWN, Level.OK)
INDENT = " " * 22
OF_KEYS = (
    "The first key that tells something counts. Case, _, - and blanks do not matter; a.b is b inside the object a."
)
CLEAR_LINE = "\r\x1b[K"


def show_report(findings: Sequence[Finding], forms: Mapping[str, Form], calls: int, *, paste: bool) -> None:
    """All findings, the worst first, and the forms, if anything is amiss or they are asked for.

    `calls`: how many were made to SmartLead.
    """
    clear_notice()
    several = len({finding.account for finding in findings} - {None}) > 1
    for finding in sorted(findings, key=lambda each: WORST_FIRST.index(each.level)):
        _show_finding(finding, with_account=several)
    levels = [finding.level for finding in findings]
    _show_forms(forms, whole=paste or Level.PROBLEM in levels or Level.WARNING in levels)
    problems = levels.count(Level.PROBLEM)
    ending = count(problems, "problem") if problems else "No problem"
    click.echo(f"\n{ending}. {count(calls, 'call')} to SmartLead.")


def _show_forms(forms: Mapping[str, Form], *, whole: bool) -> None:
    for name, form in forms.items() if whole else ():
        sender, _, account = name.partition(" ")
        _show_form(PASTED[sender] + (f", for account {account}" if account else ""), form)
    if not forms:
        click.echo(f"\n{TRIAL}")
    elif whole:
        click.echo("\nWhich keys of an event tell what: flask smartlead doctor --fields")
    else:
        click.echo("\nWhat to paste in SmartLead and Zapier: flask smartlead doctor --paste")


def _show_finding(finding: Finding, *, with_account: bool) -> None:
    """One finding: its level and subject, what is, and the mend below."""
    of = f"Account {finding.account}: " if with_account and finding.account else ""
    level = click.style(f"{finding.level:<9}", fg=COLOURS[finding.level], bold=True)
    click.echo(f"{level}{finding.about:<11}  {_wrapped(of + finding.found)}")
    if finding.mend:
        click.echo(f"{INDENT}→ {_wrapped(finding.mend, len(INDENT) + 2)}")


def _show_form(title: str, form: Form) -> None:
    click.echo(f"\n{click.style(title, bold=True)}")
    width = max(map(len, form))
    for field, value in form.items():
        click.echo(f"  {field:<{width}}  {printable(value)}")


def show_fields(fields: Mapping[str, Iterable[str]]) -> None:
    """Each field of a reply, with the keys that tell it, the most trusted first."""
    width = max(map(len, fields))
    for field, keys in fields.items():
        click.echo(f"{click.style(f'{field:<{width}}', bold=True)}  {_wrapped(', '.join(keys), width + 2)}")
    click.echo(f"\n{OF_KEYS}")


def notice(what: str) -> None:
    """Say what is being asked for, on a line that the next one takes away; nothing without a terminal."""
    if sys.stderr.isatty():
        click.echo(f"{CLEAR_LINE}Asking SmartLead for {printable(what)} …", nl=False, err=True)


def clear_notice() -> None:
    """Take the notice away."""
    if sys.stderr.isatty():
        click.echo(CLEAR_LINE, nl=False, err=True)


def _wrapped(text: str, indent: int = len(INDENT)) -> str:
    room = max(40, shutil.get_terminal_size((120, 24)).columns - indent)
    return f"\n{' ' * indent}".join(
        textwrap.wrap(printable(text), room, break_long_words=False, break_on_hyphens=False)
    )
