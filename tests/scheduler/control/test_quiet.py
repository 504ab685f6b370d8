"""`quiet`: which ticks a simulation or a backtest may leave out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from always import Watch
from controlled import HOME, Driver, HandClock, Trouble, done
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from random_rules import STARTS, rule_files
from simulated import SteadyHousehold
from worlds import FOUR, LOCAL, NEW_LOCAL, HomeWorld, Weather, some_inputs

from rules.domain import Mode, Observation, Setting
from rules.engine import RuleSet
from rules.language import load_rules
from scheduler import control
from scheduler.control import Terms, actions, events
from scheduler.control.polling import EVERYTHING
from scheduler.domain import STREAM, EffectRecord, Safety
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.home import Home

LOOK = 300.0
LOOKS = 400
SAFETY = Safety(10, Setting(Mode.SELF_CONSUMPTION, 20))


@dataclass
class Looker:
    """A home that is looked at every five minutes; `skips` those looks that are quiet."""

    driver: Driver
    world: HomeWorld
    skips: bool
    skipped: int = 0

    def look(self) -> None:
        """The look that is due, and what follows from it until the next."""
        driver, clock = self.driver, self.driver.clock
        ends = clock.true + LOOK
        seen = self._read()
        if control.quiet(driver.state, seen, self.world.inputs, clock.wall):
            self.skipped += 1
            if not self.skips:
                self._expect_nothing_of_a_tick()
        else:
            wait = driver.tick()
            while clock.true + wait < ends and driver.state.writing.applying is not None:
                clock.pass_by(max(wait, 1.0))
                wait = driver.tick()
        clock.pass_by(ends - clock.true)

    def _read(self) -> Observation:
        return done(self.world.gateway.observe(EVERYTHING))

    def _expect_nothing_of_a_tick(self) -> None:
        driver = self.driver
        before = len(driver.journal.rows(HOME))
        driver.recent.clear()
        driver.tick()
        rows = [row.record for row in driver.journal.rows(HOME)[before:]]
        assert [row for row in rows if not isinstance(row, (*STREAM, EffectRecord))] == []
        asked = [action for _, step in driver.recent for action in step.actions]
        assert all(isinstance(action, actions.Observe) for action in asked)


def looker(number: int, rules: RuleSet, *, skips: bool) -> Looker:
    chance = Random(number)
    clock = HandClock(chance.choice(STARTS))
    household = SteadyHousehold(chance.choice((300.0, 1_500.0)), chance.choice((0.0, 2_500.0)))
    home = Home(household, clock.now(), soe=chance.choice((15.0, 50.0, 90.0)))
    levers = chance.choice((LOCAL, NEW_LOCAL, FOUR))
    gateway = DirectGateway(home, clock, levers=levers, reads_kept=0)
    gateway.assume(may_write=True)
    world = HomeWorld(chance, clock, Weather(0.0, 0.0, 0.0, 0.0), gateway)
    trouble = Trouble(Random(0))
    driver = Driver(world, clock, Watch(), trouble)
    driver.begin(Terms(SAFETY, timedelta(seconds=LOOK)), rules)
    return Looker(driver, world, skips)


def happens(one: Looker, chance: Random, rules: Sequence[RuleSet]) -> None:
    """What a simulation may have happen to a home between two looks."""
    driver, home, drawn = one.driver, one.world.gateway.home, chance.random()
    now = driver.clock.now()
    if drawn < 0.02:
        home.grid_down(home.at)
        home.grid_up(home.at + timedelta(minutes=chance.choice((3, 47))))
    elif drawn < 0.04:
        home.household = SteadyHousehold(chance.choice((300.0, 3_000.0)), chance.choice((0.0, 4e3)))
    elif drawn < 0.06:
        one.world.inputs = some_inputs(chance, now)
    elif drawn < 0.07:
        reserve = chance.choice((30, 100))
        lasting = chance.choice(("2h", "7m", None))
        driver.ask(events.Hold(now, "somebody", reserve=reserve, lasting=lasting))
    elif drawn < 0.08:
        driver.ask(events.Resume(now, "somebody"))
    elif drawn < 0.085:
        driver.ask(events.Release(now, "somebody"))
    elif drawn < 0.095:
        driver.ask(events.Reloaded(now, chance.choice(rules)))


def audit(one: Looker) -> list[Any]:
    """The audit rows, without numbers and what the power flows have shown."""
    rows = [row.record for row in one.driver.journal.rows(HOME)]
    kept = [row for row in rows if not isinstance(row, (*STREAM, EffectRecord))]
    numbers = ("decision_id", "intent_id", "event_id")
    return [
        replace(row, **{name: 0 for name in numbers if hasattr(row, name)})  # type: ignore[type-var]
        for row in kept
    ]


@pytest.mark.parametrize("chunk", range(2))
def test_leaving_quiet_looks_out_changes_no_audit_row(chunk: int) -> None:
    skipped, looks = [0], [0]

    @seed(chunk)
    @settings(
        max_examples=14,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(rule_files(), min_size=2, max_size=2))
    def live(texts: list[str]) -> None:
        looks[0] += 1
        number = 100 * chunk + looks[0]
        with tempfile.TemporaryDirectory() as folder:
            rules = [loaded(Path(folder), text) for text in texts]
        every, some = (looker(number, rules[0], skips=skips) for skips in (False, True))
        for one in (every, some):
            chance = Random(number)
            for _ in range(LOOKS):
                happens(one, chance, rules)
                one.look()
        assert every.skipped == some.skipped
        assert audit(every) == audit(some)
        skipped[0] += some.skipped

    live()
    assert skipped[0] > looks[0] * LOOKS / 4


def loaded(folder: Path, text: str) -> RuleSet:
    path = folder / "rules.toml"
    path.write_text(text, encoding="utf-8")
    return load_rules([path])
