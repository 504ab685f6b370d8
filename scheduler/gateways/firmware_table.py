"""What each firmware of the gateway lets the local route do: the one table of it, with its sources.

The adapter's capabilities, the simulated gateway, `explain`, `check` and docs/firmware.md are made
of it. The maker documents none of this, so every cell says who recorded it; a cell that nobody
recorded is marked as assumed, and then the narrower assumption holds. What a later firmware does
not change, it takes over from the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Generic, Literal, NamedTuple, TypeVar

from rules.domain import Mode
from rules.resolve import Levers
from scheduler.gateways.versions import Version

_Value = TypeVar("_Value")


class Evidence(StrEnum):
    """How a fact is known."""

    TRIED = "tried here"
    REPORTED = "reported"
    UNKNOWN = "unknown"


class Source(NamedTuple):
    """Where a fact is recorded."""

    name: str
    url: str


class Transport(StrEnum):
    """How the gateway is spoken to."""

    HTTP = "plain http"
    HTTPS = "https"


class Login(StrEnum):
    """What it takes to log in as somebody who may write."""

    STOPS_BATTERY = "it stops the battery"
    MUST_STOP_BATTERY = "only by asking for the battery to be stopped"
    UNATTENDED = "unattended"
    AT_THE_SWITCH = "only with somebody at the battery's switch"


ModeKey = Literal["mode", "real_mode"]
"""The key under which `POST /api/operation` takes the mode."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[_Value]):
    """One cell. `assumed` is why it is believed where nobody recorded it, else empty.

    `tried`: we have seen it ourselves, with such hardware.
    """

    value: _Value
    sources: tuple[Source, ...] = ()
    assumed: str = ""
    tried: bool = False

    @property
    def evidence(self) -> Evidence:
        """How it is known."""
        if self.tried:
            return Evidence.TRIED
        return Evidence.UNKNOWN if self.assumed or not self.sources else Evidence.REPORTED


@dataclass(frozen=True, slots=True)
class Generation:
    """The firmware from `since` on, until the next generation.

    `reserve_ceiling` is the highest reserve under 100, in app percent, that can be set.
    `autonomous`: this mode can be set; the modes self_consumption and backup always can.
    """

    since: Version
    transport: Fact[Transport]
    login: Fact[Login]
    mode_key: Fact[ModeKey]
    autonomous: Fact[bool]
    reserve_ceiling: Fact[int]

    @property
    def levers(self) -> Levers:
        """Mode and reserve, in one request: this API has no word for the other parts."""
        return Levers(
            modes=frozenset(Mode) if self.autonomous.value else BASIC_MODES,
            reserve_ceiling=self.reserve_ceiling.value,
        )


BASIC_MODES: Final = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP})
"""What can be set wherever a mode can be set at all."""


def _powerwall2(number: int) -> Source:
    return Source(
        f"powerwall2#{number}", f"https://github.com/vloschiavo/powerwall2/issues/{number}"
    )


_NOTES: Final = Source(
    "powerwall2@bff6821", "https://github.com/vloschiavo/powerwall2/tree/bff6821"
)
_EVCC: Final = Source("evcc#22743", "https://github.com/evcc-io/evcc/issues/22743")
_OWN_PAGE: Final = Source(
    "pypowerwall app.js",
    "https://github.com/jasonacox/pypowerwall/blob/main/proxy/web/viz-static/app.js",
)
_BETWEEN: Final = "assumed: so it was before"

_1_15: Final = Generation(
    Version(1, 15),
    transport=Fact(Transport.HTTP, (_NOTES,)),
    login=Fact(Login.STOPS_BATTERY, (_NOTES,)),
    mode_key=Fact("mode", (_NOTES,)),
    autonomous=Fact(value=False, sources=(_NOTES,)),
    reserve_ceiling=Fact(100, (_EVCC,)),
)
_1_17: Final = replace(
    _1_15,
    since=Version(1, 17),
    transport=Fact(Transport.HTTP, (_powerwall2(8),)),
    login=Fact(Login.MUST_STOP_BATTERY, (_powerwall2(4),)),
    mode_key=Fact("mode", (_powerwall2(8),)),
    autonomous=Fact(value=False, sources=(_powerwall2(8),)),
)
_1_20: Final = replace(
    _1_17,
    since=Version(1, 20),
    transport=Fact(Transport.HTTPS, (_powerwall2(9), _powerwall2(16))),
    login=Fact(Login.MUST_STOP_BATTERY, assumed=_BETWEEN),
    mode_key=Fact("mode", assumed=_BETWEEN),
    autonomous=Fact(value=False, assumed="assumed: so it was before and after"),
)
_1_21: Final = replace(
    _1_20,
    since=Version(1, 21),
    login=Fact(Login.UNATTENDED, assumed="assumed: nobody says when a login stopped asking for it"),
    mode_key=Fact("real_mode", (_powerwall2(10),)),
    autonomous=Fact(value=False, sources=(_powerwall2(10), _powerwall2(11))),
)
_1_23: Final = replace(
    _1_21,
    since=Version(1, 23),
    login=Fact(Login.UNATTENDED, (_powerwall2(15), _powerwall2(18), _powerwall2(34))),
    autonomous=Fact(value=False, assumed="unknown, assumed: nobody tells of having set it"),
)
_1_50: Final = replace(
    _1_23,
    since=Version(1, 50),
    login=Fact(Login.AT_THE_SWITCH, (_powerwall2(34),)),
)
_23_28: Final = replace(
    _1_50,
    since=Version(23, 28),
    autonomous=Fact(
        value=True,
        sources=(_OWN_PAGE,),
        assumed="assumed: the gateway's own page sends it; no answer to it is recorded",
    ),
)
_25_18: Final = replace(_23_28, since=Version(25, 18, 4), reserve_ceiling=Fact(80, (_EVCC,)))

GENERATIONS: Final = (_1_15, _1_17, _1_20, _1_21, _1_23, _1_50, _23_28, _25_18)
"""The table, oldest first. Before the first of them nothing is recorded; its ways are assumed."""


def generation_of(version: Version) -> Generation:
    """The generation of a firmware."""
    older = [each for each in GENERATIONS if each.since <= version]
    return older[-1] if older else GENERATIONS[0]


def mode_key(version: Version | None) -> ModeKey:
    """The key under which `POST /api/operation` takes the mode.

    Firmware that reads `real_mode` calls a request without it an illegal mode.
    """
    return (
        GENERATIONS[-1].mode_key.value if version is None else generation_of(version).mode_key.value
    )


def login_may_stop_battery(version: Version | None) -> bool:
    """Any login may stop the battery, though it asks for no such thing.

    Firmware 1.15 does so for every login, and the reports of owners up to 1.49 do not rule it out
    (powerwall2#15). From 1.50 on, clients log in many times a day and no battery stands for it
    (powerwall2#103).
    """
    return version is None or version < _1_50.since


def levers_of(version: Version | None) -> Levers:
    """What can be set over the local API; where the version is unknown, what any firmware takes."""
    return NARROWEST_LEVERS if version is None else generation_of(version).levers


NARROWEST_LEVERS: Final = Levers(
    modes=frozenset.intersection(*(each.levers.modes for each in GENERATIONS)),
    reserve_ceiling=min(each.levers.reserve_ceiling for each in GENERATIONS),
)
"""What can be set over the local API by every firmware."""

WIDEST_LEVERS: Final = Levers(
    modes=frozenset.union(*(each.levers.modes for each in GENERATIONS)),
    reserve_ceiling=max(each.levers.reserve_ceiling for each in GENERATIONS),
)
"""What can be set over the local API by some firmware or other."""
