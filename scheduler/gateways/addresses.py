"""Where a gateway may be: at an address of a private network, unless its owner says otherwise.

A password for the gateway has no business anywhere else, whatever a mistyped address, a name
server or a captive portal says. An address is judged as it stands. A name is resolved
by the adapter, and the connection goes to exactly the address that was judged.

The gateway speaks https. Firmware that speaks plain http only is spoken to where the owner says so
in words, with `http://` before the address; everybody in the network can then read the password,
so no public address is ever spoken to like that.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

HTTP: Final = 80
HTTPS: Final = 443
PLAIN: Final = "http://"
WAY_OUT: Final = "use its address in your home network, or set allow_public = true"

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


def is_plain(host: str) -> bool:
    """The owner says in words that this gateway speaks plain http."""
    return host.startswith(PLAIN)


def without_scheme(host: str) -> str:
    """Name or address, with :port where one is said."""
    return host.removeprefix(PLAIN)


def split_host(host: str) -> tuple[str, int]:
    """Name or address, and port. Raises `ValueError` for what is neither, with the way out."""
    usual = HTTP if is_plain(host) else HTTPS
    place = without_scheme(host)
    if literal_address(place) is not None and ":" in place:
        raise ValueError(f"must have [ ] around an IPv6 address: [{place}]")
    with suppress(ValueError):
        parts = urlsplit(f"//{place}")
        name, port = parts.hostname, parts.port
        whole = parts.netloc == place and not place.endswith(":") and "@" not in place
        if name and whole and not any(each.isspace() for each in place):
            return name, usual if port is None else port
    before = f"{PLAIN} and " if is_plain(host) else ""
    raise ValueError(f"must be {before}a name or an address, with :port where it is not {usual}")


def public_literal(host: str) -> Address | None:
    """The address in `host`, where it is one, and not of a private network.

    Raises `ValueError` as `split_host`.
    """
    address = literal_address(split_host(host)[0])
    return None if address is None or is_private(address) else address


def is_private(address: Address) -> bool:
    """It can only be reached in the owner's own network: RFC 1918, ULA, link-local, loopback."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in _PRIVATE)


def literal_address(name: str) -> Address | None:
    """The address that a name is, where it is one."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
