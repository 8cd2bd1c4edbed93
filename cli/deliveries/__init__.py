"""`flask deliveries`: what is on its way to SmartLead, and what failed."""

from __future__ import annotations

from flask.cli import AppGroup

from cli.deliveries.listing import list_
from cli.deliveries.moving import cancel, redo
from cli.deliveries.pausing import pause, resume
from cli.deliveries.undoing import undo

group = AppGroup("deliveries")
for command in (list_, redo, cancel, undo, pause, resume):
    group.add_command(command)
