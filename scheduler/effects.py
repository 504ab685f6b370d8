"""Watches what the battery does with a setting of ours, after the gateway reports to hold it.

A setting that does not show is sent once more. Where that changes nothing either, the owner is
told, and nothing more is sent until the decision changes: more writes would not help, and the
reason may lie where we cannot see it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules.domain import Observation, Setting
from scheduler.domain import Cause, Effect, EffectRecord
from scheduler.effect import Held, look
from scheduler.gateways.protocol import Gateway
from scheduler.reconcile import Again
from scheduler.recording import Recorder

ALERT = "no_effect"
"""The kind of the note that tells the owner."""


class Effects:
    """The effect of the last write of one site."""

    def __init__(self, recorder: Recorder, gateway: Gateway) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._held: Held | None = None
        self._found: tuple[Setting, Setting | None] | None = None
        self._last_try = False
        self._alerted = False

    async def take_up(self) -> Again | None:
        """Go on where the journal says the last run was; what is still to be sent once more."""
        held = await self._recorder.held_write()
        if held is None:
            return None
        self._last_try = held.cause == Cause.NO_EFFECT
        self._alerted = self._last_try and held.effect is not None
        self._found = held.wanted, held.previous
        self._held = Held(held.intent_id, held.wanted, held.previous, held.at, verdict=held.effect)
        return self._once_more(held.wanted) if held.effect is Effect.CONTRADICTED else None

    def held(
        self,
        intent_id: int,
        wanted: Setting,
        previous: Setting | None,
        cause: str,
        now: datetime,
    ) -> None:
        """A write was read back. One that was made again follows what the first one found."""
        if previous == wanted and self._found is not None and self._found[0] == wanted:
            previous = self._found[1]
        self._found = wanted, previous
        self._held = Held(intent_id, wanted, previous, now)
        self._last_try = cause == Cause.NO_EFFECT
        self._alerted = False

    @property
    def doubting(self) -> bool:
        """The last reading spoke against the setting: somebody may have changed it since."""
        return self._held is not None and self._held.shown is False

    def forget(self) -> None:
        """Another write begins, or somebody else changed the setting."""
        self._held = None

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: what is waited for takes as long as before."""
        if self._held is not None:
            self._held = replace(self._held, since=self._held.since + by)

    async def look(
        self, observation: Observation, now: datetime, *, updating: bool
    ) -> Again | None:
        """Judge one more reading; what is to be sent once more because it did not show."""
        if self._held is None:
            return None
        settling = timedelta(seconds=self._gateway.capabilities.settling_time)
        held, seen = look(self._held, observation, now, settling, updating=updating)
        if seen is None:
            self._held = held
            return None
        contradicted = seen.effect is Effect.CONTRADICTED
        if contradicted and self._last_try and not self._alerted:
            # Before the row that would keep the next run from telling it.
            text = (
                f"{held.wanted} was accepted and reads back, twice, but it does not show:"
                f" {seen.detail}. Nothing more is sent until the rules want something else;"
                " look at the battery in the app"
            )
            await self._recorder.note(now, ALERT, text)
            self._alerted = True
        record = EffectRecord(now, held.intent_id, seen.effect, seen.detail)
        await self._recorder.effect_seen(held.wanted, record)
        self._held = held
        return self._once_more(held.wanted) if contradicted else None

    def _once_more(self, wanted: Setting) -> Again | None:
        return None if self._last_try else Again(wanted, Cause.NO_EFFECT)
