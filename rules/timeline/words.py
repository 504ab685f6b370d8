"""Conditions as a person would say them after "if"."""

from __future__ import annotations

from rules.domain import Quantity
from rules.engine import (
    Condition,
    Context,
    FlagSet,
    GridIs,
    GridServicesAre,
    Group,
    InputThreshold,
    OpenNow,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
)


def condition_in_words(condition: Condition, context: Context) -> str:
    """A condition with what it is about: "SOE below 30 %", "grid down", "one of: …"."""
    context.begin(frozenset())
    wanted = condition.wanted(context)
    match condition:
        case Group():
            said = [
                " and ".join(condition_in_words(each, context) for each in alternative)
                for alternative in condition.alternatives
            ]
            if condition.negated:
                return f"none of: {'; '.join(said)}"
            return " or ".join(said)
        case QuantityThreshold(quantity=Quantity.SOE):
            return f"SOE {wanted}"
        case QuantityThreshold():
            return f"{_noun(condition)} {wanted}"
        case GridIs():
            return f"grid {wanted}"
        case GridServicesAre():
            return f"grid services {wanted}"
        case FlagSet():
            return f"flag {wanted}"
        case InputThreshold():
            return f"input {wanted}"
        case PriceThreshold():
            return f"{'export price' if condition.exported else 'price'} {wanted}"
        case PriceRank():
            return f"among {wanted}"
        case OpenNow():
            return f"{_noun(condition)} {wanted}"
    return f"{_noun(condition)} {wanted}"


def _noun(condition: Condition) -> str:
    """What a key is about: "solar" of "while.solar_above"."""
    key = condition.key.rpartition(".")[2]
    return key.removesuffix("_above").removesuffix("_below").replace("_", " ")
