"""The `flask` commands. Exit code 0: all is well; 1: something was found; 2: wrong use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from flask.cli import AppGroup

if TYPE_CHECKING:
    import click
    from flask import Flask

GROUPS = {
    "rules": "Check, try and publish the rules.",
    "deliveries": "What is on its way to SmartLead, and what failed.",
    "inbox": "What arrived; bulk marks; sweeps.",
    "smartlead": "What is between SmartLead and here.",
    "ledger": "The database of events, decisions and deliveries.",
    "worker": "Deliver to SmartLead.",
    "sandbox": "A stand-in SmartLead on this machine.",
}


class LazyGroup(AppGroup):
    """A group whose commands are in a module of the same name here, loaded when one of them is asked for.

    So `flask rules check` does not wait for the database's library, and `flask --help` for nothing at all.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the module's commands."""
        return self._loaded().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of the module, None if it has none of this name."""
        return self._loaded().get_command(ctx, cmd_name)

    def _loaded(self) -> click.Group:
        group: click.Group = import_module(f"{__name__}.{self.name}").group
        return group


def register(app: Flask) -> None:
    """Give the app its commands."""
    for name, meaning in GROUPS.items():
        app.cli.add_command(LazyGroup(name, help=meaning))
