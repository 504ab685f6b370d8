"""What watchers hear of a loop whose next tick is some time away."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from simulated_client import START, HandClock

from scheduler.loop import LONGEST_REST
from scheduler.loop.resting import rest


class Rest:
    """A loop that rests; what happens at an instant is done by somebody else."""

    def __init__(self) -> None:
        self.clock = HandClock(START)
        self.alarm = self.clock.alarm_clock()
        self.lives: list[float] = []

    def for_so_long(self, seconds: float) -> float:
        """When it ends, in seconds."""
        asyncio.run(rest(self.alarm, self.clock, seconds, self._alive))
        return self.clock.monotonic()

    def _alive(self, at: datetime) -> None:
        self.lives.append((at - START).total_seconds())


def test_a_short_rest_says_nothing() -> None:
    loop = Rest()
    assert loop.for_so_long(LONGEST_REST) == LONGEST_REST
    assert loop.lives == []


@pytest.mark.parametrize("seconds", [902.648741, 900.0, 1e-9, 0.0])
def test_a_long_rest_says_that_the_loop_lives(seconds: float) -> None:
    loop = Rest()
    assert loop.for_so_long(seconds) == pytest.approx(seconds, abs=1e-3)
    assert loop.lives == [each for each in (300.0, 600.0, 900.0) if each < seconds]


@pytest.mark.parametrize("seconds", [200.0, 600.0])
def test_an_alarm_ends_it(seconds: float) -> None:
    loop = Rest()
    loop.alarm.ring_at("boundary", START + timedelta(seconds=seconds))
    assert loop.for_so_long(3600.0) == seconds


def test_what_wakes_the_loop_ends_it() -> None:
    loop = Rest()
    loop.alarm.wake()
    assert loop.for_so_long(3600.0) == 0.0
