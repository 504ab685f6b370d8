"""Consecutive days under one mode: the home's load and sun, and what went through its meter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from rules.domain import Mode
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.intervals import History
from scheduler.money.measured.days import Day

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole days, one after the other, under one mode.

    `metered` is made of the mean powers at the meter: what a home bought and sold within one
    interval is not seen, as little as in a backtest. `soe` is that at the beginning and at the end
    in app percent, `reserves` the lowest and the highest, `highest_w` what the battery gave or took
    at most.
    """

    mode: Mode
    days: int
    data: IntervalData
    metered: MeteredEnergy
    soe: tuple[float, float]
    reserves: tuple[float, float]
    highest_w: float


def stretches(history: History, days: Iterable[Day], mode: Mode) -> tuple[Stretch, ...]:
    """The stretches of this mode, in order."""
    there = [each for each in days if each.left_out is None and each.mode is mode]
    found = []
    for _, group in groupby(
        enumerate(there), lambda numbered: numbered[1].date.toordinal() - numbered[0]
    ):
        found.append(_stretch(history, mode, [day for _, day in group]))
    return tuple(found)


def _stretch(history: History, mode: Mode, days: list[Day]) -> Stretch:
    first, last = days[0], days[-1]
    slots = slice(first.first, last.end)
    start, hours = history.start + first.first * history.step, history.step / _HOUR
    grid, battery = history.grid_w or (), history.battery_w or ()
    through = [watts * hours for watts in grid[slots]]
    return Stretch(
        mode,
        len(days),
        IntervalData(
            start, history.step, history.zone, history.load_w[slots], history.solar_w[slots],
            history.source,
        ),
        MeteredEnergy(
            start,
            history.step,
            [max(0.0, each) for each in through],
            [max(0.0, -each) for each in through],
        ),
        (first.soe[0], last.soe[1]),
        (min(each.reserves[0] for each in days), max(each.reserves[1] for each in days)),
        max(map(abs, battery[slots])),
    )  # fmt: skip
