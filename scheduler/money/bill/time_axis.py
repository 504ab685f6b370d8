"""Local days over a row of intervals, and stretches of time that share a label.

Times are whole seconds from the first interval's start. Energy between two seconds is read off the
running sum of a series, as off a meter; an interval that a boundary divides counts in proportion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from rules.calendar import ONE_DAY, Minutes, midnight, stretches


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A local date: its seconds `first` to `last`, and what of them the axis covers.

    `pieces` are those in which wall time runs without a jump: the second at which one begins, and
    its wall minutes.
    """

    date: date
    first: int
    last: int
    share: float
    pieces: tuple[tuple[int, int, int], ...]

    def seconds(self, minutes: Minutes) -> Iterator[tuple[int, int]]:
        """When a range of wall minutes happens: not at all, once, or on two sides of a jump."""
        start, end = minutes
        for second, first, last in self.pieces:
            low, high = max(start, first), min(end, last)
            if low < high:
                yield second + (low - first) * 60, second + (high - first) * 60


@dataclass(frozen=True, slots=True)
class Axis:
    """`count` intervals of `step` from `start` on, looked at in a zone."""

    start: datetime
    step: timedelta
    count: int
    zone: ZoneInfo

    @property
    def step_seconds(self) -> int:
        """The length of an interval."""
        return int(self.step.total_seconds())

    @property
    def end(self) -> datetime:
        """The end of the last interval."""
        return self.start + self.count * self.step

    def second(self, instant: datetime) -> int:
        """Seconds from the start to an instant."""
        return int((instant - self.start).total_seconds())

    def second_of(self, day: date) -> int:
        """Seconds from the start to the beginning of a local day."""
        return self.second(midnight(day, self.zone))

    def days(self) -> Iterator[LocalDay]:
        """The local days that the axis touches."""
        day, length = self.start.astimezone(self.zone).date(), self.count * self.step_seconds
        first = self.second_of(day)
        while first < length:
            last = self.second_of(day + ONE_DAY)
            covered = min(last, length) - max(first, 0)
            pieces = tuple(
                (self.second(each.start), each.first_minute, each.last_minute)
                for each in stretches(day, self.zone)
            )
            yield LocalDay(day, first, last, covered / (last - first), pieces)
            day, first = day + ONE_DAY, last


@dataclass(slots=True)
class Runs:
    """Stretches of time with the number of their label; those of whole intervals apart."""

    step: int
    count: int
    whole: list[tuple[int, int, int]] = field(default_factory=list)
    divided: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, first: int, last: int, label: int) -> None:
        """The seconds `first` to `last`, as far as the axis reaches."""
        first, last = max(first, 0), min(last, self.count * self.step)
        if first >= last:
            return
        if first % self.step or last % self.step:
            self.divided.append((first, last, label))
            return
        begin, end = first // self.step, last // self.step
        if self.whole and self.whole[-1][1:] == (begin, label):
            begin = self.whole.pop()[0]
        self.whole.append((begin, end, label))

    def sums(self, series: Series, labels: int) -> list[float]:
        """The energy of a series under each label."""
        found, reading = [0.0] * labels, series.reading
        for begin, end, label in self.whole:
            found[label] += reading[end] - reading[begin]
        for first, last, label in self.divided:
            found[label] += series.until(last) - series.until(first)
        return found

    def means(self, values: Sequence[float]) -> list[float]:
        """For each interval the value of its label, or the mean of several by time."""
        found = [0.0] * self.count
        for begin, end, label in self.whole:
            found[begin:end] = [values[label]] * (end - begin)
        for first, last, label in self.divided:
            for index in range(first // self.step, -(-last // self.step)):
                start = index * self.step
                seconds = min(last, start + self.step) - max(first, start)
                found[index] += values[label] * seconds / self.step
        return found

    def labels(self) -> list[int]:
        """For each interval the label under which it begins."""
        found = [0] * self.count
        for begin, end, label in self.whole:
            found[begin:end] = [label] * (end - begin)
        for first, last, label in self.divided:
            for index in range(-(-first // self.step), -(-last // self.step)):
                found[index] = label
        return found


class Series:
    """Watt hours of intervals, and their running sum: `reading[i]` is that before interval i."""

    def __init__(self, watt_hours: Sequence[float], step: int) -> None:
        # An array of numpy is much slower to walk through than a list.
        self.values: Sequence[float] = getattr(watt_hours, "tolist", lambda: watt_hours)()
        self.reading: list[float] = list(accumulate(self.values, initial=0.0))
        self._step = step

    def until(self, second: int) -> float:
        """The running sum at a second, inside of an interval too."""
        index, within = divmod(second, self._step)
        if not within:
            return self.reading[index]
        return self.reading[index] + self.values[index] * within / self._step
