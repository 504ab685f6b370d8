"""Virtual time moves only while everybody waits; the machine's alarms wake and drop nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.clock import SimulatedClock, SystemAlarmClock, SystemClock

START = datetime(2026, 7, 15, 20, tzinfo=UTC)
DAY = 86_400.0
PATIENCE = 5.0  # real seconds before a test that hangs fails


def run(main: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(main(), PATIENCE))


def test_a_wait_jumps_to_its_end() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        await clock.alarm_clock().wait(DAY)
        assert clock.now() == START + timedelta(days=1)
        assert clock.monotonic() == DAY

    run(main)


def test_it_starts_at_an_aware_instant() -> None:
    with pytest.raises(ValueError, match="aware"):
        SimulatedClock(datetime(2026, 7, 15))  # noqa: DTZ001 -- made aware below


def test_an_alarm_ends_a_wait_at_its_instant_once() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        alarm = clock.alarm_clock()
        alarm.ring_at("boundary", START + timedelta(hours=1))
        await alarm.wait(DAY)
        assert clock.now() == START + timedelta(hours=1)
        await alarm.wait(60)
        assert clock.now() == START + timedelta(hours=1, minutes=1)

    run(main)


def test_an_alarm_of_the_same_name_is_moved() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        alarm = clock.alarm_clock()
        alarm.ring_at("boundary", START + timedelta(hours=1))
        alarm.ring_at("boundary", START + timedelta(hours=2))
        await alarm.wait(DAY)
        assert clock.now() == START + timedelta(hours=2)

    run(main)


def test_a_wake_ends_the_next_wait_where_nobody_waits_now() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        alarm = clock.alarm_clock()
        alarm.wake()
        await alarm.wait(DAY)
        assert clock.now() == START
        await alarm.wait(DAY)
        assert clock.now() == START + timedelta(days=1)

    run(main)


def test_time_stands_still_while_anybody_works() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        works, waits = clock.alarm_clock(), clock.alarm_clock()
        waiting = asyncio.create_task(waits.wait(10))
        for _ in range(20):
            await asyncio.sleep(0)
        assert clock.now() == START
        await works.wait(5)
        assert clock.now() == START + timedelta(seconds=5)
        assert not waiting.done()
        last = asyncio.create_task(works.wait(100))
        await waiting
        assert clock.now() == START + timedelta(seconds=10)
        await waits.close()
        await last

    run(main)


def test_several_loops_meet_each_deadline_in_order() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        seen: list[tuple[str, float]] = []

        async def loop(name: str, every: float, times: int) -> None:
            alarm = clock.alarm_clock()
            await asyncio.sleep(0)
            for _ in range(times):
                await alarm.wait(every)
                seen.append((name, clock.monotonic()))
            await alarm.close()

        await asyncio.gather(loop("a", 20, 3), loop("b", 30, 4))
        assert sorted(seen) == [
            *(("a", float(at)) for at in (20, 40, 60)),
            *(("b", float(at)) for at in (30, 60, 90, 120)),
        ]
        assert [at for _, at in seen] == sorted(at for _, at in seen)

    run(main)


def test_a_loop_that_ends_does_not_hold_up_the_others() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        ends, stays = clock.alarm_clock(), clock.alarm_clock()
        waiting = asyncio.create_task(stays.wait(60))
        await asyncio.sleep(0)
        await ends.close()
        await waiting  # it may look up too early, but it must not sleep for ever
        await stays.wait(60)
        assert clock.now() >= START + timedelta(seconds=60)

    run(main)


def test_a_paced_wait_can_be_ended_early() -> None:
    async def main() -> None:
        clock = SimulatedClock(START, pace=60.0)
        alarm = clock.alarm_clock()
        waiting = asyncio.create_task(alarm.wait(DAY))
        await asyncio.sleep(0.01)
        alarm.wake()
        await waiting
        assert START < clock.now() < START + timedelta(minutes=5)

    run(main)


def test_a_paced_wait_passes_exactly_its_time() -> None:
    async def main() -> None:
        clock = SimulatedClock(START, pace=1e9)
        await clock.alarm_clock().wait(DAY)
        assert clock.now() == START + timedelta(days=1)

    run(main)


@pytest.mark.parametrize("woken", [0, 1])
def test_waking_one_of_several_ends_a_paced_move_for_all(woken: int) -> None:
    async def main() -> None:
        clock = SimulatedClock(START, pace=60.0)
        alarms = [clock.alarm_clock(), clock.alarm_clock()]
        waits = [asyncio.create_task(each.wait(DAY)) for each in alarms]
        await asyncio.sleep(0.01)
        alarms[woken].wake()
        await waits[woken]
        worked_from = clock.now()
        assert worked_from > START
        await asyncio.sleep(0.01)
        alarms[1 - woken].wake()
        await waits[1 - woken]
        assert clock.now() == worked_from

    run(main)


def test_a_step_of_the_wall_clock_is_none_of_the_other() -> None:
    async def main() -> None:
        clock = SimulatedClock(START)
        clock.step_wall(timedelta(hours=-3))
        assert clock.now() == START - timedelta(hours=3)
        assert clock.monotonic() == 0.0
        alarm = clock.alarm_clock()
        alarm.ring_at("boundary", START)
        await alarm.wait(DAY)
        assert clock.now() == START
        assert clock.monotonic() == timedelta(hours=3).total_seconds()

    run(main)


@pytest.mark.parametrize("ago", [timedelta(milliseconds=-20), timedelta(hours=1)])
def test_the_machine_s_alarm_rings_at_its_instant_and_also_late(ago: timedelta) -> None:
    async def main() -> None:
        alarm = SystemAlarmClock()
        alarm.ring_at("boundary", SystemClock().now() - ago)
        await alarm.wait(DAY)
        await alarm.close()

    run(main)


def test_the_machine_s_alarm_wakes_and_times_out() -> None:
    async def main() -> None:
        alarm = SystemClock().alarm_clock()
        alarm.wake()
        await alarm.wait(DAY)
        waiting = asyncio.create_task(alarm.wait(DAY))
        await asyncio.sleep(0)
        alarm.wake()
        await waiting
        await alarm.wait(0.001)
        await alarm.close()

    run(main)


def test_a_closed_alarm_clock_leaves_nothing_behind() -> None:
    async def main() -> None:
        alarm = SystemAlarmClock()
        before = len(asyncio.all_tasks())
        alarm.ring_at("boundary", SystemClock().now() + timedelta(days=1))
        await alarm.close()
        assert len(asyncio.all_tasks()) == before

    run(main)


def test_the_machine_s_clock_is_aware_and_goes_on() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()
