"""Routes to a Powerwall: the protocol `Gateway`, and what is known of routes without using one.

That is where a gateway may be (`addresses`), and what each firmware lets a route do
(`firmware_table`). Each adapter is a room of its own below this one, so that whoever only has to
know the protocol loads no HTTP library.
"""

from scheduler.gateways.addresses import (
    WAY_OUT,
    is_plain,
    is_private,
    literal_address,
    public_literal,
    split_host,
    without_scheme,
)
from scheduler.gateways.firmware_table import (
    GENERATIONS,
    WIDEST_LEVERS,
    Fact,
    Generation,
    Login,
    Source,
    Transport,
    generation_of,
    levers_of,
    login_may_stop_battery,
    mode_key,
)
from scheduler.gateways.protocol import Gateway, OnNote, check_parts
from scheduler.gateways.split import SplitGateway
from scheduler.gateways.versions import Version, parse_version

__all__ = [
    "GENERATIONS",
    "WAY_OUT",
    "WIDEST_LEVERS",
    "Fact",
    "Gateway",
    "Generation",
    "Login",
    "OnNote",
    "Source",
    "SplitGateway",
    "Transport",
    "Version",
    "check_parts",
    "generation_of",
    "is_plain",
    "is_private",
    "levers_of",
    "literal_address",
    "login_may_stop_battery",
    "mode_key",
    "parse_version",
    "public_literal",
    "split_host",
    "without_scheme",
]
