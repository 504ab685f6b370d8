"""Routes to a Powerwall: the protocol `Gateway`, and what is known of routes without using one.

That is where a gateway may be (`addresses`), and what each firmware lets a route set (`versions`).
Each adapter is a room of its own below this one, so that whoever only has to know the protocol
loads no HTTP library.
"""

from scheduler.gateways.addresses import (
    WAY_OUT,
    is_private,
    literal_address,
    public_literal,
    split_host,
)
from scheduler.gateways.protocol import Gateway, check_parts
from scheduler.gateways.versions import (
    WIDEST_LEVERS,
    Version,
    levers_of,
    login_may_stop_battery,
    mode_key,
    parse_version,
)

__all__ = [
    "WAY_OUT",
    "WIDEST_LEVERS",
    "Gateway",
    "Version",
    "check_parts",
    "is_private",
    "levers_of",
    "literal_address",
    "login_may_stop_battery",
    "mode_key",
    "parse_version",
    "public_literal",
    "split_host",
]
