"""Interval data in another step: means over coarser intervals, constants over finer ones.

Energy stays what it was, but for parts of intervals at the ends of coarser ones. Finer data is no
better data: what happened within an interval is not known, and `source` says so.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from math import gcd

from scheduler.money import IntervalData

_SECOND = timedelta(seconds=1)


def resampled(data: IntervalData, step: timedelta) -> IntervalData:
    """The same home in intervals of `step`, which is 1 to 60 minutes and divides the hour.

    Coarser intervals begin at full steps of the home's clock; what does not fill one at either end
    is left out. Raises `ValueError` for a step that cannot be, or data shorter than one.
    """
    if step == data.step:
        return data
    old, new = int(data.step / _SECOND), int(step / _SECOND)
    if new <= 0:
        raise ValueError(f"a step is 1 to 60 minutes, got {step}")
    fine = gcd(old, new)
    wall = data.start.astimezone(data.zone).replace(tzinfo=None)
    since_hour = wall.minute * 60 + wall.second
    skipped = -since_hour % fine if new <= old else -since_hour % new
    first, count = skipped // fine, new // fine
    load, solar = (
        _means(_held(series, old // fine), first, count) for series in (data.load_w, data.solar_w)
    )
    if not load:
        raise ValueError(f"the data are shorter than one interval of {step}")
    minutes = f"{old // 60} minutes"
    how = (
        f"means of {minutes} held constant within them"
        if new < old
        else f"means over {new // 60} minutes of {minutes}"
    )
    return replace(
        data,
        start=data.start + timedelta(seconds=first * fine),
        step=step,
        load_w=load,
        solar_w=solar,
        source=f"{data.source}; {how}" if data.source else how,
    )


def _held(series: Sequence[float], times: int) -> Sequence[float]:
    return series if times == 1 else [watts for watts in series for _ in range(times)]


def _means(series: Sequence[float], first: int, count: int) -> array[float]:
    if count == 1:
        return array("d", series[first:])
    last = len(series) - count
    return array(
        "d", [sum(series[at : at + count]) / count for at in range(first, last + 1, count)]
    )
