"""Notices what others set at one site, and respects it.

Nobody's change is noticed while a write of ours is on its way, nor where nothing of ours is
written at all. A difference is looked at a second time, together with the gateway's own start,
before it counts; nothing is written meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.domain import Observation, Quantity, Setting
from scheduler.domain import OverrideRecord, OverrideState
from scheduler.gateways.protocol import Gateway
from scheduler.ownership import (
    RAN_OUT,
    SET_BACK,
    Override,
    Owned,
    foreign,
    nobodys,
    over,
    respected,
)
from scheduler.reconcile import reports
from scheduler.recording import Recorder

STATUS_PATIENCE = timedelta(minutes=5)
"""How long a change waits for the gateway to say whether it has restarted."""


class Overrides:
    """Whose setting it is at one site."""

    def __init__(self, recorder: Recorder, gateway: Gateway, hold_max: timedelta) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._hold_max = hold_max
        self._owned: Owned | None = None
        self._suspect: tuple[Setting, datetime] | None = None
        self._override: Override | None = None
        self._ran_out: Override | None = None
        self._doubtful = False

    @property
    def respected(self) -> Override | None:
        """The change of somebody else's that is respected now."""
        return self._override

    @property
    def suspecting(self) -> bool:
        """A difference was seen and has to be looked at again."""
        return self._suspect is not None

    def objection(self) -> str:
        """Why nothing is to be written, or nothing."""
        if self._override is not None:
            until = f"{self._override.until:%Y-%m-%d %H:%M} UTC"
            return f"somebody else set {self._override.found}, respected until {until}"
        if self._suspect is not None:
            return f"{self._suspect[0]} is not what was written; looking again"
        return ""

    async def take_up(self, lost_until: datetime | None) -> None:
        """Go on where the journal says the last run was; it may have lost what came after."""
        held = await self._recorder.held_write()
        if held is not None:
            # Of the gateway that held it; one that has begun anew since is another.
            known = await self._recorder.last_capability(held.at)
            firmware, started = (known.firmware, known.started) if known else (None, None)
            self._owned = Owned(held.wanted, held.at, firmware, started)
        for record in await self._recorder.last_overrides():
            if record.state is OverrideState.BEGAN and record.until is not None:
                self._override = Override(record.ours, record.found, record.at, record.until)
            else:
                self._ran_out = self._override if record.detail == RAN_OUT else None
                self._override = None
            if self._owned is not None and self._owned.since <= record.at:
                self._owned = None
            if self._override is None and record.detail == SET_BACK:
                self.ours(record.ours, record.at)
        if lost_until is not None:
            if self._owned is not None and self._owned.since <= lost_until:
                self._owned = None
            self._doubtful = self._override is not None and self._override.began <= lost_until

    def ours(self, setting: Setting, now: datetime) -> None:
        """A setting of ours was read back."""
        capabilities = self._gateway.capabilities
        self._owned = Owned(setting, now, capabilities.firmware, capabilities.started)

    def nobodys(self) -> None:
        """A write begins: until it is read back the setting is nobody's."""
        self._owned = self._suspect = None

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: what is waited for takes as long as before."""
        if self._owned is not None:
            self._owned = replace(self._owned, since=self._owned.since + by)
        if self._suspect is not None:
            self._suspect = (self._suspect[0], self._suspect[1] + by)
        if self._override is not None:
            began, until = self._override.began + by, self._override.until + by
            self._override = replace(self._override, began=began, until=until)

    async def look(self, observation: Observation, now: datetime) -> None:
        """Notice what one more reading says of whose setting it is."""
        if self._override is not None:
            await self._look_at_override(self._override, observation, now)
        elif self._owned is not None:
            await self._look_at_ours(self._owned, observation, now)

    async def boundary(self, now: datetime) -> None:
        """The rules want something else from this moment of the day on.

        A change that was not noticed yet is over with it too: what is there now is nobody's.
        """
        self.nobodys()
        if self._override is not None and not self._override.storm:
            await self.end(now, "the rules want something else from now on")

    async def end(self, now: datetime, why: str) -> None:
        """End an override, if there is one."""
        override, self._override, self._suspect = self._override, None, None
        if override is None:
            return
        self._ran_out = override if why == RAN_OUT else None
        await self._record(OverrideState.ENDED, override, now, why)

    async def _look_at_override(
        self, override: Override, observation: Observation, now: datetime
    ) -> None:
        why = over(override, observation, now)
        if why is not None:
            await self.end(now, why)
            if reports(observation, override.ours):
                self.ours(override.ours, now)
            return
        found = foreign(Owned(override.found, override.began, None, None), observation)
        if found is None or found in (override.found, override.ours):
            return
        if self._doubtful:  # the other setting may be one of ours that nobody remembers
            await self.end(now, "the journal lost what came after it")
        else:
            await self._begin(override.ours, found, now)

    async def _look_at_ours(self, owned: Owned, observation: Observation, now: datetime) -> None:
        capabilities = self._gateway.capabilities
        if nobodys(owned, observation, capabilities.firmware, capabilities.started):
            if observation.measured(Quantity.RESERVE) != observation.at:
                return  # whether it has kept our setting is still to be read
            if reports(observation, owned.setting):
                self.ours(owned.setting, now)
            else:
                self.nobodys()
            return
        found = foreign(owned, observation)
        if found is None:
            if observation.measured(Quantity.RESERVE) == observation.at:
                self._suspect = None
        elif self._suspect is None or self._suspect[0] != found:
            self._suspect = (found, now)
        elif self._seen_again(self._suspect[1], observation, now):
            await self._begin(owned.setting, found, now)

    @staticmethod
    def _seen_again(first: datetime, observation: Observation, now: datetime) -> bool:
        read = observation.measured(Quantity.RESERVE)
        status = observation.measured(Quantity.FIRMWARE)
        asked = status is not None and status > first
        return read is not None and read > first and (asked or now - first >= STATUS_PATIENCE)

    async def _begin(self, ours: Setting, found: Setting, now: datetime) -> None:
        override = respected(ours, found, now, self._ran_out, self._hold_max)
        what = "as Storm Watch does, " if override.storm else ""
        detail = (
            f"somebody else set {found} instead of {ours}, {what}"
            f"respected until {override.until:%Y-%m-%d %H:%M} UTC"
        )
        await self._record(OverrideState.BEGAN, override, now, detail)
        self._override, self._owned, self._suspect = override, None, None
        self._doubtful = False

    async def _record(
        self, state: OverrideState, override: Override, now: datetime, detail: str
    ) -> None:
        record = OverrideRecord(now, state, override.ours, override.found, override.until, detail)
        await self._recorder.overridden(record)
