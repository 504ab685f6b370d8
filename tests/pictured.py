"""Moments that a person can picture: rules as text, times on a wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from random_rules import plan_of

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Decision, Explanation, Memory, Plan, decide, explain
from rules.engine.memory import RuleMemory
from rules.inputs import NO_INPUTS, Inputs
from rules.resolve import NO_LIMITS, Levers, Limits

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
UP = GridStatus.CONNECTED
DOWN = GridStatus.ISLANDED

BASE = """
language = 1
tariff = "sce-tou-d-4-9pm"
[default]
mode = "self_consumption"
reserve = 20
"""


def rule(name: str, clause: str, want: str, *more: str) -> str:
    """A state rule as text."""
    lines = ("[[rule]]", f'name = "{name}"', f"while = {{ {clause} }}", f"set = {{ {want} }}")
    return "\n".join((*lines, *more, ""))


def event(name: str, clause: str, *more: str) -> str:
    """An event rule as text."""
    lines = ("[[rule]]", f'name = "{name}"', f"when = {{ {clause} }}", 'do = "firmware-check"')
    return "\n".join((*lines, *more, ""))


def plan(
    *rules: str, base: str = BASE, levers: Levers | None = None, limits: Limits = NO_LIMITS
) -> Plan:
    """A plan of a base and these rules."""
    return plan_of(base + "".join(rules), levers, limits)


def base_in(zone: str) -> str:
    """A base without a tariff, anywhere."""
    return BASE.replace('tariff = "sce-tou-d-4-9pm"', f'timezone = "{zone}"')


def wall(text: str, *, second: bool = False, zone: ZoneInfo = LOS_ANGELES) -> datetime:
    """An instant from the wall clock; `second`: the second of two in the doubled hour."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone, fold=int(second))
    return local.astimezone(UTC)


@dataclass
class Watch:
    """Looks one after the other, each with the memory of the one before."""

    plan: Plan
    memory: Memory

    @classmethod
    def since(cls, watched: Plan, start: str) -> Watch:
        """Begin at an instant of the wall clock, without any memory."""
        return cls(watched, Memory(wall(start)))

    def look(
        self,
        when: str | datetime,
        soe: float | None = 50.0,
        grid: GridStatus | None = UP,
        inputs: Inputs = NO_INPUTS,
        **powers: float | None,
    ) -> Decision:
        """Decide at an instant, and remember."""
        now = wall(when) if isinstance(when, str) else when
        observation = seen(now, soe, grid, **powers)
        decision, self.memory = decide(self.plan, observation, self.memory, inputs, now)
        return decision

    def explained(
        self,
        when: str | datetime,
        soe: float | None = 50.0,
        grid: GridStatus | None = UP,
        inputs: Inputs = NO_INPUTS,
        **powers: float | None,
    ) -> Explanation:
        """Why it would be decided as it would, without remembering."""
        now = wall(when) if isinstance(when, str) else when
        return explain(self.plan, seen(now, soe, grid, **powers), self.memory, inputs, now)

    def kept(self, name: str) -> RuleMemory:
        """What is remembered of a rule."""
        return self.memory.rules[name]


def seen(
    now: datetime, soe: float | None = 50.0, grid: GridStatus | None = UP, **more: Any
) -> Observation:
    """What a poll found."""
    return Observation(now, soe=None if soe is None else AppPercent(soe), grid=grid, **more)


def setting(decision: Decision) -> str:
    """The setting and its winners, in short."""
    winners = " ".join(f"{part}={winner}" for part, winner in decision.winners.items())
    return f"{decision.setting} <- {winners}" if winners else str(decision.setting)


def told(decision: Decision) -> list[str]:
    """The events of a decision, with their times on the wall clock."""
    return [
        f"{each.rule} {each.happened} {each.scheduled_at.astimezone(LOS_ANGELES):%m-%d %H:%M}"
        for each in decision.occurrences
    ]


MINUTE = timedelta(minutes=1)
