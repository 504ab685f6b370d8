"""A battery that stands still protects nobody: say so, and request it to run again.

We never stop it. A login or a change of ours that left it stopped is mended by the adapter at once.
One that is found stopped for minutes, by whatever, is reported and then requested to run, at most
once an hour, never while a firmware check is on its way (an update stops the battery by itself),
and never in a dry run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain import NoteKind, NoteRecord

PATIENCE = timedelta(minutes=3)
BETWEEN_ATTEMPTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watchdog:
    """Since when the battery was seen stopped, and when it was last requested to run."""

    stopped_since: datetime | None = None
    tried_at: datetime | None = None

    def shifted(self, by: timedelta) -> Watchdog:
        """The same, on a wall clock that was set."""
        return Watchdog(
            self.stopped_since and self.stopped_since + by, self.tried_at and self.tried_at + by
        )


@dataclass(frozen=True, slots=True)
class WatchdogCheck:
    """What one check of the battery came to; with `ask` it is to be requested to run."""

    watchdog: Watchdog
    notes: tuple[NoteRecord, ...] = ()
    ask: bool = False


def check(
    watchdog: Watchdog, now: datetime, *, running: bool | None, may_ask: bool
) -> WatchdogCheck:
    """Notice whether the battery runs, and do what is due."""
    if running is None or (running and watchdog.stopped_since is None):
        return WatchdogCheck(watchdog)
    if running:
        note = NoteRecord(now, NoteKind.BATTERY_RUNS, "the battery runs again")
        return WatchdogCheck(replace(watchdog, stopped_since=None), (note,))
    notes: tuple[NoteRecord, ...] = ()
    if watchdog.stopped_since is None:
        watchdog = replace(watchdog, stopped_since=now)
        text = "the battery is stopped: it neither charges, discharges nor backs the home up"
        notes = (NoteRecord(now, NoteKind.BATTERY_STOPPED, text),)
    if not may_ask or not _attempt_due(watchdog, now):
        return WatchdogCheck(watchdog, notes)
    text = "asking the stopped battery to run"
    notes = (*notes, NoteRecord(now, NoteKind.BATTERY_RUN, text))
    return WatchdogCheck(replace(watchdog, tried_at=now), notes, ask=True)


def _attempt_due(watchdog: Watchdog, now: datetime) -> bool:
    since, tried_at = watchdog.stopped_since, watchdog.tried_at
    if since is None or now - since < PATIENCE:
        return False
    return tried_at is None or abs(now - tried_at) >= BETWEEN_ATTEMPTS
