"""One connection to one gateway, and nothing that the gateway should not be sent.

Policy:

* Only the requests in `ALLOWED` exist; anything else raises before a socket opens. What would stop
  the battery is not among them.
* The gateway's certificate is self-signed, so it is recognised by its SHA-256. The comparison is
  part of the TLS handshake: an impostor never gets a byte of a request, hence no password.
* Firmware that speaks plain http only is spoken to where the owner says so in words. There is no
  certificate then, and everybody in the network can read what is said. A gateway that answers by
  sending us elsewhere has learnt https since: that is an error, which no password follows.
* It goes to an address of a private network, and to the one that was judged (`resolver`).
* Every request ends within one deadline of real seconds, however slowly the answer trickles in.
* Nothing is retried, no redirect is followed, no proxy of the environment is used and no cookie is
  kept. That is why requests go to httpx's transport directly instead of through its client, which
  also makes them several times cheaper.
* An answer is at most `BODY_LIMIT` bytes, uncompressed, and strict JSON or it counts as empty.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpx

from scheduler.errors import (
    CertificateMismatch,
    CertificateUnconfirmed,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways import is_plain, strict_object, without_scheme
from scheduler.gateways.local.resolver import AddressResolver

LOGIN: Final = "/api/login/Basic"
STATUS: Final = "/api/status"
OPERATION: Final = "/api/operation"
COMPLETED: Final = "/api/config/completed"
SITEMASTER: Final = "/api/sitemaster"
RUN: Final = "/api/sitemaster/run"
SOE: Final = "/api/system_status/soe"
GRID_STATUS: Final = "/api/system_status/grid_status"
AGGREGATES: Final = "/api/meters/aggregates"
SITE_INFO: Final = "/api/site_info"
INSTALL_UPDATE: Final = "/api/system/update"
CHECK_UPDATE: Final = "/api/system/update?force=true"
UPDATE_STATUS: Final = "/api/system/update/status"

ALLOWED: Final = frozenset(
    {
        ("POST", LOGIN),
        ("GET", STATUS),
        ("GET", OPERATION),
        ("POST", OPERATION),
        ("GET", COMPLETED),
        ("GET", SITEMASTER),
        ("GET", RUN),
        ("GET", SOE),
        ("GET", GRID_STATUS),
        ("GET", AGGREGATES),
        ("GET", SITE_INFO),
        ("POST", INSTALL_UPDATE),
        ("GET", CHECK_UPDATE),
        ("GET", UPDATE_STATUS),
    }
)
"""Every request this program can make of a gateway, as (method, path with query)."""

SERVER_NAME: Final = "powerwall"
"""The TLS server name: gateways abort a handshake that names anything but themselves."""

BODY_LIMIT: Final = 1024 * 1024
IDLE_SECONDS: Final = 75.0
"""How long an idle connection is kept: longer than a poll interval, as handshakes are dear."""
_NO_TLS: Final = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")
"""How OpenSSL calls an answer that is no TLS."""
CONNECTING: Final = 0.3
"""The part of the deadline that looking up a name, TCP and TLS may take, each."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the gateway answered: the HTTP status, and the body as it came."""

    status: int
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """The gateway did what was asked."""
        return 200 <= self.status < 300

    def document(self) -> Mapping[str, object]:
        """The body as a JSON object; empty where the body is none, or not strictly JSON."""
        return strict_object(self.body)


class GatewayTransport:
    """Sends allowed requests to one gateway, one at a time over one connection.

    `host` is a name or address, with a port where it is not 443, and with `http://` before it where
    the gateway speaks plain http, which `plain` tells; then there is no `pin`. `pin` is the
    certificate the owner confirmed, "sha256:" and 64 hex digits; without one every connection ends
    in a `CertificateMismatch` that shows what was found. `deadline` is in real seconds and covers a
    whole request. `allow_public` lifts the limit to private networks. `transport` replaces the
    network, and with it addresses and TLS.
    """

    def __init__(
        self,
        host: str,
        pin: str | None,
        *,
        deadline: float = 10.0,
        allow_public: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.host = host
        self.pin = pin
        self.plain = is_plain(host)
        self._place = without_scheme(host)
        self._deadline = deadline
        self._transport = transport or _pinned_transport(host, pin)
        self._resolver = AddressResolver(
            host, allow_public=allow_public, patience=CONNECTING * deadline
        )
        self._network_is_real = transport is None
        # Each step to a connection has its own limit, so that a gateway that is simply not there is
        # known as such (nothing was sent) before the deadline, which cannot tell.
        self._extensions = {
            "sni_hostname": SERVER_NAME,
            "timeout": {"connect": CONNECTING * deadline, "read": deadline},
        }

    async def request(
        self,
        method: str,
        target: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        content: bytes | None = None,
        changes: bool = False,
    ) -> Response:
        """Make one request. `changes`: a lost answer would leave the gateway's state in doubt.

        Raises `Unreachable` when there is no whole answer within the deadline, as the more
        particular `WriteUncertain` when the request `changes` something and may have arrived;
        `CertificateMismatch`; and `ValueError` for a request that is not in `ALLOWED`.
        """
        if (method, target) not in ALLOWED:
            raise ValueError(f"{method} {target} is not a request this program makes of a gateway")
        lost = WriteUncertain if changes else Unreachable
        sent_with = [("Host", self._place), ("Accept-Encoding", "identity"), *headers]
        try:
            async with asyncio.timeout(self._deadline):
                return await self._send(method, target, sent_with, content, lost)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(_not_reached(self.host, _reason(error))) from error
        except TimeoutError as error:
            raise lost(
                f"the gateway at {self.host} gave no whole answer to {method} {target} "
                f"within {self._deadline:g} s"
            ) from error
        except (httpx.HTTPError, OSError) as error:
            raise lost(
                f"the gateway at {self.host} gave no whole answer to {method} {target}: "
                f"{_reason(error)}"
            ) from error

    async def _send(
        self,
        method: str,
        target: str,
        headers: list[tuple[str, str]],
        content: bytes | None,
        lost: type[Unreachable],
    ) -> Response:
        """Make the request, at the first of the gateway's addresses where anybody listens."""
        while True:
            authority = await self._resolver.authority() if self._network_is_real else self._place
            request = httpx.Request(
                method,
                _url("http" if self.plain else "https", authority, target),
                headers=headers,
                content=content,
                extensions=self._extensions,
            )
            try:
                return await self._exchange(request, lost)
            except httpx.ConnectError:
                if not self._resolver.failed():
                    raise
            except (CertificateMismatch, httpx.ConnectTimeout):
                self._resolver.failed()
                raise

    async def _exchange(self, request: httpx.Request, lost: type[Unreachable]) -> Response:
        response = await self._transport.handle_async_request(request)
        try:
            if self.plain and response.is_redirect:
                raise Unreachable(_referred(self.host))
            encoding = response.headers.get("content-encoding", "identity")
            if encoding.lower() != "identity":
                raise lost(
                    f"the gateway at {self.host} sent a compressed answer, which was not asked for"
                )
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise lost(
                        f"the gateway at {self.host} sent an answer of more than {BODY_LIMIT} bytes"
                    )
            return Response(response.status_code, bytes(body))
        finally:
            await response.aclose()

    async def trust(self, pin: str) -> None:
        """Recognise the gateway by this certificate from now on; connections so far are closed."""
        self.pin = pin
        if self._network_is_real:
            await self._transport.aclose()
            self._transport = _pinned_transport(self.host, pin)

    async def close(self) -> None:
        """Close the connection."""
        await self._transport.aclose()


def quiet_http_logs() -> None:
    """Keep the HTTP libraries' own logs at warnings, whatever the level of everything else.

    At DEBUG they write the answers' headers, and with them the session's cookie.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


@lru_cache
def _url(scheme: str, authority: str, target: str) -> httpx.URL:
    """To take one apart takes longer than the rest of a request."""
    return httpx.URL(f"{scheme}://{authority}{target}")


def _open_context() -> ssl.SSLContext:
    """A client context that leaves it to us whom to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _pinned_transport(host: str, pin: str | None) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(
        verify=_pinned_context(host, pin),
        http2=False,
        retries=0,
        limits=httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS
        ),
    )


def _pinned_context(host: str, pin: str | None) -> ssl.SSLContext:
    """A context whose handshake ends in `CertificateMismatch` for all but one certificate."""

    def compare(peer: ssl.SSLObject | ssl.SSLSocket) -> None:
        found = _fingerprint(peer)
        if pin is None:
            raise CertificateUnconfirmed(_unconfirmed(host, found), found)
        if found != pin.lower():
            raise CertificateMismatch(_another(host, pin, found), found)

    class PinnedObject(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            compare(self)

    class PinnedSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            try:
                compare(self)
            except CertificateMismatch:
                self.close()
                raise

    context = _open_context()
    context.sslobject_class = PinnedObject
    context.sslsocket_class = PinnedSocket
    return context


def _fingerprint(peer: ssl.SSLObject | ssl.SSLSocket) -> str:
    certificate = peer.getpeercert(binary_form=True) or b""
    return f"sha256:{hashlib.sha256(certificate).hexdigest()}"


def _unconfirmed(host: str, found: str) -> str:
    return (
        f"no certificate is confirmed for the gateway at {host}; it shows {found}. If that is your "
        f'gateway, write certificate = "{found}" under [site.gateway] in pwsched.toml'
    )


def _another(host: str, pin: str, found: str) -> str:
    return (
        f"{host} shows the certificate {found}, but {pin} is the one that was confirmed, so "
        "nothing was sent. A firmware update or a reset of the gateway makes a new one; otherwise "
        f"somebody else answers. Compare it with what a browser shows at https://{host}; if it is "
        f'your gateway\'s, write certificate = "{found}" under [site.gateway] in pwsched.toml, and '
        "run pwsched reload"
    )


def _not_reached(host: str, reason: str) -> str:
    return (
        f"the gateway at {host} cannot be reached: {reason}. "
        "Check that it has power, and its address in pwsched.toml"
    )


def _referred(host: str) -> str:
    return (
        f"the gateway at {host} refers to another address, which is not followed. If its firmware "
        "is 1.20 or later by now, it speaks https: take http:// away from its host in "
        "pwsched.toml and confirm its certificate"
    )


def _reason(error: BaseException) -> str:
    """Why in plain words: the operating system's where it has any, else the library's."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
            return 'it does not speak https. Firmware before 1.20 needs host = "http://ADDRESS"'
        # A TLS error is an OSError too, but its number is not the operating system's.
        if isinstance(cause, OSError) and cause.errno and not isinstance(cause, ssl.SSLError):
            return os.strerror(cause.errno).lower()
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ProtocolError):
        return "what it sent is not HTTP, or broke off"
    return str(error) or type(error).__name__
