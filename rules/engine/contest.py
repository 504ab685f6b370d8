"""Which active rule wins which part of the setting.

Rules are numbered winners first, so the winner of a part is the lowest bit among the active rules
that claim it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress

from rules.domain import Part, Setting
from rules.engine.activation import Answer
from rules.engine.decision import DEFAULT
from rules.engine.plan import Plan

MOST_RESULTS = 1_000
"""How many results are kept for when the same rules are active again."""


@dataclass(frozen=True, slots=True)
class Result:
    """What comes of a contest. `winners` are in the order of their rank, `[default]` last."""

    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    insists: bool


class Contest:
    """The active rules among the open ones, kept up to date as answers change."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._index = plan, plan.index
        self._active, self._flags = 0, bytearray(len(plan.index.names))
        self._results: dict[Hashable, Result] = {}

    def open(self, units: Iterable[int]) -> None:
        """Other rules are open; one without conditions is active as long as it is open."""
        before, timeless = self._active, self._index.timeless
        self._active, self._flags = 0, bytearray(len(self._flags))
        for unit in units:
            if (before | timeless) >> unit & 1:
                self.enter(unit, active=True)

    def enter(self, unit: int, *, active: bool) -> None:
        """A rule is active, or is not."""
        if self._flags[unit] != active:
            self._flags[unit] = active
            self._active ^= 1 << unit

    def result(self, answers: Mapping[int, Answer]) -> Result:
        """Who wins. The answers say what a rule sets whose setting depends on the SOE."""
        key: Hashable = self._active
        looking = self._active & self._index.looking_at_soe
        if looking:
            key = self._active, *(answers[unit].setting for unit in _units(looking))
        result = self._results.get(key)
        if result is None:
            if len(self._results) >= MOST_RESULTS:
                self._results.clear()
            result = self._results[key] = self._decided(answers)
        return result

    def _decided(self, answers: Mapping[int, Answer]) -> Result:
        plan, index, active = self._plan, self._index, self._active
        states = plan.rules.state_rules
        won = {part: _first(active & claimed) for part, claimed in index.claims if active & claimed}
        winners: dict[Part, str] = {}
        values: dict[Part, object] = {}
        for part, unit in sorted(won.items(), key=lambda each: each[1]):
            answer = answers.get(unit)
            setting = plan.fixed[states[unit].name] if answer is None else answer.setting
            winners[part], values[part] = states[unit].name, getattr(setting, part)
        for part in plan.default_claims:
            if part not in winners:
                winners[part], values[part] = DEFAULT, getattr(plan.default_setting, part)
        floor = next((each for each in index.floors if active >> each[1] & 1), None)
        reserve = values.get(Part.RESERVE)
        if floor is not None and (not isinstance(reserve, int) or reserve < floor[0]):
            values[Part.RESERVE], winners[Part.RESERVE] = floor[0], states[floor[1]].name
        return Result(
            Setting(*map(values.get, Part)),  # type: ignore[arg-type]  # each part has its type
            winners,
            tuple(compress(index.names, self._flags)),
            any(index.insisting >> unit & 1 for unit in won.values()),
        )


def _first(units: int) -> int:
    return (units & -units).bit_length() - 1


def _units(units: int) -> Iterator[int]:
    while units:
        first = _first(units)
        units ^= 1 << first
        yield first
