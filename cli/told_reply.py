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

OF_THE_TEXT = ("reply", "doubt", "whole_message", "whole_doubt")
NOTHING_TOLD = "Tell the reply (--reply, --subject, --sender …), a whole mail (--mail), or a webhook's body (--event)."
TWO_TEXTS = "The mail (--mail) tells the words: leave out --reply and --whole-message."
NO_REPLY = "It tells a lead's category, not a reply: the conversation's newest reply would be decided anew by it."
TWO_EVENTS = "The webhook's body (--event) tells everything: leave out the other options that tell of the reply."


@dataclass(frozen=True, slots=True)
class Told:
    """What the rules can ask for. `written`: the whole mail; None where the reply was told in words."""

    facts: Facts
    written: Written | None = None


def reply_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for each field, `--mail` and `--event`."""
    command = click.option(
        "--event", type=click.File("rb"), help="A webhook's body, from a file; - is standard input."
    )(command)
    about = "A whole mail with its history, text or HTML, from a file; - is standard input."
    command = click.option("--mail", type=click.File("rb"), help=about)(command)
    for field in reversed(FIELDS.values()):
        option, kind = f"--{field.name.replace(' ', '-')}", click.Choice(field.choices) if field.choices else None
        about = f"{field.about[0].upper()}{field.about[1:].replace('`', '')}."
        command = click.option(option, type=kind, help=about)(command)
    return command


def told_reply(options: Mapping[str, Any]) -> Told:
    """Read what those options tell, or end the command with a sentence."""
    given = {name: value for name, value in options.items() if value is not None}
    event, mail = given.pop("event", None), given.pop("mail", None)
    if event is not None:
        if mail is not None or given:
            raise click.UsageError(TWO_EVENTS)
        reply = _read_event(event.read())
        written = read(reply)
        return Told(facts_of(reply, written), written)
    if mail is not None:
        return _with_mail(mail.read(), given)
    if not given:
        raise click.UsageError(NOTHING_TOLD)
    return Told(facts_told(given))


def _with_mail(body: bytes, given: Mapping[str, str]) -> Told:
    if not given.keys().isdisjoint(OF_THE_TEXT):
        raise click.UsageError(TWO_TEXTS)
    reply = Reply(text=body.decode("utf-8-sig", "replace"))
    written = read(reply)
    facts = facts_of(reply, written)
    return Told(replace(facts_told(given), **{name: getattr(facts, name) for name in OF_THE_TEXT}), written)


def _read_event(body: bytes) -> Reply:
    from webhooks.parse import parse  # noqa: PLC0415 - most replies are told in words, and need not wait for it
    from webhooks.unwrap import Unwrapped, unwrap  # noqa: PLC0415 - the same

    unwrapped = unwrap(body, "application/json")
    if not isinstance(unwrapped, Unwrapped):
        fail(unwrapped.reason)
    parsed = parse(unwrapped.events[0], received_at=time.time())
    if isinstance(parsed, CategoryChange):
        fail(NO_REPLY)
    return parsed if isinstance(parsed, Reply) else fail(parsed.reason)
