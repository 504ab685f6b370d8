"""A battery that stands still protects nobody: say so, and ask it to run again.

We never stop it. A login or a change of ours that left it stopped is mended by the adapter at once.
One that is found stopped for minutes, by whatever, is told and then asked to run, at most once an
hour, never while a firmware check is on its way (an update stops the battery by itself), and never
in a dry run.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.domain import Observation
from scheduler.errors import GatewayProblem
from scheduler.gateways.protocol import Gateway
from scheduler.recording import Recorder

PATIENCE = timedelta(minutes=3)
BETWEEN_ATTEMPTS = timedelta(hours=1)

ATTEMPT = "battery_run"
"""The kind of the note that goes before an attempt; attempts are counted by it over restarts."""


class BatteryCare:
    """Watches whether the battery of one site runs."""

    def __init__(self, recorder: Recorder, gateway: Gateway, *, dry_run: bool) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._dry_run = dry_run
        self._stopped_since: datetime | None = None
        self._tried_at: datetime | None = None

    async def take_up(self) -> None:
        """Remember when an earlier run tried last."""
        self._tried_at = await self._recorder.last_note(ATTEMPT)

    async def look(self, observation: Observation, now: datetime, *, updating: bool) -> None:
        """Notice whether the battery runs, and do what is due."""
        if observation.running is None:
            return
        if observation.running:
            if self._stopped_since is not None:
                self._stopped_since = None
                await self._recorder.note(now, "battery_runs", "the battery runs again")
            return
        if self._stopped_since is None:
            self._stopped_since = now
            text = "the battery is stopped: it neither charges, discharges nor backs the home up"
            await self._recorder.note(now, "battery_stopped", text)
        if self._attempt_due(now) and not updating and not self._dry_run:
            self._tried_at = now
            await self._recorder.note(now, ATTEMPT, "asking the stopped battery to run")
            try:
                await self._gateway.run_battery()
            except GatewayProblem as error:
                await self._recorder.note(now, "battery_run_failed", str(error))

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: what is waited for takes as long as before."""
        if self._stopped_since is not None:
            self._stopped_since += by
        if self._tried_at is not None:
            self._tried_at += by

    def _attempt_due(self, now: datetime) -> bool:
        if self._stopped_since is None or now - self._stopped_since < PATIENCE:
            return False
        return self._tried_at is None or abs(now - self._tried_at) >= BETWEEN_ATTEMPTS
