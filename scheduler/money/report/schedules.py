"""Schedules beside each other: what flowed under each, its bill, and what it saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scheduler.money.backtest import Backtest, Flows
from scheduler.money.bill import Bill

SELF_CONSUMPTION: Final = "self-consumption"
NO_BATTERY: Final = "no battery"

UNCERTAINTY: Final = (0.015, 0.035)
"""By how much of a schedule's saving over no battery the model may say too much. NREL's battery
(PySAM 7.1.1), whose losses grow with the current, saves so much less on the same schedules."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What flowed under a name, with its bill; `found` where rules made it."""

    name: str
    flows: Flows
    bill: Bill
    found: Backtest | None = None


@dataclass(frozen=True, slots=True)
class Saving:
    """What a schedule saves over no battery, and by how much that may be too much."""

    sum: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much less a schedule costs than self-consumption, and what may be so.

    The losses of both are uncertain, each by itself: the true sum is from `low` to `high`.
    """

    sum: float
    low: float
    high: float


def saving_of(schedule: Schedule, schedules: Sequence[Schedule]) -> Saving:
    """The saving over no battery, the last of the schedules."""
    found = schedules[-1].bill.total - schedule.bill.total
    less, more = UNCERTAINTY
    return Saving(found, abs(found) * less, abs(found) * more)


def gain_of(schedule: Schedule, schedules: Sequence[Schedule]) -> Gain:
    """The gain over self-consumption, the last but one of the schedules."""
    alone = schedules[-2]
    found = alone.bill.total - schedule.bill.total
    if schedule is alone:
        return Gain(0.0, 0.0, 0.0)
    ours, theirs = saving_of(schedule, schedules), saving_of(alone, schedules)
    return Gain(
        found, found - ours.at_most + theirs.at_least, found - ours.at_least + theirs.at_most
    )
