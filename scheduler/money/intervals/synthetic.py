"""A year of a household that never was, as interval data: for trying things without one's own data.

An interval's mean is of its minutes where they are fewer than five, else of every fifth minute:
appliances run for ten.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import fmean

from scheduler.household import Household
from scheduler.money import IntervalData

_MINUTE = timedelta(minutes=1)
_APART = 5


def synthetic(
    household: Household, start: datetime, end: datetime, step: timedelta
) -> IntervalData:
    """What a household uses and its roof gives from `start` to `end`, which are aware instants.

    Raises `ValueError` for a step that interval data cannot have.
    """
    minutes = max(1, step // _MINUTE)
    offsets = [n * _MINUTE for n in range(0, minutes, _APART if minutes % _APART == 0 else 1)]
    first = start.astimezone(UTC)
    beginnings = [first + count * step for count in range((end - start) // step)]

    def means(power: Callable[[datetime], float]) -> array[float]:
        return array("d", [fmean([power(at + offset) for offset in offsets]) for at in beginnings])

    return IntervalData(
        first,
        step,
        household.timezone,
        means(household.load_w),
        means(household.solar_w),
        source=f"a household that never was: {household.about}",
    )


def synthetic_year(household: Household, year: int, step: timedelta) -> IntervalData:
    """A calendar year of it, by the clock of its zone."""
    start, end = (datetime(each, 1, 1, tzinfo=household.timezone) for each in (year, year + 1))
    return synthetic(household, start.astimezone(UTC), end.astimezone(UTC), step)
