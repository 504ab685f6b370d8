"""What events do: one occurrence is recorded, then acted on, and never acted on twice.

A firmware check that an earlier run began and did not end is begun again: it is done at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rules.occurrences import Happened, Occurrence
from rules.plan import Action, EventRule, Plan
from scheduler.firmware import FirmwareCheck, advance
from scheduler.gateways.protocol import FirmwareState, Gateway
from scheduler.journal.records import FirmwareCheckRecord
from scheduler.recording import Recorder

NOTIFICATION = "notification"
"""The kind of a note that the owner asked to be told of."""

GOOD_ENDS = frozenset({FirmwareState.NOTHING_NEWER.value, FirmwareState.STAGED.value})
"""Results of a firmware check that nobody needs to be told of."""

BEGIN_AGAIN = timedelta(minutes=15)
"""How long after its event an interrupted firmware check is still worth doing."""


class Events:
    """The events of one site."""

    def __init__(self, recorder: Recorder, gateway: Gateway, *, dry_run: bool) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._dry_run = dry_run
        self._check: FirmwareCheck | None = None
        self._event: EventRule | None = None

    @property
    def checking(self) -> bool:
        """A firmware check is on its way."""
        return self._check is not None

    def next_look(self) -> datetime | None:
        """When the firmware check has something to do."""
        return self._check.next_step() if self._check else None

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: a check that is on its way takes as long as before."""
        if self._check is not None:
            self._check = self._check.shifted(by)

    async def take_up(self, plan: Plan, now: datetime) -> None:
        """Begin again what an earlier run was killed in."""
        unfinished = await self._recorder.unfinished_check(now, BEGIN_AGAIN)
        if unfinished is not None and not self._dry_run:
            event_id, rule = unfinished
            self._event, self._check = plan.event(rule), FirmwareCheck(event_id, now)

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

    async def advance(self, now: datetime) -> None:
        """Take the firmware check a step further."""
        if self._check is None:
            return
        after = await advance(self._check, self._gateway, now)
        if isinstance(after, FirmwareCheckRecord):
            event, self._check, self._event = self._event, None, None
            await self._recorder.firmware_checked(after)
            if event is not None and event.or_notify and after.result not in GOOD_ENDS:
                text = f"{event.name}: {after.result}, {after.detail}"
                await self._recorder.note(now, NOTIFICATION, text)
        else:
            self._check = after

    async def _check_firmware(self, event: EventRule, event_id: int, now: datetime) -> None:
        if self._dry_run:
            record = FirmwareCheckRecord(
                now, event_id, "would", "", None, "dry run: no check was asked for"
            )
            await self._recorder.firmware_checked(record)
        elif self._check is not None:
            record = FirmwareCheckRecord(
                now, event_id, "joined", "", None, "another check was on its way already"
            )
            await self._recorder.firmware_checked(record)
        else:
            self._event, self._check = event, FirmwareCheck(event_id, now)
