"""The hours of a history as local calendar, and what of the calendar rules may begin or end at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from rules.calendar import Tariff
from scheduler.money import IntervalData
from scheduler.money.lanes import Floats

Numbers = npt.NDArray[np.int64]

NIGHT_FROM = 18
"""From this hour on the daylight that comes next is tomorrow's."""
DARK = (frozenset({11, 12, 1, 2}), frozenset({5, 6, 7, 8}))
"""The four months with the least sun, in the north and in the south."""
EVERY_TWO_HOURS = tuple(range(0, 22, 2))
BROAD = (0, 6, 8, 10, 12, 14)


@dataclass(frozen=True)
class LocalHours:
    """For each hour: its date, month, hour of the day, whether it is a workday, a running month."""

    days: tuple[date, ...]
    month: Numbers
    hour: Numbers
    workday: npt.NDArray[np.bool_]
    running_month: Numbers

    def expected(self, forecast: Mapping[date, float]) -> Floats:
        """What the forecast says at each hour of the daylight that is or comes next, in kWh.

        A date that it leaves out is as the mean of those that it has.
        """
        mean = sum(forecast.values()) / max(1, len(forecast))
        next_day = timedelta(days=1)
        return np.array(
            [
                forecast.get(day + next_day if hour >= NIGHT_FROM else day, mean)
                for day, hour in zip(self.days, self.hour, strict=True)
            ]
        )


def local_hours(data: IntervalData, tariff: Tariff) -> LocalHours:
    """The hours of a history in its zone; workdays are those of the tariff."""
    local = [at.astimezone(data.zone) for at in data.times()]
    holidays = {day: day in tariff.holidays for day in {at.date() for at in local}}
    _, running = np.unique([at.year * 100 + at.month for at in local], return_inverse=True)
    return LocalHours(
        tuple(at.date() for at in local),
        np.array([at.month for at in local]),
        np.array([at.hour for at in local]),
        np.array([at.weekday() < 5 and not holidays[at.date()] for at in local]),
        running.astype(np.int64),
    )


def seasons_of(when: LocalHours, sun: Floats, tariff: Tariff) -> tuple[frozenset[int], ...]:
    """Sets of months: the tariff's seasons, and within them the dark months apart."""
    dark = min(DARK, key=lambda months: float(sun[np.isin(when.month, list(months))].sum()))
    if not sun.any() or not set(range(1, 13)) <= set(when.month.tolist()):
        dark = DARK[0]
    year = when.days[0].year
    groups: dict[tuple[str, bool], set[int]] = {}
    for month in range(1, 13):
        season = tariff.season(date(year, month, 15))
        groups.setdefault((season, month in dark), set()).add(month)
    return tuple(frozenset(each) for each in groups.values())


def dear_hours(hour: Numbers, bought: Floats) -> tuple[int, int] | None:
    """From when until when power is dear on most days: the hours near the dearest; none if flat."""
    mean = np.array([bought[hour == each].mean() for each in range(24)])
    low, high = float(mean.min()), float(mean.max())
    if high - low < 0.05 * abs(high):
        return None
    dear = mean > (low + high) / 2.0
    first = next(each for each in range(24) if dear[each] and not dear[each - 1])
    length = next(each for each in range(1, 25) if not dear[(first + each) % 24])
    return first, first + length


def edges_of(
    hour: Numbers, bought: Floats, dear: tuple[int, int] | None
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """At which hours rules begin or end: of ordinary rules, and of those with a calendar.

    Where prices change on many days, every two hours, and every hour before the dear ones.
    """
    changes = np.concatenate(([False], (np.diff(bought) != 0.0) & (np.diff(hour) != 0)))
    days = max(1, len(hour) // 24)
    at = [int(each) for each in range(24) if (changes & (hour == each)).sum() > 0.2 * days]
    many = len(at) > 8
    at = [] if many else at  # prices that change at every hour say nothing about which to choose
    before = [] if dear is None else [(dear[0] - each) % 24 for each in range(4)]
    last = [] if dear is None else [dear[1] % 24]
    return (
        tuple(sorted({*EVERY_TWO_HOURS, *at, *before, *last})),
        tuple(sorted({*BROAD, *at, *before[:1], *last})),
    )
