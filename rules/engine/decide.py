"""What the rules want at one moment: `decide`.

Pure: plan, observation, memory, inputs and time go in, a decision and the new memory come out.
Nothing else is remembered, and the memory changes only at transitions. The decision says within
what it stands, so a caller may skip every evaluation that lies inside.

Each part of the setting goes to the active rule of the highest priority; among equals, to the one
that stands first in the files. `reserve_at_least` of any active rule raises the reserve that wins.
What a rule remembers is dropped when its calendar part closes.
"""

from __future__ import annotations

from datetime import datetime

from rules.domain import Observation, Quantity
from rules.engine.cache import Cache
from rules.engine.decision import Decision
from rules.engine.memory import Memory
from rules.engine.plan import Plan
from rules.inputs import Inputs


def decide(
    plan: Plan, observation: Observation, memory: Memory, inputs: Inputs, now: datetime
) -> tuple[Decision, Memory]:
    """The decision at an instant (aware), and what is to be remembered of it.

    The memory that comes back is the same object when nothing changed.
    """
    cache = memory.cache
    if not isinstance(cache, Cache) or not cache.continues(plan, memory, now):
        cache = Cache(plan, memory)
    return cache.decide(observation, inputs, now)


def quantities(plan: Plan, decision: Decision) -> frozenset[Quantity]:
    """What the winning rules read: a write may rely on nothing older than these."""
    won = {*decision.winners.values()}
    return frozenset().union(*(rule.reads for rule in plan.rules.state_rules if rule.name in won))
