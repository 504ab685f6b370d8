"""Conditions as a person would say them after "if"."""

from __future__ import annotations

from rules.domain import Quantity
from rules.engine import (
    Condition,
    Context,
    FlagSet,
    Group,
    InputThreshold,
    OpenNow,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
)

PRICED = (PriceRank, PriceThreshold)


def condition_in_words(condition: Condition, context: Context) -> str:
    """A condition with what it is about: "SOE below 30 %", "grid down", "none of: …"."""
    context.begin(frozenset())
    if isinstance(condition, Group):
        said = [
            " and ".join(condition_in_words(each, context) for each in alternative)
            for alternative in condition.alternatives
        ]
        return f"none of: {'; '.join(said)}" if condition.negated else " or ".join(said)
    wanted = condition.wanted(context)
    if isinstance(condition, OpenNow):
        return wanted
    known = not isinstance(condition, PRICED) or condition.test(context) is not None
    return f"{_noun(condition)} {wanted}{'' if known else ' (not known yet)'}"


def _noun(condition: Condition) -> str:
    """What a condition is about: "SOE", "flag", or what its key says: "solar" of "solar_above"."""
    match condition:
        case QuantityThreshold(quantity=Quantity.SOE):
            return "SOE"
        case FlagSet():
            return "flag"
        case InputThreshold():
            return "input"
        case PriceRank():
            return "among"
    key = condition.key.rpartition(".")[2]
    return key.removesuffix("_above").removesuffix("_below").replace("_", " ")
