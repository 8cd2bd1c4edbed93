"""SmartLead accounts: the default one's settings once more for each other, with its name at the end of theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any

from config.values import UnreadableError
from config.variables import FILE, endings_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from dataclasses import Field

DEFAULT = "default"
KEY, TOKENS, SECRETS = "SMARTLEAD_API_KEY", "WEBHOOK_TOKENS", "SMARTLEAD_WEBHOOK_SECRETS"
NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
SHORTEST = 8  # characters; strangers could guess less
GOOD_TOKEN = "A good token: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'."  # noqa: S105 - a command


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One SmartLead account: its key, and what shows that a sender may post for it and for no other."""

    name: str
    api_key: str | None = field(default=None, repr=False)
    webhook_tokens: tuple[str, ...] = field(default=(), repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    signing_secret: str | None = field(default=None, repr=False)

    def variable(self, name: str) -> str:
        """How the account's own variable is called: `WEBHOOK_TOKENS_ACME` of account acme."""
        return name if self.name == DEFAULT else f"{name}_{self.name.upper()}"

    @property
    def proofs(self) -> tuple[str, ...]:
        """The texts of which a sender must show one."""
        return (*self.webhook_tokens, *self.webhook_secrets)


def read_accounts(
    settings: Iterable[Field[Any]], environment: Mapping[str, str]
) -> tuple[tuple[Account, ...], list[str]]:
    """The accounts beside the default one, by name, and what can not be used, in sentences.

    `settings` are the fields of which each account may have its own, named alike in `Account`.
    """
    told: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for one in settings:
        base = one.metadata["name"]
        for ending in endings_of(base, environment):
            name, variable = ending.lower(), f"{base}_{ending}"
            if why := _why_no_name(base, ending):
                problems.append(f"{variable} {why}.")
            elif one.name in told.setdefault(name, {}):
                problems.append(f"{variable} is set in capitals, too: set one of them.")
            else:
                try:
                    told[name][one.name] = one.metadata["read"](value_of(variable, environment, secret=True))
                except UnreadableError as error:
                    problems.append(f"{variable} {error}.")
    return tuple(Account(name=name, **told[name]) for name in sorted(told)), problems


def _why_no_name(base: str, ending: str) -> str | None:
    if ending.lower() == DEFAULT:
        return f"is {base} itself: set that"
    if f"_{ending.upper()}".endswith(FILE):
        return f"names no account: what ends in {FILE}, in capitals, is the path of a file"
    if not NAME.fullmatch(ending.lower()):
        return f"names no account: behind {base}_ stand letters, digits and _, 40 at most, and no _ first"
    return None


def contradictions(accounts: Sequence[Account]) -> list[str]:
    """What must not be so, of all accounts, in sentences that quote no secret."""
    alone = [sentence for one in accounts for sentence in (*_missing(one), *_short(one))]
    return alone + [sentence for one, other in combinations(accounts, 2) for sentence in _shared(one, other)]


def _missing(account: Account) -> Iterable[str]:
    if not account.api_key:
        names = [one for one, told in ((TOKENS, account.webhook_tokens), (SECRETS, account.webhook_secrets)) if told]
        for name in names or ["SMARTLEAD_SIGNING_SECRET"]:
            key = account.variable(KEY)
            yield f"{account.variable(name)} is set, but {key} is not: set the account's key, or unset it."
    elif not account.proofs:
        ways = f"set {account.variable(TOKENS)} (or {account.variable(SECRETS)}). {GOOD_TOKEN}"
        if account.name == DEFAULT:
            yield f"Anybody could post replies: {ways}"
        else:
            yield f"Nobody could post replies of account {account.name}: {ways}"


def _short(account: Account) -> Iterable[str]:
    for kind, name, told in (("token", TOKENS, account.webhook_tokens), ("secret", SECRETS, account.webhook_secrets)):
        if any(len(one) < SHORTEST for one in told):
            yield f"A {kind} in {account.variable(name)} is shorter than {SHORTEST} characters: take a longer one."


def _shared(one: Account, other: Account) -> Iterable[str]:
    if one.api_key and one.api_key == other.api_key:
        names = f"{one.variable(KEY)} and {other.variable(KEY)}"
        yield f"{names} are the same key: SmartLead gives it one rate limit, so it can be of one account only."
    if set(one.proofs) & set(other.proofs):
        yield (
            f"Accounts {one.name} and {other.name} share a token or secret: give each its own, for it tells which"
            " account a sender may post for."
        )
