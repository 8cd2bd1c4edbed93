"""Signs that this is production, which must not become a toy because one variable was lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

SIGN = re.compile(
    r"(WEBHOOK_TOKENS|SMARTLEAD_WEBHOOK_SECRETS|SMARTLEAD_SIGNING_SECRET)(_.+)?|SMARTLEAD_API_KEY_.+"
    r"|DATABASE_URL(_FILE)?|PUBLIC_URL|" + "|".join(one.sign for one in PLATFORMS if one.name != "Kubernetes")
)  # in Kubernetes people also develop


def lost_key(environment: Mapping[str, str]) -> list[str]:
    """Why the sandbox must not start in this environment, which has no SMARTLEAD_API_KEY: a sentence, or none."""
    signs = [name for name, value in environment.items() if value.strip() and SIGN.fullmatch(name)]
    if not signs:
        return []
    names = ", ".join(signs)
    sentence = f"SMARTLEAD_API_KEY is not set, but {names} is: this looks like production that lost its key."
    return [f"{sentence} Set SMARTLEAD_API_KEY, or, for the sandbox, unset {names}."]
