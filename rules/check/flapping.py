"""Rules that chase their own effect: what they set moves what they look at.

The battery's physics is stepped from states in which rules may turn, with a load and a sun that do
not change. A margin is no excuse: only what happens counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from rules.battery import Battery, Operation, step
from rules.check.findings import Code, Finding, Place
from rules.check.history import History
from rules.check.looks import Look
from rules.check.months import Months
from rules.check.situations import Situation
from rules.domain import Export, GridStatus, Mode, Observation, Part, Quantity, Setting
from rules.engine import DEFAULT, Decision, Memory, Plan, QuantityThreshold, decide, leaves
from rules.inputs import NO_INPUTS
from rules.resolve import Intent

MOST_CHANGES = 4
WITHIN = timedelta(hours=6)
"""More changes than these, caused by rules and not by the calendar, are flapping."""

BACK_WITHIN = timedelta(minutes=15)
"""Returning to a setting that was left so recently is flapping too; the daemon would refuse it."""

STEP = timedelta(minutes=5)
QUIET_FOR = timedelta(minutes=100)
"""Without a change for so long nothing is going to flap: a margin of 2 % takes half an hour."""

HOMES = ((500.0, 0.0), (500.0, 4_000.0), (3_000.0, 0.0))
"""Load and sun in watts: a quiet evening, a sunny noon, a busy evening."""

MOST_RUNS = 400
"""Starts that are let go; with more kinds of situation than that the later ones are not."""

USUAL_RESERVE = 20
"""In percent, where [default] leaves it alone."""

MOVED = (Quantity.SOE, Quantity.SITE_POWER, Quantity.BATTERY_POWER)
"""What a setting itself changes."""


@dataclass(frozen=True, slots=True)
class Run:
    """A start from which the rules are let go."""

    at: datetime
    soe: float
    load_w: float
    solar_w: float


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the setting that the rules caused, and who won its mode or reserve."""

    look: Look
    setting: Setting
    winner: str


def flapping(months: Months, battery: Battery | None = None) -> Iterator[Finding]:
    """One finding for each set of rules that flaps together."""
    battery = battery or Battery()
    told: set[frozenset[str]] = set()
    for run in islice(_runs(months), MOST_RUNS):
        looks, changes = _let_go(months.plan, run, battery)
        cycle = _cycle(changes)
        names = frozenset(each.winner for each in cycle if each.winner != DEFAULT)
        if names and names not in told:
            told.add(names)
            yield _finding(months, run, looks, cycle)


def _runs(months: Months) -> Iterator[Run]:
    """Starts at each edge of what the open rules look at, once for each such set of rules."""
    done: set[object] = set()
    for situation, seen in months.seen():
        edges = _edges(months, situation)
        watching = tuple(each for each in situation.open if _watches(months, each))
        if not watching or (watching, edges) in done:
            continue
        done.add((watching, edges))
        for soe in edges:
            for load_w, solar_w in HOMES:
                yield Run(seen.first, soe, load_w, solar_w)


def _watches(months: Months, number: int) -> bool:
    return any(each in MOVED for each in months.rules[number].quantities())


def _edges(months: Months, situation: Situation) -> tuple[float, ...]:
    """States of energy at which an open rule may turn; one in the middle if none names any."""
    found: set[float] = set()
    for number in situation.open:
        rule = months.rules[number]
        for each in leaves(rule.conditions):
            if isinstance(each, QuantityThreshold) and each.quantity is Quantity.SOE:
                found.add(min(100.0, max(0.0, each.limit)))
        if rule.want.battery is Intent.CHARGE:
            found.add(float(rule.want.to))
    return tuple(sorted(found)) or (50.0,)


def _let_go(plan: Plan, run: Run, battery: Battery) -> tuple[list[Look], list[Change]]:
    """What the rules do for six hours; the looks at their changes, and the changes."""
    setting = Setting(Mode.SELF_CONSUMPTION, USUAL_RESERVE).over(plan.default_setting)
    operation, seconds = _operation(setting), STEP.total_seconds()
    energy, now, quiet_since = battery.energy(run.soe), run.at, run.at
    site_w, battery_w = run.load_w - run.solar_w, 0.0
    segment, memory, decision = plan.timetable.segment(now), Memory(run.at), None
    looks: list[Look] = []
    changes: list[Change] = []
    while now < run.at + WITHIN and now < quiet_since + QUIET_FOR:
        seen = Observation(
            now,
            battery.soe(energy),
            site_w,
            battery_w,
            run.load_w,
            run.solar_w,
            GridStatus.CONNECTED,
            grid_services=False,
        )
        if decision is None or not decision.stands(seen, NO_INPUTS, now):
            decision, memory = decide(plan, seen, memory, NO_INPUTS, now)
            by_time = now >= segment.end
            segment = plan.timetable.segment(now) if by_time else segment
            wanted = decision.setting.over(setting)
            if wanted != setting:
                looks.append(Look(seen, NO_INPUTS))
                if now > run.at and not by_time:
                    changes.append(Change(looks[-1], wanted, _winner(decision)))
                    quiet_since = now
                setting, operation = wanted, _operation(wanted)
        flow = step(battery, energy, operation, run.solar_w, run.load_w, seconds)
        energy, site_w, battery_w = flow.energy_wh, flow.site_w, flow.battery_w
        now += STEP
    return looks, changes


def _winner(decision: Decision) -> str:
    """Who says what the battery does."""
    return decision.winners.get(Part.MODE) or decision.winners.get(Part.RESERVE) or DEFAULT


def _operation(setting: Setting) -> Operation:
    return Operation(
        setting.mode or Mode.SELF_CONSUMPTION,
        float(setting.reserve or 0),
        setting.grid_charging is not False,
        setting.export or Export.SOLAR,
    )


def _cycle(changes: list[Change]) -> list[Change]:
    """The changes that make it flapping; none where there are few and slow ones."""
    for before, here, after in zip(changes, changes[1:], changes[2:], strict=False):
        if after.setting == before.setting and after.look.at - here.look.at < BACK_WITHIN:
            return [before, here, after]
    return changes[: MOST_CHANGES + 1] if len(changes) > MOST_CHANGES else []


def _finding(months: Months, run: Run, looks: list[Look], cycle: list[Change]) -> Finding:
    zone = months.plan.rules.almanac.zone
    names = dict.fromkeys(each.winner for each in cycle if each.winner != DEFAULT)
    said = ", then ".join(
        f"{each.look.at.astimezone(zone):%H:%M} at {each.look.observation.soe:.0f} % {each.setting}"
        for each in cycle[:4]
    )
    who = " and ".join(f'"{name}"' for name in names)
    text = f"{who} {'flaps' if len(names) == 1 else 'flap'}: {said}, and so on"
    shown = (f"SOE {run.soe:g} %", f"load {run.load_w:g} W", f"sun {run.solar_w:g} W")
    history = History(tuple(looks[:20]), shown)
    return Finding(Code.FLAPPING, text, tuple(Place(name) for name in names), history)
