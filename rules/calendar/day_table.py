"""A local day cut at every instant at which a rule opens or closes.

Within a segment the set of open rules does not change, so a decision needs to look at open rules
only, and stands at least to the segment's end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from rules.calendar.local_time import ONE_DAY, Span, midnight
from rules.calendar.schedule import Almanac, Calendar

Open = TypeVar("Open")


@dataclass(frozen=True, slots=True)
class DayTable(Generic[Open]):
    """A local day cut at every instant at which something opens or closes."""

    start: datetime
    end: datetime
    edges: tuple[datetime, ...]
    open: tuple[tuple[Open, ...], ...]

    def segment(self, now: datetime) -> tuple[datetime, tuple[Open, ...]]:
        """The end of the segment around `now`, and what is open in it, in the given order."""
        index = bisect_right(self.edges, now) - 1
        end = self.edges[index + 1] if index + 1 < len(self.edges) else self.end
        return end, self.open[index]

    def stretch(self, each: Open, now: datetime) -> Span:
        """The time of this day around `now` in which what is open then stays open."""
        first = last = bisect_right(self.edges, now) - 1
        while first > 0 and any(found is each for found in self.open[first - 1]):
            first -= 1
        while last + 1 < len(self.edges) and any(found is each for found in self.open[last + 1]):
            last += 1
        end = self.edges[last + 1] if last + 1 < len(self.edges) else self.end
        return Span(self.edges[first], end)


def day_table(
    day: date, almanac: Almanac, calendars: Sequence[tuple[Open, Calendar]]
) -> DayTable[Open]:
    """Cut a local day; what is open keeps the order in which it is given."""
    start, end = midnight(day, almanac.zone), midnight(day + ONE_DAY, almanac.zone)
    opened = [(each, calendar.spans(day, almanac)) for each, calendar in calendars]
    edges = sorted(
        {start}
        | {edge for _, found in opened for span in found for edge in (span.start, span.end)} - {end}
    )
    open_in: list[list[Open]] = [[] for _ in edges]
    for each, found in opened:
        for span in found:
            for index in range(bisect_left(edges, span.start), bisect_left(edges, span.end)):
                open_in[index].append(each)
    return DayTable(start, end, tuple(edges), tuple(tuple(each) for each in open_in))
