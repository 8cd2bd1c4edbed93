"""Who gives a command, as far as the system tells."""

from __future__ import annotations

import getpass


def author() -> str:
    """The login; "somebody" where there is none, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
