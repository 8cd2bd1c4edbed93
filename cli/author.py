"""Who gives a command, as far as the system tells."""

from __future__ import annotations

import getpass


def login() -> str | None:
    """The name of the user; None where there is none, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None


def author() -> str:
    """The login, as a sentence has it."""
    return login() or "somebody"
