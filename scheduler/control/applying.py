"""What becomes of a write: the next step, from its state and a reading.

    intended -> sent -> held | unverified | refused | mismatch | unreachable | superseded

A write is *held* when the gateway reports the wanted setting in its own steps and the battery
runs, where the route can show that; *unverified* when so is all that can be read back, and a part
that this route cannot read was accepted. Read-backs come at growing intervals over the following
ticks; nobody waits for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Observation, Part, Quantity, Setting
from scheduler.control.reconcile import WriteNow
from scheduler.control.target import described, only, parts_of, reports
from scheduler.domain import READ_BACKS, Capabilities, Cause, OpenIntent, Outcome

PAUSES = (30.0, 60.0, 120.0, 300.0, 900.0)
"""Seconds before the next attempt after one, two, ... attempts in a row that failed."""


@dataclass(frozen=True, slots=True)
class Applying:
    """A write that the gateway has accepted and that is not yet seen to be held.

    Of `unreadable` parts nothing can be read back. `read_backs` are the seconds after the sending
    at which the rest is. `shows_running`: the route can tell whether the battery runs.
    """

    intent_id: int
    wanted: Setting
    previous: Setting
    cause: Cause
    sent_at: datetime
    settling: timedelta
    unreadable: frozenset[Part] = frozenset()
    read_backs: tuple[float, ...] = READ_BACKS
    shows_running: bool = True

    def next_read_back(self, now: datetime) -> datetime:
        """When to read back again."""
        for seconds in self.read_backs:
            instant = self.sent_at + timedelta(seconds=seconds)
            if instant > now:
                return instant
        return max(now, self.deadline)

    @property
    def deadline(self) -> datetime:
        """When a setting that is still not there counts as a mismatch."""
        return self.sent_at + max(self.settling, timedelta(seconds=self.read_backs[-1]))

    @property
    def readable(self) -> tuple[Part, ...]:
        """The parts that can be read back."""
        return tuple(part for part in parts_of(self.wanted) if part not in self.unreadable)

    def shifted(self, by: timedelta) -> Applying:
        """The same, on a wall clock that was set."""
        return replace(self, sent_at=self.sent_at + by)


@dataclass(frozen=True, slots=True)
class Concluded:
    """The end of an intent, with a sentence for the journal."""

    outcome: Outcome
    detail: str

    @property
    def in_effect(self) -> bool:
        """The gateway has the setting, as far as anybody can know."""
        return self.outcome in {Outcome.HELD, Outcome.UNVERIFIED}


def advance(applying: Applying, observation: Observation, now: datetime) -> Concluded | None:
    """The end of a write, if this reading shows it; `None` to go on looking."""
    seconds = (now - applying.sent_at).total_seconds()
    readable = applying.readable
    quantities = [Quantity(part.value) for part in readable]
    if applying.shows_running:
        quantities.append(Quantity.RUNNING)
    shown = _read_after(observation, quantities, applying.sent_at)
    wanted = only(applying.wanted, readable)
    if shown and reports(observation, wanted) and observation.running is not False:
        return _held(applying, f"read back after {seconds:.0f} s")
    if now < applying.deadline:
        return None
    if not shown:
        return Concluded(Outcome.UNREACHABLE, f"no reading within {seconds:.0f} s of the write")
    if observation.running is False:
        return Concluded(Outcome.MISMATCH, "the battery is stopped")
    found = described(observation, readable)
    return Concluded(Outcome.MISMATCH, f"after {seconds:.0f} s the gateway still has {found}")


def recover(
    intent: OpenIntent, observation: Observation, unreadable: frozenset[Part]
) -> Concluded | None:
    """What became of a write that an earlier run left open, by what is true now.

    `None`: the gateway does not say, so the intent stays open and nothing new is done.
    """
    readable = [part for part in parts_of(intent.wanted) if part not in unreadable]
    if not readable:
        text = "none of it can be read back; it is written again where it is wanted"
        return Concluded(Outcome.RECOVERED_NOT_APPLIED, text)
    if any(getattr(observation, part.value) is None for part in readable):
        return None
    if reports(observation, only(intent.wanted, readable)):
        return Concluded(Outcome.RECOVERED_APPLIED, "found in effect at the next start")
    if reports(observation, only(intent.previous, readable)):
        return Concluded(Outcome.RECOVERED_NOT_APPLIED, "found not in effect at the next start")
    return Concluded(Outcome.SUPERSEDED, "found another setting at the next start")


def pause_after(failures: int) -> timedelta:
    """How long to wait after this many failed attempts in a row (1 or more)."""
    return timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1])


def applying_of(
    intent_id: int, write: WriteNow, sent_at: datetime, capabilities: Capabilities
) -> Applying:
    """A write that the route has accepted, and what is to be read of it and when."""
    return Applying(
        intent_id,
        write.target,
        write.previous,
        write.cause,
        sent_at,
        timedelta(seconds=capabilities.settling_time),
        capabilities.levers.unreadable,
        capabilities.read_backs,
        Quantity.RUNNING in capabilities.shows,
    )


def accepted(known: Setting, wanted: Setting, unreadable: frozenset[Part]) -> Setting:
    """What the parts that cannot be read back are set to, once a write was accepted."""
    return only(wanted, unreadable).over(known)


def _held(applying: Applying, how: str) -> Concluded:
    unread = [part for part in parts_of(applying.wanted) if part in applying.unreadable]
    if not unread:
        return Concluded(Outcome.HELD, how)
    names = " and ".join(part.value.replace("_", " ") for part in unread)
    return Concluded(Outcome.UNVERIFIED, f"{how}; this route cannot read {names} back")


def _read_after(
    observation: Observation, quantities: Iterable[Quantity], instant: datetime
) -> bool:
    """All of these were read after an instant."""
    measured = [observation.measured(quantity) for quantity in quantities]
    return all(at is not None and at > instant for at in measured)
