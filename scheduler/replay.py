"""The journal's past once more: along the rules of that time, or along others. Reads only.

Along its own rules a past comes to the same decisions, byte for byte; that is what makes it worth
anything along others. What no replay can know is what the house would have done: under other
settings there would have been another state of energy, and so other readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Part, Setting
from rules.engine import Decision, Memory
from rules.inputs import NO_INPUTS
from rules.plan import RuleSet
from rules.remembering import from_json, to_json
from rules.resolve import Levers
from scheduler.control.hold import in_force
from scheduler.deciding import Deciding, Step
from scheduler.domain import DecisionRecord, HoldRecord
from scheduler.journal.given import LEVERS, Content, inputs_of, levers_from_json
from scheduler.journal.past import (
    Began,
    Decided,
    Given,
    Happened,
    Lost,
    Reloaded,
    Said,
    Seen,
    Standing,
)

LONGEST_UNSEEN = timedelta(minutes=10)
"""A difference does not go on through a longer time without a reading."""

FindRules = Callable[[str], RuleSet]
"""The rules whose hash begins so."""


class Surroundings:
    """What the engine is given beside readings, followed along the past."""

    def __init__(
        self, word: HoldRecord | None = None, given: Mapping[str, Content] | None = None
    ) -> None:
        self.word = in_force(word)
        self._given = dict(given or {})
        self.inputs = inputs_of(self._given) if self._given else NO_INPUTS

    @property
    def levers(self) -> Levers:
        """What the route could set; what every route can where nobody kept it."""
        return levers_from_json(self._given[LEVERS]) if LEVERS in self._given else Levers()

    def follow(self, each: Happened) -> None:
        """Something was said or given."""
        match each:
            case Said():
                self.word = in_force(each.word)
            case Given():
                if each.content is None:
                    self._given.pop(each.name, None)
                else:
                    self._given[each.name] = each.content
                if each.name != LEVERS:
                    self.inputs = inputs_of(self._given)


def replayed(past: Iterable[Happened], rules_of: FindRules) -> Iterator[DecisionRecord]:
    """The decisions that the engine comes to along the past, which begins with its first run."""
    around = Surroundings()
    thread: Deciding | None = None
    last: DecisionRecord | None = None
    lost: datetime | None = None
    for each in past:
        around.follow(each)
        match each:
            case Lost():
                lost = each.at
            case Began():
                thread = Deciding(rules_of(each.rules_hash), around.levers, Memory(each.at))
                if last is not None:
                    thread.take_up(last, from_json(last.memory))
                    if lost is not None and last.at <= lost:
                        thread.lose(lost)
                thread.followed = around.word
            case Reloaded() if thread is not None:
                thread.reload(rules_of(each.rules_hash))
            case Given(name=name) if thread is not None and name == LEVERS:
                thread.follow(around.levers)
            case Seen() if thread is not None:
                step = _look(thread, each, around)
                if step is not None and step.reason is not None:
                    last = _record(step, thread.plan.rules.digest)
                    yield last


def _look(thread: Deciding, seen: Seen, around: Surroundings) -> Step | None:
    observation, inputs, word = seen.observation, around.inputs, around.word
    if thread.standing(observation, inputs, word, seen.at) is not None:
        return None
    step = thread.look(observation, inputs, word, seen.at)
    thread.accept(step)
    return step


def _record(step: Step, digest: str) -> DecisionRecord:
    winners = {part.value: winner for part, winner in step.decision.winners.items()}
    setting, why = step.decision.setting, step.reason or ""
    return DecisionRecord(step.at, setting, winners, digest, why, to_json(step.memory))


@dataclass(frozen=True, slots=True)
class Difference:
    """A span in which other rules would have wanted something else.

    `lasted` counts only the time in which somebody looked. `was` and `would` are what was wanted as
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

    `seen` is the time in which somebody looked, `from_means` how many looks stood on means, and
    `changes` how often each side wanted something new.
    """

    differences: list[Difference]
    bands: list[Band]
    seen: timedelta = timedelta(0)
    looks: int = 0
    from_means: int = 0
    changes_was: int = 0
    changes_would: int = 0

    @property
    def differed(self) -> timedelta:
        """For how long something else would have been wanted."""
        return sum((each.lasted for each in self.differences), timedelta(0))


def compared(
    past: Iterable[Happened], before: Standing, rules: RuleSet, start: datetime
) -> Comparison:
    """Lead other rules along the past after `before`; what comes from `start` on is compared.

    The owner's word is laid over both. The other rules remember nothing at first.
    """
    around = Surroundings(before.word, before.given)
    thread: Deciding | None = None
    side = _SideBySide(start, None if before.decision is None else before.decision.record)
    for each in past:
        around.follow(each)
        match each:
            case Decided():
                side.was_decided(each.record)
            case Given(name=name) if thread is not None and name == LEVERS:
                thread.follow(around.levers)
            case Seen():
                if thread is None:
                    thread = Deciding(rules, around.levers, Memory(each.at))
                step = _look(thread, each, around)
                side.looked(each, step)
    return side.end()


class _SideBySide:
    """What was wanted beside what would have been, look by look.

    The row of a decision follows that of its reading, so the time between two looks is compared as
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
        before, self._was_set = self._was_set, _over(self._was_set, record.setting)
        self._found.changes_was += record.at >= self._start and before != self._was_set
        self._was = record

    def looked(self, seen: Seen, step: Step | None) -> None:
        if self._at is not None:
            self._between(max(self._at, self._start), seen.at)
        if seen.at >= self._start:
            self._found.looks += 1
            self._found.from_means += seen.mean
        if step is not None:
            before, self._would = self._would_set, step.decision
            self._would_set = _over(before, step.decision.setting)
            self._reason = step.reason or self._reason
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


def _over(before: Setting, wanted: Setting) -> Setting:
    """What is in effect once this is wanted: a part that is left alone stays."""
    parts = {part.value: getattr(wanted, part) for part in Part}
    return replace(before, **{name: value for name, value in parts.items() if value is not None})
