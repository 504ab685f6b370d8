"""Routes to a Powerwall: the protocol `Gateway`, and what is known of routes without using one.

That is where a gateway may be (`addresses`), what each firmware lets the local route do
(`firmware_table`), and what each route can do with which hardware (`route_table`). Each adapter is
a room of its own below this one, so that whoever only has to know the protocol loads no HTTP
library.
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
    Evidence,
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
from scheduler.gateways.pauses import AFTER_TOO_MANY, BETWEEN_LOGINS, Pause, StoredPause
from scheduler.gateways.protocol import Gateway, OnNote, check_parts
from scheduler.gateways.route_table import (
    WAYS,
    caveats_of,
    high_reserve_of,
    levers_of_route,
    settling_of,
    tariff_may_win,
    way_of,
)
from scheduler.gateways.split import SplitGateway
from scheduler.gateways.strict_json import strict_object
from scheduler.gateways.values import (
    flag,
    instant,
    is_percent,
    is_token,
    known_word,
    number,
    percent,
    power,
    unknown_word,
    words,
    zone_name,
)
from scheduler.gateways.versions import Version, parse_version
from scheduler.gateways.ways import (
    Hardware,
    HighReserve,
    Latency,
    Reading,
    Route,
    Way,
    Writing,
)

__all__ = [
    "AFTER_TOO_MANY",
    "BETWEEN_LOGINS",
    "GENERATIONS",
    "WAYS",
    "WAY_OUT",
    "WIDEST_LEVERS",
    "Evidence",
    "Fact",
    "Gateway",
    "Generation",
    "Hardware",
    "HighReserve",
    "Latency",
    "Login",
    "OnNote",
    "Pause",
    "Reading",
    "Route",
    "Source",
    "SplitGateway",
    "StoredPause",
    "Transport",
    "Version",
    "Way",
    "Writing",
    "caveats_of",
    "check_parts",
    "flag",
    "generation_of",
    "high_reserve_of",
    "instant",
    "is_percent",
    "is_plain",
    "is_private",
    "is_token",
    "known_word",
    "levers_of",
    "levers_of_route",
    "literal_address",
    "login_may_stop_battery",
    "mode_key",
    "number",
    "parse_version",
    "percent",
    "power",
    "public_literal",
    "settling_of",
    "split_host",
    "strict_object",
    "tariff_may_win",
    "unknown_word",
    "way_of",
    "without_scheme",
    "words",
    "zone_name",
]
