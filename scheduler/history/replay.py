"""The journal's past once more: along the rules of that time, or along others. Reads only.

Along its own rules a past comes to the same decisions, byte for byte; that is what makes it worth
anything along others. What no replay can know is what the house would have done: under other
settings there would have been another state of energy, and so other readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Setting
from rules.engine import Decision, RuleSet
from scheduler import control
from scheduler.control import State, Step, Terms
from scheduler.control.events import Reloaded, Seen
from scheduler.domain import (
    Capabilities,
    DecisionRecord,
    Endpoint,
    Past,
    PastDecision,
    PastGap,
    Safety,
)
from scheduler.history.context import ReplayContext, levers_in, limits_in
from scheduler.journal import (
    DecisionMade,
    PastEvent,
    PastReading,
    RowsLost,
    RulesChanged,
    RunBegan,
    Standing,
)

LONGEST_UNSEEN = timedelta(minutes=10)
"""A difference does not go on through a longer time without a reading."""

FindRules = Callable[[str], RuleSet]
"""The rules whose hash begins so."""


EVERYTHING = frozenset(Endpoint)


def replayed(past: Iterable[PastEvent], rules_of: FindRules) -> Iterator[DecisionRecord]:
    """The decisions of the controller along the past, which begins with its first run."""
    context = ReplayContext()
    state: State | None = None
    last: DecisionRecord | None = None
    lost: datetime | None = None
    for each in past:
        context.follow(each)
        match each:
            case RowsLost():
                lost = each.at
            case RunBegan():
                state = _begun(rules_of(each.rules_hash), context, each.at, last, lost)
            case RulesChanged() if state is not None:
                state = control.step(state, Reloaded(each.at, rules_of(each.rules_hash))).state
            case PastReading() if state is not None:
                step = _evaluated(state, each, context)
                state = step.state
                if (decided := _decided(step)) is not None:
                    last = decided
                    yield decided


def _begun(
    rules: RuleSet,
    context: ReplayContext,
    at: datetime,
    last: DecisionRecord | None = None,
    lost: datetime | None = None,
) -> State:
    """A controller that goes on from an earlier decision and writes nothing."""
    past = Past(
        decision=None if last is None else PastDecision(0, last),
        hold=context.last_hold,
        gap=None if lost is None else PastGap(None, lost, ""),
    )
    return control.begin(past, _terms(context), rules, _capabilities(context), at).state


def led(
    past: Iterable[PastEvent], context: ReplayContext, rules: RuleSet
) -> Iterator[tuple[PastEvent, Step | None]]:
    """Everything that happened, and at each reading the step of a controller under these rules.

    It remembers nothing at first, and follows the manual holds that the context follows.
    """
    state: State | None = None
    for each in past:
        context.follow(each)
        step = None
        if isinstance(each, PastReading):
            if state is None:
                state = _begun(rules, context, each.at)
            step = _evaluated(state, each, context)
            state = step.state
        yield each, step


def _evaluated(state: State, seen: PastReading, context: ReplayContext) -> Step:
    """What follows from a reading; no row where the last decision stands."""
    observation, inputs = seen.observation, context.inputs
    if state.last_hold != context.last_hold:
        state = replace(state, last_hold=context.last_hold)
    if state.decisions.stands(observation, inputs, state.hold, seen.at):
        return Step(state)
    found = _capabilities(context)
    return control.step(state, Seen(seen.at, EVERYTHING, observation, found, None, inputs))


def _decided(step: Step) -> DecisionRecord | None:
    """What was decided anew in a step."""
    decided = [row.record for row in step.rows if isinstance(row.record, DecisionRecord)]
    return decided[-1] if decided else None


def _terms(context: ReplayContext) -> Terms:
    limits = limits_in(context.engine_inputs)
    safety = Safety(
        limits.reserve_floor,
        Setting(),
        grid_charging=limits.grid_charging,
        export=limits.export,
    )
    return Terms(safety, LONGEST_UNSEEN, dry_run=True)


def _capabilities(context: ReplayContext) -> Capabilities:
    return Capabilities("", levers=levers_in(context.engine_inputs))


@dataclass(frozen=True, slots=True)
class Difference:
    """A span in which other rules would have wanted something else.

    `lasted` counts only the time that has readings. `was` and `would` are what was wanted as
    it began, `was_by` and `would_by` the rules that won it, `would_reason` why they did.
    """

    start: datetime
    end: datetime
    lasted: timedelta
    was: Setting
    was_by: tuple[str, ...]
    was_reason: str
    would: Setting
    would_by: tuple[str, ...]
    would_reason: str


@dataclass(frozen=True, slots=True)
class Band:
    """A span of one wanted setting on both sides, for a picture."""

    start: datetime
    end: datetime
    was: Setting
    would: Setting


@dataclass(slots=True)
class Comparison:
    """What other rules would have made of a past.

    `seen` is the time that has readings, `from_means` how many of them are means, and
    `changes` how often each side wanted something new.
    """

    differences: list[Difference]
    bands: list[Band]
    seen: timedelta = timedelta(0)
    readings: int = 0
    from_means: int = 0
    changes_was: int = 0
    changes_would: int = 0

    @property
    def differed(self) -> timedelta:
        """For how long something else would have been wanted."""
        return sum((each.lasted for each in self.differences), timedelta(0))


def compared(
    past: Iterable[PastEvent], before: Standing, rules: RuleSet, start: datetime
) -> Comparison:
    """Lead other rules along the past after `before`; what comes from `start` on is compared.

    The manual hold is laid over both. The other rules remember nothing at first.
    """
    context = ReplayContext(before.hold, before.engine_inputs)
    side = _SideBySide(start, None if before.decision is None else before.decision.record)
    for each, step in led(past, context, rules):
        if isinstance(each, DecisionMade):
            side.was_decided(each.record)
        elif isinstance(each, PastReading) and step is not None:
            decisions = step.state.decisions
            would = None if _decided(step) is None else decisions.last
            side.add_reading(each, would, decisions.reason)
    return side.end()


class _SideBySide:
    """What was wanted beside what would have been, reading by reading.

    The row of a decision follows that of its reading, so the time between two is compared as
    the second comes.
    """

    def __init__(self, start: datetime, was: DecisionRecord | None) -> None:
        self._start = start
        self._was = was
        self._was_set = Setting() if was is None else was.setting
        self._would: Decision | None = None
        self._would_set = Setting()
        self._reason = ""
        self._at: datetime | None = None
        self._open: Difference | None = None
        self._found = Comparison([], [])

    def was_decided(self, record: DecisionRecord) -> None:
        before, self._was_set = self._was_set, record.setting.over(self._was_set)
        self._found.changes_was += record.at >= self._start and before != self._was_set
        self._was = record

    def add_reading(self, seen: PastReading, would: Decision | None, reason: str) -> None:
        if self._at is not None:
            self._between(max(self._at, self._start), seen.at)
        if seen.at >= self._start:
            self._found.readings += 1
            self._found.from_means += seen.mean
        if would is not None:
            before, self._would = self._would_set, would
            self._would_set = would.setting.over(before)
            self._reason = reason
            self._found.changes_would += seen.at > self._start and before != self._would_set
        self._at = seen.at

    def end(self) -> Comparison:
        self._close()
        return self._found

    def _between(self, start: datetime, end: datetime) -> None:
        lasted = end - start
        if lasted <= timedelta(0):
            return
        if lasted > LONGEST_UNSEEN:
            self._close()
            return
        self._found.seen += lasted
        self._draw(start, end)
        if self._was_set == self._would_set:
            self._close()
            return
        known = self._open
        if known is None or (known.was, known.would) != (self._was_set, self._would_set):
            self._close()
            known = self._difference(start)
        self._open = replace(known, end=end, lasted=known.lasted + lasted)

    def _difference(self, start: datetime) -> Difference:
        was_by = () if self._was is None else tuple(dict.fromkeys(self._was.winners.values()))
        would_by = () if self._would is None else tuple(dict.fromkeys(self._would.winners.values()))
        return Difference(
            start,
            start,
            timedelta(0),
            self._was_set,
            was_by,
            "" if self._was is None else self._was.reason,
            self._would_set,
            would_by,
            self._reason,
        )

    def _close(self) -> None:
        if self._open is not None:
            self._found.differences.append(self._open)
        self._open = None

    def _draw(self, start: datetime, end: datetime) -> None:
        bands = self._found.bands
        band = Band(start, end, self._was_set, self._would_set)
        if bands and replace(bands[-1], start=start, end=end) == band and bands[-1].end == start:
            band = replace(band, start=bands.pop().start)
        bands.append(band)
