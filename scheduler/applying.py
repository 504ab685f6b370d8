"""What becomes of a write: the next step, from its state and a reading. Pure.

    intended -> sent -> held | refused | mismatch | unreachable | superseded

A write is *held* when the gateway reports the wanted setting in its own steps and the battery
runs. Read-backs come at growing intervals over the following ticks; nobody waits for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import Observation, Quantity, Setting
from scheduler.domain import Cause, OpenIntent, Outcome
from scheduler.reconcile import reports

READ_BACKS = (5.0, 15.0, 45.0, 90.0)
"""Seconds after the sending at which the setting is read back."""

PAUSES = (30.0, 60.0, 120.0, 300.0, 900.0)
"""Seconds before the next attempt after one, two, ... attempts in a row that failed."""


@dataclass(frozen=True, slots=True)
class Applying:
    """A write that the gateway has accepted and that is not yet seen to be held."""

    intent_id: int
    wanted: Setting
    previous: Setting
    cause: Cause
    sent_at: datetime
    settling: timedelta

    def next_read_back(self, now: datetime) -> datetime:
        """When to look again."""
        for seconds in READ_BACKS:
            instant = self.sent_at + timedelta(seconds=seconds)
            if instant > now:
                return instant
        return max(now, self.deadline)

    @property
    def deadline(self) -> datetime:
        """When a setting that is still not there counts as a mismatch."""
        return self.sent_at + max(self.settling, timedelta(seconds=READ_BACKS[-1]))


@dataclass(frozen=True, slots=True)
class Concluded:
    """The end of an intent, with a sentence for the journal."""

    outcome: Outcome
    detail: str


def advance(applying: Applying, observation: Observation, now: datetime) -> Concluded | None:
    """The end of a write, if this reading shows it; `None` to go on looking."""
    seconds = (now - applying.sent_at).total_seconds()
    shown = _read_after(observation, applying.sent_at)
    if shown and reports(observation, applying.wanted) and observation.running:
        return Concluded(Outcome.HELD, f"read back after {seconds:.0f} s")
    if now < applying.deadline:
        return None
    if not shown:
        return Concluded(Outcome.UNREACHABLE, f"no reading within {seconds:.0f} s of the write")
    if observation.running is False:
        return Concluded(Outcome.MISMATCH, "the battery is stopped")
    found = f"{observation.mode or 'an unknown mode'}, reserve {observation.reserve:.1f} %"
    return Concluded(Outcome.MISMATCH, f"after {seconds:.0f} s the gateway still has {found}")


def recover(intent: OpenIntent, observation: Observation) -> Concluded | None:
    """What became of a write that an earlier run left open, by what is true now.

    `None`: the gateway does not say, so the intent stays open and nothing new is done.
    """
    if observation.mode is None or observation.reserve is None:
        return None
    if reports(observation, intent.wanted):
        return Concluded(Outcome.RECOVERED_APPLIED, "found in effect at the next start")
    if intent.previous is not None and reports(observation, intent.previous):
        return Concluded(Outcome.RECOVERED_NOT_APPLIED, "found not in effect at the next start")
    return Concluded(Outcome.SUPERSEDED, "found another setting at the next start")


def pause_after(failures: int) -> timedelta:
    """How long to wait after this many failed attempts in a row (1 or more)."""
    return timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1])


def _read_after(observation: Observation, instant: datetime) -> bool:
    """Mode, reserve and running were all read after an instant."""
    measured = [
        observation.measured(quantity)
        for quantity in (Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING)
    ]
    return all(at is not None and at > instant for at in measured)
