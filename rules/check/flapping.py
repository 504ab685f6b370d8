"""Rules that chase their own effect: what they set moves what they look at.

The battery's physics is stepped from states in which rules may turn, with a load and a sun that do
not change. A margin is no excuse: only what happens counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.battery import Battery, Operation, step
from rules.check.findings import Code, Finding, Place
from rules.check.history import History
from rules.check.looks import Look
from rules.check.months import Months
from rules.check.situations import Seen, Situation
from rules.domain import GridStatus, Mode, Observation, Part, Quantity, Setting
from rules.engine import Decision, Memory, Plan, QuantityThreshold, decide, leaves
from rules.inputs import NO_INPUTS
from rules.resolve import Intent

MOST_CHANGES = 4
WITHIN = timedelta(hours=6)
"""More changes than these, caused by rules and not by the calendar, are flapping."""

BACK_WITHIN = timedelta(minutes=15)
"""Returning to a setting that was left so recently is flapping too; the daemon would refuse it."""

STEP = timedelta(minutes=2)
QUIET_FOR = timedelta(minutes=100)
"""Without a change for so long nothing is going to flap: a margin of 2 % takes half an hour."""

HOMES = ((500.0, 0.0), (500.0, 4_000.0), (3_000.0, 0.0))
"""Load and sun in watts: a quiet evening, a sunny noon, a busy evening."""

MOST_RUNS = 400

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
    told: set[frozenset[str]] = set()
    for number, run in enumerate(_runs(months)):
        if number >= MOST_RUNS:
            return
        looks, changes = _let_go(months.plan, run, battery or Battery())
        cycle = _cycle(changes)
        names = frozenset(each.winner for each in cycle if each.winner != "default")
        if cycle and names and names not in told:
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
    memory, energy = Memory(run.at), battery.energy(run.soe)
    setting = Setting(Mode.SELF_CONSUMPTION, 20).over(plan.default_setting)
    flow_site, flow_battery = run.load_w - run.solar_w, 0.0
    decision: Decision | None = None
    looks: list[Look] = []
    changes: list[Change] = []
    now, quiet_since = run.at, run.at
    segment = plan.timetable.segment(now)
    while now < run.at + WITHIN and now < quiet_since + QUIET_FOR:
        soe = battery.soe(energy)
        seen = Observation(
            now, soe, flow_site, flow_battery, run.load_w, run.solar_w, GridStatus.CONNECTED, False,
            setting.mode, None if setting.reserve is None else soe.__class__(setting.reserve),
            running=True,
        )  # fmt: skip
        if decision is None or not decision.stands(seen, NO_INPUTS, now):
            decision, memory = decide(plan, seen, memory, NO_INPUTS, now)
            wanted = decision.setting.over(setting)
            by_time = now >= segment.end
            if by_time:
                segment = plan.timetable.segment(now)
            if wanted != setting:
                looks.append(Look(seen, NO_INPUTS))
                winner = decision.winners.get(Part.MODE) or decision.winners.get(Part.RESERVE)
                if now > run.at and not by_time:
                    changes.append(Change(looks[-1], wanted, winner or ""))
                    quiet_since = now
                setting = wanted
        flow = step(battery, energy, _operation(setting), run.solar_w, run.load_w, STEP.total_seconds())
        energy, flow_site, flow_battery = flow.energy_wh, flow.site_w, flow.battery_w
        now += STEP
    return looks, changes


def _operation(setting: Setting) -> Operation:
    charging = True if setting.grid_charging is None else setting.grid_charging
    export = Operation.__dataclass_fields__["export"].default
    return Operation(
        setting.mode or Mode.SELF_CONSUMPTION,
        float(setting.reserve or 0),
        charging,
        setting.export or export,
    )


def _cycle(changes: list[Change]) -> list[Change]:
    """The changes that make it flapping; none where there are few and slow ones."""
    for before, here, after in zip(changes, changes[1:], changes[2:], strict=False):
        if after.setting == before.setting and after.look.at - here.look.at < BACK_WITHIN:
            return [before, here, after]
    return changes[: MOST_CHANGES + 1] if len(changes) > MOST_CHANGES else []


def _finding(months: Months, run: Run, looks: list[Look], cycle: list[Change]) -> Finding:
    zone = months.plan.rules.almanac.zone
    names = dict.fromkeys(each.winner for each in cycle if each.winner != "default")
    said = ", then ".join(
        f"{each.look.at.astimezone(zone):%H:%M} at {each.look.observation.soe:.0f} % {each.setting}"
        for each in cycle[:4]
    )
    who = " and ".join(f'"{name}"' for name in names)
    text = f"{who} {'flaps' if len(names) == 1 else 'flap'}: {said}, and so on"
    shown = (f"SOE {run.soe:g} %", f"load {run.load_w:g} W", f"sun {run.solar_w:g} W")
    history = History(tuple(looks[:20]), shown)
    return Finding(Code.FLAPPING, text, tuple(Place(name) for name in names), history)
