"""What a route to a Powerwall must offer. The loop knows nothing else of it.

Policy of every adapter: it never retries on its own (the loop is the retry), never waits longer
than one bounded request sequence, hands out app percent only, and turns an answer that it cannot
use (empty, broken, unknown word) into a missing value rather than an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Protocol

from rules.domain import Mode, Observation
from rules.resolve import Levers


class Part(Enum):
    """What can be asked for in one observation; each costs one request."""

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


@dataclass(frozen=True, slots=True)
class FullSetting:
    """An absolute setting: mode and reserve (whole app percent) always go together."""

    mode: Mode
    reserve: int

    def __str__(self) -> str:
        return f"{self.mode.value}, reserve {self.reserve} %"


class Gateway(Protocol):
    """One site's gateway, by some route."""

    @property
    def capabilities(self) -> Capabilities:
        """What is known so far; changes with the firmware, the account and the first write."""

    async def connect(self) -> None:
        """Make the first contact: reach it, trust it, log in.

        Raises `Unreachable`, `CertificateMismatch`, `LoginRefused` or `Paused`. Every later call
        may raise the last three as well: certificates and sessions change while one runs.
        """

    async def observe(self, parts: frozenset[Part]) -> Observation:
        """Ask for these parts, in one request each. A part without a usable answer is missing.

        What comes after a first silence is not asked for any more, and missing too. Raises
        `Unreachable` when the gateway answered nothing at all, `LoginRefused` or `Paused` when it
        would not talk to us.
        """

    async def apply(self, setting: FullSetting) -> None:
        """Write mode and reserve and make the gateway take them over.

        Returns when the gateway has accepted every step, which says nothing about the effect.
        Raises `NotPermitted` (and from then on `capabilities.may_write` is False), `Refused`,
        `WriteUncertain` when a step may or may not have been carried out, and where certainly
        nothing was written `Unreachable`, `LoginRefused` or `Paused`.
        """

    async def write_back(self) -> None:
        """Find out whether this account may write: write exactly what is set, unrounded.

        From then on `capabilities.may_write` says so, and nothing has changed. Raises what `apply`
        raises, and `Refused` without writing where the gateway does not show a whole setting, or
        shows one that it would not take back as it is.
        """

    def assume(self, *, may_write: bool | None) -> None:
        """Take over what is known for the same firmware and login; `None`: it is to be tried."""

    async def run_battery(self) -> None:
        """Ask a stopped battery to run again. Raises `GatewayProblem`."""

    def leave_battery(self, seconds: float) -> None:
        """Do not mend a battery found stopped for so long: an update has stopped it."""

    async def start_firmware_check(self) -> None:
        """Ask the gateway to look for an update now. Raises `GatewayProblem`."""

    async def install_firmware(self) -> None:
        """Install the staged update: the gateway restarts, and the battery stands meanwhile.

        Raises `NotPermitted` (and from then on `capabilities.may_install_firmware` is False),
        `WriteUncertain` when it may or may not have begun, and other `GatewayProblem`s.
        """

    async def firmware_status(self) -> FirmwareStatus:
        """How the update stands. Raises `GatewayProblem`."""

    async def close(self) -> None:
        """Let go of the connection. A session that is kept for the next process stays valid."""
