"""What a history amounts to: energy a year, means by hour and month, and what looks odd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from scheduler.money.intervals import History

HOURS_A_YEAR = 8766
_HOUR = timedelta(hours=1)
_NIGHT = frozenset({22, 23, 0, 1, 2, 3})
_NIGHT_SHARE = 0.02
_NOON = (10.5, 14.0)
"""Between these hours of the clock lies the middle of a day's sun, in every zone that is right."""

_QUIET_HOURS = 48


@dataclass(frozen=True, slots=True)
class Amount:
    """One flow of a history; kWh are of its own time, those a year are scaled to 365.25 days."""

    name: str
    kwh: float
    kwh_a_year: float
    mean_w: float
    highest_w: float
    lowest_w: float


Map = list[list[float | None]]
"""Mean watts by month of the year, and by hour of the day; `None` where there is nothing."""


def amounts(history: History) -> list[Amount]:
    """Each flow that the history has."""
    flows = {
        "load": history.load_w,
        "sun": history.solar_w,
        "grid": history.grid_w,
        "battery": history.battery_w,
    }
    return [_amount(name, series, history) for name, series in flows.items() if series is not None]


def _amount(name: str, series: Sequence[float], history: History) -> Amount:
    known = [watts for watts in series if not isnan(watts)]
    mean = sum(known) / len(known) if known else 0.0
    kwh = sum(known) * (history.step / _HOUR) / 1000
    highest, lowest = max(known, default=0.0), min(known, default=0.0)
    return Amount(name, kwh, mean * HOURS_A_YEAR / 1000, mean, highest, lowest)


def hour_map(history: History, series: Sequence[float]) -> Map:
    """Means by month and hour of the home's clock."""
    sums = [[0.0] * 24 for _ in range(12)]
    counts = [[0] * 24 for _ in range(12)]
    for (month, hour), watts in zip(_clock(history), series, strict=True):
        if not isnan(watts):
            sums[month][hour] += watts
            counts[month][hour] += 1
    return [
        [total / count if count else None for total, count in zip(*each, strict=True)]
        for each in zip(sums, counts, strict=True)
    ]


def _clock(history: History) -> tuple[tuple[int, int], ...]:
    """Month and hour of each interval."""
    return _months_and_hours(history.start, history.step, history.zone, len(history))


@lru_cache(maxsize=1)
def _months_and_hours(
    start: datetime, step: timedelta, zone: ZoneInfo, count: int
) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    each = _HOUR // step
    for slot in range(0, count, each):
        # No clock changes within an interval, but within an hour of intervals it may.
        first, last = (
            (start + at * step).astimezone(zone) for at in (slot, min(count, slot + each) - 1)
        )
        if first.hour == last.hour:
            found += [(first.month - 1, first.hour)] * (min(count, slot + each) - slot)
            continue
        for at in range(slot, min(count, slot + each)):
            local = (start + at * step).astimezone(zone)
            found.append((local.month - 1, local.hour))
    return tuple(found)


def oddities(history: History) -> list[str]:
    """What is possible and looks wrong; none of it keeps anybody from using the history.

    Nothing is said of values whose unit or kind is in doubt.
    """
    if any(each.mistake in ("unit", "counter") for each in history.findings):
        return []
    return [*_odd_sun(history), *_odd_load(history)]


def _odd_sun(history: History) -> list[str]:
    by_hour = [0.0] * 24
    for (_, hour), watts in zip(_clock(history), history.solar_w, strict=True):
        by_hour[hour] += 0.0 if isnan(watts) else watts
    total = sum(by_hour)
    if not total:
        return ["the panels never give anything"]
    said = []
    night = sum(by_hour[hour] for hour in _NIGHT) / total
    if night > _NIGHT_SHARE:
        said.append(f"{night:.0%} of the sun is between 22:00 and 4:00: is the zone right?")
    middle = sum((hour + 0.5) * watts for hour, watts in enumerate(by_hour)) / total
    if not _NOON[0] <= middle <= _NOON[1]:
        clock = f"{int(middle)}:{int(middle % 1 * 60):02}"
        said.append(f"the middle of the sun's day is at {clock}: is the zone right?")
    return said


def _odd_load(history: History) -> list[str]:
    limit = _QUIET_HOURS * _HOUR // history.step
    longest, run, end = 0, 0, 0
    for slot, watts in enumerate(history.load_w):
        run = run + 1 if watts == 0 else 0
        if run > longest:
            longest, end = run, slot + 1
    if longest < limit:
        return []
    first = (history.start + (end - longest) * history.step).astimezone(history.zone)
    days = longest * history.step / timedelta(days=1)
    return [f"the load is 0 for {days:.3g} days from {first:%Y-%m-%d %H:%M}: was it measured?"]


def as_json(history: History) -> dict[str, Any]:
    """The summary for a script; times in UTC, powers in watts."""
    return {
        "name": history.name,
        "source": history.source,
        "start": history.start.isoformat(),
        "end": history.end.isoformat(),
        "timezone": history.zone.key,
        "step_minutes": history.step / timedelta(minutes=1),
        "intervals": len(history),
        "flows": {
            each.name: {
                "kwh": round(each.kwh, 3),
                "kwh_a_year": round(each.kwh_a_year, 3),
                "mean_w": round(each.mean_w, 3),
                "highest_w": round(each.highest_w, 3),
                "lowest_w": round(each.lowest_w, 3),
            }
            for each in amounts(history)
        },
        "mean_w_by_month_and_hour": {
            "load": hour_map(history, history.load_w),
            "sun": hour_map(history, history.solar_w),
        },
        "gaps": [
            {
                "start": history.grid.time(gap.first).isoformat(),
                "end": history.grid.time(gap.end).isoformat(),
            }
            for gap in history.gaps
        ],
        "findings": [
            {
                "mistake": each.mistake,
                "text": each.text,
                "count": each.count,
                "places": list(each.places),
            }
            for each in history.findings
        ],
        "notes": [*history.notes, *oddities(history)],
        "repairs": [
            {"start": start.isoformat(), "end": end.isoformat(), "what": what}
            for start, end, what in history.repairs
        ],
    }
