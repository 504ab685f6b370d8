"""Rules that chase their own effect: what they set moves what they look at.

They are let go from states in which they may turn. A margin is no excuse: only what happens counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rules.check.findings import Code, Finding, Place
from rules.check.history import History
from rules.check.looks import Look
from rules.check.months import Months
from rules.check.simulation import Outcome, Run, Simulations
from rules.check.situations import Situation
from rules.domain import Mode, Quantity
from rules.engine import QuantityThreshold, leaves
from rules.resolve import Intent

HOMES = ((500.0, 0.0), (500.0, 4_000.0), (3_000.0, 0.0))
"""Load and sun in watts: a quiet evening, a sunny noon, a busy evening."""

MOST_RUNS, MOST_FOR_RULES = 150, 6_000
"""Starts that are let go, and those times rules; with more than either the later ones are not."""

ANY_SOE, FULL = 50.0, 100.0

MOVED = (Quantity.SOE, Quantity.SITE_POWER, Quantity.BATTERY_POWER)
"""What a setting itself changes."""


def flapping(months: Months, simulations: Simulations) -> Iterator[Finding]:
    """One finding for each set of rules that flaps together."""
    for run, outcome in flapping_runs(months, simulations):
        yield _finding(months, run, outcome, simulations.looks(run))


def flapping_runs(months: Months, simulations: Simulations) -> Iterator[tuple[Run, Outcome]]:
    """For each set of rules that flaps together the first start from which it does."""
    told: set[frozenset[str]] = set()
    most = min(MOST_RUNS, MOST_FOR_RULES // max(1, len(months.rules)))
    for run in islice(_runs(months), most):
        outcome = simulations.outcome(run)
        names = frozenset(outcome.names)
        if names and names not in told:
            told.add(names)
            yield run, outcome


def flaps(simulations: Simulations, history: History) -> bool:
    """Rules flap from where a history of flapping begins."""
    run = Run.of(history.looks[0].observation)
    return bool(simulations.outcome(run).cycle)


def _runs(months: Months) -> Iterator[Run]:
    """Starts where rules may chase their own effect, once for each set of such rules."""
    done: set[object] = set()
    for situation, seen in months.seen():
        edges = tuple(sorted(_edges(months, situation)))
        if not edges or edges in done:
            continue
        done.add(edges)
        for soe in dict.fromkeys(soe for _, soe in edges):
            for load_w, solar_w in HOMES:
                yield Run(seen.first, soe, load_w, solar_w)


def _edges(months: Months, situation: Situation) -> Iterator[tuple[int, float]]:
    """The open rules that may chase their own effect, each with a state of energy to begin at."""
    for number in situation.open:
        rule = months.rules[number]
        for each in leaves(rule.conditions):
            if not isinstance(each, QuantityThreshold) or each.quantity not in MOVED:
                continue
            if each.quantity is not Quantity.SOE:
                # What it sets changes the flow that it looks at, at any state of energy.
                yield number, ANY_SOE
            elif 0.0 < each.limit < FULL:
                others = (each for each in situation.open if each != number)
                if each.above:
                    if any(_raises(months, other, each.limit) for other in others):
                        yield number, each.limit
                elif _raises(months, number, each.limit):
                    yield number, each.limit


def _raises(months: Months, number: int, soe: float) -> bool:
    """This rule makes the battery charge from this state of energy on."""
    want, fixed = months.rules[number].want, months.plan.fixed[months.rules[number].name]
    reserve = max(fixed.reserve or 0, want.reserve_at_least or 0)
    buys = fixed.mode is Mode.BACKUP and fixed.grid_charging is not False
    return want.battery is Intent.CHARGE or buys or reserve > soe


def _finding(months: Months, run: Run, outcome: Outcome, looks: tuple[Look, ...]) -> Finding:
    zone, names = months.plan.rules.almanac.zone, outcome.names
    said = ", then ".join(
        f"{each.look.at.astimezone(zone):%H:%M} at {each.look.observation.soe:.0f} % {each.setting}"
        for each in outcome.cycle[:4]
    )
    who = " and ".join(f'"{name}"' for name in names)
    text = f"{who} {'flaps' if len(names) == 1 else 'flap'}: {said}, and so on"
    shown = (f"SOE {run.soe:g} %", f"load {run.load_w:g} W", f"sun {run.solar_w:g} W")
    history = History(looks, shown, told_from=run.at)
    places = tuple(
        Place(rule.name, ("while",) if rule.conditions else ())
        for rule in months.rules
        if rule.name in names
    )
    return Finding(Code.FLAPPING, text, places, history)
