"""The journal's past once more: along the rules of that time, or along others. Reads only.

Along its own rules a past comes to the same decisions, byte for byte; that is what makes it worth
anything along others. What no replay can know is what the house would have done: under other
settings there would have been another state of energy, and so other readings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from rules.engine import Memory
from rules.inputs import NO_INPUTS
from rules.plan import RuleSet
from rules.remembering import from_json, to_json
from rules.resolve import Levers
from scheduler.deciding import Deciding, Step
from scheduler.holding import in_force
from scheduler.journal.given import LEVERS, Content, inputs_of, levers_from_json
from scheduler.journal.past import Began, Given, Happened, Reloaded, Said, Seen
from scheduler.journal.records import DecisionRecord, HoldRecord

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
    for each in past:
        around.follow(each)
        match each:
            case Began():
                thread = Deciding(rules_of(each.rules_hash), around.levers, Memory(each.at))
                if last is not None:
                    thread.take_up(last, from_json(last.memory))
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
