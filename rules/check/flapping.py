"""Rules that chase their own effect: what they set moves what they look at.

The physics of one Powerwall 2 is stepped from states in which rules may turn, with a load and a sun
that do not change. A margin is no excuse: only what happens counts.
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

STEP = timedelta(minutes=1)
"""Longer steps would jump over a margin: at 5 kW a Powerwall gains 0.6 % in this one."""

QUIET_FOR = timedelta(minutes=100)
"""Without a change for so long nothing is going to flap: a margin of 2 % takes half an hour."""

HOMES = ((500.0, 0.0), (500.0, 4_000.0), (3_000.0, 0.0))
"""Load and sun in watts: a quiet evening, a sunny noon, a busy evening."""

MOST_RUNS, MOST_FOR_RULES = 150, 6_000
"""Starts that are let go, and those times rules; with more than either the later ones are not."""

ANY_SOE, FULL = 50.0, 100.0

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

    @classmethod
    def of(cls, seen: Observation) -> Run:
        """The start that shows itself like this."""
        values = (seen.soe, seen.load_power, seen.solar_power)
        return cls(seen.at, *(value or 0.0 for value in values))


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the setting that the rules caused, and who won its mode or reserve."""

    look: Look
    setting: Setting
    winner: str


def flapping(months: Months) -> Iterator[Finding]:
    """One finding for each set of rules that flaps together."""
    told: set[frozenset[str]] = set()
    most = min(MOST_RUNS, MOST_FOR_RULES // max(1, len(months.rules)))
    for run in islice(_runs(months), most):
        looks, changes = _let_go(months.plan, run)
        cycle = _cycle(changes)
        names = frozenset(each.winner for each in cycle if each.winner != DEFAULT)
        if names and names not in told:
            told.add(names)
            yield _finding(months, run, looks, cycle)


def flaps(plan: Plan, history: History) -> bool:
    """Rules flap from where a history of flapping begins."""
    _, changes = _let_go(plan, Run.of(history.looks[0].observation))
    return bool(_cycle(changes))


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


def _let_go(plan: Plan, run: Run) -> tuple[list[Look], list[Change]]:
    """What the rules do for six hours; the looks at their changes, and the changes."""
    battery = Battery()
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
            if wanted != setting or not looks:
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
    history = History(tuple(looks[:20]), shown, told_from=run.at)
    places = tuple(
        Place(rule.name, ("while",) if rule.conditions else ())
        for rule in months.rules
        if rule.name in names
    )
    return Finding(Code.FLAPPING, text, places, history)
