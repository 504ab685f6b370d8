"""The rules let go in a house whose load and sun do not change: what they do, and undo.

The physics of one Powerwall 2 is stepped minute by minute. Where a stretch of minutes can only be
alike, because the decision stands and the battery goes on as it did, it is passed in one go.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from rules.battery import Battery, Flow, Operation, gained, step
from rules.check.looks import Look
from rules.domain import Export, GridStatus, Mode, Observation, Part, Quantity, Setting
from rules.engine import DEFAULT, Decision, Memory, Plan, StateRule, decide
from rules.inputs import NO_INPUTS

WITHIN = timedelta(hours=6)
"""For how long the rules are let go."""

STEP = timedelta(minutes=1)
"""Longer steps would jump over a margin: at 5 kW a Powerwall gains 0.6 % in this one."""

STEP_S = STEP.total_seconds()

QUIET_FOR = timedelta(minutes=100)
"""Without a change for so long nothing is going to flap: a margin of 2 % takes half an hour."""

MOST_CHANGES = 4
"""More changes than these, caused by rules and not by the calendar, are flapping."""

BACK_WITHIN = timedelta(minutes=15)
"""Returning to a setting that was left so recently is flapping too; the daemon would refuse it."""

MOST_LOOKS = 20
"""Looks that are told of; what comes after them says nothing new of rules that flap."""

USUAL_RESERVE = 20
"""In percent, where [default] leaves it alone."""

BATTERY = Battery()

ANYWHERE = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Run:
    """A start from which the rules are let go."""

    at: datetime
    soe: float
    load_w: float
    solar_w: float

    @classmethod
    def of(cls, seen: Observation) -> Self:
        """The start that shows itself like this."""
        values = (seen.soe, seen.load_power, seen.solar_power)
        return cls(seen.at, *(value or 0.0 for value in values))


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the setting that the rules caused, and who won its mode or reserve."""

    look: Look
    setting: Setting
    winner: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether rules flap.

    `cycle` are the changes that make it flapping, if it is. `concerned` are the names of the rules
    that were active, or had a threshold that held, until that was known.
    """

    cycle: tuple[Change, ...]
    concerned: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """The rules that flap, in the order in which they win."""
        winners = dict.fromkeys(each.winner for each in self.cycle)
        return tuple(name for name in winners if name != DEFAULT)


class Simulations:
    """The outcomes of one plan, each worked out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._known: dict[Run, Outcome] = {}

    def outcome(self, run: Run) -> Outcome:
        """What the rules do from a start."""
        found = self._known.get(run)
        if found is None:
            found = self._known[run] = _House(self.plan, run).outcome()
        return found

    def looks(self, run: Run) -> tuple[Look, ...]:
        """The first looks from a start at which the setting changes, for whatever reason."""
        return _House(self.plan, run).looks()

    def with_another(self, rule: StateRule) -> Simulations:
        """Those of the plan with another margin or setting in this rule.

        Where none of its thresholds held, and it was not active, everything is as it was.
        """
        found = Simulations(self.plan.with_another(rule))
        found._known = {
            run: each for run, each in self._known.items() if rule.name not in each.concerned
        }
        return found


class _House:
    """A house from one start on: what its battery holds, and what the rules have set."""

    def __init__(self, plan: Plan, run: Run) -> None:
        self._plan, self._run = plan, run
        self._now = self._quiet_since = run.at
        self._energy = BATTERY.energy(run.soe)
        self._site_w, self._battery_w = run.load_w - run.solar_w, 0.0
        self._setting = Setting(Mode.SELF_CONSUMPTION, USUAL_RESERVE).over(plan.default_setting)
        self._operation = _operation(self._setting)
        self._segment, self._memory = plan.timetable.segment(run.at), Memory(run.at)
        self._concerned: set[str] = set()
        self._decision: Decision | None = None
        self._looks: list[Look] = []
        self._changes: list[Change] = []
        self._back: list[Change] = []

    def outcome(self) -> Outcome:
        """Go on until it is known whether the rules flap."""
        while self._goes_on and not self._back:
            self._go_on()
        often = self._changes[: MOST_CHANGES + 1] if len(self._changes) > MOST_CHANGES else []
        return Outcome(tuple(self._back or often), frozenset(self._concerned))

    def looks(self) -> tuple[Look, ...]:
        """Go on until there is enough to be told."""
        while self._goes_on and len(self._looks) < MOST_LOOKS:
            self._go_on()
        return tuple(self._looks)

    @property
    def _goes_on(self) -> bool:
        """The time is not over, and something has changed not long ago."""
        return self._now < self._end

    @property
    def _end(self) -> datetime:
        return min(self._run.at + WITHIN, self._quiet_since + QUIET_FOR)

    def _go_on(self) -> None:
        """Look, decide, and take the next step with those that can only be like it."""
        seen, decision = self._seen(self._now, self._energy), self._decision
        if decision is None or not decision.stands(seen, NO_INPUTS, self._now):
            decision = self._decision = self._decide(seen)
        flow = self._flow(self._energy)
        alike = (flow.site_w, flow.battery_w) == (self._site_w, self._battery_w)
        steps = self._alike(decision, flow) if alike else 0
        if steps:
            self._energy = self._after(steps)
        else:
            self._energy = flow.energy_wh
            self._site_w, self._battery_w = flow.site_w, flow.battery_w
        self._now += max(1, steps) * STEP

    def _seen(self, now: datetime, energy: float) -> Observation:
        return Observation(
            now,
            BATTERY.soe(energy),
            self._site_w,
            self._battery_w,
            self._run.load_w,
            self._run.solar_w,
            GridStatus.CONNECTED,
            grid_services=False,
        )

    def _decide(self, seen: Observation) -> Decision:
        """Decide anew, and take note of a change."""
        now = self._now
        decision, self._memory = decide(self._plan, seen, self._memory, NO_INPUTS, now)
        known = self._memory.rules
        self._concerned.update(
            name
            for name in known.keys() - self._concerned
            if known[name].active or known[name].held
        )
        by_time = now >= self._segment.end
        if by_time:
            self._segment = self._plan.timetable.segment(now)
        wanted = decision.setting.over(self._setting)
        if wanted != self._setting or not self._looks:
            self._looks.append(Look(seen, NO_INPUTS))
            if now > self._run.at and not by_time:
                self._take_note(Change(self._looks[-1], wanted, _winner(decision)))
            self._setting, self._operation = wanted, _operation(wanted)
        return decision

    def _take_note(self, change: Change) -> None:
        self._changes.append(change)
        self._quiet_since = change.look.at
        if not self._back and len(self._changes) > 2:
            before, here, _ = self._changes[-3:]
            if change.setting == before.setting and change.look.at - here.look.at < BACK_WITHIN:
                self._back = self._changes[-3:]

    def _flow(self, energy: float) -> Flow:
        run = self._run
        return step(BATTERY, energy, self._operation, run.solar_w, run.load_w, STEP_S)

    def _after(self, steps: int) -> float:
        """The energy after so many steps that are alike; summed up one by one, as steps do."""
        energy, more = self._energy, gained(BATTERY, self._battery_w, STEP_S)
        for _ in range(steps):
            energy += more
        return energy

    def _alike(self, decision: Decision, flow: Flow) -> int:
        """So many of the next steps are like this one, which is like the one before it.

        The fuller a battery is, the less it takes and the more it gives: what it does at both ends
        of a stretch it does all along.
        """
        left = min(decision.until, self._end) - self._now
        within = _steps_within(decision, BATTERY.soe(self._energy), BATTERY.soe(flow.energy_wh))
        steps = math.ceil(min(left / STEP, within)) - 1
        while steps > 1:
            there = self._flow(self._after(steps))
            if (there.site_w, there.battery_w) == (flow.site_w, flow.battery_w):
                return steps
            steps //= 2
        return 0


def _steps_within(decision: Decision, soe: float, following: float) -> float:
    """After so many steps like the next one the decision still stands; one less than may be."""
    bounds = decision.validity.bounds
    low, high = next(((low, high) for name, low, high in bounds if name == Quantity.SOE), ANYWHERE)
    more = following - soe
    if not more:
        return math.inf
    return (high - soe if more > 0 else low - soe) / more - 1


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
