"""A rule set compiled for evaluation on one route.

A plan is made of values only, so it can be swapped for another between two ticks. It keeps the
tables of the days it has been asked about, and the transitions that the rules have gone through;
they follow from the rules and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Self

from rules.calendar import ONE_DAY, Almanac, Calendar, DayTable, Moments, Span, day_table
from rules.domain import Part, Quantity, Setting
from rules.engine.conditions import Condition
from rules.engine.transitions import Transitions, looks_at_the_gateway_alone
from rules.resolve import NO_LIMITS, Levers, Limits, Want, resolve
from rules.sources import Sources

KEPT_DAYS = 8
"""How many day tables a plan keeps: a loop needs two, a look ahead a few more."""

KEPT_MOMENTS = 16
"""Of how many days a plan keeps the moments: the engine looks for events on twelve at a time."""


NO_TIME = timedelta(0)

ALWAYS = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Action(StrEnum):
    """What an event rule does."""

    FIRMWARE_CHECK = "firmware-check"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class StateRule:
    """Holds as long as its clause holds, and lets go by itself.

    `hold_for` and `keep` delay its beginning and its end, `stale` is how long it keeps its verdict
    while that is unknown. `said` is its calendar part in the words of the file, key by key; `why`
    is the owner's own reason. With `insists` it wins against a change that somebody made by hand.
    """

    name: str
    priority: int
    calendar: Calendar
    conditions: tuple[Condition, ...]
    want: Want
    stale: timedelta
    hold_for: timedelta = NO_TIME
    keep: timedelta = NO_TIME
    insists: bool = False
    why: str = ""
    said: Mapping[str, str] = field(default_factory=dict, compare=False)
    timeless: bool = field(init=False, compare=False)
    """Open means active: nothing of it depends on an observation or a memory."""
    settled: bool = field(init=False, compare=False)
    """It is active while it holds, and sets the same: without a timer or a captured reserve."""
    plain: bool = field(init=False, compare=False)
    """What it does follows from known values of the gateway and the thresholds that held."""

    def __post_init__(self) -> None:
        settled = not (self.hold_for or self.keep or self.want.looks_at_soe)
        plain = settled and looks_at_the_gateway_alone(self.conditions)
        object.__setattr__(self, "settled", settled)
        object.__setattr__(self, "timeless", settled and not self.conditions)
        object.__setattr__(self, "plain", plain)

    def quantities(self) -> frozenset[Quantity]:
        """What this rule looks at."""
        looked_at = {each for condition in self.conditions for each in condition.quantities()}
        return frozenset(looked_at | ({Quantity.SOE} if self.want.looks_at_soe else set()))


@dataclass(frozen=True, slots=True)
class AtMost:
    """No more than `count` times in any span of this length."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class EventRule:
    """Acts once at each of its moments, if its conditions hold then.

    Without `moments` it acts each time its conditions turn true (and stay so for `hold_for`) after
    they were known to be false. `message` is what a notification says; with `or_notify` one is sent
    when the action fails, with `install` an update that a firmware check finds is installed.
    """

    name: str
    moments: Moments | None
    conditions: tuple[Condition, ...]
    action: Action
    catch_up: timedelta
    hold_for: timedelta = NO_TIME
    message: str = ""
    at_most: AtMost | None = None
    or_notify: bool = False
    install: bool = False
    why: str = ""


Moment = tuple[datetime, EventRule]
"""An instant at which an event is due."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a set of rule files says, proved sound as files.

    `digest` is the SHA-256 over its `sources`; `state_rules` are ordered by priority, highest
    first, and among equals in the order of the files.
    """

    almanac: Almanac
    default: Want
    state_rules: tuple[StateRule, ...]
    event_rules: tuple[EventRule, ...]
    digest: str
    sources: Sources = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule set on a route with certain levers.

    `route` are the levers of the route, `permitted` those within the owner's `limits`, `levers` the
    ones that are used: only where `[default]` can put them back. `fixed` holds what each rule sets
    as far as that does not depend on the state of energy, `claims` the parts that each rule decides
    here.
    """

    rules: RuleSet
    route: Levers
    limits: Limits
    permitted: Levers
    levers: Levers
    fixed: Mapping[str, Setting]
    claims: Mapping[str, tuple[Part, ...]]
    default_setting: Setting
    default_claims: tuple[Part, ...]
    transitions: Transitions = field(default_factory=Transitions, repr=False, compare=False)
    _tables: dict[date, DayTable[StateRule]] = field(default_factory=dict, repr=False)
    _moments: dict[date, tuple[Moment, ...]] = field(default_factory=dict, repr=False)
    _moments_between: dict[tuple[date, date], tuple[Moment, ...]] = field(
        default_factory=dict, repr=False
    )
    _openings: dict[str, Span] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, rules: RuleSet, route: Levers, limits: Limits = NO_LIMITS) -> Self:
        """Compile a rule set for a route, within what the owner permits.

        Where `[default]` does not say whether the battery may charge from the grid, that lever is
        not used at all: nothing would put it back.
        """
        permitted = route.permitted(grid_charging=limits.grid_charging, export=limits.export)
        levers = _used(permitted, rules.default, limits)
        fixed = {
            rule.name: resolve(rule.want, levers, None, None).setting for rule in rules.state_rules
        }
        claims = {rule.name: _claims(rule.want, levers) for rule in rules.state_rules}
        default = resolve(rules.default, levers, None, None).setting
        default_claims = _claims(rules.default, levers)
        return cls(rules, route, limits, permitted, levers, fixed, claims, default, default_claims)

    def segment(self, now: datetime) -> tuple[datetime, tuple[StateRule, ...]]:
        """Until when the set of open rules stays as it is, and the open rules, winners first."""
        for table in reversed(self._tables.values()):  # the latest is asked for most
            if table.start <= now < table.end:
                return table.segment(now)
        return self.table(self.local_date(now)).segment(now)

    def unbroken(self, rule: StateRule, since: datetime, now: datetime) -> bool:
        """Whether a rule that is open now and was at `since` has been open all the time between."""
        known = self._openings.get(rule.name)
        if known is not None and known.start <= since and now < known.end:
            return True
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

    def moments(self, start: datetime, end: datetime) -> list[Moment]:
        """Every scheduled moment in the half-open time from `start` to `end`, in order."""
        # A lead of up to a day may put a moment on the day before the one it belongs to.
        days = self.local_date(start) - ONE_DAY, self.local_date(end) + ONE_DAY
        if days not in self._moments_between:
            self._moments_between.clear()
            self._moments_between[days] = self._moments_on(*days)
        return [each for each in self._moments_between[days] if start <= each[0] < end]

    def local_date(self, instant: datetime) -> date:
        """The date on the owner's wall calendar."""
        return instant.astimezone(self.rules.almanac.zone).date()

    def event(self, name: str) -> EventRule | None:
        """An event rule by name."""
        return next((event for event in self.rules.event_rules if event.name == name), None)

    def rule(self, name: str) -> StateRule | None:
        """A state rule by name."""
        return next((rule for rule in self.rules.state_rules if rule.name == name), None)

    def _opening(self, rule: StateRule, since: datetime, now: datetime, known: Span | None) -> Span:
        """The open time around `now`, followed back over midnights as far as `since`."""
        if rule.calendar.always:
            return ALWAYS
        found = self.table(self.local_date(now)).stretch(rule, now)
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

    def _moments_on(self, first: date, last: date) -> tuple[Moment, ...]:
        days = (first + ONE_DAY * after for after in range((last - first).days + 1))
        found = (each for day in days for each in self._moments_of(day))
        return tuple(sorted(found, key=lambda each: (each[0], each[1].name)))

    def _moments_of(self, day: date) -> tuple[Moment, ...]:
        if day not in self._moments:
            if len(self._moments) >= KEPT_MOMENTS:
                del self._moments[next(iter(self._moments))]
            self._moments[day] = tuple(
                (instant, event)
                for event in self.rules.event_rules
                if event.moments is not None
                for instant in event.moments.of(day, self.rules.almanac)
            )
        return self._moments[day]


def _used(levers: Levers, default: Want, limits: Limits) -> Levers:
    """The levers that the owner permits, without those that could not be put back."""
    restored = levers.settable(Setting(grid_charging=default.grid_charging, export=default.export))
    # Where it must be off, off is what it is put back to.
    if restored.grid_charging is None and limits.grid_charging:
        levers = replace(levers, grid_charging=frozenset())
    if restored.export is None and default.export is not None:
        levers = replace(levers, export=frozenset())
    return levers


def _claims(want: Want, levers: Levers) -> tuple[Part, ...]:
    """The parts that a want decides, if only by leaving them alone.

    One that is said and cannot be set at all is for others to decide.
    """
    said = Setting(grid_charging=want.grid_charging, export=want.export)
    settable = levers.settable(said).present
    return tuple(
        part
        for part in want.claims
        if part in levers.parts and (part not in said.present or part in settable)
    )
