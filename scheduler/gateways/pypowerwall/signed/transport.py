"""The seam below the library: every byte that it sends to a gateway goes through here.

The library hides what happened: it gives the same nothing for a refusal, a limit and a lost answer,
and follows a refusal with a login of its own. So what it takes for the network is an adapter of
ours on its session, which notes what became of each request.

Policy:

* Only the requests in `ALLOWED` exist, to the one gateway. Of what is signed, only the reading and
  replacing of a file is let out: no power is ever dispatched, and no contactor opened.
* The gateway is recognised by its certificate, as by the local route, and never sent a byte before.
* Nothing is raised into the library, and it never sees a 401 or 403, after which it would log in
  as often as it likes: a failure is an answer of our making, and what it was is in the exchange.
* Once a call was given up, or something in it failed, nothing more is sent in it.
* A configuration is replaced only where the one just read passed `Exchange.may_replace`: what was
  read in part would be written back in part.
* No redirect is followed, no proxy and no password file of the environment is used, and no cookie
  but that of the login is sent.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Final

import httpx

from scheduler.errors import CertificateMismatch, GatewayProblem
from scheduler.gateways import strict_object, without_scheme
from scheduler.gateways.local.connection import (
    BODY_LIMIT,
    CONNECTING,
    IDLE_SECONDS,
    SERVER_NAME,
    pinned_context,
    reason_of,
)
from scheduler.gateways.local.transport import (
    AGGREGATES,
    GRID_STATUS,
    LOGIN,
    RUN,
    SITEMASTER,
    SOE,
    STATUS,
)
from scheduler.gateways.pypowerwall.library import importing
from scheduler.gateways.pypowerwall.signed.answers import is_harmless

if TYPE_CHECKING:
    import requests

DIN: Final = "/tedapi/din"
V1R: Final = "/tedapi/v1r"

ALLOWED: Final = frozenset(
    {
        ("POST", LOGIN),
        ("GET", STATUS),
        ("GET", SITEMASTER),
        ("GET", RUN),
        ("GET", SOE),
        ("GET", GRID_STATUS),
        ("GET", AGGREGATES),
        ("GET", DIN),
        ("POST", V1R),
    }
)
"""Every request this program makes by this route, as (method, path)."""

NOWHERE: Final = "gateway.invalid"
"""Whom the library believes to speak to: no name of its making is ever looked up."""

DIN_LIMIT: Final = 4096
"""Bytes of a DIN: it may come compressed without a word (pypowerwall), so it must not be more."""

TOO_MANY_REQUESTS: Final = 429
DENIED: Final = (401, 403)
_NOTHING_TO_SAY: Final = 599
"""What the library is told where there is no answer that it could use."""

Headers = Mapping[str, str | bytes]

Network = httpx.BaseTransport
"""What a test may put in place of the network."""


class Fate(Enum):
    """What became of a request."""

    ANSWERED = auto()
    NOT_SENT = auto()
    UNREACHED = auto()
    UNANSWERED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request and what became of it: an answer, or in `said` why there is none."""

    method: str
    path: str
    fate: Fate
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    said: str = ""

    @property
    def ok(self) -> bool:
        """It was answered, and well."""
        return self.fate is Fate.ANSWERED and 200 <= self.status < 300

    def document(self) -> Mapping[str, object]:
        """The body as a JSON object; empty where the body is none, or not strictly JSON."""
        return strict_object(self.body)


NOTHING_SENT: Final = Outcome("", "", Fate.NOT_SENT, said="nothing was sent")


@dataclass(slots=True)
class Exchange:
    """What was sent in one call of the library, and what came of it.

    `authority` is the address of the gateway, judged. `may_replace` says of the answer with the
    configuration whether it may be followed by one that replaces it. `problem` is what ended the
    call, where that is known already.
    """

    authority: str
    may_replace: Callable[[Outcome], bool] = lambda _answer: False
    outcomes: list[Outcome] = field(default_factory=list)
    problem: GatewayProblem | None = None
    given_up: bool = False

    @property
    def last(self) -> Outcome:
        """The last request."""
        return self.outcomes[-1] if self.outcomes else NOTHING_SENT

    @property
    def signed(self) -> list[Outcome]:
        """The requests with something signed in them."""
        return [each for each in self.outcomes if each.path == V1R]


class Wire:
    """The way to one gateway, for one call of the library after the other.

    `pin` is the confirmed certificate. `deadline` is in real seconds, for each step of a request.
    `email` is what a login names; `token` the session that there is. `transport` replaces the
    network.
    """

    def __init__(
        self,
        host: str,
        pin: str | None,
        *,
        email: str,
        deadline: float = 10.0,
        transport: Network | None = None,
    ) -> None:
        self.token: str | None = None
        self._host = host
        self._email = email
        self._timeout = {
            "connect": CONNECTING * deadline,
            "read": deadline,
            "write": deadline,
            "pool": deadline,
        }
        self._exchange: Exchange | None = None
        self._network_is_real = transport is None
        self._transport = transport or _pinned(host, pin)

    def trust(self, pin: str) -> None:
        """Recognise the gateway by this certificate from now on; connections so far are closed."""
        if self._network_is_real:
            self._transport.close()
            self._transport = _pinned(self._host, pin)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def during(self, exchange: Exchange, function: Callable[[], object]) -> object:
        """What the library sends in `function` belongs to this exchange."""
        self._exchange = exchange
        try:
            return function()
        finally:
            self._exchange = None

    def send(self, method: str, target: str, headers: Headers, body: bytes) -> tuple[int, bytes]:
        """Make a request of the library's: status and body of the answer. Raises nothing."""
        exchange = self._exchange
        if exchange is None:
            return _NOTHING_TO_SAY, b"{}"
        outcome = self._outcome(method, target, headers, body, exchange)
        exchange.outcomes.append(outcome)
        return (outcome.status, outcome.body) if outcome.ok else (_NOTHING_TO_SAY, b"{}")

    def _outcome(
        self, method: str, target: str, headers: Headers, body: bytes, exchange: Exchange
    ) -> Outcome:
        def unsent(why: str) -> Outcome:
            return Outcome(method, target, Fate.NOT_SENT, said=why)

        if (method, target) not in ALLOWED or (target == V1R and not is_harmless(body)):
            return unsent("this program makes no such request")
        if exchange.given_up or exchange.problem or not all(e.ok for e in exchange.outcomes):
            return unsent("the call was over")
        if target == V1R and exchange.signed and not exchange.may_replace(exchange.last):
            return unsent("what was read cannot be used")
        try:
            if target == LOGIN:
                login = {**json.loads(body), "email": self._email, "force_sm_off": False}
                body = json.dumps(login).encode()
            return self._exchanged(method, target, headers, body, exchange)
        except CertificateMismatch as mismatch:
            exchange.problem = mismatch
            return unsent("somebody else answers")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome(method, target, Fate.UNREACHED, said=reason_of(error))
        except (httpx.HTTPError, OSError, _Unusable) as error:
            return Outcome(method, target, Fate.UNANSWERED, said=reason_of(error))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the library must not see it
            # Its own words may quote what was sent.
            return Outcome(method, target, Fate.UNANSWERED, said=type(error).__name__)

    def _exchanged(
        self, method: str, target: str, headers: Headers, body: bytes, exchange: Exchange
    ) -> Outcome:
        # Later firmware sets a cookie at the login, and some of it reads nothing else.
        cookie = {"Cookie": f"AuthCookie={self.token}"} if self.token and target != LOGIN else {}
        kept = {name: str(headers[name]) for name in _KEPT if name in headers}
        request = httpx.Request(
            method,
            f"https://{exchange.authority}{target}",
            headers={
                "Host": without_scheme(self._host),
                "Accept-Encoding": "identity",
                **kept,
                **cookie,
            },
            content=body or None,
            extensions={"sni_hostname": SERVER_NAME, "timeout": self._timeout},
        )
        response = self._transport.handle_request(request)
        try:
            encoding = response.headers.get("content-encoding", "identity").lower()
            if encoding != "identity":
                raise _Unusable("it sent a compressed answer, which was not asked for")
            content = _body(response, exchange, DIN_LIMIT if target == DIN else BODY_LIMIT)
        finally:
            response.close()
        return Outcome(method, target, Fate.ANSWERED, response.status_code, content)


class _Unusable(Exception):
    """An answer that is not what was asked for; the text is for people."""


def session_over(wire: Wire) -> requests.Session:
    """A session for the library, which has no way to the world but this wire."""
    with importing():
        import requests
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", _seam()(wire))
    return session


@cache
def _seam() -> Callable[[Wire], requests.adapters.BaseAdapter]:
    import requests

    class Seam(requests.adapters.BaseAdapter):
        """What the library's session takes for the network."""

        def __init__(self, wire: Wire) -> None:
            super().__init__()
            self._wire = wire

        def send(
            self, request: requests.PreparedRequest, *_how: object, **_more: object
        ) -> requests.Response:
            body = request.body or b""
            status, content = self._wire.send(
                request.method or "",
                request.path_url,
                request.headers,
                body if isinstance(body, bytes) else str(body).encode(),
            )
            answer = requests.Response()
            answer.status_code = status
            answer.url, answer.request = request.url or "", request
            answer.encoding = "utf-8"
            answer.raw = io.BytesIO(content)
            return answer

        def close(self) -> None:
            """Nothing: the wire is closed by whoever made it."""

    return Seam


_KEPT: Final = ("Content-Type", "Authorization")
"""Of the headers that the library sends, those that the gateway has any use for."""


def _pinned(host: str, pin: str | None) -> Network:
    return httpx.HTTPTransport(
        verify=pinned_context(host, pin),
        http2=False,
        retries=0,
        trust_env=False,
        limits=httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS
        ),
    )


def _body(response: httpx.Response, exchange: Exchange, limit: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if exchange.given_up:
            raise TimeoutError
        if len(body) > limit:
            raise _Unusable(f"it sent an answer of more than {limit} bytes")
    return bytes(body)
