"""What a route allows, and what can be requested of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

from rules.resolve import Levers


class Endpoint(StrEnum):
    """What can be requested of a gateway in one observation; each costs one request."""

    SOE = auto()
    METERS = auto()
    GRID = auto()
    OPERATION = auto()
    SITEMASTER = auto()
    STATUS = auto()


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
