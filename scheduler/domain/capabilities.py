"""What a route allows, and what can be requested of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum, auto
from functools import cache
from types import MappingProxyType
from typing import Final

from rules.domain import Observation, Part, Quantity
from rules.resolve import Levers


class Endpoint(StrEnum):
    """What can be requested of a gateway in one observation.

    By the local route each costs one request; another route may answer several at once.
    """

    SOE = auto()
    METERS = auto()
    GRID = auto()
    OPERATION = auto()
    SITEMASTER = auto()
    STATUS = auto()
    PERMISSIONS = auto()
    STORM_WATCH = auto()


QUANTITIES: Final[Mapping[Endpoint, tuple[Quantity, ...]]] = MappingProxyType(
    {
        Endpoint.SOE: (Quantity.SOE,),
        Endpoint.METERS: (
            Quantity.SITE_POWER,
            Quantity.BATTERY_POWER,
            Quantity.LOAD_POWER,
            Quantity.SOLAR_POWER,
        ),
        Endpoint.GRID: (Quantity.GRID, Quantity.GRID_SERVICES),
        Endpoint.OPERATION: (Quantity.MODE, Quantity.RESERVE),
        Endpoint.SITEMASTER: (Quantity.RUNNING,),
        Endpoint.STATUS: (Quantity.FIRMWARE,),
        Endpoint.PERMISSIONS: (Quantity.GRID_CHARGING, Quantity.EXPORT),
        Endpoint.STORM_WATCH: (Quantity.STORM_WATCH,),
    }
)
"""What each endpoint shows."""

AT_INTERVALS: Final[Mapping[Endpoint, float]] = MappingProxyType(
    {
        Endpoint.OPERATION: 120.0,
        Endpoint.SITEMASTER: 120.0,
        Endpoint.STATUS: 900.0,
        Endpoint.PERMISSIONS: 120.0,
        Endpoint.STORM_WATCH: 120.0,
    }
)
"""Seconds between two requests of what is not in every poll, where the gateway is at home."""

SHOWN_AT_HOME: Final = (
    frozenset(Quantity) - {Quantity(part.value) for part in Part} - {Quantity.STORM_WATCH}
)
"""What the gateway's own API shows beside its setting."""

READ_BACKS: Final = (5.0, 15.0, 45.0, 90.0)
"""Seconds after a write at which it is read back, where the gateway is at home."""


class BudgetState(StrEnum):
    """How a metered route stands with what it may use in a month."""

    WITHIN = "within the budget"
    NEAR = "near the budget: read less often"
    SPENT = "the budget is spent: only writes are made"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a metered route has used, by UTC days and calendar months, and what it may use.

    `dollars` is what the month's requests and commands would cost, `allowance` what they may.
    """

    requests_today: int
    commands_today: int
    requests_this_month: int
    commands_this_month: int
    dollars: float
    allowance: float
    state: BudgetState


class Caveat(StrEnum):
    """Why a setting may not show though it was taken and reads back, by what is known."""

    DONE_BY_THE_APP = auto()
    """This firmware stores what this route sets, and does it when the Tesla app is opened."""

    TARIFF_MAY_WIN = auto()
    """With this firmware a tariff in the Tesla app may win over the reserve."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this route, this firmware and this account allow.

    `login` is the account, "customer" or "installer". `started` is when the gateway says it was
    started, in its own words: it means nothing but that another text is another start. `timezone`
    is the IANA name of the zone the gateway believes to be in.

    `may_write` is `None` until the gateway has answered a write; False is a mode of operation
    (observe and advise), not an error. `may_install_firmware` likewise. With another firmware all
    of it is learned anew, after a restart all but `may_write`. Seconds and counts are the route's
    own limits; guards take the stricter of these and the owner's.

    `shows` are the quantities beside the setting that this route can read at all; of the setting,
    it reads what its levers set and do not call unreadable. `at_intervals` are the seconds
    between two requests of what is not in every poll, `read_backs` the seconds after a write at
    which it is read back. `usage` is what a metered route has used so far.
    """

    login: str
    firmware: str | None = None
    started: str | None = None
    timezone: str | None = None
    may_write: bool | None = None
    levers: Levers = field(default_factory=Levers)
    shortest_poll: float = 5.0
    writes_a_day: int = 24
    settling_time: float = 120.0
    may_check_firmware: bool = True
    may_install_firmware: bool | None = None
    shows: frozenset[Quantity] = SHOWN_AT_HOME
    at_intervals: Mapping[Endpoint, float] = field(default_factory=lambda: AT_INTERVALS)
    read_backs: tuple[float, ...] = READ_BACKS
    usage: Usage | None = None
    caveats: frozenset[Caveat] = frozenset()

    def paced(self, poll: timedelta) -> timedelta:
        """The time between two polls, where the owner wants `poll`."""
        return max(poll, timedelta(seconds=self.shortest_poll))

    def runs(self, observation: Observation) -> bool:
        """The battery runs, or this route cannot tell."""
        if observation.running is None:
            return Quantity.RUNNING not in self.shows
        return observation.running

    @property
    def endpoints(self) -> frozenset[Endpoint]:
        """What is worth requesting: where there is anything to show."""
        return _endpoints(self.shows, self.levers)


@cache
def _endpoints(shows: frozenset[Quantity], levers: Levers) -> frozenset[Endpoint]:
    shows |= {Quantity(part.value) for part in levers.parts if part not in levers.unreadable}
    return frozenset(each for each, shown in QUANTITIES.items() if not shows.isdisjoint(shown))


class FirmwareState(StrEnum):
    """What the gateway says of its own update.

    `IDLE` tells neither that there is something newer nor that there is not; `UNKNOWN` is an answer
    that cannot be read.
    """

    IDLE = "idle"
    CHECKING = "checking"
    DOWNLOADING = "downloading"
    STALLED = "not moving"
    NOTHING_NEWER = "nothing newer"
    STAGED = "staged"
    INSTALLING = "installing"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def settled(self) -> bool:
        """A check that shows this has come to its end."""
        return self in (
            FirmwareState.NOTHING_NEWER,
            FirmwareState.STAGED,
            FirmwareState.FAILED,
        )


@dataclass(frozen=True, slots=True)
class FirmwareStatus:
    """One reading of the update status. `raw` is the gateway's own words, for the journal."""

    state: FirmwareState
    version: str | None
    raw: str
