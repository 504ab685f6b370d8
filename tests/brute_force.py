"""Every minute of every kind of day, and every state of a fine grid: what rules come to.

The oracle of the check. It knows nothing of situations, boxes or searches: it looks at the clock
minute by minute, puts each value at, just under and just over every edge, and asks the engine rule
by rule what becomes of it. What rules remember is followed from look to look until nothing new
comes. It is for rules without `for`, `keep` and `stale`: those would need the length of time too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby, product
from typing import Any, NamedTuple

from brute_deciding import Active, claims, decided, written
from brute_grid import Key, Value, around, input_values, key_of, look, price_values
from conflicting import pairs_among

from rules.calendar import ONE_DAY, Calendar, midnight
from rules.domain import GridStatus, Observation, Part, Setting
from rules.engine import (
    Condition,
    Context,
    OpenNow,
    Plan,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
    StateRule,
    Verdict,
    leaves,
)
from rules.engine.activation import activation
from rules.engine.memory import RuleMemory
from rules.inputs import Inputs

MINUTE = timedelta(minutes=1)
PRICE_STEP = 5
"""In minutes: no price and no rank of the tested rules changes between."""

A_YEAR = timedelta(days=365)
MOST_LOOKS = 150_000
"""Looks of one rule set; sets that would take more are left out by their tests."""

Held = tuple[frozenset[str], int | None]
"""What a rule remembers: the thresholds that hold, and the reserve that it has taken."""

NOTHING: Held = (frozenset(), None)


class TooMuch(Exception):
    """A rule set with more looks than are made."""


class _Answer(NamedTuple):
    """What a rule remembers after a look, and what it sets if it is active.

    `forgets`: a value was missing, and with it what was known of it.
    """

    held: Held
    setting: Setting | None
    forgets: bool


@dataclass(eq=False)
class Moment:
    """What the clock says: the open rules, and the verdicts of what time decides.

    `first` is when it says so first, `said` what it says to each open rule, `minutes` for how long
    within a year, `after` what it may say in the next minute.
    """

    open: tuple[int, ...]
    first: datetime
    said: tuple[object, ...]
    minutes: int = 0
    after: set[Moment] = field(default_factory=set)


class BruteForce:
    """All that may come of some rules; those of a second plan may stand beside a first one's."""

    def __init__(
        self,
        plan: Plan,
        first: date,
        days: int,
        *,
        priced: bool,
        beside: Plan | None = None,
        forgetting: bool = False,
        most: int = MOST_LOOKS,
    ) -> None:
        self._most = most
        self._forgetting = forgetting
        self.plan, self.first, self.days, self.priced = plan, first, days, priced
        self.plans = [plan] if beside is None else [plan, beside]
        self.units = [(each, rule) for each in self.plans for rule in each.rules.state_rules]
        self.rules = [rule for _, rule in self.units]
        self._grid = self._values()
        self._looks_at = [self._keys(rule) for rule in self.rules]
        self._answers: dict[object, list[_Answer]] = {}
        self._known: dict[_Answer, _Answer] = {}
        self._looks = 0
        self.verdicts: set[tuple[int, Condition, Verdict]] = set()
        self.moments = self._clock()
        self.outcomes: dict[Moment, set[tuple[Active, ...]]] = self._follow()

    # --- the clock -------------------------------------------------------------------------------

    def _timed(self, condition: Condition) -> bool:
        priced = self.priced and isinstance(condition, PriceThreshold | PriceRank)
        return priced or isinstance(condition, OpenNow)

    def _clock(self) -> list[Moment]:
        """Every minute of the days, those that are alike as one."""
        almanac, zone = self.plan.rules.almanac, self.plan.rules.almanac.zone
        every = [
            (number, each)
            for number, rule in enumerate(self.rules)
            for each in dict.fromkeys(leaves(rule.conditions))
        ]
        windows = [(n, each.calendar) for n, each in every if isinstance(each, OpenNow)]
        # Whatever the prices are, a rank is false outside its window.
        windows += [(n, Calendar((e.window,))) for n, e in every if isinstance(e, PriceRank)]
        prices = [(n, e) for n, e in every if self._timed(e) and not isinstance(e, OpenNow)]
        calendars = [rule.calendar for rule in self.rules] + [each for _, each in windows]
        owners = [n for n, _ in windows]
        found: dict[object, Moment] = {}
        kinds: dict[object, list[tuple[tuple[int, ...], tuple[object, ...], int, int]]] = {}
        before: Moment | None = None
        for day in (self.first + n * ONE_DAY for n in range(self.days)):
            start, end = midnight(day, zone), midnight(day + ONE_DAY, zone)
            minutes = (end - start) // MINUTE
            around = [day + n * ONE_DAY for n in (-1, 0, 1)] if prices else []
            kind = (
                minutes,
                tuple(_offsets(each, day, almanac, start) for each in calendars),
                tuple(almanac.tariff.day(each) if almanac.tariff else () for each in around),
                day if minutes != 24 * 60 and prices else None,
            )
            if kind not in kinds:
                kinds[kind] = list(self._runs(kind[1], minutes, prices, owners, start))
            for opened, said, begin, length in kinds[kind]:
                moment = found.get((opened, said))
                if moment is None:
                    moment = Moment(opened, start + begin * MINUTE, said)
                    found[opened, said] = moment
                if day < self.first + A_YEAR:
                    moment.minutes += length
                if before is not None:
                    before.after.add(moment)
                before = moment
        return list(found.values())

    def _runs(
        self,
        offsets: Sequence[Sequence[tuple[int, int]]],
        minutes: int,
        prices: Sequence[tuple[int, Condition]],
        owners: Sequence[int],
        start: datetime,
    ) -> Iterator[tuple[tuple[int, ...], tuple[object, ...], int, int]]:
        """A day from its first minute on: what the clock says, since when, for how long."""
        says = [0] * minutes
        for number, spans in enumerate(offsets):
            for begin, end in spans:
                for minute in range(begin, end):
                    says[minute] |= 1 << number
        verdicts = [
            tuple(
                self._verdict(each, start + (minute - minute % PRICE_STEP) * MINUTE)
                for _, each in prices
            )
            if minute % PRICE_STEP == 0
            else ()
            for minute in range(minutes)
        ]
        rules = len(self.rules)

        def said(minute: int, rule: int) -> object:
            """What time says to the conditions of one rule."""
            windows = tuple(
                says[minute] >> (rules + n) & 1 for n, owner in enumerate(owners) if owner == rule
            )
            told = verdicts[minute - minute % PRICE_STEP]
            ranks = [v for v, (owner, _) in zip(told, prices, strict=True) if owner == rule]
            return windows, tuple(ranks)

        alike = groupby(
            range(minutes), lambda minute: (says[minute], verdicts[minute - minute % PRICE_STEP])
        )
        for _, group in alike:
            run = list(group)
            opened = tuple(n for n in range(rules) if says[run[0]] >> n & 1)
            yield opened, tuple(said(run[0], n) for n in opened), run[0], len(run)

    def _verdict(self, condition: Condition, at: datetime) -> object:
        context = Context(Observation(at), Inputs(), self.plan.rules.almanac, at)
        context.begin(frozenset())
        return condition.test(context)

    # --- the grid --------------------------------------------------------------------------------

    def _keys(self, rule: StateRule) -> tuple[Key, ...]:
        """The values that a rule looks at."""
        found = [key_of(each) for each in leaves(rule.conditions) if not self._timed(each)]
        if rule.want.looks_at_soe:
            found.append(("soe", None))
        return tuple(dict.fromkeys(found))

    def _values(self) -> dict[Key, list[Value]]:
        """The values of the grid: at every edge, just under it and just over it, and missing."""
        by_key: dict[Key, list[Condition]] = {}
        for rule in self.rules:
            if rule.want.looks_at_soe:
                by_key.setdefault(("soe", None), [])
            for each in leaves(rule.conditions):
                if not self._timed(each):
                    by_key.setdefault(key_of(each), []).append(each)
        found: dict[Key, list[Value]] = {}
        for key, conditions in by_key.items():
            match key:
                case "grid", _:
                    found[key] = [*[*GridStatus][:4], None]
                case "grid_services", _:
                    found[key] = [False, True, None]
                case "flag", _:
                    found[key] = [False, True]
                case "prices", _:
                    found[key] = price_values(conditions)
                case "input", _:
                    found[key] = input_values(conditions)
                case name, _:
                    found[key] = self._numbers(str(name), conditions)
        return found

    def _numbers(self, name: str, conditions: Iterable[Condition]) -> list[Value]:
        edges = {
            edge * each.sign
            for each in conditions
            if isinstance(each, QuantityThreshold)
            for edge in (each.limit, each.released_at)
        }
        if name != "soe":
            return [*around(edges, -math.inf, math.inf), None]
        for plan in self.plans:
            for rule in plan.rules.state_rules:
                if any(each.want.looks_at_soe for each in self.rules):
                    edges |= {float(rule.want.to), float(rule.want.reserve or 0)}
        return [*around(edges, 0.0, 100.0), None]

    # --- the looks -------------------------------------------------------------------------------

    def _follow(self) -> dict[Moment, set[tuple[Active, ...]]]:
        """Look at every state with every memory that may come about, until nothing is new."""
        found: dict[Moment, set[tuple[_Answer, ...]]] = {each: set() for each in self.moments}
        nodes = {(each, (NOTHING,) * len(each.open)): None for each in self.moments}
        queue = list(nodes)
        points = {each: self._points(each) for each in self.moments}
        for moment, memories in queue:
            self._looks += len(points[moment])
            if self._looks > self._most:
                raise TooMuch
            rows = [
                self._answers_of(moment, number, memory)
                for number, memory in zip(moment.open, memories, strict=True)
            ]
            seen = {
                tuple(row[part] for row, part in zip(rows, point, strict=True))
                for point in points[moment]
            }
            found[moment] |= seen
            for answers in seen:
                if any(each.forgets for each in answers) and not self._forgetting:
                    continue
                kept = {n: each.held for n, each in zip(moment.open, answers, strict=True)}
                for following in (moment, *moment.after):
                    node = following, tuple(kept.get(n, NOTHING) for n in following.open)
                    if node not in nodes:
                        nodes[node] = None
                        queue.append(node)
        return {
            moment: {self._active(moment, answers) for answers in seen}
            for moment, seen in found.items()
        }

    def _active(self, moment: Moment, answers: Sequence[_Answer]) -> tuple[Active, ...]:
        return tuple(
            Active(number, self.rules[number].name, self.rules[number].priority, each.setting)
            for number, each in zip(moment.open, answers, strict=True)
            if each.setting is not None
        )

    def _seen_by(self, number: int) -> list[tuple[Value, ...]]:
        """Every state of the values that a rule looks at."""
        return list(product(*(self._grid[key] for key in self._looks_at[number])))

    def _points(self, moment: Moment) -> list[tuple[int, ...]]:
        """For each state of the grid what each open rule sees of it, as numbers of its states."""
        keys = list(dict.fromkeys(key for n in moment.open for key in self._looks_at[n]))
        if math.prod(len(self._grid[key]) for key in keys) > self._most:
            raise TooMuch
        places = {key: number for number, key in enumerate(keys)}
        columns = []
        every = list(product(*(range(len(self._grid[key])) for key in keys)))
        for number in moment.open:
            column = [0] * len(every)
            for key in self._looks_at[number]:
                size, place = len(self._grid[key]), places[key]
                column = [
                    before * size + point[place]
                    for before, point in zip(column, every, strict=True)
                ]
            columns.append(column)
        return list(dict.fromkeys(zip(*columns, strict=True))) if columns else [()]

    def _answers_of(self, moment: Moment, number: int, memory: Held) -> list[_Answer]:
        """What becomes of a rule in each state of what it looks at."""
        key = (moment.said[moment.open.index(number)], number, memory)
        if key not in self._answers:
            states = self._seen_by(number)
            self._answers[key] = [self._answer(moment, number, memory, each) for each in states]
        return self._answers[key]

    def _answer(
        self, moment: Moment, number: int, memory: Held, seen: tuple[Value, ...]
    ) -> _Answer:
        plan, rule = self.units[number]
        at = moment.first
        values = dict(zip(self._looks_at[number], seen, strict=True))
        context = Context(*look(plan, values, at), plan.rules.almanac, at)
        held, captured = memory
        was = captured is not None
        before = RuleMemory(was, at, was, at, held, None, captured)
        told = activation(plan, rule, before, context)
        after = told.memory
        context.begin(held)
        for each in leaves(rule.conditions):
            self.verdicts.add((number, each, each.test(context)))
        return self._known.setdefault(
            answer := _Answer(
                (after.held, after.captured),
                told.setting if after.active else None,
                any(each is None for each in seen),
            ),
            answer,
        )

    # --- what comes of it ------------------------------------------------------------------------

    def conflicts(self) -> set[frozenset[str]]:
        """The pairs of rules that come into conflict."""
        found: set[frozenset[str]] = set()
        for outcomes in self.outcomes.values():
            for active in outcomes:
                found |= pairs_among(self.plan, active)
        return found

    def ever_active(self) -> set[str]:
        """The rules that are active at any time."""
        return {
            each.name for found in self.outcomes.values() for active in found for each in active
        }

    def ever_winning(self) -> set[str]:
        """The rules that win a part, or raise the reserve, at any time."""
        won: set[str] = set()
        for outcomes in self.outcomes.values():
            for active in outcomes:
                won |= {*claims(self.plan, active).values()}
                won |= {*decided(self.plan, active, reserve=0)[1].values()}
        return won

    def always_true(self) -> set[tuple[str, str]]:
        """Rules with the keys of conditions that are never false; a rank is another matter."""
        return {
            (self.rules[number].name, each.key)
            for number, each, verdict in self.verdicts
            if verdict is True
            and (number, each, False) not in self.verdicts
            and not isinstance(each, PriceRank)
        }

    def composed(self) -> dict[tuple[str, str], timedelta]:
        """Pairs of rules of which one says the mode and the other the reserve, and how long."""
        total: dict[tuple[str, str], timedelta] = {}
        for moment, outcomes in self.outcomes.items():
            pairs = set()
            for active in outcomes:
                claimed = claims(self.plan, active)
                pair = claimed.get(Part.MODE), claimed.get(Part.RESERVE)
                if pair[0] and pair[1] and pair[0] != pair[1]:
                    pairs.add((pair[0], pair[1]))
            for each in pairs:
                total[each] = total.get(each, timedelta(0)) + moment.minutes * MINUTE
        return total

    def left_to_default(self) -> tuple[timedelta, timedelta]:
        """For how long no rule is open, and for how long none has to be active."""
        always = sum(each.minutes for each in self.moments if not each.open)
        quiet = sum(
            each.minutes for each in self.moments if each.open and () in self.outcomes[each]
        )
        return always * MINUTE, quiet * MINUTE

    def differing(self) -> list[Moment]:
        """The moments at which the two plans may write different things."""
        count = len(self.plan.rules.state_rules)
        old, new = self.plans
        reserves = (None, 0, 20, 45, 100)
        return [
            moment
            for moment, outcomes in self.outcomes.items()
            if any(
                written(old, [each for each in active if each.number < count], reserve)
                != written(new, [each for each in active if each.number >= count], reserve)
                for active in outcomes
                for reserve in reserves
            )
        ]


def _offsets(
    calendar: Calendar, day: date, almanac: Any, start: datetime
) -> tuple[tuple[int, int], ...]:
    spans = calendar.spans(day, almanac)
    return tuple(((each.start - start) // MINUTE, (each.end - start) // MINUTE) for each in spans)
