"""What events do: one occurrence is recorded, then acted on, and never acted on twice.

A firmware check that an earlier run began and did not end is begun again: it is done at least once.
An installation that it asked for is waited out, and not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from rules.occurrences import Happened, Occurrence
from rules.plan import Action, EventRule, Plan
from scheduler.domain import FirmwareCheckRecord, FirmwareState
from scheduler.errors import GatewayProblem, NotPermitted, WriteUncertain
from scheduler.firmware import (
    DEADLINE,
    INSTALLED,
    LONGEST_INSTALL,
    LOOK_EVERY,
    NOT_INSTALLED,
    FirmwareCheck,
    Installation,
    advance,
    advance_installation,
)
from scheduler.gateways.protocol import Gateway
from scheduler.recording import Recorder

NOTIFICATION = "notification"
"""The kind of a note that the owner asked to be told of."""

INSTALL = "firmware_install"
"""The kind of the note that goes before an installation."""

GOOD_ENDS = frozenset({FirmwareState.NOTHING_NEWER.value, FirmwareState.STAGED.value, INSTALLED})
"""Results of a firmware check that nobody needs to be told of."""

BEGIN_AGAIN = timedelta(minutes=15)
"""How long after its event an interrupted firmware check is still worth doing."""

Objections = Callable[[], Sequence[str]]
"""Tells why an update may not be installed now."""


class Events:
    """The events of one site."""

    def __init__(self, recorder: Recorder, gateway: Gateway, *, dry_run: bool) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._dry_run = dry_run
        self._check: FirmwareCheck | None = None
        self._installation: Installation | None = None
        self._event: EventRule | None = None

    @property
    def checking(self) -> bool:
        """A firmware check or an installation is on its way."""
        return self._check is not None or self._installation is not None

    @property
    def installing(self) -> bool:
        """The gateway was asked to install an update: it restarts and the battery stands."""
        return self._installation is not None

    def next_look(self) -> datetime | None:
        """When the firmware check has something to do."""
        job = self._installation or self._check
        return job.next_step() if job else None

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: a check that is on its way takes as long as before."""
        if self._check is not None:
            self._check = self._check.shifted(by)
        if self._installation is not None:
            self._installation = self._installation.shifted(by)

    async def before_contact(self, now: datetime) -> None:
        """Leave a battery alone that an installation of an earlier run has stopped."""
        if await self._installed_lately(now) is not None:
            self._gateway.leave_battery(LONGEST_INSTALL.total_seconds())

    async def take_up(self, plan: Plan, now: datetime) -> None:
        """Begin again what an earlier run was killed in."""
        if self._dry_run:
            return
        asked = await self._installed_lately(now)
        within = BEGIN_AGAIN if asked is None else LONGEST_INSTALL + DEADLINE
        unfinished = await self._recorder.unfinished_check(now, within)
        if unfinished is None:
            return
        event_id, rule = unfinished
        self._event = plan.event(rule)
        if asked is not None:
            before = await self._recorder.last_capability(asked)
            firmware = before.firmware if before else None
            self._installation = Installation(event_id, asked, firmware, now)
        else:
            self._check = FirmwareCheck(event_id, now)

    async def _installed_lately(self, now: datetime) -> datetime | None:
        """When an installation was asked for that has not ended by the journal."""
        asked = await self._recorder.last_note(INSTALL)
        if self._dry_run or asked is None or abs(now - asked) >= LONGEST_INSTALL:
            return None
        unfinished = await self._recorder.unfinished_check(now, LONGEST_INSTALL + DEADLINE)
        return None if unfinished is None else asked

    async def act(self, occurrences: Sequence[Occurrence], plan: Plan, now: datetime) -> None:
        """Record each occurrence, and take on what those that fired ask for.

        The engine's memory of them may be committed only afterwards: killed in between, the next
        run finds the occurrence again, and its row, and does not act twice.
        """
        for occurrence in occurrences:
            event_id = await self._recorder.fire(now, occurrence)
            event = plan.event(occurrence.rule)
            if event_id is None or event is None or occurrence.happened is Happened.MISSED:
                continue
            if event.action is Action.NOTIFY:
                await self._recorder.note(now, NOTIFICATION, event.message)
            else:
                await self._check_firmware(event, event_id, now)

    async def advance(self, objections: Objections, running: bool | None, now: datetime) -> None:
        """Take the firmware check, or the installation that follows, a step further."""
        if self._installation is not None:
            installing = await advance_installation(
                self._installation, self._gateway, now, running=running
            )
            if isinstance(installing, FirmwareCheckRecord):
                self._installation = None
                await self._end(installing)
            else:
                self._installation = installing
        elif self._check is not None:
            after = await advance(self._check, self._gateway, now)
            if not isinstance(after, FirmwareCheckRecord):
                self._check = after
                return
            self._check = None
            staged = after.result == FirmwareState.STAGED
            if staged and self._event is not None and self._event.install:
                await self._install(after, objections(), now)
            else:
                await self._end(after)

    async def _install(
        self, staged: FirmwareCheckRecord, objections: Sequence[str], now: datetime
    ) -> None:
        if objections:
            text = f"staged, not installed: {'; '.join(objections)}"
            await self._end(replace(staged, detail=text))
            return
        text = "asking the gateway to install the staged update; the battery stands meanwhile"
        await self._recorder.note(now, INSTALL, text)
        before = self._gateway.capabilities.firmware
        self._gateway.leave_battery(LONGEST_INSTALL.total_seconds())
        try:
            await self._gateway.install_firmware()
        except WriteUncertain:
            pass  # whether it began shows in what follows
        except GatewayProblem as error:
            refused = "not permitted" if isinstance(error, NotPermitted) else NOT_INSTALLED
            await self._end(replace(staged, result=refused, detail=f"staged: {error}"))
            return
        self._installation = Installation(staged.event_id, now, before, now + LOOK_EVERY)

    async def _end(self, record: FirmwareCheckRecord) -> None:
        event, self._event = self._event, None
        self._gateway.leave_battery(0.0)
        await self._recorder.firmware_checked(record)
        if event is not None and event.or_notify and record.result not in GOOD_ENDS:
            text = f"{event.name}: {record.result}, {record.detail}"
            await self._recorder.note(record.at, NOTIFICATION, text)

    async def _check_firmware(self, event: EventRule, event_id: int, now: datetime) -> None:
        if self._dry_run:
            instead = ("would", "dry run: no check was asked for")
        elif self.checking:
            instead = ("joined", "another check was on its way already")
        elif not self._gateway.capabilities.may_check_firmware:
            # Told when it was found out; asking again would only repeat it.
            instead = ("not permitted", "not asked for: this login may not, by an earlier answer")
        else:
            self._event, self._check = event, FirmwareCheck(event_id, now)
            return
        result, why = instead
        record = FirmwareCheckRecord(now, event_id, result, "", None, why)
        await self._recorder.firmware_checked(record)
