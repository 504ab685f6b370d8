"""Two rules of equal priority that want different things at one moment.

For each pair, part and situation: is there a state in which both are active, and no rule above them
takes the part? The first such state becomes a history, and counts only if the engine agrees. Only
where no single look shows a conflict are two tried, between which a rule lingers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from rules.check.findings import Code, Finding, Place
from rules.check.history import History, easiest, histories, what_matters
from rules.check.lingering import Lingering
from rules.check.months import NO_TIME, Months
from rules.check.pair import Pair
from rules.check.search import Search, TooManySteps
from rules.check.situations import Seen, Situation
from rules.check.space import Box, Space
from rules.domain import Part, in_words

MOST_TRIES = 8
"""States that are played on the engine before a pair counts as undecided in a situation."""


PAIR = 20
"""The effort of looking at a pair in one situation."""

MOST_CONFLICTS = 100
"""Pairs that are told of; who has as many gives priorities first."""


def conflicts(months: Months, of: str | None = None) -> Iterator[Finding]:
    """Every pair that can come into conflict, over the first part that shows it.

    With `of` only the pairs of the rule of this name.
    """
    found = _conflicts(months, of)
    yield from islice(found, MOST_CONFLICTS)
    if next(found, None) is not None:
        text = (
            f"more than {MOST_CONFLICTS} pairs of rules of equal priority can want different "
            "things; the others are not told"
        )
        yield Finding(Code.UNDECIDED, text, ())


def _conflicts(months: Months, of: str | None) -> Iterator[Finding]:
    for (one, other), parts in _pairs(months).items():
        if of is not None and of not in (months.rules[one].name, months.rules[other].name):
            continue
        found = (_Proof(Pair(months, one, other, part)).finding() for part in parts)
        finding = next((each for each in found if each is not None), None)
        if finding is not None:
            yield finding


def _pairs(months: Months) -> dict[tuple[int, int], list[Part]]:
    """Pairs that are ever open at once, of equal priority, with the parts that both decide."""
    plan, rules = months.plan, months.rules
    found: dict[tuple[int, int], list[Part]] = {}
    # Nobody looks again for a pair that was met: situations are many.
    unmet = {
        one: {
            other
            for other in range(one + 1, len(rules))
            if rules[other].priority == rules[one].priority and rules[other].want != rules[one].want
        }
        for one in range(len(rules))
    }
    for situation, _ in months.seen():
        for one in situation.open:
            for other in sorted(unmet[one].intersection(situation.open)):
                unmet[one].remove(other)
                claimed = plan.claims[rules[one].name], plan.claims[rules[other].name]
                found[one, other] = [part for part in claimed[0] if part in claimed[1]]
    return found


@dataclass(slots=True)
class _Proof:
    """What is found out about one pair, situation by situation."""

    pair: Pair
    shown: History | None = None
    undecided: bool = False
    a_year: timedelta = NO_TIME
    _known: dict[object, bool] = field(default_factory=dict)

    def finding(self) -> Finding | None:
        """What is to be told of the pair, if it can come into conflict."""
        pair = self.pair
        both = [
            (situation, seen)
            for situation, seen in pair.months.seen()
            if pair.one in situation.open and pair.other in situation.open
        ]
        for look in (self._one_look, self._two_looks):
            for situation, seen in both:
                try:
                    possible = look(situation, seen)
                except TooManySteps:
                    self.undecided = True
                    continue
                self.a_year += seen.a_year if possible else NO_TIME
            if self.shown is not None:
                return self._conflict(self.shown)
            if self.undecided:
                return self._untold()
        return None

    def _one_look(self, situation: Situation, seen: Seen) -> bool:
        """Whether a state of this situation brings them into conflict."""
        space = self.pair.months.space(situation)
        goals = self.pair.goals(situation, space)
        key = (space, goals)
        self.pair.months.effort.spend(PAIR)
        if key in self._known and (self.shown is not None or not self._known[key]):
            return self._known[key]
        tries = 1 if self.shown is not None else MOST_TRIES
        search = Search(self.pair.months.effort)
        boxes = list(islice(search.solutions(space.everything, goals), tries))
        self._known[key] = bool(boxes)
        if boxes and self.shown is None:
            self.shown = self._played(situation, seen, space, boxes)
            self.undecided = self.shown is None
        return bool(boxes)

    def _two_looks(self, situation: Situation, seen: Seen) -> bool:
        """Whether a rule that lingers in this situation brings them into conflict."""
        found = Lingering(self.pair, situation, seen).history()
        if self.shown is None:
            self.shown = found
        return found is not None

    def _played(
        self, situation: Situation, seen: Seen, space: Space, boxes: Sequence[Box]
    ) -> History | None:
        """The first history that the engine confirms."""
        months = self.pair.months
        openings = months.openings(situation, seen)
        for box in boxes:
            states = easiest(space, box)
            said = what_matters(space, box, states)
            for history in histories(
                months.plan.rules.almanac, seen, openings, states, said, self.pair.hold
            ):
                if self.pair.shown_by(history):
                    return history
        return None

    def _conflict(self, history: History) -> Finding:
        pair, part = self.pair, self.pair.part
        wants = [in_words(part, getattr(each, part)) for each in pair.settings(history)]
        priority = pair.months.rules[pair.one].priority
        text = (
            f'"{pair.names[0]}" wants {wants[0]}, and "{pair.names[1]}" wants {wants[1]}, '
            f"with equal priority ({priority}); the first in the files would win"
        )
        places = tuple(Place(name, ("set",)) for name in pair.names)
        return Finding(Code.CONFLICT, text, places, history, self.a_year, part=part)

    def _untold(self) -> Finding:
        one, other = self.pair.names
        text = (
            f'it could not be decided whether "{one}" and "{other}", of equal priority, '
            "can want different things at one moment"
        )
        return Finding(Code.UNDECIDED, text, (Place(one), Place(other)))
