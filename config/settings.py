"""The fields of `Settings` are the one table of settings; `.env.example` and the docs are tested against it."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from config import accounts
from config.accounts import Account
from config.platforms import Platform, platform_of
from config.production import lost_key
from config.values import (
    UnreadableError,
    Window,
    one_of,
    passwords_in,
    read_address_forms,
    read_base_url,
    read_database_url,
    read_period,
    read_share,
    read_text,
    read_texts,
    read_windows,
    read_yes_or_no,
    whole_number,
)
from config.variables import value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Value = TypeVar("Value")
SANDBOX_DATABASE = "sqlite:///var/sandbox.db"
SANDBOX_KEY = "sandbox"
RULES_FILE = Path("rules/rules.yaml")


def _setting(  # noqa: PLR0913 - what a setting is
    name: str,
    meaning: str,
    read: Callable[[str], Value],
    default: Value,
    *,
    secret: bool = False,
    of_account: bool = False,
) -> Value:
    """A field of Settings. A secret may also be given as a file: `<name>_FILE` holds its path.

    `of_account`: `<name>_ACME` is the same for account acme.
    """
    metadata = {"name": name, "meaning": meaning, "read": read, "secret": secret, "of_account": of_account}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, read and checked. `problems` are sentences; whoever serves must refuse while there are any."""

    api_key: str | None = _setting(
        "SMARTLEAD_API_KEY",
        "SmartLead's API key. Without it Replymark runs in the sandbox. SMARTLEAD_API_KEY_ACME adds an account acme.",
        read_text,
        None,
        secret=True,
        of_account=True,
    )
    base_url: str = _setting("SMARTLEAD_BASE_URL", "Where SmartLead is.", read_base_url, "https://server.smartlead.ai")
    rate_limits: tuple[Window, ...] = _setting(
        "SMARTLEAD_RATE_LIMITS",
        "Requests that the key may make: windows N/Ts, N/Tm, N/Th, all of them at once.",
        read_windows,
        (Window(10, 1.0), Window(60, 60.0), Window(1000, 3600.0)),
    )
    rate_reserve: float = _setting(
        "RATE_RESERVE", "Share of each window that is left to your other tools on the same key.", read_share, 0.0
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "The ledger: sqlite:///path (one web process) or postgresql://… (any number).",
        read_database_url,
        "sqlite:///var/replymark.db",
        secret=True,
    )
    webhook_tokens: tuple[str, ...] = _setting(
        "WEBHOOK_TOKENS",
        "Tokens that senders must show; several, with commas, to change one. Each account has its own.",
        read_texts,
        (),
        secret=True,
        of_account=True,
    )
    webhook_secrets: tuple[str, ...] = _setting(
        "SMARTLEAD_WEBHOOK_SECRETS",
        "Accepted values of secret_key in SmartLead's bodies; then one of them or a token is needed."
        " Each account has its own.",
        read_texts,
        (),
        secret=True,
        of_account=True,
    )
    signing_secret: str | None = _setting(
        "SMARTLEAD_SIGNING_SECRET",
        "SmartLead's signing secret: a signature that comes with a delivery must then be right. None is demanded."
        " Each account has its own.",
        read_text,
        None,
        secret=True,
        of_account=True,
    )
    own_domains: tuple[str, ...] = _setting(
        "OWN_DOMAINS",
        "Whose mail is our own team's, beside the mailboxes that SmartLead sends from: acme.com, *.acme.com,"
        " jo@acme.com.",
        read_address_forms,
        (),
    )
    rules_file: Path = _setting("RULES_FILE", "The rules.", Path, RULES_FILE)  # noqa: RUF009 - a Path can not change
    worker: Literal["", "inline", "separate"] = _setting(
        "WORKER",
        "inline: the web process delivers too; separate: only `flask worker run` does."
        " Empty: inline on SQLite, separate on PostgreSQL.",
        one_of("inline", "separate"),
        "",
    )
    dry_run: bool = _setting(
        "DRY_RUN",
        "1: decide and record, send nothing; what was decided is never sent later.",
        read_yes_or_no,
        default=False,
    )
    max_attempts: int = _setting(
        "MAX_ATTEMPTS", "Tries of one PATCH before it is shown as failed.", whole_number(1, 1000), 50
    )
    sweep_every: float = _setting(
        "SWEEP_EVERY",
        "How often the worker looks for replies that no webhook brought, and for marks that were lost: 30m, 6h, 1d."
        " 0 or empty: never.",
        read_period,
        0.0,
    )
    max_body_bytes: int = _setting("MAX_BODY_BYTES", "Largest webhook body.", whole_number(1024, 64 * 2**20), 2 * 2**20)
    disk_stays: bool = _setting(
        "DISK_STAYS",
        "1: the disk under SQLite outlives restarts, though the platform's own does not.",
        read_yes_or_no,
        default=False,
    )
    processes: int = _setting("WEB_CONCURRENCY", "Web processes; with SQLite exactly one.", whole_number(1, 64), 1)
    port: int = _setting("PORT", "Where the web process listens.", whole_number(1, 65535), 8000)
    public_url: str | None = _setting(
        "PUBLIC_URL", "The address under which senders reach this installation.", read_base_url, None
    )
    log_level: str = _setting(
        "LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR.", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"
    )
    other_accounts: tuple[Account, ...] = ()  # beside the default one, by name
    platform: Platform | None = None  # that runs this, as far as it can be told
    problems: tuple[str, ...] = field(default=(), repr=False)

    @property
    def sandbox(self) -> bool:
        """No key: a toy SmartLead on loopback, with a ledger of its own."""
        return self.api_key is None

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account, the default one first; in the sandbox that alone, with the toy's key."""
        if self.sandbox:
            return (replace(self._default_account, api_key=SANDBOX_KEY),)
        return (self._default_account, *self.other_accounts)

    @property
    def _default_account(self) -> Account:
        return Account(name=accounts.DEFAULT, **{one.name: getattr(self, one.name) for one in _fields_of_account()})

    def account(self, name: str) -> Account | None:
        """The account of this name, if there is one."""
        return next((one for one in self.accounts if one.name == name), None)

    @property
    def mode(self) -> Literal["real", "sandbox"]:
        """What the ledger remembers of it."""
        return "sandbox" if self.sandbox else "real"

    @property
    def uses_sqlite(self) -> bool:
        """One file, which one web process may write."""
        return self.database_url.startswith("sqlite")

    @property
    def doubts_disk(self) -> bool:
        """Whether a platform may forget the one file that holds everything."""
        return self.platform is not None and self.uses_sqlite and not self.disk_stays

    @property
    def delivers_inline(self) -> bool:
        """Whether the web process delivers, too."""
        return self.worker == "inline" or (not self.worker and self.uses_sqlite)

    @property
    def windows(self) -> tuple[Window, ...]:
        """The rate limits less the reserve, never below one request."""
        share = 1.0 - self.rate_reserve
        return tuple(Window(max(1, int(window.limit * share)), window.seconds) for window in self.rate_limits)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that may stand nowhere: not in logs, answers or the ledger."""
        every = (self._default_account, *self.other_accounts)
        texts = [text for one in every for text in (one.api_key, one.signing_secret, *one.proofs) if text]
        return tuple(text for text in dict.fromkeys([*texts, *passwords_in(self.database_url)]) if len(text) >= 4)


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the environment. Never raises: a value that can not be used keeps its default and becomes a problem."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for one in _fields():
        try:
            if given := value_of(one.metadata["name"], environment, secret=one.metadata["secret"]):
                values[one.name] = one.metadata["read"](given)
        except UnreadableError as error:
            problems.append(f"{one.metadata['name']} {error}.")
    if "api_key" not in values:
        problems += lost_key(environment)
        values["database_url"] = SANDBOX_DATABASE
    values["other_accounts"], unusable = accounts.read_accounts(_fields_of_account(), environment)
    problems += unusable
    values["platform"] = platform_of(environment)
    return Settings(**values, problems=(*problems, *_contradictions(Settings(**values))))


def _fields() -> list[Field[Any]]:
    return [one for one in fields(Settings) if one.metadata]


def _fields_of_account() -> list[Field[Any]]:
    return [one for one in _fields() if one.metadata["of_account"]]


def _contradictions(settings: Settings) -> list[str]:
    if settings.sandbox:
        return []
    problems = accounts.contradictions(settings.accounts)
    if settings.platform and not settings.platform.volumes and settings.doubts_disk:
        problems.append(settings.platform.advice)
    return problems
