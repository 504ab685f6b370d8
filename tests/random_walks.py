"""Random walks: the days that random rules meet, and what is decided along them.

They fall on the thresholds and boundaries of `random_rules`, and into the margins around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st
from random_rules import (
    FLAGS,
    PERCENTS,
    PRICES,
    STARTS,
    VALUES,
    WATTS,
    mostly,
)

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Decision, Memory, Plan, decide
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot

# Seconds from one observation to the next: polls mostly, sometimes hours or days without any.
# Or that many edges: everything in a rule file begins and ends on a half hour of UTC.
POLLS = (7, 60, 150, 300, 590, 600, 900)
GAPS = (1_800, 3_600, 5_400, 14_400, 36_000, 90_000, 300_000, 800_000)
EDGES = (1, 1, 2, 4, 12)
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Step:
    """What there is to see at one look."""

    observation: Observation
    inputs: Inputs = NO_INPUTS

    @property
    def at(self) -> datetime:
        """When it is seen."""
        return self.observation.at


def _around(limits: Sequence[float], margin: float) -> tuple[float, ...]:
    """At each threshold, and just inside and outside of the margins around it."""
    fine = margin / 4
    offsets = (0, -fine, fine, -margin, margin, margin - fine, fine - margin, margin + fine)
    return tuple(limit + offset for limit in limits for offset in offsets)


_SOE = tuple(
    limit + halves / 2 for limit in PERCENTS for halves in (-11, -10, -4, -1, 0, 1, 3, 4, 10)
)
_POWERS = sorted(
    {sign * power for sign in (1, -1) for power in _around(WATTS, 200) + _around(WATTS, 300)}
)
_GRID = {
    None: None,
    "up": GridStatus.CONNECTED,
    "down": GridStatus.ISLANDED,
    "transition": GridStatus.TRANSITION_TO_ISLAND,
}
_powers = mostly(st.sampled_from(_POWERS))
_soes = st.sampled_from(_SOE) | st.integers(0, 200).map(lambda halves: halves / 2)
_grids = st.sampled_from((None, "up", "up", "up", "down", "transition")).map(_GRID.__getitem__)
_observed = st.fixed_dictionaries(
    {
        "soe": mostly(_soes),
        "grid": _grids,
        "solar_power": _powers,
        "load_power": _powers,
        "site_power": _powers,
        "battery_power": _powers,
        "grid_services": mostly(st.booleans()),
        "reserve": mostly(st.sampled_from((5.0, 20.0, 30.0, 50.0, 80.0))),
    }
)


@st.composite
def inputs_at(draw: st.DrawFn, now: datetime) -> Inputs:
    """What is written at an instant: fresh, old, expired, incomplete."""
    seconds = st.sampled_from((-60, 7, 60, 600, 3_600, 90_000))
    expiries = st.none() | seconds.map(lambda later: now + timedelta(seconds=later))
    ages = st.sampled_from((0, 0, 60, 590, 600, 21_000, 21_600, 90_000, -300, -3_600))
    values = st.builds(
        lambda value, age: DatedValue(value, now - timedelta(seconds=age)),
        st.sampled_from(_SOE),
        ages,
    )
    return Inputs(
        draw(st.dictionaries(st.sampled_from(FLAGS), expiries, min_size=draw(st.integers(0, 2)))),
        draw(st.dictionaries(st.sampled_from(VALUES), values, min_size=draw(st.integers(0, 2)))),
        draw(mostly(_series(now))),
    )


@st.composite
def _series(draw: st.DrawFn, now: datetime) -> PriceSeries:
    """Three days of prices from the UTC midnight before; a pattern again and again, with gaps."""
    length = timedelta(minutes=draw(st.sampled_from((15, 30, 30, 60))))
    known = st.sampled_from(PRICES)
    imported = draw(st.lists(known, min_size=1, max_size=5))
    exported = draw(st.lists(st.none() | known, min_size=1, max_size=5))
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    total = timedelta(days=draw(st.sampled_from((1, 2, 3)))) // length
    missing = draw(st.sets(st.integers(0, total - 1), max_size=3))
    empty = draw(st.sets(st.integers(0, total - 1), max_size=3))
    return PriceSeries(
        [
            PriceSlot(
                start + index * length,
                start + (index + 1) * length,
                None if index in empty else imported[index % len(imported)],
                exported[index % len(exported)],
            )
            for index in range(total)
            if index not in missing
        ]
    )


@st.composite
def walks(draw: st.DrawFn) -> tuple[Step, ...]:
    """Looks in order: how much later each is, and what it found. Inputs change at some of them."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(POLLS) | st.sampled_from(POLLS + GAPS) | st.sampled_from(EDGES),
                _observed,
                st.sampled_from((False, False, False, True)),
            ),
            min_size=draw(st.sampled_from((1, 10, 20))),
            max_size=30,
        )
    )
    at = draw(st.sampled_from(STARTS))
    inputs = draw(mostly(inputs_at(at))) or NO_INPUTS
    found: list[Step] = []
    for later, observed, changed in steps:
        at = _edge(at, later) if later in EDGES else at + timedelta(seconds=later)
        if changed:
            inputs = draw(inputs_at(at))
        soe = None if observed["soe"] is None else AppPercent(observed["soe"])
        reserve = None if observed["reserve"] is None else AppPercent(observed["reserve"])
        values = {**observed, "soe": soe, "reserve": reserve}
        found.append(Step(Observation(at, **values), inputs))
    return tuple(found)


def _edge(at: datetime, count: int) -> datetime:
    """The half hour that is so many half hours later."""
    return at - (at - STARTS[0]) % HALF_HOUR + count * HALF_HOUR


@dataclass(frozen=True)
class Look:
    """One look: what was seen, what was decided of it, and the memory before and after."""

    step: Step
    decision: Decision
    before: Memory
    after: Memory


def decided(plan: Plan, step: Step, memory: Memory) -> tuple[Decision, Memory]:
    """The decision on what there is to see."""
    return decide(plan, step.observation, memory, step.inputs, step.at)


def follow(plan: Plan, walk: Sequence[Step], memory: Memory | None = None) -> list[Look]:
    """Decide at every look, each time with the memory of the one before."""
    memory = memory or Memory(walk[0].at - timedelta(days=1))
    looks: list[Look] = []
    for step in walk:
        decision, after = decided(plan, step, memory)
        looks.append(Look(step, decision, memory, after))
        memory = after
    return looks
