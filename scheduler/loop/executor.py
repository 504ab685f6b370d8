"""Carries out the actions of a controller; their results are events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from rules.domain import Observation
from scheduler.clock import Clock
from scheduler.control import Action, Failure, FailureKind, actions, events
from scheduler.control.events import Event
from scheduler.domain import Capabilities, Endpoint, FirmwareStatus, NoteKind
from scheduler.errors import (
    CertificateUnconfirmed,
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Refused,
    WriteUncertain,
)
from scheduler.gateways import Gateway, OnNote
from scheduler.inputs import InputFolder

MakeGateway = Callable[[OnNote], Gateway]
Ask = Callable[[], Awaitable[None]]


class Executor:
    """One site's gateway and input folder.

    `reported` is what they have reported of their own accord and nobody has recorded yet. `trusted`
    is the certificate that was taken over since the start.
    """

    def __init__(self, make_gateway: MakeGateway, inputs: InputFolder, clock: Clock) -> None:
        self._gateway = make_gateway(lambda kind, text: self.reported.append((kind, text)))
        self._inputs = inputs
        self._clock = clock
        self.reported: list[tuple[NoteKind, str]] = []
        self.trusted: str | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What is known of the route so far."""
        return self._gateway.capabilities

    async def connect(self, at: datetime, *, read_before: bool) -> events.Connected:
        """Reach the gateway, or know why not: what may pass is waited for.

        Raises what only a person can mend, in a file: `CertificateUnconfirmed`, and `LoginRefused`
        by a gateway that never let us in. One that has done so before may do so again.
        """
        failure = None
        try:
            await self._gateway.connect()
        except CertificateUnconfirmed:
            raise
        except LoginRefused as error:
            if not read_before:
                raise
            failure = _failure(error)
        except GatewayProblem as error:
            failure = _failure(error)
        return events.Connected(at, self.capabilities, failure)

    async def carry_out(self, action: Action, at: datetime) -> Event | None:
        """The result of an action, as of the tick at `at`; `None` where there is none."""
        match action:
            case actions.Observe():
                return await self._observe(action.endpoints, at)
            case actions.Apply() | actions.WriteBack():
                return await self._write(action, at)
            case actions.RunBattery():
                return events.BatteryRunRequested(at, await _tried(self._gateway.run_battery))
            case actions.CheckFirmware():
                return events.CheckStarted(at, await _tried(self._gateway.start_firmware_check))
            case actions.InstallFirmware():
                failure = await _tried(self._gateway.install_firmware)
                return events.InstallRequested(at, self.capabilities, failure)
            case actions.ReadFirmware():
                return await self._read_firmware(at)
            case actions.Assume():
                self._gateway.assume(may_write=action.may_write)
            case actions.Trust():
                await self._gateway.trust(action.certificate)
                self.trusted = action.certificate
            case actions.LeaveBattery():
                self._gateway.leave_battery(action.seconds)
        return None

    async def close(self) -> None:
        """Let go of the gateway."""
        await self._gateway.close()

    async def _observe(self, endpoints: frozenset[Endpoint], at: datetime) -> events.Seen:
        failure = None
        try:
            observation = await self._gateway.observe(endpoints)
        except GatewayProblem as error:
            observation, failure = Observation(at), _failure(error)
        inputs = self._inputs.read(self._object)
        return events.Seen(at, endpoints, observation, self.capabilities, failure, inputs)

    async def _write(
        self, action: actions.Apply | actions.WriteBack, at: datetime
    ) -> events.Written:
        failure = None
        try:
            if isinstance(action, actions.Apply):
                await self._gateway.apply(action.setting, action.found)
            else:
                await self._gateway.write_back()
        except GatewayProblem as error:
            failure = _failure(error)
        return events.Written(at, self._clock.now(), self.capabilities, failure)

    async def _read_firmware(self, at: datetime) -> events.FirmwareRead:
        status: FirmwareStatus | None = None
        failure = None
        try:
            status = await self._gateway.firmware_status()
        except GatewayProblem as error:
            failure = _failure(error)
        return events.FirmwareRead(at, status, self.capabilities, failure)

    def _object(self, text: str) -> None:
        self.reported.append((NoteKind.INPUT_UNUSABLE, text))


async def _tried(ask: Ask) -> Failure | None:
    try:
        await ask()
    except GatewayProblem as error:
        return _failure(error)
    return None


def _failure(error: GatewayProblem) -> Failure:
    match error:
        case WriteUncertain():
            kind = FailureKind.UNCERTAIN
        case NotPermitted():
            kind = FailureKind.NOT_PERMITTED
        case Refused():
            kind = FailureKind.REFUSED
        case _:
            kind = FailureKind.UNREACHABLE
    return Failure(kind, str(error))
