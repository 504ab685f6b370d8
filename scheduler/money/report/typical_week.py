"""A week of each season that is most like the season: real days, not means of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from math import fsum
from typing import Final, NamedTuple

from rules.calendar import ONE_DAY, Tariff, midnight
from scheduler.money import IntervalData

HOUR: Final = timedelta(hours=1)
DAYS, HOURS = 7, 168
QUARTERS: Final = ("Dec to Feb", "Mar to May", "Jun to Aug", "Sep to Nov")
"""What stands in for the seasons of a tariff that has one only."""


class Week(NamedTuple):
    """A week from a Monday's local midnight on."""

    season: str
    start: datetime

    @property
    def end(self) -> datetime:
        """Its end; weeks in which clocks change are left out."""
        return self.start + DAYS * ONE_DAY


def typical_weeks(data: IntervalData, tariff: Tariff) -> list[Week]:
    """The week that is most like its season, of each season with a whole week in the data.

    It is that whose load and sun, hour by hour, differ least from the mean of the season's weeks.
    """
    season_of = _seasons(tariff)
    found: dict[str, list[tuple[Week, list[float]]]] = {}
    for week in _weeks(data, season_of):
        found.setdefault(week.season, []).append((week, _hours(data, week)))
    return [_most_like_the_mean(weeks) for weeks in found.values()]


def _seasons(tariff: Tariff) -> Callable[[date], str]:
    if len(tariff.seasons) > 1:
        return tariff.season
    return lambda day: QUARTERS[day.month % 12 // 3]


def _weeks(data: IntervalData, season_of: Callable[[date], str]) -> list[Week]:
    first = data.start.astimezone(data.zone).date()
    day = first + (-first.weekday() % DAYS) * ONE_DAY
    found = []
    while (end := midnight(day + DAYS * ONE_DAY, data.zone)) <= data.end:
        start = midnight(day, data.zone)
        seasons = {season_of(day + number * ONE_DAY) for number in range(DAYS)}
        if start >= data.start and len(seasons) == 1 and end - start == DAYS * ONE_DAY:
            found.append(Week(seasons.pop(), start))
        day += DAYS * ONE_DAY
    return found


def _hours(data: IntervalData, week: Week) -> list[float]:
    """Load and then sun of each hour of a week."""
    count, first = HOUR // data.step, (week.start - data.start) // data.step
    return [
        sum(series[first + hour * count : first + (hour + 1) * count]) / count
        for series in (data.load_w, data.solar_w)
        for hour in range(HOURS)
    ]


def _most_like_the_mean(weeks: Sequence[tuple[Week, list[float]]]) -> Week:
    mean = [sum(each) / len(weeks) for each in zip(*(hours for _, hours in weeks), strict=True)]

    def apart(found: tuple[Week, list[float]]) -> float:
        return fsum((one - other) ** 2 for one, other in zip(found[1], mean, strict=True))

    return min(weeks, key=apart)[0]
