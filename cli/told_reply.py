"""The reply that a command is told: in words, as a whole mail, or as a webhook's body."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from cli.output import fail
from model import CategoryChange, Reply
from rules.engine import FIELDS, facts_of, facts_told
from rules.engine.mail.text import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rules.engine import Facts
    from rules.engine.mail.text import Written

FILES = {
    "--event": "A webhook's body",
    "--sent": "Beside --mail: the mail of ours that it answers",
    "--mail": "A whole mail with its history: text, HTML, or as a mail program saved it (.eml)",
}
OF_THE_TEXT = ("reply", "doubt", "whole_message", "whole_doubt")
BESIDE_IT = ("subject", "sender", "sender_name")  # what a saved mail tells, unless an option does
NOTHING_TOLD = "Tell the reply (--reply, --subject, --sender …), a whole mail (--mail), or a webhook's body (--event)."
TWO_TEXTS = "The mail (--mail) tells the words: leave out --reply and --whole-message."
SENT_ALONE = "The mail of ours (--sent) is read beside the one that answers it: name that with --mail."
NO_REPLY = "It tells a lead's category, not a reply: the conversation's newest reply would be decided anew by it."
TWO_EVENTS = "The webhook's body (--event) tells everything: leave out the other options that tell of the reply."


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules can ask for. `written`: the whole mail; None where the reply was told in words."""

    facts: Facts
    written: Written | None = None


def reply_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each field, `--mail`, `--sent` and `--event`."""
    for option, about in FILES.items():
        command = click.option(option, type=click.File("rb"), help=f"{about}, from a file; - is standard input.")(
            command
        )
    for field in reversed(FIELDS.values()):
        option, kind = f"--{field.name.replace(' ', '-')}", click.Choice(field.choices) if field.choices else None
        about = f"{field.about[0].upper()}{field.about[1:].replace('`', '')}."
        command = click.option(option, type=kind, help=about)(command)
    return command


def told_reply(options: Mapping[str, Any]) -> Told:
    """Read what those options tell, or end the command with a sentence."""
    given = {name: value for name, value in options.items() if value is not None}
    event, mail, sent = (given.pop(name, None) for name in ("event", "mail", "sent"))
    if sent is not None and mail is None:
        raise click.UsageError(SENT_ALONE)
    if event is not None:
        if mail is not None or given:
            raise click.UsageError(TWO_EVENTS)
        reply = _read_event(event.read())
        written = read(reply)
        return Told(facts_of(reply, written), written)
    if mail is not None:
        return _with_mail(mail.read(), sent.read() if sent else b"", given)
    if not given:
        raise click.UsageError(NOTHING_TOLD)
    return Told(facts_told(given))


def _with_mail(body: bytes, sent: bytes, given: Mapping[str, str]) -> Told:
    from cli.saved_mail import read_mail  # noqa: PLC0415 - most replies are told in words, and need not wait for it

    if not given.keys().isdisjoint(OF_THE_TEXT):
        raise click.UsageError(TWO_TEXTS)
    answered, reply = read_mail(sent), read_mail(body)
    reply = replace(reply, sent_text=answered.text, sent_html=answered.html)
    written = read(reply)
    facts = facts_of(reply, written)
    told = facts_told(given)
    beside = {name: text for name in BESIDE_IT if (text := getattr(facts, name)) and getattr(told, name) is None}
    return Told(replace(told, **beside, **{name: getattr(facts, name) for name in OF_THE_TEXT}), written)


def _read_event(body: bytes) -> Reply:
    from webhooks.parse import parse  # noqa: PLC0415 - most replies are told in words, and need not wait for it
    from webhooks.unwrap import Unwrapped, unwrap  # noqa: PLC0415 - the same

    unwrapped = unwrap(body, "application/json")
    if not isinstance(unwrapped, Unwrapped):
        fail(unwrapped.reason)
    if len(unwrapped.events) > 1:
        click.echo(f"The body holds {len(unwrapped.events)} events; this is the first.", err=True)
    parsed = parse(unwrapped.events[0], received_at=time.time())
    if isinstance(parsed, CategoryChange):
        fail(NO_REPLY)
    return parsed if isinstance(parsed, Reply) else fail(parsed.reason)
