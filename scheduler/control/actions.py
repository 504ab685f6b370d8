"""What a controller wants done. Each is carried out once, and what comes of it is an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.domain import NOTHING, Setting
from scheduler.domain import Endpoint


@dataclass(frozen=True, slots=True)
class Observe:
    """Ask the gateway for these endpoints: `Seen`."""

    endpoints: frozenset[Endpoint]


@dataclass(frozen=True, slots=True)
class Apply:
    """Write these parts together: `Written`.

    `found` is what the gateway has of them by what was read, for a route whose commands are
    counted: empty where all of it is to be sent whatever the gateway says.
    """

    setting: Setting
    found: Setting = NOTHING


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Write exactly what is set, to learn whether this account may: `Written`."""


@dataclass(frozen=True, slots=True)
class RunBattery:
    """Ask the stopped battery to run: `BatteryAsked`."""


@dataclass(frozen=True, slots=True)
class CheckFirmware:
    """Ask the gateway to look for an update: `CheckStarted`."""


@dataclass(frozen=True, slots=True)
class ReadFirmware:
    """Ask how the update stands: `FirmwareRead`."""


@dataclass(frozen=True, slots=True)
class InstallFirmware:
    """Ask the gateway to install the staged update: `InstallAsked`."""


@dataclass(frozen=True, slots=True)
class Assume:
    """Let the adapter take this over as known; `None`: it is to be tried."""

    may_write: bool | None


@dataclass(frozen=True, slots=True)
class LeaveBattery:
    """Let the adapter not mend a stopped battery for so long: an update has stopped it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Trust:
    """Let the adapter recognise the gateway by this certificate from now on."""

    certificate: str


Action = (
    Observe
    | Apply
    | WriteBack
    | RunBattery
    | CheckFirmware
    | ReadFirmware
    | InstallFirmware
    | Assume
    | LeaveBattery
    | Trust
)


@dataclass(frozen=True, slots=True)
class Wake:
    """When the controller wants to be woken again.

    `poll` seconds after the tick began, on the monotonic clock, and no later than the instants
    `soonest` (a read-back is due, say) and `boundary` (the decision may change).
    """

    poll: float
    soonest: datetime | None
    boundary: datetime | None
