"""How the doctor speaks to people: findings as they come, forms to paste, and what it is waiting for."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from cli.doctor.finding import Level
from cli.output import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.doctor.finding import Finding

COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.PROBLEM: "red", Level.UNKNOWN: "cyan"}
INDENT = " " * 22
CLEAR_LINE = "\r\x1b[K"


def show_finding(finding: Finding) -> None:
    """One finding: its level and subject, what is, and the mend below."""
    clear_notice()
    level = click.style(f"{finding.level:<9}", fg=COLOURS[finding.level], bold=True)
    click.echo(f"{level}{finding.about:<11}  {_wrapped(finding.found)}")
    if finding.mend:
        click.echo(f"{INDENT}{_wrapped(f'→ {finding.mend}')}")


def show_form(title: str, form: Mapping[str, str]) -> None:
    """A form's fields, each with what goes in it."""
    click.echo(f"\n{click.style(title, bold=True)}")
    width = max(map(len, form))
    for field, value in form.items():
        click.echo(f"  {field:<{width}}  {printable(value)}")


def notice(what: str) -> None:
    """Say what is being asked for, on a line that the next one takes away; nothing without a terminal."""
    if sys.stderr.isatty():
        click.echo(f"{CLEAR_LINE}Asking SmartLead for {printable(what)} …", nl=False, err=True)


def clear_notice() -> None:
    """Take the notice away."""
    if sys.stderr.isatty():
        click.echo(CLEAR_LINE, nl=False, err=True)


def _wrapped(text: str) -> str:
    room = max(40, shutil.get_terminal_size((120, 24)).columns - len(INDENT))
    return f"\n{INDENT}".join(textwrap.wrap(printable(text), room, break_long_words=False, break_on_hyphens=False))
