"""Which active rule wins which part of the setting.

Rules are numbered winners first, so the winner of a part is the lowest bit among the active rules
that claim it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.domain import PARTS, Part, Setting
from rules.engine.activation import Answer
from rules.engine.decision import DEFAULT
from rules.engine.plan import Plan

MOST_RESULTS = 1_000
"""How many results are kept for when the same rules are active again."""


@dataclass(frozen=True, slots=True)
class Result:
    """What comes of a contest. `winners` are in the order of their rank, `[default]` last.

    Where nobody says what the reserve is, the one that is set was `compared_with` the highest
    `reserve_at_least`, and is raised to it if it is lower.
    """

    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    insists: bool
    compared_with: int | None = None


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Who wins while the same rules are active, whatever they set.

    `won` are the parts with the rule that takes them, the highest rank first. `floor` is the
    highest `reserve_at_least`, with the rule that asks for it. A rule that ranks below one that
    leaves the battery alone asks for nothing.
    """

    won: tuple[tuple[Part, int], ...]
    active: tuple[str, ...]
    insists: bool
    floor: tuple[int, int] | None


class Contest:
    """The active rules among the open ones, kept up to date as answers change."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._index, self._active = plan, plan.index, 0
        self._rankings: dict[int, _Ranking] = {}
        self._results: dict[int, Result] = {}

    def open(self, units: int) -> None:
        """Other rules are open; one without conditions is active as long as it is open."""
        self._active = (self._active | self._index.timeless) & units

    def enter(self, unit: int, *, active: bool) -> None:
        """A rule is active, or is not."""
        bit = 1 << unit
        self._active = self._active | bit if active else self._active & ~bit

    def result(self, answers: Mapping[int, Answer], reserve: float | None) -> Result:
        """Who wins. The answers say what a rule sets whose setting depends on the SOE.

        `reserve` is the one that is set, in app percent.
        """
        active = self._active
        result = self._results.get(active)
        if result is None:
            if len(self._rankings) >= MOST_RESULTS:
                self._rankings.clear()
                self._results.clear()
            ranking = self._rankings.get(active)
            if ranking is None:
                ranking = self._rankings[active] = self._ranked()
            result = self._settled(ranking, answers, reserve)
            if not active & self._index.looking_at_soe and result.compared_with is None:
                self._results[active] = result
        return result

    def _ranked(self) -> _Ranking:
        index, active = self._index, self._active
        won = [
            (part, _first(active & claimed)) for part, claimed in index.claims if active & claimed
        ]
        leaving = _first(active & index.leaving) if active & index.leaving else len(index.names)
        asking = (1 << leaving) - 1
        return _Ranking(
            tuple(sorted(won, key=lambda each: each[1])),
            tuple(name for unit, name in enumerate(index.names) if active >> unit & 1),
            any(index.insisting >> unit & 1 for _, unit in won),
            next((each for each in index.floors if (active & asking) >> each[1] & 1), None),
        )

    def _settled(
        self, ranking: _Ranking, answers: Mapping[int, Answer], reserve: float | None
    ) -> Result:
        plan, names = self._plan, self._index.names
        winners: dict[Part, str] = {}
        values: dict[Part, object] = {}
        for part, unit in ranking.won:
            answer, name = answers.get(unit), names[unit]
            setting = plan.fixed[name] if answer is None else answer.setting
            winners[part], values[part] = name, getattr(setting, part)
        for part in plan.default_claims:
            if part not in winners:
                winners[part], values[part] = DEFAULT, getattr(plan.default_setting, part)
        compared_with = None
        if ranking.floor is not None:
            floor, unit = ranking.floor
            wanted = values.get(Part.RESERVE)
            if not isinstance(wanted, int):
                compared_with, wanted = floor, reserve
            if wanted is not None and wanted < floor:
                values[Part.RESERVE], winners[Part.RESERVE] = floor, names[unit]
        setting = Setting(*map(values.get, PARTS))  # type: ignore[arg-type]  # each part has its type
        return Result(setting, winners, ranking.active, ranking.insists, compared_with)


def _first(units: int) -> int:
    return (units & -units).bit_length() - 1
