"""Variants of a rule file, judged: what each change costs a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rules.errors import RuleProblems
from scheduler.money import IntervalData
from scheduler.money.sensitivity.variants import variants

Judge = Callable[[str], float]
"""The dollars of a rule file's text. Raises `RuleProblems` for one that cannot be."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of a rule costs in dollars, negative where it saves; absent if it cannot be."""

    rule: str
    change: str
    dollars: float | None


def effects(text: str, judge: Judge) -> tuple[Effect, ...]:
    """The effect of every change, those that matter most first, those that cannot be last."""
    as_is = judge(text)
    found = []
    for each in variants(text):
        try:
            dollars = judge(each.text) - as_is
        except RuleProblems:
            dollars = None
        found.append(Effect(each.rule, each.change, dollars))
    return tuple(sorted(found, key=_weight))


def scaled_load(data: IntervalData, factor: float) -> IntervalData:
    """The same home with so much more, or less, of a load."""
    return replace(data, load_w=[factor * watts for watts in data.load_w])


def _weight(effect: Effect) -> tuple[bool, float]:
    return effect.dollars is None, -abs(effect.dollars or 0.0)
