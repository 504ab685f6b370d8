"""What each route can do with which hardware on which firmware: the one table of it, with sources.

The adapters' levers and patience, what the owner is told of a setting that does not show, the
simulated cloud and docs/gateways.md are made of it. The maker documents hardly any of this, so
every cell says how it is known: tried here, reported by whom, or unknown and why this is what the
program goes by. What a later firmware does not change, it takes over from the one before.

None of it was tried here with hardware; that the simulators behave so is no trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from rules.domain import Export, Mode, Part
from rules.resolve import Levers
from scheduler.domain import Caveat
from scheduler.gateways.firmware_table import (
    BASIC_MODES,
    GENERATIONS,
    Fact,
    Generation,
    Login,
    Source,
)
from scheduler.gateways.versions import Version
from scheduler.gateways.ways import (
    Hardware,
    HighReserve,
    Latency,
    Reading,
    Route,
    Way,
    Writing,
)


def _issue(repository: str, number: int, kind: str = "issues") -> Source:
    name = f"{repository.rpartition('/')[2]}#{number}"
    return Source(name, f"https://github.com/{repository}/{kind}/{number}")


def _pypowerwall(number: int) -> Source:
    return _issue("jasonacox/pypowerwall", number)


_ENERGY: Final = Source("Fleet API", "https://developer.tesla.com/docs/fleet-api/endpoints/energy")
_README: Final = Source("pypowerwall README", "https://github.com/jasonacox/pypowerwall#readme")
_CLIENT: Final = Source(
    "pypowerwall fleetapi.py",
    "https://github.com/jasonacox/pypowerwall/blob/main/pypowerwall/fleetapi/fleetapi.py",
)
_EVCC: Final = _issue("evcc-io/evcc", 22743)
_TARIFF: Final = _issue("alandtse/tesla", 1171)
_SNAPS: Final = _issue("jasonacox/pypowerwall", 304, "pull")
_GATEWAY1: Final = _issue("jasonacox/pypowerwall", 409, "discussions")
_READ_BY_TWO: Final = (_pypowerwall(387), _issue("jasonacox/Powerwall-Dashboard", 864))
_SLOW: Final = (_issue("vloschiavo/powerwall2", 34), _pypowerwall(281))
_NOT_DONE: Final = (_pypowerwall(316), _pypowerwall(321))

_NO_TARIFF: Final = Fact(value=False, assumed="it is told of from 26.2 on")
_TARIFF_WINS: Final = Fact(value=True, sources=(_TARIFF,))
_TARIFF_SINCE: Final = Version(26, 2)
_MODE_AND_RESERVE: Final = frozenset({Part.MODE, Part.RESERVE})
_ANY_MODE: Final = frozenset(Mode)
_EITHER: Final = frozenset({True, False})
_ANY_EXPORT: Final = frozenset(Export)
_NO_WORD: Final = "nobody tells of a request for it"


# --- the Fleet API ----------------------------------------------------------------------------

_FLEET: Final = Way(
    Version(0, 0),
    together=frozenset(),
    reading=Fact(Reading.WHOLE, (_ENERGY,)),
    writing=Fact(Writing.DONE, (_ENERGY,)),
    modes=Fact(_ANY_MODE, (_ENERGY, _CLIENT, _issue("netzero-labs/netzero", 3))),
    high_reserve=Fact(HighReserve.TAKEN, (_EVCC,)),
    grid_charging=Fact(_EITHER, (_ENERGY,)),
    export=Fact(_ANY_EXPORT, (_ENERGY,)),
    latency=Fact(Latency.MINUTES, _SLOW),
    settling=Fact(900.0, _SLOW),
    running=Fact(value=False, sources=(_ENERGY,)),
    storm_watch=Fact(value=True, sources=(_ENERGY,)),
    firmware_check=Fact(value=False, sources=(_ENERGY,)),
    hold=Fact(value=False, sources=(_ENERGY,)),
    tariff_wins=_NO_TARIFF,
)
_FLEET_25_18: Final = replace(
    _FLEET, since=Version(25, 18, 4), high_reserve=Fact(HighReserve.REFUSED, (_EVCC,))
)
_FLEET_26_2: Final = replace(_FLEET_25_18, since=_TARIFF_SINCE, tariff_wins=_TARIFF_WINS)
_FLEET_26_10: Final = replace(
    _FLEET_26_2, since=Version(26, 10, 3), high_reserve=Fact(HighReserve.SNAPPED, (_SNAPS,))
)
_FLEET_WAYS: Final = (_FLEET, _FLEET_25_18, _FLEET_26_2, _FLEET_26_10)


# --- signed control ---------------------------------------------------------------------------

_V1R: Final = Way(
    Version(25, 10),
    together=frozenset(),  # the whole configuration is written, with what is not set as it was
    reading=Fact(Reading.WHOLE, (_README,)),
    writing=Fact(Writing.DONE, assumed="reports of control begin with 26.2"),
    modes=Fact(BASIC_MODES, (_README,)),
    high_reserve=Fact(HighReserve.REFUSED, assumed="as by the other routes from 25.18.4 on"),
    grid_charging=Fact(_EITHER, (_README,)),
    export=Fact(_ANY_EXPORT, (_README,)),
    latency=Fact(Latency.AT_ONCE, assumed="as on 26.18.1"),
    settling=Fact(120.0, assumed="as on 26.18.1"),
    running=Fact(value=False, assumed="most of what would show it is answered with 404"),
    storm_watch=Fact(value=False, assumed=_NO_WORD),
    firmware_check=Fact(value=False, assumed=_NO_WORD),
    hold=Fact(value=False, assumed="it is told of from 26.26.4 on"),
    tariff_wins=_NO_TARIFF,
)
_V1R_26_2: Final = replace(
    _V1R,
    since=_TARIFF_SINCE,
    writing=Fact(
        Writing.DONE,
        (_pypowerwall(274), _pypowerwall(284)),
        assumed="on 26.2.1 one key was verified, and one home with a Gateway 2 was refused",
    ),
    tariff_wins=_TARIFF_WINS,
)
_V1R_26_10: Final = replace(
    _V1R_26_2,
    since=Version(26, 10, 3),
    writing=Fact(Writing.STORED, _NOT_DONE),
    high_reserve=Fact(HighReserve.TAKEN, (_SNAPS,)),
    latency=Fact(Latency.MINUTES, _NOT_DONE),
)
_V1R_AFTER: Final = replace(
    _V1R_26_10,
    since=Version(26, 10, 5),
    writing=Fact(Writing.STORED, assumed="nobody tells of firmware between 26.10.4 and 26.18.1"),
    latency=Fact(Latency.MINUTES, assumed="as before"),
)
_V1R_26_18: Final = replace(
    _V1R_AFTER,
    since=Version(26, 18, 1),
    writing=Fact(Writing.DONE, (_pypowerwall(321), _issue("jasonacox/pypowerwall-server", 82))),
    latency=Fact(Latency.AT_ONCE, (_pypowerwall(321),)),
    settling=Fact(120.0, (_pypowerwall(321),)),
)
_V1R_26_26: Final = replace(
    _V1R_26_18, since=Version(26, 26, 4), hold=Fact(value=True, sources=(_README,))
)
_POWERWALL3: Final = (_V1R, _V1R_26_2, _V1R_26_10, _V1R_AFTER, _V1R_26_18, _V1R_26_26)


def _assumed(way: Way, why: str) -> Way:
    """What is known of other hardware; of the tariff nobody says that hardware matters."""
    facts: dict[str, Any] = {
        name: replace(fact, assumed=fact.assumed or why)
        for name, fact in way.cells.items()
        if name != "tariff_wins"
    }
    return replace(way, **facts)


def _as_powerwall3(*, hold: str) -> tuple[Way, ...]:
    """What is known of a Powerwall 3, assumed of other hardware; `hold` is why that has none."""
    ways = (_assumed(way, "as with a Powerwall 3") for way in _POWERWALL3)
    none = Fact(value=False, assumed=hold)
    return tuple(replace(way, hold=none) for way in ways if not way.hold.value)


_ON_GATEWAY1: Final = _as_powerwall3(hold="a discharge is told of on 26.34.0, a hold is not")
_GATEWAY1_26_18: Final = replace(
    _ON_GATEWAY1[-1],
    since=Version(26, 18, 3),
    reading=Fact(Reading.WHOLE, (_GATEWAY1,)),
    writing=Fact(Writing.DONE, (_GATEWAY1,)),
)
_ON_GATEWAY2: Final = _as_powerwall3(hold="nobody tells of one")
_GATEWAY2_26_26: Final = replace(
    _ON_GATEWAY2[-1],
    since=Version(26, 26, 4),
    reading=Fact(Reading.WHOLE, _READ_BY_TWO),
    writing=Fact(Writing.DONE, assumed="two owners read; nobody tells of control"),
)


# --- the local API ----------------------------------------------------------------------------


_OPENAPI: Final = Source(
    "powerwall2 openapi", "https://github.com/vloschiavo/powerwall2/tree/master/openapi"
)
_AT_ONCE: Final = _issue("vloschiavo/powerwall2", 34)
_BY_LOGIN: Final = MappingProxyType(
    {
        Login.STOPS_BATTERY: Writing.DONE,
        Login.MUST_STOP_BATTERY: Writing.REFUSED,
        Login.UNATTENDED: Writing.DONE,
        Login.AT_THE_SWITCH: Writing.REFUSED,
    }
)


def _local(generation: Generation) -> Way:
    """A row of the table of firmware as one of this.

    Reports seldom say which gateway it was, so both Backup Gateways are as one.
    """
    login, ceiling, modes = generation.login, generation.reserve_ceiling, generation.autonomous
    high = HighReserve.TAKEN if ceiling.value == 100 else HighReserve.REFUSED
    return Way(
        generation.since,
        together=_MODE_AND_RESERVE,
        reading=Fact(Reading.WHOLE, (_OPENAPI,)),
        writing=Fact(_BY_LOGIN[login.value], login.sources, login.assumed),
        modes=Fact(generation.levers.modes, modes.sources, modes.assumed),
        high_reserve=Fact(high, ceiling.sources, ceiling.assumed),
        grid_charging=Fact(frozenset(), (_OPENAPI,)),
        export=Fact(frozenset(), (_OPENAPI,)),
        latency=Fact(Latency.AT_ONCE, (_AT_ONCE,)),
        settling=Fact(120.0, (_AT_ONCE,)),
        running=Fact(value=True, sources=(_OPENAPI,)),
        storm_watch=Fact(value=False, sources=(_OPENAPI,)),
        firmware_check=Fact(value=True, assumed="which login may ask for it is not told of"),
        hold=Fact(value=False, sources=(_OPENAPI,)),
        tariff_wins=_NO_TARIFF,
    )


_POWERWALL2: Final = (
    *(_local(each) for each in GENERATIONS),
    replace(_local(GENERATIONS[-1]), since=_TARIFF_SINCE, tariff_wins=_TARIFF_WINS),
)
_POWERWALL_PLUS: Final = tuple(
    _assumed(way, "as with a Powerwall 2")
    for way in _POWERWALL2
    if way.since >= Version(1, 50)  # there was none before
)
_NOT_AT_HOME: Final[Mapping[str, Any]] = {
    "reading": Fact(Reading.BASIC, (_README,)),
    "writing": Fact(Writing.REFUSED, (_README,)),
    "modes": Fact(frozenset(), (_README,)),
    "high_reserve": Fact(HighReserve.REFUSED, (_README,)),
    "running": Fact(value=False, sources=(_README,)),
    "firmware_check": Fact(value=False, sources=(_README,)),
}
_POWERWALL3_AT_HOME: Final = tuple(
    replace(_assumed(way, "it takes no setting here"), since=since, **_NOT_AT_HOME)
    for way, since in ((_POWERWALL2[-2], Version(0, 0)), (_POWERWALL2[-1], _TARIFF_SINCE))
)


# --- the table --------------------------------------------------------------------------------

WAYS: Final[Mapping[Route, Mapping[Hardware, tuple[Way, ...]]]] = MappingProxyType(
    {
        Route.LOCAL: MappingProxyType(
            {
                Hardware.POWERWALL2_GATEWAY1: _POWERWALL2,
                Hardware.POWERWALL2_GATEWAY2: _POWERWALL2,
                Hardware.POWERWALL_PLUS: _POWERWALL_PLUS,
                Hardware.POWERWALL3: _POWERWALL3_AT_HOME,
            }
        ),
        Route.SIGNED: MappingProxyType(
            {
                Hardware.POWERWALL2_GATEWAY1: (*_ON_GATEWAY1, _GATEWAY1_26_18),
                Hardware.POWERWALL2_GATEWAY2: (*_ON_GATEWAY2, _GATEWAY2_26_26),
                Hardware.POWERWALL_PLUS: _as_powerwall3(hold="nobody tells of one"),
                Hardware.POWERWALL3: _POWERWALL3,
            }
        ),
        Route.FLEET: MappingProxyType(dict.fromkeys(Hardware, _FLEET_WAYS)),
    }
)
"""The table, oldest firmware first. Before the first of them its ways are assumed."""


def way_of(route: Route, hardware: Hardware, version: Version) -> Way:
    """The row of this firmware."""
    ways = WAYS[route][hardware]
    older = [each for each in ways if each.since <= version]
    return older[-1] if older else ways[0]


def levers_of_route(route: Route, hardware: Hardware | None, version: Version | None) -> Levers:
    """What can be set; of what is not known about the home, what any that can be set takes."""
    levers = [way.levers for way in _ways(route, hardware, version)]
    settable = [each for each in levers if each.modes] or levers
    return Levers(
        modes=frozenset.intersection(*(each.modes for each in settable)),
        reserve_ceiling=min(each.reserve_ceiling for each in settable),
        grid_charging=frozenset.intersection(*(each.grid_charging for each in settable)),
        export=frozenset.intersection(*(each.export for each in settable)),
        together=frozenset.union(*(each.together for each in settable)),
    )


def settling_of(route: Route, hardware: Hardware | None, version: Version | None) -> float:
    """Seconds after which a setting must show; of what is not known about the home, the longest."""
    return max(way.settling.value for way in _ways(route, hardware, version))


def high_reserve_of(
    route: Route, hardware: Hardware | None, version: Version | None
) -> HighReserve:
    """What becomes of a reserve of 81 to 99 %; of what is not known, the worst."""
    return max((way.high_reserve.value for way in _ways(route, hardware, version)), key=_WORSE)


def caveats_of(
    route: Route, hardware: Hardware | None, version: Version | None
) -> frozenset[Caveat]:
    """Why a setting may not show though it was taken, as far as it is known of this home.

    Nothing of an unknown firmware; of unknown hardware, what holds for any.
    """
    return frozenset() if version is None else _caveats(_ways(route, hardware, version))


def tariff_may_win(version: Version) -> bool:
    """With this firmware a tariff in the app may win over the reserve, whatever the route."""
    return version >= _TARIFF_SINCE


_WORSE: Final = tuple(HighReserve).index


def _ways(route: Route, hardware: Hardware | None, version: Version | None) -> tuple[Way, ...]:
    """The rows that may be meant."""
    meant = WAYS[route] if hardware is None else (hardware,)
    if version is None:
        return tuple(way for each in meant for way in WAYS[route][each])
    return tuple(way_of(route, each, version) for each in meant)


def _caveats(ways: tuple[Way, ...]) -> frozenset[Caveat]:
    found = set()
    if all(way.writing.value is Writing.STORED for way in ways):
        found.add(Caveat.DONE_BY_THE_APP)
    if all(way.tariff_wins.value for way in ways):
        found.add(Caveat.TARIFF_MAY_WIN)
    return frozenset(found)
