"""Why a request got no answer, in a sentence made from the kind of the error alone.

Never from its text: requests and urllib3 write the URL into it, and the URL holds the API key.
"""

from __future__ import annotations

from http.client import RemoteDisconnected
from typing import TYPE_CHECKING

from requests import exceptions as of_requests
from urllib3 import exceptions as of_urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK_URL = "check SMARTLEAD_BASE_URL"
UNUSABLE_URL = (
    of_requests.InvalidURL,
    of_requests.MissingSchema,
    of_requests.InvalidSchema,
    of_urllib3.LocationValueError,
    UnicodeError,
)

# The first kind that is found in the error or in what caused it tells: the more telling kinds stand first.
SENTENCES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (UNUSABLE_URL, f"SmartLead's address cannot be called: {CHECK_URL}"),
    ((of_requests.ProxyError, of_urllib3.ProxyError), "The proxy did not lead to SmartLead: check HTTPS_PROXY"),
    ((of_requests.SSLError, of_urllib3.SSLError), f"The TLS connection to SmartLead failed: {CHECK_URL}"),
    (of_urllib3.NameResolutionError, f"SmartLead's name could not be resolved: {CHECK_URL}"),
    (ConnectionRefusedError, "SmartLead refused the connection"),
    (of_requests.ConnectTimeout, "SmartLead did not take the connection within {connect:g} seconds"),
    (
        (of_requests.ReadTimeout, of_urllib3.ReadTimeoutError),
        "SmartLead did not answer within {read:g} seconds",
    ),
    (RemoteDisconnected, "SmartLead closed the connection without an answer"),
    (ConnectionResetError, "SmartLead reset the connection"),
    (
        (of_urllib3.IncompleteRead, of_urllib3.ProtocolError),
        "The connection broke within SmartLead's answer",
    ),
    (of_urllib3.DecodeError, "SmartLead's answer cannot be decoded"),
    (of_urllib3.NewConnectionError, "SmartLead could not be reached"),
)


NEVER_SENT = (
    *UNUSABLE_URL,
    ConnectionRefusedError,
    of_requests.ConnectTimeout,
    of_requests.ProxyError,
    of_urllib3.NewConnectionError,
    of_urllib3.NameResolutionError,
)


def was_sent(error: BaseException) -> bool:
    """Whether SmartLead may have got the request, and may carry it out though nobody heard its answer."""
    return not any(isinstance(link, NEVER_SENT) for link in _chain(error))


def describe(error: BaseException, *, connect: float, read: float) -> str:
    """The sentence for an error of requests or urllib3; `connect` and `read` are the timeouts in seconds."""
    chain = tuple(_chain(error))
    for kinds, sentence in SENTENCES:
        if any(isinstance(link, kinds) for link in chain):
            return sentence.format(connect=connect, read=read)
    return f"The request to SmartLead failed ({type(error).__name__})"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it. urllib3 keeps causes in `reason` and in the arguments too."""
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop()
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        causes = (link.__cause__, link.__context__, getattr(link, "reason", None), *link.args)
        waiting += [cause for cause in causes if isinstance(cause, BaseException)]
