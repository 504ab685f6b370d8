"""The coming months as situations: which rules are open, and what time says to their clauses.

Within a situation only the state of the house can change what is wanted. There are few of them:
days of one kind pass through the same ones, so that a year is worked out from a few days.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from rules.calendar import ONE_DAY, Almanac, Calendar, Cuts, Span, Timetable, midnight
from rules.check.timed import PRICED, Pieces, PricedDays, timed_conditions
from rules.engine import Condition, OpenNow, Verdict

NO_TIME = timedelta(0)
A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Unit:
    """A rule as far as time and thresholds go; an event without a moment is always open.

    With `thresholds` it matters which of two rules opened first, since a margin remembers.
    """

    calendar: Calendar
    conditions: tuple[Condition, ...]
    hold_for: timedelta = NO_TIME
    thresholds: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Which units are open, and what follows from the time alone.

    `ripe` are those that have been open for as long as their `for`. `verdicts` are what time
    decides of the clauses of open units, by the number in `Situations.timed`. `order` are the open
    units with thresholds by when they opened, the earliest first.
    """

    open: tuple[int, ...]
    ripe: frozenset[int]
    verdicts: tuple[tuple[int, Verdict], ...]
    order: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class Seen:
    """When a situation is met first, until when then, and for how long within a year.

    `after` are the situations that it has followed, each with when that lasted, the first time.
    """

    first: datetime
    until: datetime
    a_year: timedelta = NO_TIME
    after: dict[Situation, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Carried:
    """What a stretch hands to the next: who is open in which order, how old the young ones are."""

    open: tuple[int, ...] = ()
    order: tuple[tuple[int, ...], ...] = ()
    ages: tuple[tuple[int, timedelta], ...] = ()


_Passed = tuple[tuple[Situation, timedelta, timedelta], ...]
"""The situations of a day, each from and to an offset from its midnight."""


class Situations:
    """Every situation of a number of days, from the `first` on.

    It is assumed that the rules begin then: nobody remembers who opened before. `priced` says that
    a tariff's prices hold; without it prices are free.
    """

    def __init__(
        self, almanac: Almanac, units: Sequence[Unit], first: date, days: int, *, priced: bool
    ) -> None:
        self._almanac = almanac
        self._units = tuple(units)
        self.first, self.days = first, days
        conditions = [each for unit in units for each in unit.conditions]
        timed = timed_conditions(conditions, priced=priced)
        windows = [each for each in timed if isinstance(each, OpenNow)]
        prices = [each for each in timed if isinstance(each, PRICED)]
        self.timed: Mapping[Condition, int] = {
            each: number for number, each in enumerate([*windows, *prices])
        }
        self._asked = tuple(
            tuple(self.timed[each] for each in timed_conditions(unit.conditions, priced=priced))
            for unit in units
        )
        self._windows = len(windows)
        # The windows inside clauses are numbered behind the units.
        calendars = [*(unit.calendar for unit in units), *(each.calendar for each in windows)]
        self._timetable: Timetable[int] = Timetable(almanac, list(enumerate(calendars)))
        self._prices = PricedDays(almanac, prices)
        self._passed: dict[object, tuple[_Passed, _Carried]] = {}
        self.seen: dict[Situation, Seen] = {}
        self._walk()

    @property
    def effort(self) -> int:
        """The steps that it took to go through the days: pieces of unlike days, for each unit."""
        pieces = sum(len(passed) for passed, _ in self._passed.values())
        return 2 * pieces * len(self._units)

    def _walk(self) -> None:
        carried = _Carried()
        last: Situation | None = None
        began = midnight(self.first, self._almanac.zone)
        for day in (self.first + after * ONE_DAY for after in range(self.days)):
            start = midnight(day, self._almanac.zone)
            passed, carried = self._day(day, carried)
            counts = day < self.first + A_YEAR
            for situation, begin, end in passed:
                seen = self.seen.get(situation)
                if seen is None:
                    seen = self.seen[situation] = Seen(start + begin, start + end)
                if counts:
                    seen.a_year += end - begin
                if last is not None and last not in seen.after:
                    seen.after[last] = Span(began, start + begin)
                last, began = situation, start + begin

    def _day(self, day: date, carried: _Carried) -> tuple[_Passed, _Carried]:
        zone = self._almanac.zone
        cuts, prices = self._timetable.cuts(day), self._prices.pieces(day)
        length = midnight(day + ONE_DAY, zone) - midnight(day, zone)
        key = (cuts, prices, carried, length)
        found = self._passed.get(key)
        if found is None:
            found = self._passed[key] = self._pass(cuts, prices, carried, length)
        return found

    def _pass(
        self, cuts: Cuts[int], prices: Pieces, carried: _Carried, length: timedelta
    ) -> tuple[_Passed, _Carried]:
        """Go through a day, piece by piece."""
        passed: list[tuple[Situation, timedelta, timedelta]] = []
        edges = sorted({*cuts.offsets, *prices.offsets, length})
        for begin, end in itertools.pairwise(edges):
            opened = cuts.open[bisect_right(cuts.offsets, begin) - 1]
            priced = prices.verdicts[bisect_right(prices.offsets, begin) - 1]
            units = tuple(each for each in opened if each < len(self._units))
            verdicts = self._verdicts(units, frozenset(opened), priced)
            carried = self._opened(units, carried)
            for until, ripe in self._ripening(carried, begin, end):
                situation = Situation(units, ripe, verdicts, carried.order)
                start = passed[-1][2] if passed else NO_TIME
                passed.append((situation, start, until))
            carried = self._aged(carried, end - begin)
        return tuple(passed), carried

    def _verdicts(
        self, units: tuple[int, ...], opened: frozenset[int], priced: tuple[Verdict, ...]
    ) -> tuple[tuple[int, Verdict], ...]:
        """What time says to the clauses of the units that are open."""
        asked = {each for unit in units for each in self._asked[unit]}
        windows = self._windows
        return tuple(
            (
                each,
                len(self._units) + each in opened if each < windows else priced[each - windows],
            )
            for each in sorted(asked)
        )

    def _opened(self, units: tuple[int, ...], before: _Carried) -> _Carried:
        """What is remembered when these are open now."""
        new = set(units).difference(before.open)
        if not new and len(units) == len(before.open):
            return before
        still = [tuple(each for each in group if each in units) for group in before.order]
        watched = tuple(sorted(each for each in new if self._units[each].thresholds))
        ages = {unit: age for unit, age in before.ages if unit in units}
        ages |= {each: NO_TIME for each in new if self._units[each].hold_for}
        return _Carried(
            units,
            tuple(group for group in (*still, watched) if group),
            tuple(sorted(ages.items())),
        )

    def _ripening(
        self, carried: _Carried, begin: timedelta, end: timedelta
    ) -> list[tuple[timedelta, frozenset[int]]]:
        """Cut a piece where an open unit has been open for as long as its `for`."""
        left = {unit: self._units[unit].hold_for - age for unit, age in carried.ages}
        cuts = sorted({begin + each for each in left.values() if NO_TIME < each < end - begin})
        return [
            (until, frozenset(unit for unit, each in left.items() if begin + each <= start))
            for start, until in zip([begin, *cuts], [*cuts, end], strict=True)
        ]

    def _aged(self, carried: _Carried, by: timedelta) -> _Carried:
        if not carried.ages:
            return carried
        ages = ((unit, min(age + by, self._units[unit].hold_for)) for unit, age in carried.ages)
        return _Carried(carried.open, carried.order, tuple(ages))
