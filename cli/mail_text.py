"""How a mail was read: what the person just wrote, and what was cut away and why, part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.output import printable

if TYPE_CHECKING:
    from rules.engine.mail.text import Written

TOLD_IN_WORDS = "Nothing is cut from a reply that is told in words. Show a whole mail: --mail FILE or --event FILE."
NO_TEXT = "The event has no text at all."
NOTHING_READ = "The mail is empty."


def show_text(written: Written | None, kind: str | None, sign: str | None) -> None:
    """Print the mail from top to bottom, each part below what it is, and its kind. None: it was told in words."""
    if written is None:
        click.echo(TOLD_IN_WORDS)
    else:
        _show_parts(written)
    click.echo(f"Kind: {kind or 'not known'}{f', because {printable(sign)}' if sign else ''}.")


def _show_parts(written: Written) -> None:
    if written.form is None:
        click.echo(NO_TEXT if written.whole is None else NOTHING_READ)
        return
    click.echo(f"Read from the mail's {written.form}.")
    for part in written.parts:
        if part.why is None:
            _show_part("The person wrote:", part.text, "green")
        else:
            _show_part(f"Cut away ({part.why}):", part.text, "bright_black")
    for hidden in written.hidden:
        _show_part("Cut away (the HTML hides it from the reader):", hidden, "bright_black")
    if written.doubt:
        click.echo(click.style(f"In doubt: {written.doubt}. No test on the reply holds.", fg="yellow"))


def text_for_scripts(written: Written, kind: str | None, sign: str | None) -> dict[str, Any]:
    """The same for scripts; `why` is null for what the person wrote."""
    return {
        "kind": kind,
        "kind_sign": sign,
        "form": written.form,
        "new": written.new,
        "doubt": written.doubt,
        "parts": [{"text": part.text, "why": part.why} for part in written.parts],
        "hidden": list(written.hidden),
    }


def _show_part(title: str, text: str, colour: str) -> None:
    click.echo(click.style(title, bold=True))
    for line in text.split("\n"):
        click.echo(click.style(f"    {printable(line)}".rstrip(), fg=colour))
