"""How gunicorn serves Replymark, and what starts beside it after the fork."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, cast

import logs
from backend import Backend, Loop, NotStartedError
from ledger.occupancy import Occupancy
from parts import parts_of
from serving import Serving, load_settings, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

    from backend import Switchboard
    from parts import Parts
    from webhooks import Desk

settings = load_settings()

bind = f"{'127.0.0.1' if settings.sandbox else '0.0.0.0'}:{settings.port}"  # noqa: S104 - real use is meant for senders outside
workers = settings.processes
worker_class = "gthread"
threads = 32  # of one process: as many requests share one commit
timeout = 60
graceful_timeout = 30  # a PATCH in hand may take 23 seconds
control_socket_disable = True  # nothing here is steered through it
keepalive = 95  # longer than a platform's router keeps its own connections
accesslog = None if settings.sandbox else "-"  # there the page asks every three seconds
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms'  # the path without its query: that may hold a token
forwarded_allow_ips = "*" if os.environ.get("DYNO") else "127.0.0.1"  # Heroku's router is the only way in there

MOMENT = 0.5  # seconds
occupancy = Occupancy(settings.database_url)
beside: dict[int, Backend] = {}


def on_starting(server: Arbiter) -> None:
    """Refuse to serve with wrong settings: once, before the fork, in sentences."""
    hosts = [str(address[0]) for address in server.cfg.address if isinstance(address, tuple)]
    found = refusals(settings, server.cfg.workers, hosts)
    if not found and (taken := occupancy.take()):
        found = [taken]
    if found:
        sys.exit("Replymark can not start:\n" + "\n".join(f"  - {sentence}" for sentence in found))


def nworkers_changed(server: Arbiter, new: int, old: int | None) -> None:
    """A signal (TTIN, or HUP with other settings) may ask for more processes than may work on one file."""
    if old is not None and new > 1 and settings.uses_sqlite:
        server.log.warning("With SQLite exactly one web process may run, not %d.", new)
        server.num_workers = 1


def when_ready(_server: Arbiter) -> None:
    """Before the fork: what is loaded stays shared only as long as no garbage collection writes into it."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """After the fork and after the app is made, and before any thread: the backend is this process's alone."""
    logs.configure(settings.log_level, settings.secrets)
    parts = parts_of(worker.wsgi)
    try:
        backend = beside[worker.pid] = Backend(partial(_record, worker, parts), missed=_begin_anew)
    except (NotStartedError, OSError) as error:
        worker.log.error("%s", error)  # noqa: TRY400 - a sentence; what went wrong is told above it
        _begin_anew()
    parts.desk = backend.lines
    _give_way()


def worker_exit(_server: Arbiter, worker: Worker) -> None:
    """Finish what is in hand. Ctrl-C comes from the terminal and from gunicorn: the second one disturbs nothing."""
    for again in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)
    if backend := beside.pop(worker.pid, None):
        backend.stop(graceful_timeout)


def _record(worker: Worker, parts: Parts, switchboard: Switchboard, ready: Callable[[], None]) -> None:
    """In the backend: all but HTTP, until the web process has hung up."""
    port = _port(worker)
    for listening in worker.sockets:
        listening.close()
    serving = Serving(parts)
    serving.start(port)
    try:
        ready()
        Loop(cast("Desk", parts.desk), parts.ledger).run(switchboard)
    finally:
        serving.stop()


def _begin_anew() -> NoReturn:
    """End this process, so that gunicorn starts another one with its backend.

    Who waits for an answer hears 503 before that. An orderly end would wait for every half-sent request, and an end
    while it starts would have gunicorn give up.
    """
    time.sleep(MOMENT)
    os._exit(1)


def _give_way() -> None:
    """Threads of HTTP wait for a free core: one that an answer wakes would push the backend from its own, mid-work."""
    with suppress(AttributeError, OSError):  # Linux has it, and may forbid it
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _port(worker: Worker) -> int:
    name: Any = worker.sockets[0].getsockname()
    return int(name[1]) if isinstance(name, tuple) else settings.port
