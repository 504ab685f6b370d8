"""Energy over time: what a home used, what its roof gave, and what went through the meter.

Intervals are of one length, one after the other without a gap, in UTC: the night on which clocks
go back has an hour more, the one on which they go forward an hour less, and no interval is doubled
or missing. Local time is looked up by the zone where it matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


class Repair(NamedTuple):
    """Something in the data that was mended because its owner asked for it.

    `start` and `end` are aware; `what` is a sentence that the report shows.
    """

    start: datetime
    end: datetime
    what: str


@dataclass(frozen=True, slots=True)
class IntervalData:
    """What a home used and its roof gave, as mean powers in watts over each interval.

    `start` is the aware beginning of the first interval, kept as UTC; `step` is 1 to 60 minutes
    and divides an hour; `zone` is that of the home. `load_w` is the whole home without battery,
    `solar_w` what the panels gave in AC; both are of one length and never negative.
    `source` says where the data are from; `repairs` what was mended on request.
    Raises `ValueError` for what breaks this.
    """

    start: datetime
    step: timedelta
    zone: ZoneInfo
    load_w: Sequence[float]
    solar_w: Sequence[float]
    source: str = ""
    repairs: tuple[Repair, ...] = ()

    def __post_init__(self) -> None:
        _check_times(self.start, self.step)
        if len(self.load_w) != len(self.solar_w):
            raise ValueError("load and sun must have as many intervals")
        if any(not watts >= 0.0 for series in (self.load_w, self.solar_w) for watts in series):
            raise ValueError("load and sun must be numbers of 0 or more")
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    def __len__(self) -> int:
        return len(self.load_w)

    @property
    def end(self) -> datetime:
        """The end of the last interval."""
        return self.start + len(self) * self.step

    def times(self) -> Iterator[datetime]:
        """The beginning of each interval, in UTC."""
        return (self.start + index * self.step for index in range(len(self)))


@dataclass(frozen=True, slots=True)
class MeteredEnergy:
    """What a revenue meter counted in each interval, in watt hours: taken from the grid, and sold.

    `start` is aware, kept as UTC; both series are of one length and never negative. Within one
    interval a meter may count both ways; a simulation that holds powers constant over an interval
    counts one of them. Raises `ValueError` for what breaks this.
    """

    start: datetime
    step: timedelta
    imported_wh: Sequence[float]
    exported_wh: Sequence[float]

    def __post_init__(self) -> None:
        _check_times(self.start, self.step)
        if len(self.imported_wh) != len(self.exported_wh):
            raise ValueError("import and export must have as many intervals")
        series = (self.imported_wh, self.exported_wh)
        if any(not watt_hours >= 0.0 for each in series for watt_hours in each):
            raise ValueError("metered energy must be numbers of 0 or more")
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    def __len__(self) -> int:
        return len(self.imported_wh)

    @property
    def end(self) -> datetime:
        """The end of the last interval."""
        return self.start + len(self) * self.step


def _check_times(start: datetime, step: timedelta) -> None:
    if start.tzinfo is None:
        raise ValueError("intervals start at an aware instant")
    if not timedelta(minutes=1) <= step <= HOUR or HOUR % step:
        raise ValueError(f"an interval is 1 to 60 minutes and divides an hour, got {step}")
