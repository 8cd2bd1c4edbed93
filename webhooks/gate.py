"""Who may post to which account, as far as a request tells without its body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from config import Account
from webhooks import refusals
from webhooks.authenticity import accounts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Settings

NOBODY: Final = Account(name="")  # takes no token and no secret: an account that is not there answers as one that is


class Gate:
    """The accounts of one installation, by the names in addresses."""

    def __init__(self, settings: Settings) -> None:
        self._accounts = {one.name: one for one in settings.accounts}
        self._secrets_count = any(one.webhook_secrets for one in settings.accounts)
        self._open = settings.sandbox

    def account(self, name: str) -> Account:
        """The account of this name, `NOBODY` if there is none."""
        return self._accounts.get(name.lower(), NOBODY)

    def why_untrusted(self, name: str, tokens: Sequence[str]) -> str | None:
        """What there is against a request that shows these. Of an account that is not there as of any other."""
        account = self.account(name)
        theirs = accounts_of(tokens, self._accounts.values())
        if account.name in theirs or (self._open and account is not NOBODY):
            return None
        if theirs:
            return refusals.OTHER_ACCOUNT
        return refusals.WRONG_TOKEN if tokens else refusals.NO_TOKEN

    def reads_body(self, name: str, tokens: Sequence[str]) -> bool:
        """Whether the body is worth reading: it may hold a secret that makes up for a token, if secrets count."""
        return self._secrets_count or self.why_untrusted(name, tokens) is None
