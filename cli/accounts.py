"""Which account a command is about, and whether SmartLead can be asked for it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import fail, printable
from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from config import Account, Settings

TRIAL = """\
To try it with a stand-in for SmartLead, in one terminal:
  flask sandbox run
In another:
  export SMARTLEAD_API_KEY=sandbox SMARTLEAD_BASE_URL=http://127.0.0.1:8001
  export WEBHOOK_TOKENS=a-test-token DATABASE_URL=sqlite:///var/trial.db
  flask ledger migrate
  flask rules publish
  flask smartlead doctor"""
NO_SMARTLEAD = (
    "This is the sandbox of make run: its SmartLead is inside the web process, where no command reaches it."
    " For real use set SMARTLEAD_API_KEY."
)

account_option = click.option("--account", default=DEFAULT_ACCOUNT, show_default=True, help="Which account.")


def account_or_end(settings: Settings, name: str) -> Account:
    """The account of this name, whose key is set; or the end of the command with a sentence why there is none."""
    account = settings.account(name)
    if account is None:
        names = ", ".join(one.name for one in settings.accounts)
        fail(f'There is no account "{printable(name)}": the environment has keys of {names}.')
    return account


def smartlead_or_end(settings: Settings, name: str, *, sends: bool = False) -> Account:
    """The account, where SmartLead can be asked for it and, if it `sends`, may be told; or the end of the command."""
    if settings.sandbox:
        fail(f"{NO_SMARTLEAD}\n\n{TRIAL}")
    if sends and settings.dry_run:
        fail("DRY_RUN is set, so nothing is sent: unset it, or say --dry-run.")
    return account_or_end(settings, name)
