"""Where a gateway may be: at an address of a private network, unless its owner says otherwise.

A password for the gateway has no business anywhere else, whatever a mistyped address, a name
server or a captive portal says. An address is judged as it stands. A name is resolved once for a
connection, and the connection goes to exactly the address that was judged.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from scheduler.errors import Unreachable

HTTPS: Final = 443
WAY_OUT: Final = (
    "write the address that it has in your own network, or allow_public = true if it really is"
    " out there"
)

_PRIVATE: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
        "169.254.0.0/16", "fe80::/10",  # link-local: RFC 3927, RFC 4291
        "fc00::/7",  # unique local: RFC 4193
        "127.0.0.0/8", "::1/128",
    )
)  # fmt: skip

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def split_host(host: str) -> tuple[str, int]:
    """Name or address, and port. Raises `ValueError` for what is neither, with the way out."""
    if _literal(host) is not None and ":" in host:
        raise ValueError(f"must have [ ] around an IPv6 address: [{host}]")
    with suppress(ValueError):
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
        whole = parts.netloc == host and not host.endswith(":") and "@" not in host
        if name and whole and not any(each.isspace() for each in host):
            return name, HTTPS if port is None else port
    raise ValueError("must be a name or an address, with :port where it is not 443")


def public_literal(host: str) -> Address | None:
    """The address in `host`, where it is one, and not of a private network.

    Raises `ValueError` as `split_host`.
    """
    address = _literal(split_host(host)[0])
    return None if address is None or is_private(address) else address


def is_private(address: Address) -> bool:
    """It can only be reached in the owner's own network: RFC 1918, ULA, link-local, loopback."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in _PRIVATE)


class Whereabouts:
    """The address to connect to, judged.

    What a name resolved to serves until a connection to it fails: then it is the next one's turn,
    and after the last of them the name is resolved anew. `patience` is in seconds.
    """

    def __init__(self, host: str, *, allow_public: bool, patience: float) -> None:
        self._host = host
        self._allow_public = allow_public
        self._patience = patience
        self._addresses: list[str] = []

    async def authority(self) -> str:
        """Address and port as they stand in a URL. Raises `Unreachable` where there is none."""
        try:
            name, port = split_host(self._host)
        except ValueError as error:
            raise Unreachable(f"the host of the gateway, {self._host}, {error}") from None
        if not self._addresses:
            self._addresses = self._allowed(await self._resolve(name, port))
        address = self._addresses[0]
        return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"

    def failed(self) -> bool:
        """Nobody, or somebody else, answers there. Says whether there is another address."""
        self._addresses = self._addresses[1:]
        return bool(self._addresses)

    async def _resolve(self, name: str, port: int) -> list[str]:
        if _literal(name) is not None:
            return [name]
        try:
            async with asyncio.timeout(self._patience):
                found = await asyncio.get_running_loop().getaddrinfo(
                    name, port, type=socket.SOCK_STREAM
                )
        except TimeoutError:
            reason = "no answer in time"
        except (OSError, UnicodeError) as error:
            reason = str(getattr(error, "strerror", None) or error).lower()
        else:
            return list(dict.fromkeys(str(address[0]) for *_, address in found))
        raise Unreachable(
            f"the name of the gateway, {name}, cannot be looked up: {reason}. "
            "Its address does as well"
        )

    def _allowed(self, addresses: list[str]) -> list[str]:
        if self._allow_public:
            return addresses
        private = [each for each in addresses if is_private(ipaddress.ip_address(each))]
        if not private:
            raise Unreachable(
                f"the gateway at {self._host} would be at {', '.join(addresses) or 'no address'}, "
                f"which is in no private network, so nothing was sent: {WAY_OUT}, under "
                "[site.gateway] in pwsched.toml"
            )
        return private


def _literal(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
