"""One connection to one gateway, and nothing that the gateway should not be sent.

Policy:

* Only the requests in `ALLOWED` exist; anything else raises before a socket opens. What would stop
  the battery is not among them.
* The gateway is recognised by its certificate, in the TLS handshake (`connection`).
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
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import httpx

from scheduler.errors import CertificateMismatch, Unreachable, WriteUncertain
from scheduler.gateways import is_plain, strict_object, without_scheme
from scheduler.gateways.local.connection import (
    BODY_LIMIT,
    CONNECTING,
    IDLE_SECONDS,
    SERVER_NAME,
    not_reached,
    pinned_context,
    reason_of,
)
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
            raise Unreachable(not_reached(self.host, reason_of(error))) from error
        except TimeoutError as error:
            raise lost(
                f"the gateway at {self.host} gave no whole answer to {method} {target} "
                f"within {self._deadline:g} s"
            ) from error
        except (httpx.HTTPError, OSError) as error:
            raise lost(
                f"the gateway at {self.host} gave no whole answer to {method} {target}: "
                f"{reason_of(error)}"
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


def _pinned_transport(host: str, pin: str | None) -> httpx.AsyncHTTPTransport:
    return httpx.AsyncHTTPTransport(
        verify=pinned_context(host, pin),
        http2=False,
        retries=0,
        limits=httpx.Limits(
            max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_SECONDS
        ),
    )


def _referred(host: str) -> str:
    return (
        f"the gateway at {host} refers to another address, which is not followed. If its firmware "
        "is 1.20 or later by now, it speaks https: take http:// away from its host in "
        "pwsched.toml and confirm its certificate"
    )
