"""The days of a journal: which mode governed each of them, and why some cannot be compared.

A day counts where everything was read in each of its intervals, one mode held from its first
reading to its last, and nothing but that mode decided: no outage, no grid services, no battery that
stood still. Readings older than 30 days are means, which have no mode; those readings stay that lie
beside something recorded, and some every few hours. Between two of them the mode is theirs if both
have the same: a change by anybody would have been recorded.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isnan
from typing import Final

from rules.domain import GridStatus, Mode
from scheduler.journal.sqlite import StateRead
from scheduler.money.intervals import History

_UNSEEN: Final = timedelta(hours=12)
"""So far apart at most are two readings that say the mode between them."""

_AT_ONCE: Final = timedelta(minutes=10)
"""A reading so near to midnight says the mode from midnight on, and the state of energy then."""


class LeftOut(StrEnum):
    """Why a day cannot be compared."""

    HOLE = "something was not read"
    CHANGED = "the mode changed"
    UNKNOWN = "the mode was not read"
    OUTAGE = "the grid was gone"
    SERVICES = "grid services decided"
    STOPPED = "the battery stood still"


@dataclass(frozen=True, slots=True)
class Day:
    """A local day, the slots of its history from `first` until `end`, and what governed it.

    `soe` is that at its beginning and end in app percent, `reserves` the lowest and the highest
    reserve. A day with a reason in `left_out` cannot be compared.
    """

    date: date
    first: int
    end: int
    left_out: LeftOut | None
    mode: Mode | None = None
    soe: tuple[float, float] = (0.0, 0.0)
    reserves: tuple[float, float] = (0.0, 0.0)


def days(history: History, states: Iterable[StateRead]) -> tuple[Day, ...]:
    """Every whole day between the beginning and the end of a journal's history."""
    read = _States(states)
    zone, step = history.zone, history.step
    at = history.start.astimezone(zone).date()
    found: list[Day] = []
    while True:
        begin, end = _midnight(at, history), _midnight(at + timedelta(days=1), history)
        if end > history.end:
            return tuple(found)
        first, last = (begin - history.start) // step, (end - history.start) // step
        if begin >= history.start:
            found.append(_day(history, read, at, (begin, end), (first, last)))
        at += timedelta(days=1)


def _midnight(day: date, history: History) -> datetime:
    return datetime.combine(day, time(), history.zone).astimezone(UTC)


class _States:
    """Readings of the state by time: those with a mode, and every state of energy."""

    def __init__(self, states: Iterable[StateRead]) -> None:
        there = sorted(states, key=_at)
        self.modes = [each for each in there if each.mode is not None]
        self.governed = [each.at for each in self.modes]
        self.energies = [each for each in there if each.soe is not None]
        self.read = [each.at for each in self.energies]

    def within(self, begin: datetime, end: datetime) -> list[StateRead] | None:
        """What says the mode of a time, its neighbours too; `None` if that is not enough."""
        first, last = bisect_left(self.governed, begin), bisect_left(self.governed, end)
        found = self.modes[first:last]
        if not found or found[0].at - begin > _AT_ONCE:
            found = self.modes[max(0, first - 1) : first] + found
        if not found or end - found[-1].at > _AT_ONCE:
            found += self.modes[last : last + 1]
        times = [each.at for each in found]
        if not times or times[0] - begin > _AT_ONCE or end - times[-1] > _AT_ONCE:
            return None  # nobody was there before, or after
        apart = max((two - one for one, two in pairwise(times)), default=timedelta())
        return None if apart > _UNSEEN else found

    def soe(self, at: datetime) -> float | None:
        """The state of energy that was read next to an instant."""
        place = bisect_right(self.read, at)
        near = self.energies[max(0, place - 1) : place + 1]
        found = min(near, key=lambda each: abs(each.at - at), default=None)
        return None if found is None or abs(found.at - at) > _AT_ONCE else found.soe


def _at(state: StateRead) -> datetime:
    return state.at


def _day(
    history: History,
    read: _States,
    day: date,
    span: tuple[datetime, datetime],
    slots: tuple[int, int],
) -> Day:
    first, end = slots
    governed = read.within(*span)
    soe = [read.soe(at) for at in span]
    known = [each for each in soe if each is not None]
    reason = _reason(governed)
    if len(known) < len(soe) or _has_hole(history, first, end):
        reason = reason or LeftOut.HOLE
    if reason is not None or governed is None:
        return Day(day, first, end, reason)
    reserves = [each.reserve for each in governed if each.reserve is not None] or [0.0]
    return Day(
        day,
        first,
        end,
        None,
        governed[0].mode,
        (known[0], known[1]),
        (min(reserves), max(reserves)),
    )


def _reason(governed: Sequence[StateRead] | None) -> LeftOut | None:
    if governed is None:
        return LeftOut.UNKNOWN
    if len({each.mode for each in governed}) > 1:
        return LeftOut.CHANGED
    if any(each.grid not in (None, GridStatus.CONNECTED) for each in governed):
        return LeftOut.OUTAGE
    if any(each.grid_services for each in governed):
        return LeftOut.SERVICES
    if any(each.running is False for each in governed):
        return LeftOut.STOPPED
    return None


def _has_hole(history: History, first: int, end: int) -> bool:
    flows = (history.load_w, history.solar_w, history.grid_w, history.battery_w)
    return any(
        series is None or isnan(series[slot]) for slot in range(first, end) for series in flows
    )
