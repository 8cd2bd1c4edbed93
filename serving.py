"""What only serving does, once gunicorn has forked: check the settings, watch the rules, deliver, play SmartLead.

`gunicorn.conf.py` calls these; `create_app` never does, so that commands and tests stay free of it.
"""

from __future__ import annotations

import http.client
import logging
import os
import sys
import time
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from dotenv import find_dotenv, load_dotenv

from config import SANDBOX_KEY, Settings, read_settings, version
from console import pages
from handlers.smartlead import SmartLead
from ledger import Ledger
from model import DEFAULT_ACCOUNT
from parts import doubts_of_disk
from rulebook import Rulebook
from sandbox import Sandbox, curl_line, send_samples
from webhooks import reception
from webhooks.known import Known
from webhooks.revision import Revision
from webhooks.swept import Taking
from webhooks.team import is_shared_domain
from worker import Sweeper, Worker, Workers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers import Handler
    from parts import Parts

log = logging.getLogger(__name__)

LOOPBACK = ("127.0.0.1", "::1")
# Loaded here, before the fork, and not with the first request: nobody waits for it, and processes share its memory.
ANSWERING = (reception, pages, Rulebook)


def load_settings() -> Settings:
    """The settings of the environment and of `.env`, as `flask` commands see them, too."""
    load_dotenv(find_dotenv(usecwd=True))
    return read_settings(os.environ)


def refusals(settings: Settings, processes: int, hosts: Sequence[str]) -> list[str]:
    """Why serving must not start, in sentences."""
    found = list(settings.problems)
    if processes > 1 and settings.uses_sqlite:
        found.append(
            f"With SQLite exactly one web process may run, not {processes}: set WEB_CONCURRENCY=1 (it has 32 threads),"
            " or set DATABASE_URL to a PostgreSQL."
        )
    if not settings.problems:
        found += doubts_of_disk(settings)
    if not found and (other_mode := _other_mode(settings)):
        found.append(other_mode)
    if shared := sorted(form for form in settings.own_domains if is_shared_domain(form)):
        found.append(
            f"OWN_DOMAINS names {', '.join(shared)}, where anybody may have an address:"
            " leads would count as your own team. Name the addresses themselves, such as jo@gmail.com."
        )
    if settings.sandbox and any(host not in LOOPBACK for host in hosts):
        found.append(
            "The sandbox needs no token, so it listens on 127.0.0.1 alone. For real use set SMARTLEAD_API_KEY."
        )
    return found


def _other_mode(settings: Settings) -> str | None:
    ledger = Ledger(settings.database_url, settings.mode)
    try:
        return ledger.other_mode()
    finally:
        ledger.close()  # before the fork: no connection may be shared


def make_handler(settings: Settings, account: str = DEFAULT_ACCOUNT, sandbox_url: str | None = None) -> Handler:
    """The one that calls SmartLead, or its stand-in, with this account's key. LookupError if it has none."""
    here = settings.account(account)
    if here is None or here.api_key is None:
        raise LookupError(account)
    return SmartLead(sandbox_url or settings.base_url, here.api_key, user_agent=user_agent(settings))


def user_agent(settings: Settings) -> str:
    """Explicit, because Cloudflare in front of SmartLead blocks the bare ones of Python's libraries."""
    return f"Replymark/{version()} (+{settings.public_url or 'self-hosted'})"


class Delivering:
    """What delivers in one process: of each account a handler with its key, a worker and perhaps a sweeper."""

    def __init__(self, parts: Parts, sandbox_url: str | None = None) -> None:
        names = [one.name for one in parts.settings.accounts]
        self._handlers = {name: make_handler(parts.settings, name, sandbox_url) for name in names}
        each = self._handlers.items()
        sweeping = [make_sweeper(parts, name, handler) for name, handler in each if parts.settings.sweep_every]
        self._workers = Workers([*(make_worker(parts, name, handler) for name, handler in each), *sweeping])

    def run(self) -> None:
        """Deliver until `stop`; return when the calls in hand are settled."""
        self._workers.run()
        for handler in self._handlers.values():
            handler.close()

    def stop(self) -> None:
        """Take nothing new."""
        self._workers.stop()


def make_worker(parts: Parts, account: str, handler: Handler) -> Worker:
    """The one that delivers an account's marks, and has its replies decided anew once their categories have names."""
    return Worker(parts.ledger, handler, parts.settings, partial(decide_anew, parts), account=account)


def make_sweeper(parts: Parts, account: str, handler: Handler) -> Sweeper:
    """The one that looks every so often for what no webhook brought."""
    taking = Taking(parts.settings, parts.ledger, parts.rulebook)
    return Sweeper(parts.ledger, handler, account, parts.settings, taking)


def decide_anew(parts: Parts, account: str) -> None:
    """Decide by the live rules the replies that waited for their category's name."""
    live, ledger, settings = parts.rulebook.follow(), parts.ledger, parts.settings
    revision = Revision(ledger, Known(ledger, settings.own_domains), settings.dry_run, settings.secrets)
    if live and (decided := revision.of_names(account, live)):
        log.info("decided_anew account=%s replies=%d", account, decided)


class Serving:
    """What runs beside the answering of calls: rules that are watched, the worker, the sandbox."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sandbox = Sandbox(api_keys=(SANDBOX_KEY,)) if parts.settings.sandbox else None
        self._delivering: Delivering | None = None
        self._thread: Thread | None = None

    def start(self, port: int) -> None:
        """Start what this mode needs; `port` is where the web process listens."""
        settings = self._parts.settings
        self._parts.ledger.tend()
        _make_rules_live(self._parts)
        self._parts.rulebook.watch()
        if self._sandbox:
            self._sandbox.start()
        if settings.delivers_inline:
            self._delivering = Delivering(self._parts, self._sandbox.url if self._sandbox else None)
            self._thread = Thread(target=self._delivering.run, name="workers", daemon=True)
            self._thread.start()
        if self._sandbox:
            self._show_sandbox(port)
        else:
            log.info("serving webhooks=http://127.0.0.1:%d/webhooks/smartlead dry_run=%s", port, settings.dry_run)

    def _show_sandbox(self, port: int) -> None:
        ledger = self._parts.ledger
        new = not ledger.problems() and not ledger.recent_events(limit=1)
        Thread(target=_introduce_sandbox, args=(port,), kwargs={"new": new}, name="samples", daemon=True).start()

    def stop(self) -> None:
        """Finish the PATCHes in hand and commit what waits."""
        if self._delivering and self._thread:
            self._delivering.stop()
            self._thread.join()
        self._parts.rulebook.close()
        self._parts.close()
        if self._sandbox:
            self._sandbox.stop()


def _make_rules_live(parts: Parts) -> None:
    """Before the first request, so that it need not be turned away. Without a ledger /readyz says why it is."""
    problems = parts.ledger.problems()
    for problem in problems:
        log.error("ledger_problem %s", problem)
    if not problems:
        parts.rulebook.refresh()


def _introduce_sandbox(port: int, *, new: bool) -> None:
    """Say where to look, and send a new ledger the samples, as SmartLead would: once the server answers."""
    here = f"http://127.0.0.1:{port}"
    _wait_for(port)
    try:
        if new:
            send_samples(f"{here}/webhooks/smartlead")
    except (OSError, RuntimeError) as error:
        log.warning("samples_not_sent reason=%s", error)
    sys.stdout.write(
        f"\n  Replymark's sandbox: a stand-in SmartLead on this machine; nothing leaves it.\n"
        f"\n  Console: {here}/\n"
        "\n  Send a reply of your own, in another terminal (the same line twice is a duplicate):\n"
        f"\n  {curl_line(f'{here}/webhooks/smartlead')}\n\n"
    )
    sys.stdout.flush()


def _wait_for(port: int) -> None:
    """Until the server answers, or for ten seconds."""
    for _ in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
