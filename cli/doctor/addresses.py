"""Whether the address of a webhook leads here, what is wrong with it, and how it may be shown. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from cli.doctor.names import shortened
from model import DEFAULT_ACCOUNT
from webhooks import SOURCES
from webhooks.redaction import scrub

if TYPE_CHECKING:
    from config import Account

HIDDEN = "…"
PLACEHOLDER = "https://YOUR-HOST"


@dataclass(frozen=True, slots=True)
class Home:
    """Where this installation takes the webhooks of an account, and what it lets in."""

    public_url: str | None
    account: Account

    @property
    def tokens(self) -> tuple[str, ...]:
        """The account's own."""
        return self.account.webhook_tokens

    @property
    def tokens_variable(self) -> str:
        """Where they are set."""
        return self.account.variable("WEBHOOK_TOKENS")

    @property
    def is_plain(self) -> bool:
        """Whether senders reach us without TLS, as a whole."""
        return (self.public_url or "").startswith("http://")

    def is_here(self, address: str) -> bool:
        """Whether an address leads to this installation: by its host, or by a token that only we have."""
        parts = split_address(address)
        same_host = _site(parts) == _site(split_address(self.public_url or ""))
        return bool(parts.netloc) and (same_host or any(token in self.tokens for token in _tokens(parts)))

    def flaw(self, address: str) -> str | None:
        """Why deliveries to an address that leads here are not taken, as the end of a sentence; None if they are."""
        parts, base = split_address(address), split_address(self.public_url or "").path.rstrip("/")
        path = parts.path.rstrip("/")
        places = [f"{base}{self._path(source)}" for source in SOURCES]
        is_default = self.account.name == DEFAULT_ACCOUNT
        if not any(path == place or (is_default and path == f"{place}/{DEFAULT_ACCOUNT}") for place in places):
            return f"leads to {self._show_path(parts)}, and not to {places[0]}"
        shown = _tokens(parts)
        if shown and not any(token in self.tokens for token in shown):
            return f"shows a token that is not among {self.tokens_variable}"
        if not shown and not self.account.webhook_secrets:
            return "shows no token"
        return None

    def shows_old_token(self, address: str) -> bool:
        """Whether an address shows a token that is still taken, but is not the first one any more."""
        shown = _tokens(split_address(address))
        return any(token in self.tokens[1:] for token in shown) and not any(token in self.tokens[:1] for token in shown)

    def show(self, address: str) -> str:
        """An address without what may be a secret: of another host only the host, for relays' paths are secrets."""
        parts = split_address(address)
        if not parts.hostname:
            return HIDDEN
        host = f"{parts.scheme}://{parts.hostname}{f':{port}' if (port := _port(parts)) else ''}"
        if not self.is_here(address):
            return f"{host}/{HIDDEN}"
        names = [name for name, _value in parse_qsl(parts.query, keep_blank_values=True)]
        return f"{host}{self._show_path(parts)}" + (
            "?" + "&".join(f"{name}={HIDDEN}" for name in names) if names else ""
        )

    def _show_path(self, parts: SplitResult) -> str:
        return shortened(scrub(parts.path, self.tokens)) or "/"

    def url(self, source: str, token: str | None) -> str:
        """The address to give to a sender, with this token in it."""
        query = f"?token={token}" if token else ""
        return f"{self.public_url or PLACEHOLDER}{self._path(source)}{query}"

    def _path(self, source: str) -> str:
        name = self.account.name
        return f"/webhooks/{source}" if name == DEFAULT_ACCOUNT else f"/webhooks/{source}/{name}"


def host_of(address: str) -> str:
    """Its host, for sentences."""
    return shortened(split_address(address).hostname or "an address that can not be read")


def in_query(token: str) -> str:
    """A token as it stands in an address."""
    return quote(token, safe="")


def split_address(address: str) -> SplitResult:
    """Its parts, all of them empty if it can not be read."""
    try:
        return urlsplit(address.strip())
    except ValueError:
        return urlsplit("")


def _site(parts: SplitResult) -> tuple[str | None, int | None]:
    """Host and port, without the port that http or https has anyway."""
    return parts.hostname, port if (port := _port(parts)) not in {80, 443} else None


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        return None


def _tokens(parts: SplitResult) -> list[str]:
    """Those of the query, and what a sender makes the password of Basic Auth of."""
    shown = [value for name, value in parse_qsl(parts.query) if name == "token"]
    return [*shown, unquote(parts.password)] if parts.password else shown
