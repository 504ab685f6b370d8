"""What the rules want, and why: `decide` and `explain`.

A `RuleSet` compiled for a route is a `Plan`; `decide` takes it with an observation, a memory,
inputs and an instant, and returns a decision and the new memory. Nothing here does input or output.
"""

from rules.engine.activation import RuleState
from rules.engine.conditions import (
    Condition,
    Context,
    FlagSet,
    GridIs,
    GridServicesAre,
    Group,
    InputThreshold,
    OpenNow,
    QuantityThreshold,
    Threshold,
    Verdict,
    leaves,
)
from rules.engine.decide import decide, quantities
from rules.engine.decision import DEFAULT, OWNER, Decision
from rules.engine.events import Happened, Occurrence
from rules.engine.explain import (
    ClauseTrace,
    Explanation,
    RuleTrace,
    explain,
    explain_winners,
    written,
)
from rules.engine.explain_events import EventTrace, explain_events
from rules.engine.memory import Memory, after_gap, carried_over, memory_from_json, memory_to_json
from rules.engine.plan import Plan
from rules.engine.price_conditions import PriceRank, PriceThreshold, in_need_of_prices
from rules.engine.reach import of_setting, out_of_reach
from rules.engine.rule_set import Action, AtMost, EventRule, RuleSet, StateRule
from rules.engine.validity import Validity

__all__ = [
    "DEFAULT",
    "OWNER",
    "Action",
    "AtMost",
    "ClauseTrace",
    "Condition",
    "Context",
    "Decision",
    "EventRule",
    "EventTrace",
    "Explanation",
    "FlagSet",
    "GridIs",
    "GridServicesAre",
    "Group",
    "Happened",
    "InputThreshold",
    "Memory",
    "Occurrence",
    "OpenNow",
    "Plan",
    "PriceRank",
    "PriceThreshold",
    "QuantityThreshold",
    "RuleSet",
    "RuleState",
    "RuleTrace",
    "StateRule",
    "Threshold",
    "Validity",
    "Verdict",
    "after_gap",
    "carried_over",
    "decide",
    "explain",
    "explain_events",
    "explain_winners",
    "in_need_of_prices",
    "leaves",
    "memory_from_json",
    "memory_to_json",
    "of_setting",
    "out_of_reach",
    "quantities",
    "written",
]
