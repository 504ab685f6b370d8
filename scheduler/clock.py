"""The only place that reads a clock.

A `Clock` says what time it is; its `AlarmClock`s wake a loop. There are two clocks:

* `SystemClock`, the machine's. Its alarm clock keeps APScheduler date jobs for real instants, and
  the poll interval on the monotonic clock. A job only wakes the loop, which then reads the time
  for itself, so a missed, late or doubled alarm is never more than a missed, late or doubled tick.
* `SimulatedClock`, for the demo and the tests. Time stands still while anybody works and moves
  only while everybody waits: paced in the demo, in one jump in tests.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Clock(Protocol):
    """What time it is, and how to be woken."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""

    def alarm_clock(self) -> AlarmClock:
        """A new alarm clock for one loop."""


class AlarmClock(Protocol):
    """Wakes one loop: at named instants, after a number of seconds, or at once."""

    def ring_at(self, name: str, instant: datetime) -> None:
        """Set (or move) the alarm of this name."""

    def wake(self) -> None:
        """End the present wait, or the next one if nobody waits now."""

    async def wait(self, seconds: float) -> bool:
        """Return at the first alarm, at `wake`, or after `seconds`, whichever comes first.

        True where it was not the time alone that ended it.
        """

    async def close(self) -> None:
        """Forget all alarms."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def alarm_clock(self) -> SystemAlarmClock:
        return SystemAlarmClock()


class SystemAlarmClock:
    """Date jobs of APScheduler at real instants, and the event loop's timer for the interval."""

    def __init__(self) -> None:
        import asyncio

        self._rung = asyncio.Event()
        self._scheduler: AsyncIOScheduler | None = None
        self._set: dict[str, datetime] = {}

    def ring_at(self, name: str, instant: datetime) -> None:
        if self._set.get(name) == instant:
            return
        self._set[name] = instant
        # Without a grace time APScheduler drops a date job that is a second late.
        self._running_scheduler().add_job(
            self._rung.set,
            "date",
            run_date=instant,
            id=name,
            replace_existing=True,
            misfire_grace_time=None,
        )

    def wake(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        import asyncio

        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            pass
        rang = self._rung.is_set()
        self._rung.clear()
        return rang

    async def close(self) -> None:
        import asyncio

        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
            await asyncio.sleep(0)  # the asyncio scheduler shuts down in the next turn of the loop

    def _running_scheduler(self) -> AsyncIOScheduler:
        if self._scheduler is None:
            from apscheduler.schedulers.asyncio import AsyncIOScheduler

            self._scheduler = AsyncIOScheduler(timezone=UTC)
            self._scheduler.start()
        return self._scheduler


class SimulatedClock:
    """A clock that moves only while every alarm clock made from it waits.

    `pace` is simulated seconds per real second; `None` jumps. `step_wall` moves the wall clock
    without the monotonic one, as an operator or a time server does.
    """

    def __init__(self, start: datetime, pace: float | None = None) -> None:
        import asyncio

        if start.tzinfo is None:
            raise ValueError("a simulated clock starts at an aware instant")
        self._start = start.astimezone(UTC)
        self._pace = pace
        self._elapsed = timedelta(0)
        self._stepped = timedelta(0)
        self._alarms: list[SimulatedAlarmClock] = []
        self._moving = False
        self._woken = asyncio.Event()

    def now(self) -> datetime:
        return self._start + self._stepped + self._elapsed

    def monotonic(self) -> float:
        return self._elapsed.total_seconds()

    @property
    def elapsed(self) -> timedelta:
        """The monotonic clock, exact to the microsecond."""
        return self._elapsed

    def alarm_clock(self) -> SimulatedAlarmClock:
        alarm = SimulatedAlarmClock(self)
        self._alarms.append(alarm)
        return alarm

    def step_wall(self, by: timedelta) -> None:
        """Move the wall clock; the monotonic clock does not notice."""
        self._stepped += by

    def forget(self, alarm: SimulatedAlarmClock) -> None:
        """A loop has ended: time no longer waits for it."""
        if alarm in self._alarms:
            self._alarms.remove(alarm)
        # If all others wait already, one of them has to look up and move the time.
        waiting = next((other for other in self._alarms if other.waiting), None)
        if waiting is not None:
            waiting.wake()

    def woken(self) -> None:
        """Somebody is to work: a paced move ends, with the part of it that has passed."""
        self._woken.set()

    async def move_while_all_wait(self) -> None:
        """Let time pass to the next deadline, if everybody waits and nobody moves it already."""
        if self._moving or not all(alarm.waiting for alarm in self._alarms):
            return
        self._moving = True
        try:
            until = min(alarm.next_deadline() for alarm in self._alarms)
            if self._pace is not None:
                until = await self._pass_slowly(until, self._pace)
            self._elapsed = max(self._elapsed, until)
        finally:
            self._moving = False
        for alarm in self._alarms:
            if alarm.waiting and alarm.next_deadline() <= self._elapsed:
                alarm.look_up()

    async def _pass_slowly(self, until: timedelta, pace: float) -> timedelta:
        import asyncio

        started = time.monotonic()
        self._woken.clear()
        try:
            async with asyncio.timeout((until - self._elapsed).total_seconds() / pace):
                await self._woken.wait()
        except TimeoutError:
            return until
        passed = timedelta(seconds=(time.monotonic() - started) * pace)
        return min(until, self._elapsed + passed)


class SimulatedAlarmClock:
    """One loop's alarms on a `SimulatedClock`."""

    def __init__(self, clock: SimulatedClock) -> None:
        import asyncio

        self._clock = clock
        self._rung = asyncio.Event()
        self._alarms: dict[str, datetime] = {}
        self._deadline: timedelta | None = None
        self._woken = False

    @property
    def waiting(self) -> bool:
        """The loop has nothing to do until its deadline."""
        return self._deadline is not None and not self._rung.is_set()

    def next_deadline(self) -> timedelta:
        """When this loop wants to go on, on the monotonic clock."""
        elapsed, now = self._clock.elapsed, self._clock.now()
        alarms = [elapsed + (instant - now) for instant in self._alarms.values()]
        return min([self._deadline or elapsed, *alarms])

    def ring_at(self, name: str, instant: datetime) -> None:
        self._alarms[name] = instant

    def wake(self) -> None:
        self._woken = True
        self.look_up()

    def look_up(self) -> None:
        """End the present wait, to see whether its time has come."""
        self._rung.set()
        self._clock.woken()

    async def wait(self, seconds: float) -> bool:
        self._deadline = self._clock.elapsed + timedelta(seconds=seconds)
        try:
            while not self._rung.is_set():
                await self._clock.move_while_all_wait()
                if not self._rung.is_set():
                    # Others still work: the last of them to wait moves the clock for all.
                    await self._rung.wait()
        finally:
            self._deadline = None
            self._rung.clear()
            now = self._clock.now()
            before, woken = self._alarms, self._woken
            self._alarms = {name: at for name, at in before.items() if at > now}
            self._woken = False
        return woken or len(self._alarms) < len(before)

    async def close(self) -> None:
        self._alarms.clear()
        self._clock.forget(self)
