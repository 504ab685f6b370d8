"""Random rule files, and random days that they meet.

Times, thresholds and steps come from small sets on purpose, so that looks fall on boundaries, on
thresholds and into margins far more often than chance would have it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from rules.domain import AppPercent, GridStatus, Mode, Observation
from rules.engine import Decision, Memory, decide
from rules.load import load_rules
from rules.plan import Plan
from rules.resolve import Levers

EVERY_MODE = frozenset(Mode)
TIMES = ("00:00", "01:30", "02:30", "06:00", "12:00", "16:00", "21:00", "24:00")
DAYS = ("mon", "fri..mon", "weekdays", "weekends", "workdays", "holidays")
PERIODS = ("peak", "cheapest", "on-peak", "off-peak", "super-off-peak")
THRESHOLDS = (20, 50, 55, 80)

# Around both clock changes of Los Angeles, a season's edge, holidays, and days like any other.
STARTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in (
        "2026-03-07T20:00",
        "2026-10-31T20:00",
        "2026-05-31T10:00",
        "2026-07-03T12:00",
        "2026-11-25T15:00",
        "2026-02-17T23:00",
    )
)
# Seconds from one look to the next: polls mostly, sometimes hours or days in which nobody looked.
POLLS = (7, 60, 150, 300, 590, 600, 900)
GAPS = (1_800, 3_600, 5_400, 14_400, 36_000, 90_000, 300_000, 800_000)

durations = st.sampled_from(("45s", "5m", "10m", "90m"))
limits = st.sampled_from(THRESHOLDS)


def table(pairs: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of these keys, at least one."""
    return st.fixed_dictionaries({}, optional=dict(pairs)).filter(bool)


windows = (
    st.tuples(st.sampled_from(TIMES[:-1]), st.sampled_from(TIMES))
    .filter(lambda times: times[0] != times[1])
    .map("-".join)
)
STATE = {
    "soe_above": limits,
    "soe_below": limits,
    "grid": st.sampled_from(("up", "down", "SystemTransitionToIsland")),
}
DAY = {"days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=2, unique=True)}
SEASON = {"season": st.sampled_from(("summer", "winter"))}
whiles = table(
    {
        "time": st.lists(windows, min_size=1, max_size=2),
        "period": st.lists(st.sampled_from(PERIODS), min_size=1, max_size=2, unique=True),
        **DAY,
        **SEASON,
        **STATE,
    }
)
moments = st.one_of(
    st.fixed_dictionaries(
        {"at": st.sampled_from((*TIMES, "03:00"))}, optional={**DAY, **SEASON, **STATE}
    ),
    st.fixed_dictionaries(
        {"before": st.sampled_from(PERIODS), "lead": durations},
        optional={**DAY, **SEASON, **STATE},
    ),
)
modes = st.sampled_from(tuple(mode.value for mode in Mode))
sets = st.one_of(
    table({"mode": modes, "reserve": st.sampled_from((0, 20, 80, 100))}),
    st.just({"battery": "hold"}),
    st.sampled_from(({"battery": "leave"}, {"battery": "use"})),
    st.sampled_from(({"battery": "use", "reserve": 30}, {"battery": "charge", "to": 100})),
    limits.map(lambda to: {"battery": "charge", "to": to}),
)
state_rules = st.fixed_dictionaries(
    {"while": whiles, "set": sets},
    optional={
        "priority": st.sampled_from((-1, 0, 1)),
        "margin": st.sampled_from((0.5, 2, 5)),
        "inset": durations,
        "stale": st.sampled_from(("0s", "5m", "10m", "3h")),
    },
)
event_rules = st.fixed_dictionaries(
    {"when": moments, "do": st.just("firmware-check")}, optional={"catch_up": durations}
)
defaults = st.sampled_from(({"mode": "self_consumption", "reserve": 20}, {"leave": True}))


@st.composite
def rule_files(draw: st.DrawFn) -> str:
    """The text of a base file that loads."""
    rules = draw(st.lists(st.one_of(state_rules, state_rules, event_rules), min_size=1, max_size=5))
    base = {
        "language": 1,
        "tariff": draw(st.sampled_from(("sce-tou-d-4-9pm", "sce-tou-d-a"))),
        "default": draw(defaults),
    }
    lines = [f"{key} = {inline(value)}" for key, value in base.items()]
    for number, rule in enumerate(rules):
        lines += ["[[rule]]", f'name = "rule {number}"']
        lines += [f"{key} = {inline(value)}" for key, value in rule.items()]
    return "\n".join(lines)


def inline(value: object) -> str:
    """A value as TOML on one line."""
    if isinstance(value, Mapping):
        pairs = (f"{key} = {inline(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value)


def plan_of(text: str, levers: Levers | None = None) -> Plan:
    """A plan from the text of a base file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.toml")
        path.write_text(text, encoding="utf-8")
        rules = load_rules([path])
    return Plan(rules, levers or Levers(EVERY_MODE))


plans = st.builds(
    plan_of,
    rule_files(),
    st.sampled_from((Levers(EVERY_MODE), Levers(EVERY_MODE, reserve_ceiling=80))),
)


@st.composite
def walks(draw: st.DrawFn) -> tuple[Observation, ...]:
    """Looks in order: how much later each is, and what it found."""
    steps = draw(
        st.lists(
            st.tuples(
                st.one_of(st.sampled_from(POLLS), st.sampled_from(POLLS + GAPS)),
                st.one_of(st.none(), st.sampled_from(_INTERESTING), st.integers(0, 200)),
                st.sampled_from((None, "up", "up", "up", "down", "transition")),
            ),
            min_size=1,
            max_size=30,
        )
    )
    at = draw(st.sampled_from(STARTS))
    found: list[Observation] = []
    for seconds, halves, grid in steps:
        at += timedelta(seconds=seconds)
        soe = None if halves is None else AppPercent(halves / 2)
        found.append(Observation(at, soe=soe, grid=_GRID[grid]))
    return tuple(found)


# Half percents at each threshold, and just inside and outside of each margin around it.
_INTERESTING = tuple(
    2 * limit + halves for limit in THRESHOLDS for halves in (-11, -10, -4, -1, 0, 1, 3, 4, 10)
)
_GRID = {
    None: None,
    "up": GridStatus.CONNECTED,
    "down": GridStatus.ISLANDED,
    "transition": GridStatus.TRANSITION_TO_ISLAND,
}


@dataclass(frozen=True)
class Look:
    """One look: what was seen, what was decided of it, and the memory before and after."""

    observation: Observation
    decision: Decision
    before: Memory
    after: Memory


def follow(plan: Plan, walk: Sequence[Observation], memory: Memory | None = None) -> list[Look]:
    """Decide at every look, each time with the memory of the one before."""
    memory = memory or Memory(walk[0].at - timedelta(days=1))
    looks: list[Look] = []
    for observation in walk:
        decision, after = decide(plan, observation, memory, observation.at)
        looks.append(Look(observation, decision, memory, after))
        memory = after
    return looks
