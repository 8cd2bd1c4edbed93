"""Sessions whose requests are not sent any more once it is too late, however long a connection or a process took.

A frozen process may wake up with a request in its hands that another worker has sent since. So the time is looked at
once the connection stands, right before each write to it.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import PoolManager


class TooLateError(Exception):
    """The moment until which the request might be sent is over: nothing was sent, or not the whole of it."""


class _Sending(threading.local):
    before: float | None = None
    written_at: float = 0.0


_sending = _Sending()


@contextmanager
def sending_before(moment: float | None) -> Iterator[None]:
    """Let this thread's requests be sent until then (by `time.monotonic`; None: whenever), or raise TooLateError."""
    _sending.before = moment
    try:
        yield
    finally:
        _sending.before = None


def written_at() -> float:
    """When this thread last wrote to a connection that stood, by `time.monotonic`."""
    return _sending.written_at


def _look_at_the_time() -> None:
    now = time.monotonic()
    if _sending.before is not None and now > _sending.before:
        raise TooLateError
    _sending.written_at = now


class _Connection(HTTPConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _look_at_the_time()
        super().send(data)


class _SecureConnection(HTTPSConnection):
    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _look_at_the_time()
        super().send(data)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, **options)
        _use_our_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        _use_our_connections(manager)
        return manager


def _use_our_connections(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def new_session(user_agent: str, url: str) -> requests.Session:
    """A session for what is below `url`: it heeds `sending_before`, and names this agent.

    Proxies and certificates are those of the environment as it is now: to read it costs as much as half a request.
    It reads no .netrc: the key alone identifies us.
    """
    session = requests.Session()
    session.headers["User-Agent"] = user_agent
    ours = session.merge_environment_settings(url, {}, stream=None, verify=None, cert=None)
    session.proxies, session.verify, session.trust_env = ours["proxies"], ours["verify"], False
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session
