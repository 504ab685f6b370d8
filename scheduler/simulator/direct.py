"""A simulated home behind the gateway protocol, without an API between.

What a controller requests comes straight from the home's state, and what it writes goes straight
into it: no HTTP, no sockets, no waiting. For runs in which the route is not what is on trial, and
for routes that have levers the local API has not.

Whatever happens stands in `record`, `reads` and `attempts`; a daemon's journal can be held against
them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final, NamedTuple

from rules.domain import NOTHING, AppPercent, Observation, Part, Setting
from rules.resolve import Levers
from scheduler.clock import Clock
from scheduler.domain import (
    Capabilities,
    Endpoint,
    FirmwareState,
    FirmwareStatus,
)
from scheduler.errors import (
    GatewayProblem,
    NotPermitted,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways import check_parts
from scheduler.simulator.home import GridChange, Home
from scheduler.simulator.record import (
    FirmwareSeen,
    GridSeen,
    Record,
    RunningChange,
    SettingInEffect,
    WriteSeen,
)

LOGIN: Final = "installer"
FIRMWARE: Final = "simulated"


class WriteFate(StrEnum):
    """What becomes of a write; `ERRORS` has what the writer is told."""

    CARRIED_OUT = auto()
    REFUSED = auto()
    NOT_PERMITTED = auto()
    LOST = auto()
    """Not carried out, and nobody says so."""
    UNANSWERED = auto()
    """Carried out, and nobody says so."""
    IGNORED = auto()
    """Answered well, and nothing changes."""
    UNACTED = auto()
    """Answered well and shown, and the battery goes on as before."""


ERRORS: Final[Mapping[WriteFate, type[GatewayProblem]]] = {
    WriteFate.REFUSED: Refused,
    WriteFate.NOT_PERMITTED: NotPermitted,
    WriteFate.LOST: WriteUncertain,
    WriteFate.UNANSWERED: WriteUncertain,
}

_SHOWN: Final = frozenset({WriteFate.CARRIED_OUT, WriteFate.UNANSWERED, WriteFate.UNACTED})
_IN_EFFECT: Final = frozenset({WriteFate.CARRIED_OUT, WriteFate.UNANSWERED})


class ReadSeen(NamedTuple):
    """An observation was requested."""

    at: datetime
    endpoints: frozenset[Endpoint]


class WriteAttempt(NamedTuple):
    """A write was requested, and this is what became of it."""

    at: datetime
    setting: Setting
    fate: WriteFate


class DirectGateway:
    """A `Gateway` that is the simulated home itself.

    `levers` are the route's. A part that it has no lever for, or that is unreadable, is missing
    from observations. `reads_kept` bounds the list of reads (`None`: all). Writes meet `fate` until
    it is changed; while `silent`, nothing at all is answered.
    """

    def __init__(
        self, home: Home, clock: Clock, *, levers: Levers, reads_kept: int | None = None
    ) -> None:
        self.home = home
        self.fate = WriteFate.CARRIED_OUT
        self.silent = False
        self.record = Record()
        self.reads: deque[ReadSeen] = deque(maxlen=reads_kept)
        self.attempts: list[WriteAttempt] = []
        self.shown = home.setting
        self._clock = clock
        self._began = home.at - timedelta(seconds=clock.monotonic())
        self._readable = frozenset(levers.parts) - levers.unreadable
        self._checked = False
        zone = home.household.timezone.key
        self._capabilities = Capabilities(LOGIN, FIRMWARE, timezone=zone, levers=levers)
        self.record.settings.append(SettingInEffect(home.at, home.setting, "start"))
        self.record.running.append(RunningChange(home.at, home.running, "start"))
        self.record.firmware.append(FirmwareSeen(home.at, FIRMWARE, "start"))
        self.record.grid.append(GridSeen(home.at, home.grid))
        home.on_grid_change(self._grid_changed)

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def advance(self) -> datetime:
        """Bring the home to the present and return it.

        The home's clock runs with the monotonic side of ours: a step of the wall clock is not its.
        """
        now = self._began + timedelta(seconds=self._clock.monotonic())
        self.home.advance_to(now)
        return now

    def set_in_app(self, setting: Setting) -> None:
        """The owner sets these parts, past this route."""
        now = self.advance()
        self.shown = setting.over(self.shown)
        self._put_in_effect(now, setting, "app")

    async def connect(self) -> None:
        self._answering()

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        self.reads.append(ReadSeen(self.advance(), endpoints))
        self._answering()
        home, shown, readable = self.home, self.shown, self._readable
        flow = home.flow if Endpoint.METERS in endpoints else None
        grid = Endpoint.GRID in endpoints
        operation = Endpoint.OPERATION in endpoints
        permissions = Endpoint.PERMISSIONS in endpoints
        reserve = None if shown.reserve is None else AppPercent(shown.reserve)
        return Observation(
            self._clock.now(),
            home.soe if Endpoint.SOE in endpoints else None,
            flow.site_w if flow else None,
            flow.battery_w if flow else None,
            flow.load_w if flow else None,
            flow.solar_w if flow else None,
            home.grid if grid else None,
            home.grid_services if grid else None,
            shown.mode if operation and Part.MODE in readable else None,
            reserve if operation and Part.RESERVE in readable else None,
            shown.grid_charging if permissions and Part.GRID_CHARGING in readable else None,
            shown.export if permissions and Part.EXPORT in readable else None,
            home.running if Endpoint.SITEMASTER in endpoints else None,
            FIRMWARE if Endpoint.STATUS in endpoints else None,
        )

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:  # noqa: ARG002 -- writes are not counted here
        check_parts(setting, self._capabilities.levers)
        self._write(setting, "written")

    async def write_back(self) -> None:
        unknown = dict.fromkeys(set(Part) - self._readable)
        self._write(replace(self.shown, **unknown), "written back")

    def assume(self, *, may_write: bool | None) -> None:
        self._capabilities = replace(self._capabilities, may_write=may_write)

    async def trust(self, certificate: str) -> None:
        """There is no connection here, and nobody else to answer."""

    async def run_battery(self) -> None:
        now = self.advance()
        self._answering()
        if not self.home.running:
            self.home.running = True
            self.record.running.append(RunningChange(now, running=True, cause="asked to run"))

    def leave_battery(self, seconds: float) -> None:
        """Nothing here runs a battery unasked."""

    async def start_firmware_check(self) -> None:
        now = self.advance()
        self._answering()
        self.record.update_checks.append(now)
        self._checked = True

    async def install_firmware(self) -> None:
        raise Refused("the simulated home has no update to install")

    async def firmware_status(self) -> FirmwareStatus:
        self._answering()
        state = FirmwareState.NOTHING_NEWER if self._checked else FirmwareState.IDLE
        return FirmwareStatus(state, FIRMWARE, state.value)

    async def close(self) -> None:
        """There is no connection to let go of."""

    def _write(self, setting: Setting, cause: str) -> None:
        now = self.advance()
        self._answering()
        fate = self.fate if self._is_legal(setting) else WriteFate.REFUSED
        self.attempts.append(WriteAttempt(now, setting, fate))
        if fate in _SHOWN:
            self.shown = setting.over(self.shown)
            self.record.writes.append(WriteSeen(now, setting, LOGIN))
        if fate in _IN_EFFECT:
            self._put_in_effect(now, setting, cause)
        if fate is WriteFate.NOT_PERMITTED:
            self.assume(may_write=False)
        if fate in ERRORS:
            raise ERRORS[fate](f"the simulated home: {setting}: {fate.value}")
        self.assume(may_write=True)

    def _is_legal(self, setting: Setting) -> bool:
        levers, reserve = self._capabilities.levers, setting.reserve
        if reserve is not None and not levers.is_legal_reserve(reserve):
            return False
        return not levers.out_of_reach(setting)

    def _put_in_effect(self, now: datetime, setting: Setting, cause: str) -> None:
        self.home.put_in_effect(setting)
        self.record.settings.append(SettingInEffect(now, self.home.setting, cause))

    def _answering(self) -> None:
        if self.silent:
            raise Unreachable("the simulated home does not answer")

    def _grid_changed(self, change: GridChange) -> None:
        self.record.grid.append(GridSeen(change.at, change.status))
