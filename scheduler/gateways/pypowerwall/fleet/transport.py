"""The seam below the library: every byte that it sends to the cloud goes through here.

The library hides what happened: it gives the same nothing for a refusal, a limit and a lost answer.
So what it takes for the network is a transport of ours, which notes the outcome of each request.

Policy:

* Only the requests in `ALLOWED` exist, to the API of the owner's region and to the login. Anything
  else, a request outside of a call of ours included, is not sent.
* Nothing is raised into the library, which would try again past us: a failure is an answer of our
  making, and what it was is noted in the exchange. No way of the library's around its client, by
  the environment or after an error, is left.
* A 429 never reaches the library, which would pause by a clock of its own. Nor does an answer that
  is no JSON object, which it would stumble over. No redirect is followed.
* A request is counted before it is sent, and one that the budget does not permit is not.
* Once a call was given up, or something in it failed, nothing more is sent in it.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast
from urllib.parse import urlsplit

import httpx

from scheduler.errors import ConfigProblem
from scheduler.gateways import number, strict_object
from scheduler.gateways.pypowerwall.fleet.budget import Charge
from scheduler.gateways.pypowerwall.library import MASK, importing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

LOGIN_HOST: Final = "auth.tesla.com"
"""Where the library sends what renews a login, whatever it is told."""

LOGIN: Final = f"https://{LOGIN_HOST}"

_SITE = r"/api/1/energy_sites/[0-9]+"
ALLOWED: Final = tuple(
    (method, re.compile(path), charge)
    for method, path, charge in (
        ("GET", r"/api/1/products", Charge.REQUEST),
        ("GET", rf"{_SITE}/(site_info|live_status)", Charge.REQUEST),
        ("POST", rf"{_SITE}/(operation|backup|grid_import_export)", Charge.COMMAND),
    )
)
"""Every request this program makes of the API, as (method, path, what it is charged as)."""

RENEWAL: Final = ("POST", "/oauth2/v3/token")

BODY_LIMIT: Final = 1024 * 1024
CONNECTING: Final = 0.4
"""The part of the deadline that TCP and TLS may take, each."""

TOO_MANY_REQUESTS: Final = 429
UNAUTHORIZED: Final = 401
_NOTHING_TO_SAY: Final = 599
"""What the library is told where there is no answer that it could use."""


class Fate(Enum):
    """What became of a request."""

    ANSWERED = auto()
    NOT_SENT = auto()
    UNREACHED = auto()
    UNANSWERED = auto()
    OVER_BUDGET = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One request and what became of it.

    `said` are the first words of a refusal, or why there is no answer, without secrets;
    `retry_after` the seconds that were asked for with it.
    """

    method: str
    path: str
    fate: Fate
    status: int = 0
    said: str = ""
    retry_after: float = 0.0

    @property
    def ok(self) -> bool:
        """It was answered, and well."""
        return self.fate is Fate.ANSWERED and 200 <= self.status < 300

    @property
    def renewal(self) -> bool:
        """It was about the login."""
        return (self.method, self.path) == RENEWAL

    @property
    def in_words(self) -> str:
        """For people."""
        if self.fate is not Fate.ANSWERED:
            return self.said
        return f"HTTP {self.status}: {self.said}" if self.said else f"HTTP {self.status}"


class Counter(Protocol):
    """Counts what is charged for."""

    def take(self, charge: Charge) -> bool:
        """Count one more; False where that is too many."""

    def give_back(self, charge: Charge) -> None:
        """One that was counted is not charged for."""


@dataclass(slots=True)
class Exchange:
    """What was sent in one call of the library, and what came of it. `expires_in`: of a login."""

    wire: Wire
    counter: Counter
    outcomes: list[Outcome] = field(default_factory=list)
    expires_in: float | None = None
    given_up: bool = False

    @property
    def last(self) -> Outcome | None:
        """The last request, if there was any."""
        return self.outcomes[-1] if self.outcomes else None


Network = httpx.BaseTransport
"""What a test may put in place of the network."""

_CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def during(exchange: Exchange) -> Iterator[None]:
    """What the library sends in this thread meanwhile belongs to this exchange."""
    token = _CURRENT.set(exchange)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def current() -> Exchange | None:
    """The exchange that what is sent in this thread belongs to."""
    return _CURRENT.get()


class Wire:
    """One account's way to the cloud.

    `api` and `login` are where these are, `authority` a file of certificates that vouch for them in
    place of the system's. `deadline` is in real seconds, for each step of a request. `transport`
    replaces the network.
    """

    def __init__(
        self,
        api: str,
        *,
        login: str = LOGIN,
        authority: Path | None = None,
        deadline: float = 10.0,
        transport: Network | None = None,
    ) -> None:
        self.api = api
        self._api, self._login = urlsplit(api).netloc, urlsplit(login).netloc
        self._timeout = {
            "connect": CONNECTING * deadline,
            "read": deadline,
            "write": deadline,
            "pool": deadline,
        }
        self._transport = transport or httpx.HTTPTransport(
            verify=_context(authority), http2=True, retries=0, trust_env=False
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def send(self, request: httpx.Request, exchange: Exchange) -> httpx.Response:
        """Make a request of the library's. Raises nothing."""
        path, netloc = request.url.raw_path.decode("ascii", "replace"), _netloc(request.url)
        asked = (request.method, path)
        charge = None
        if netloc == LOGIN_HOST and asked == RENEWAL:
            netloc = self._login
        elif netloc == self._api and (charge := _charge(*asked)) is not None:
            pass
        else:
            return _unsent(exchange, *asked, "this program makes no such request")
        if exchange.given_up or any(_ends_it(each) for each in exchange.outcomes):
            return _unsent(exchange, *asked, "the call was over")
        if charge is not None and not exchange.counter.take(charge):
            exchange.outcomes.append(Outcome(*asked, Fate.OVER_BUDGET, said="over the budget"))
            return _nothing(request)
        answer, outcome = self._exchanged(request, netloc, exchange)
        exchange.outcomes.append(outcome)
        if charge is not None and not _is_charged(outcome):
            exchange.counter.give_back(charge)
        return answer

    def _exchanged(
        self, request: httpx.Request, netloc: str, exchange: Exchange
    ) -> tuple[httpx.Response, Outcome]:
        asked = (request.method, request.url.raw_path.decode("ascii", "replace"))
        headers = {**request.headers, "host": netloc, "accept-encoding": "identity"}
        sent = httpx.Request(
            request.method,
            f"https://{netloc}{asked[1]}",
            headers=headers,
            content=request.read(),
            extensions={"timeout": self._timeout},
        )
        try:
            response = self._transport.handle_request(sent)
            try:
                body = _body(response, exchange)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return _nothing(request), Outcome(*asked, Fate.UNREACHED, said=_reason(error))
        except Exception as error:  # noqa: BLE001 -- whatever it is, the library must not see it
            return _nothing(request), Outcome(*asked, Fate.UNANSWERED, said=_reason(error))
        document = strict_object(body)
        outcome = Outcome(
            *asked, Fate.ANSWERED, response.status_code, _said(document), _retry_after(response)
        )
        if not outcome.ok:
            known = outcome.status == UNAUTHORIZED and not outcome.renewal
            return _answer(request, UNAUTHORIZED if known else _NOTHING_TO_SAY), outcome
        if not document:
            unusable = Outcome(*asked, Fate.UNANSWERED, said="what it sent is no JSON object")
            return _nothing(request), unusable
        if outcome.renewal:
            _note_renewal(document, exchange)
        return _answer(request, outcome.status, body), outcome


def install() -> ModuleType:
    """The library's module of this API, with our transport in place of its network.

    Raises `ConfigProblem` where the library is missing, or not the one we know.
    """
    with importing():
        from pypowerwall.fleetapi import fleetapi
    ours = {
        "_http2_client": _client(),
        "_force_http11": _never,
        "_requests_fallback": _no_way_around,
        "HAS_HTTPX": True,
    }
    if missing := [name for name in ("FleetAPI", *ours) if not hasattr(fleetapi, name)]:
        raise ConfigProblem(
            f"{fleetapi.__name__} is not as it is known here: it has no {', '.join(missing)}"
        )
    for name, value in ours.items():
        setattr(fleetapi, name, value)
    return cast("ModuleType", fleetapi)


@cache
def _client() -> httpx.Client:
    """What the library sends everything by. Nobody closes it, or it would make one of its own."""
    return httpx.Client(transport=_Seam(), trust_env=False)


def _never() -> bool:
    """In place of the look into the environment for another way than ours."""
    return False


class _Seam(httpx.BaseTransport):
    """What the library takes for the network."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _CURRENT.get()
        if exchange is None:
            return _nothing(request)
        return exchange.wire.send(request, exchange)


def _no_way_around(method: str, url: str, *_more: object, **_named: object) -> httpx.Response:
    """In place of what the library does without its client."""
    return _nothing(httpx.Request(method, url))


def _ends_it(outcome: Outcome) -> bool:
    """Nothing is worth sending after this; a refused token may be renewed."""
    return not outcome.ok and (outcome.status != UNAUTHORIZED or outcome.renewal)


def _is_charged(outcome: Outcome) -> bool:
    """Statuses below 500 are; what became of a lost one nobody knows."""
    if outcome.fate is Fate.UNANSWERED:
        return True
    return outcome.fate is Fate.ANSWERED and outcome.status < 500


def _charge(method: str, path: str) -> Charge | None:
    for allowed, pattern, charge in ALLOWED:
        if method == allowed and pattern.fullmatch(path):
            return charge
    return None


def _unsent(exchange: Exchange, method: str, path: str, why: str) -> httpx.Response:
    exchange.outcomes.append(Outcome(method, path, Fate.NOT_SENT, said=why))
    return _nothing(httpx.Request(method, LOGIN))


def _nothing(request: httpx.Request) -> httpx.Response:
    return _answer(request, _NOTHING_TO_SAY)


def _answer(request: httpx.Request, status: int, body: bytes = b"{}") -> httpx.Response:
    return httpx.Response(status, content=body, request=request)


def _netloc(url: httpx.URL) -> str:
    return url.netloc.decode("ascii", "replace")


def _body(response: httpx.Response, exchange: Exchange) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ValueError("it sent a compressed answer, which was not asked for")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if exchange.given_up:
            raise TimeoutError
        if len(body) > BODY_LIMIT:
            raise ValueError(f"it sent an answer of more than {BODY_LIMIT} bytes")
    return bytes(body)


def _said(document: Mapping[str, object]) -> str:
    """The first words of what was said, most of it in three keys."""
    parts = (document.get("error"), document.get("error_description"), document.get("message"))
    response = document.get("response")
    if not any(parts) and isinstance(response, dict):
        parts = (response.get("reason"), response.get("message"), response.get("Message"))
    return "; ".join(dict.fromkeys(text for each in parts if (text := MASK.words(each))))


def _note_renewal(document: Mapping[str, object], exchange: Exchange) -> None:
    """What the library drops of it, and what nobody may see from now on."""
    exchange.expires_in = number(document.get("expires_in"))
    for key in ("access_token", "refresh_token", "id_token"):
        token = document.get(key)
        MASK.add(token if isinstance(token, str) else None)


def _retry_after(response: httpx.Response) -> float:
    """Seconds that were asked for; a date in place of them is not in use here."""
    said = response.headers.get("retry-after", "")
    return float(said) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]+)?", said) else 0.0


def _context(authority: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authority)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigProblem(f"{authority}: holds no usable certificate: {reason}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _reason(error: BaseException) -> str:
    """Why in plain words: the operating system's where it has any."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
            return os.strerror(cause.errno).lower() if cause.errno > 0 else "its name is not known"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.NetworkError):
        return "the connection broke off"
    if isinstance(error, httpx.ProtocolError):
        return "what it sent is not HTTP, or broke off"
    if isinstance(error, ValueError):
        return str(error)
    return type(error).__name__
