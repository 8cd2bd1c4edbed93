"""Which account a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.output import fail, printable
from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from config import Account, Settings

account_option = click.option("--account", default=DEFAULT_ACCOUNT, show_default=True, help="Which account.")


def account_or_end(settings: Settings, name: str) -> Account:
    """The account of this name, whose key is set; or the end of the command with a sentence why there is none."""
    account = settings.account(name)
    if account is None:
        names = ", ".join(one.name for one in settings.accounts)
        fail(f'There is no account "{printable(name)}": the environment has keys of {names}.')
    return account
