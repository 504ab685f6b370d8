"""Holes in a history: where they are, and how short ones are filled where it is asked for.

A hole is filled by the mean of the same hours of the nearest days of that kind (working days, or
weekends) before and after it. Nothing is filled beyond a tenth of the history: what is made up
would then be what is counted.
"""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from math import isnan
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.money import Repair
from scheduler.money.intervals.findings import SHOWN, Finding, Mistake, counted, first_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEIGHBOURS: Final = 14
"""Days within which a day of the kind is looked for, on either side."""

MOST_FILLED: Final = 0.1


class Gap(NamedTuple):
    """Consecutive slots of which load or sun is not known: the first, and one past the last."""

    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first


class Grid(NamedTuple):
    """When slots are: seconds since 1970 of the first, the length of each, and the zone."""

    start_s: int
    step_s: int
    zone: ZoneInfo

    def time(self, slot: int) -> datetime:
        """The beginning of a slot, as the home's clocks show it."""
        return (_EPOCH + timedelta(seconds=self.start_s + slot * self.step_s)).astimezone(self.zone)

    def span(self, gap: Gap) -> str:
        """A hole as a person reads it: when it begins, and how long it is."""
        hours = (gap.end - gap.first) * self.step_s / 3600
        long = f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.3g} h"
        return f"{self.time(gap.first):%Y-%m-%d %H:%M} for {long}"


def gaps_of(load: array[float], solar: array[float]) -> tuple[Gap, ...]:
    """The holes, in order."""
    found, first = list[Gap](), -1
    for slot, (one, two) in enumerate(zip(load, solar, strict=True)):
        unknown = isnan(one) or isnan(two)
        if unknown and first < 0:
            first = slot
        elif not unknown and first >= 0:
            found.append(Gap(first, slot))
            first = -1
    if first >= 0:
        found.append(Gap(first, len(load)))
    return tuple(found)


def finding_of(gaps: tuple[Gap, ...], grid: Grid, slots: int) -> Finding:
    """What is said of holes that are left."""
    names = tuple(grid.span(gap) for gap in gaps[:SHOWN])
    missing = sum(gap.end - gap.first for gap in gaps)
    longest = max(gap.end - gap.first for gap in gaps) * grid.step_s / 3600
    share = missing / slots
    way_out = (
        f"fill them from neighbouring days with --fill-gaps {max(1, round(longest + 0.49))}h"
        if share <= MOST_FILLED
        else "too much to be filled: give the days that are missing, or a shorter time"
    )
    text = (
        f"no load or no sun for {_hours(missing * grid.step_s)} h, {share:.1%} of the time:"
        f" {counted(len(gaps), 'hole')} ({first_of(names, len(gaps))}); {way_out}"
    )
    return Finding(Mistake.GAP, text, len(gaps), names)


def _hours(seconds: int) -> str:
    hours = seconds / 3600
    return f"{hours:,.0f}" if hours >= 100 else f"{hours:.3g}"


def fill(
    columns: tuple[array[float], ...], gaps: tuple[Gap, ...], grid: Grid, longest: timedelta
) -> list[Repair]:
    """Fill the holes that are not longer than this in every column; what was filled."""
    short = [gap for gap in gaps if (gap.end - gap.first) * grid.step_s <= longest.total_seconds()]
    if sum(gap.end - gap.first for gap in short) > MOST_FILLED * len(columns[0]):
        return []
    known = tuple(array("d", column) for column in columns)
    repairs = []
    for gap in short:
        filled = 0
        for slot in range(gap.first, gap.end):
            values = [_from_neighbours(column, slot, grid) for column in known]
            if any(value is None for value in values):
                continue
            filled += 1
            for column, value in zip(columns, values, strict=True):
                if value is not None and isnan(column[slot]):
                    column[slot] = value
        if filled:
            start, end = grid.time(gap.first), grid.time(gap.end)
            hours = filled * grid.step_s / 3600
            said = f"{hours:.3g} h filled from the same hours of neighbouring days of that kind"
            repairs.append(Repair(start.astimezone(UTC), end.astimezone(UTC), said))
    return repairs


def _from_neighbours(column: array[float], slot: int, grid: Grid) -> float | None:
    """The mean of the nearest days of the kind before and after, or of the one there is."""
    if not isnan(column[slot]):
        return column[slot]
    wall = grid.time(slot)
    weekend = wall.weekday() >= 5
    found = []
    for direction in (-1, 1):
        for days in range(1, _NEIGHBOURS + 1):
            # The zone's own arithmetic: the same wall time of another day.
            other = wall + direction * timedelta(days=days)
            if (other.weekday() >= 5) != weekend:
                continue
            seconds = int((other.astimezone(UTC) - _EPOCH).total_seconds())
            place = (seconds - grid.start_s) // grid.step_s
            if 0 <= place < len(column) and not isnan(column[place]):
                found.append(column[place])
                break
    return sum(found) / len(found) if found else None
