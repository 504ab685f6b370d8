"""What must always hold, over random histories of a site: see `always.Watch` for what that is.

Each history has rules, limits, a route, a weather and a fate of its own, all drawn from its number;
the same number gives the same history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from always import Watch
from controlled import Driver, HandClock, Killed, Trouble, World
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from random_rules import STARTS, rule_files
from simulated import SteadyHousehold
from worlds import FOUR, LOCAL, NEW_LOCAL, OLD_LOCAL, UNREAD, AnyWorld, HomeWorld, Weather

from rules.domain import Export, Mode, Setting
from rules.engine import RuleSet
from rules.language import load_rules
from scheduler.control import Terms, events
from scheduler.domain import Capabilities, NoteKind, Safety
from scheduler.errors import JournalProblem
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.home import Home

EXAMPLES = Path(__file__).parents[3] / "examples"
ROUTES = (LOCAL, OLD_LOCAL, NEW_LOCAL, FOUR, UNREAD)
CHUNKS, ORDINARY, EXAMPLES_A_CHUNK, TICKS = 8, 5, 21, 1_200
"""Over 200,000 ticks in all, of which the ordinary chunks are over 120,000."""
SAFE = (
    Setting(Mode.SELF_CONSUMPTION, 20),
    Setting(Mode.SELF_CONSUMPTION, 20),
    Setting(Mode.BACKUP, 100),
    Setting(Mode.SELF_CONSUMPTION, 90),
)
POLLS = (30, 30, 30, 60, 300)


def limits(chance: Random) -> Safety:
    """An owner's limits."""
    return Safety(
        chance.choice((0, 10, 20, 30)),
        chance.choice(SAFE),
        writes_an_hour=chance.choice((6, 6, 3)),
        writes_a_day=chance.choice((24, 24, 10)),
        dwell=timedelta(minutes=chance.choice((15, 15, 40))),
        hold_max=timedelta(hours=chance.choice((1, 12))),
        grid_charging=chance.random() < 0.7,
        export=chance.choice(tuple(Export)),
    )


@dataclass
class History:
    """A site with its past, and what is done to it."""

    chance: Random
    rules: Sequence[RuleSet]
    driver: Driver
    terms: Terms
    restless: float
    requests: int = 0
    said: Counter[str] = field(default_factory=Counter)

    def live(self, ticks: int) -> None:
        """Look so many times, whatever happens meanwhile."""
        self._start()
        driver, chance, clock = self.driver, self.chance, self.driver.clock
        while driver.ticks < ticks:
            wait = self._look()
            drawn = chance.random()
            if drawn < 0.002 * self.restless:
                wait = chance.choice((40_000.0, 200_000.0))
            elif drawn < 0.05:
                wait = chance.choice((600.0, 1_800.0, 4_000.0))
            elif drawn < 0.1:
                wait = chance.choice((0.0, 0.0, 5.0, 61.0))
            clock.pass_by(wait)

    def _look(self) -> float:
        try:
            if self.chance.random() < self.restless:
                self._something()
            return self.driver.tick()
        except Killed:
            self.said["killed"] += 1
        self._start()
        return 0.0

    def _start(self) -> None:
        rules = self.rules[self.requests % len(self.rules)]
        terms = replace(self.terms, dry_run=self.chance.random() < 0.12)
        while True:
            try:
                self.driver.begin(terms, rules)
            except (Killed, JournalProblem):
                continue
            return

    def _something(self) -> None:
        chance, clock = self.chance, self.driver.clock
        drawn = chance.random()
        if drawn < 0.12:
            self.driver.ask(events.Stopped(clock.now(), "asked to"))
            self._start()
        elif drawn < 0.2:
            self._start()
        elif drawn < 0.35:
            seconds = chance.choice((61, 70, 900, 3_600, 90_000, 2_000_000))
            clock.set_by(timedelta(seconds=chance.choice((-1, 1)) * seconds))
            self.said["clock set"] += 1
        else:
            self._ask()

    def _ask(self) -> None:
        chance, at = self.chance, self.driver.clock.now()
        drawn = chance.random()
        self.requests += 1
        if drawn < 0.45:
            until, lasting = chance.choice(
                (("22:00", None), (None, "3h"), (None, "2m"), (None, None), ("02:30", None))
            )
            hold = events.Hold(
                at,
                "somebody",
                chance.choice((None, *Mode)),
                chance.choice((None, 5, 20, 60, 85, 100)),
                chance.choice((None, None, False, True)),
                chance.choice((None, None, *Export)),
                until,
                lasting,
            )
            self.driver.ask(hold)
        elif drawn < 0.52:
            self.driver.ask(events.Release(at, "somebody"))
        elif drawn < 0.75:
            self.driver.ask(events.Resume(at, "somebody"))
        elif drawn < 0.9:
            self.driver.ask(events.Reloaded(at, chance.choice(self.rules)))
        elif drawn < 0.95:
            self.driver.ask(events.ReloadFailed(at, "line 3: what is that?"))
        else:
            self.driver.ask(events.Reported(at, ((NoteKind.INPUT_UNUSABLE, "no number"),)))


def history(number: int, rules: Sequence[RuleSet], *, at_home: bool) -> History:
    """A history by its number."""
    chance = Random(number)
    clock = HandClock(chance.choice(STARTS) + timedelta(minutes=chance.randrange(300)))
    nasty = chance.choice((0.05, 0.3, 1.0))
    levers = chance.choice(ROUTES)
    weather = Weather(0.3 * nasty, 0.3 * nasty, 0.02 * nasty, 0.1 * nasty)
    world: World
    if at_home:
        powers = chance.choice((300.0, 1_500.0)), chance.choice((0.0, 0.0, 4_000.0))
        household = SteadyHousehold(*powers)
        home = Home(household, clock.now(), soe=chance.choice((5.0, 50.0, 95.0)))
        gateway = DirectGateway(home, clock, levers=levers, reads_kept=0)
        weather.change /= 4
        world = HomeWorld(chance, clock, weather, gateway)
    else:
        found = Capabilities("installer", "1.49", levers=levers, may_write=True)
        world = AnyWorld(chance, clock, weather, found)
    trouble = Trouble(
        chance,
        commit_fails=0.02 * nasty,
        again=0.6,
        dies=0.005 * nasty,
        through_json=0.003,
        made_twice=0.05,
    )
    terms = Terms(limits(chance), timedelta(seconds=chance.choice(POLLS)), version="1")
    driver = Driver(world, clock, Watch(), trouble)
    return History(chance, rules, driver, terms, 0.03 * nasty)


INSTALLS = """
[[rule]]
name = "new firmware"
when = { at = "%s" }
do = "firmware-check"
install = true
"""


def loaded(folder: Path, texts: Sequence[str]) -> list[RuleSet]:
    found = []
    for text, time in zip(texts, ("02:30", "16:00"), strict=True):
        path = folder / "rules.toml"
        path.write_text(text + INSTALLS % time, encoding="utf-8")
        found.append(load_rules([path]))
    return found


OFTEN = (
    "clock set", "killed", "outcome held", "outcome refused", "override began", "note battery_run",
    "note held_back", "FirmwareCheckRecord",
)  # fmt: skip
"""What a course of histories must have come across to show anything."""


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(chunk, marks=[] if chunk < ORDINARY else pytest.mark.long)
        for chunk in range(CHUNKS)
    ],
)
def test_what_always_holds(tmp_path: Path, chunk: int) -> None:
    made: Counter[str] = Counter()

    @seed(chunk)
    @settings(
        max_examples=EXAMPLES_A_CHUNK,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(rule_files(), min_size=2, max_size=2))
    def live(texts: list[str]) -> None:
        number = chunk * 1_000 + made["histories"]
        made["histories"] += 1
        at_home = number % 2 == 1
        found = history(number, loaded(tmp_path, texts), at_home=at_home)
        try:
            found.live(TICKS)
        except AssertionError as wrong:
            ticks = found.driver.ticks + made["ticks"]
            wrong.add_note(found.driver.said())
            wrong.add_note(f"history {number}, tick {found.driver.ticks}, {ticks} in all")
            raise
        made["ticks"] += found.driver.ticks
        made.update(found.driver.watch.seen)
        made.update(found.said)

    live()
    assert made["ticks"] >= EXAMPLES_A_CHUNK * TICKS
    assert not [what for what in OFTEN if not made[what]]
