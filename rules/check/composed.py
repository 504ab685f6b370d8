"""Settings that come of two rules, and what is left to the default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rules.check.months import NO_TIME, Months
from rules.check.search import IMPOSSIBLE, Goal
from rules.check.situations import Situation
from rules.domain import Part

PAIR = 3
"""The effort of looking at two rules in one situation."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A mode from one rule with a reserve from another, and for how long in a year it may last."""

    mode_from: str
    reserve_from: str
    a_year: timedelta


@dataclass(frozen=True, slots=True)
class LeftToDefault:
    """For how long in a year no rule can say anything, and for how long none may."""

    always: timedelta
    at_times: timedelta


def composed(months: Months) -> list[Composed]:
    """Every pair of rules whose mode and reserve come together although neither says both."""
    found: dict[tuple[int, int], timedelta] = {}
    known: dict[object, bool] = {}
    for situation, seen in months.seen():
        months.effort.spend(PAIR * len(situation.open) ** 2)
        for mode_from in situation.open:
            for reserve_from in situation.open:
                if mode_from == reserve_from:
                    continue
                goals = _together(months, situation, mode_from, reserve_from)
                key = (months.space(situation), goals)
                if key not in known:
                    known[key] = months.possible(situation, goals)
                if known[key]:
                    pair = mode_from, reserve_from
                    found[pair] = found.get(pair, NO_TIME) + seen.a_year
    names = [rule.name for rule in months.rules]
    return [Composed(names[one], names[other], a_year) for (one, other), a_year in found.items()]


def left_to_default(months: Months) -> LeftToDefault:
    """What is left to [default]: where no rule is open, and where none has to be active."""
    always, at_times = NO_TIME, NO_TIME
    for situation, seen in months.seen():
        if not situation.open:
            always += seen.a_year
            continue
        quiet = tuple(months.may_be_inactive(situation, each) for each in situation.open)
        if months.possible(situation, quiet):
            at_times += seen.a_year
    return LeftToDefault(always, at_times)


def _together(
    months: Months, situation: Situation, mode_from: int, reserve_from: int
) -> tuple[Goal, ...]:
    claims, rules = months.plan.claims, months.rules

    def takes(rule: int, part: Part) -> bool:
        return part in claims[rules[rule].name]

    if not takes(mode_from, Part.MODE) or not takes(reserve_from, Part.RESERVE):
        return (IMPOSSIBLE,)
    # Who says both is outranked in one of them; that the pair says each other's part is no pair.
    if takes(mode_from, Part.RESERVE) and takes(reserve_from, Part.MODE):
        return (IMPOSSIBLE,)
    goals = [months.may_be_active(situation, each) for each in (mode_from, reserve_from)]
    for each in situation.open:
        outranks_mode = each < mode_from and takes(each, Part.MODE)
        outranks_reserve = each < reserve_from and takes(each, Part.RESERVE)
        if each in (mode_from, reserve_from):
            if outranks_mode or outranks_reserve:
                return (IMPOSSIBLE,)
        elif outranks_mode or outranks_reserve:
            goals.append(months.may_be_inactive(situation, each))
    return (IMPOSSIBLE,) if IMPOSSIBLE in goals else tuple(goals)
