"""A rule set compiled for evaluation on one route.

A plan is made of values only, so it can be swapped for another between two ticks. It keeps the
tables of the days it has been asked about; they follow from the rules and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from rules.calendar import Span
from rules.conditions import Condition
from rules.domain import Quantity
from rules.resolve import Levers, Want
from rules.schedule import ONE_DAY, Almanac, Calendar, DayTable, Moments, day_table

KEPT_DAYS = 8
"""How many day tables a plan keeps: a loop needs two, a look ahead a few more."""

KEPT_MOMENTS = 16
"""Of how many days a plan keeps the moments: the engine looks for events on twelve at a time."""


class Action(StrEnum):
    """What an event rule does."""

    FIRMWARE_CHECK = "firmware-check"


@dataclass(frozen=True, slots=True)
class StateRule:
    """Holds as long as its clause holds, and lets go by itself.

    `said` is its calendar part in the words of the file, key by key.
    """

    name: str
    priority: int
    calendar: Calendar
    conditions: tuple[Condition, ...]
    want: Want
    stale: timedelta
    said: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def timeless(self) -> bool:
        """Open means active: nothing of it depends on an observation or a memory."""
        return not self.conditions and not self.want.looks_at_soe

    def quantities(self) -> frozenset[Quantity]:
        """What this rule looks at."""
        looked_at = {condition.quantity for condition in self.conditions}
        return frozenset(looked_at | ({Quantity.SOE} if self.want.looks_at_soe else set()))


@dataclass(frozen=True, slots=True)
class EventRule:
    """Acts once at each of its moments, if its conditions hold then."""

    name: str
    moments: Moments
    conditions: tuple[Condition, ...]
    action: Action
    catch_up: timedelta


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a set of rule files says, proved sound as files.

    `digest` is the SHA-256 over the files; `state_rules` are ordered by priority, highest first,
    and among equals in the order of the files.
    """

    almanac: Almanac
    default: Want
    state_rules: tuple[StateRule, ...]
    event_rules: tuple[EventRule, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule set on a route with certain levers."""

    rules: RuleSet
    levers: Levers
    _tables: dict[date, DayTable[StateRule]] = field(default_factory=dict, repr=False)
    _moments: dict[date, tuple[tuple[datetime, EventRule], ...]] = field(
        default_factory=dict, repr=False
    )
    _openings: dict[str, Span] = field(default_factory=dict, repr=False)

    def segment(self, now: datetime) -> tuple[datetime, tuple[StateRule, ...]]:
        """Until when the set of open rules stays as it is, and the open rules, winners first."""
        for table in self._tables.values():
            if table.start <= now < table.end:
                return table.segment(now)
        return self.table(self.local_date(now)).segment(now)

    def unbroken(self, rule: StateRule, since: datetime, now: datetime) -> bool:
        """Whether a rule that is open now and was at `since` has been open all the time between."""
        known = self._openings.get(rule.name)
        if known is None or since < known.start or now >= known.end:
            known = self._openings[rule.name] = self._opening(rule, since, now, known)
        return known.start <= since

    def table(self, day: date) -> DayTable[StateRule]:
        """The segments of a local day."""
        if day not in self._tables:
            if len(self._tables) >= KEPT_DAYS:
                del self._tables[next(iter(self._tables))]
            calendars = [(rule, rule.calendar) for rule in self.rules.state_rules]
            self._tables[day] = day_table(day, self.rules.almanac, calendars)
        return self._tables[day]

    def moments(self, start: datetime, end: datetime) -> list[tuple[datetime, EventRule]]:
        """Every scheduled moment in the half-open time from `start` to `end`, in order."""
        # A lead of up to a day may put a moment on the day before the one it belongs to.
        day, last = self.local_date(start) - ONE_DAY, self.local_date(end) + ONE_DAY
        found: list[tuple[datetime, EventRule]] = []
        while day <= last:
            found += [each for each in self._moments_of(day) if start <= each[0] < end]
            day += ONE_DAY
        return sorted(found, key=lambda each: (each[0], each[1].name))

    def local_date(self, instant: datetime) -> date:
        """The date on the owner's wall calendar."""
        return instant.astimezone(self.rules.almanac.zone).date()

    def rule(self, name: str) -> StateRule | None:
        """A state rule by name."""
        return next((rule for rule in self.rules.state_rules if rule.name == name), None)

    def _opening(self, rule: StateRule, since: datetime, now: datetime, known: Span | None) -> Span:
        """The open time around `now`, followed back over midnights as far as `since`."""
        spans = rule.calendar.spans(self.local_date(now), self.rules.almanac)
        found = next((span for span in spans if span.start <= now < span.end), Span(now, now))
        start = found.start
        while start > since:
            if known is not None and known.end == start:
                start, known = known.start, None
                continue
            before = rule.calendar.spans(self.local_date(start) - ONE_DAY, self.rules.almanac)
            if not before or before[-1].end < start:
                break
            start = before[-1].start
        return Span(start, found.end)

    def _moments_of(self, day: date) -> tuple[tuple[datetime, EventRule], ...]:
        if day not in self._moments:
            if len(self._moments) >= KEPT_MOMENTS:
                del self._moments[next(iter(self._moments))]
            self._moments[day] = tuple(
                (instant, event)
                for event in self.rules.event_rules
                for instant in event.moments.of(day, self.rules.almanac)
            )
        return self._moments[day]
