"""Where a gateway may be: at an address of a private network, unless its owner says otherwise.

A password for the gateway has no business anywhere else, whatever a mistyped address, a name
server or a captive portal says. An address is judged as it stands. A name is resolved
by the adapter, and the connection goes to exactly the address that was judged.
"""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

HTTPS: Final = 443
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


def split_host(host: str) -> tuple[str, int]:
    """Name or address, and port. Raises `ValueError` for what is neither, with the way out."""
    if literal_address(host) is not None and ":" in host:
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
