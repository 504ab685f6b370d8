"""The controller through the time of a test: ticks where something may come of them.

The controller is the daemon's own. It is woken as the daemon's loop would wake it, at every step
and wherever a decision may end or a read-back is due; a wake-up that `quiet` says nothing comes of
is left out, and where the house stands still, so are all the steps until something changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rules.domain import Mode, Observation, Setting
from rules.engine import Decision, Happened
from rules.resolve import Levers
from rules.testing import RuleTest, RuleTestFile
from scheduler import control
from scheduler.control import PromptSite, State, Terms
from scheduler.domain import Capabilities, Past, Safety
from scheduler.rule_tests.world import FIRMWARE, LoadAndSun, World

_NEVER_JUDGED: Final = timedelta(days=3650).total_seconds()
"""A route that takes so long to act shows nothing: given powers do not follow what is written."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What is so from an instant on, until the next tick. `setting` is what the gateway has."""

    at: datetime
    state: State
    setting: Setting

    @property
    def decision(self) -> Decision:
        """What is wanted."""
        decision = self.state.decisions.last
        if decision is None:
            raise ValueError("nothing was decided yet")
        return decision


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a test: its ticks, the instants of writes, and of each event's occurrences."""

    ticks: tuple[Tick, ...]
    writes: tuple[datetime, ...]
    events: tuple[tuple[datetime, str, Happened], ...]

    def tick_at(self, instant: datetime) -> Tick:
        """What is so at an instant."""
        index = bisect_right(self.ticks, instant, key=lambda tick: tick.at)
        return self.ticks[max(0, index - 1)]

    def ticks_in(self, start: datetime, end: datetime) -> Iterator[Tick]:
        """What is so from `start` to before `end`, one after the other."""
        index = bisect_right(self.ticks, start, key=lambda tick: tick.at)
        yield from self.ticks[max(0, index - 1) : 1]
        for tick in self.ticks[max(1, index - 1) :]:
            if tick.at >= end:
                return
            yield tick


def play(test: RuleTest, file: RuleTestFile, household: LoadAndSun | None = None) -> Played:
    """Run the controller through a test. `household` is the load and sun of a simulated home."""
    world = World(test.house, file.levers, household)
    poll = test.step or timedelta(minutes=1)
    safe = Setting(Mode.SELF_CONSUMPTION, file.reserve_floor)
    terms = Terms(Safety(file.reserve_floor, safe), poll, version="rule test", journaled=False)
    begun = control.begin(Past(), terms, file.rules, route_of(file.levers), test.start)
    stops = {each for expected in test.expect for each in (expected.start, expected.end) if each}
    site = ControlledHouse(begun.state, world, test.start, sorted(stops))
    if test.step is None:
        moments = {expected.start for expected in test.expect if expected.end is None}
        for instant in sorted({*test.points, *moments}):
            site.live_until(instant)
    else:
        site.live_on(test.end, test.step)
    return site.played()


def route_of(levers: Levers) -> Capabilities:
    """A route with these levers that takes every write at once, and never has to show an effect."""
    return Capabilities(
        "installer",
        FIRMWARE,
        "rule test",
        may_write=True,
        levers=levers,
        settling_time=_NEVER_JUDGED,
    )


class ControlledHouse:
    """One house under a controller, from its first contact on.

    Each instant that is looked at is told to `watch`, whether it makes a tick or not.
    """

    def __init__(
        self,
        begun: State,
        world: World,
        start: datetime,
        stops: Sequence[datetime] = (),
        watch: Callable[[Observation], object] | None = None,
    ) -> None:
        self._world, self._start, self._stops, self._watch = world, start, stops, watch
        self._site = PromptSite(world, begun, start)
        self._ticks: list[Tick] = []

    def played(self) -> Played:
        """What has come so far."""
        return Played(
            tuple(self._ticks),
            tuple(each.at for each in self._site.writes),
            tuple((each.at, each.rule, each.state) for each in self._site.occurrences),
        )

    def live_until(self, now: datetime) -> None:
        """Let time pass without a tick, and make one."""
        self._world.move_to(now)
        self._tick(now)

    def live_on(self, end: datetime, step: timedelta) -> None:
        """Tick where something may come of it, up to an instant and then."""
        world, site, now, grid = self._world, self._site, self._start, self._start
        limit: datetime | None = None
        while True:
            world.move_to(now)
            is_quiet = site.quiet(now)
            if not is_quiet:
                self._tick(now)
                is_quiet, limit = site.quiet(now), None
            if self._watch is not None:
                self._watch(world.observation())
            if now >= end:
                return
            if limit is None or now >= limit:
                limit = min(end, self._next_stop(now))
            if is_quiet and not world.moves:
                now = limit
                continue
            while grid <= now:
                grid += step
            now = min(grid, limit)

    def _next_stop(self, now: datetime) -> datetime:
        """The next instant at which something may happen, or is to be compared."""
        wake = self._site.next_wake(now)
        number = bisect_right(self._stops, now)
        stops = [wake.boundary, wake.soonest, self._world.next_change, *self._stops[number:][:1]]
        return min(each for each in stops if each is not None and each > now)

    def _tick(self, now: datetime) -> None:
        self._site.tick(now)
        self._ticks.append(Tick(now, self._site.state, self._world.setting))
