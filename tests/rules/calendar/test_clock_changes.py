"""The two nights of the year on which the clock jumps, in four zones.

Los Angeles and Sydney lose and double 2:00 to 3:00 (Sydney doubles it in April), London 1:00 to
2:00, and Lord Howe Island half an hour only: 2:00 to 2:30 is lost, 1:30 to 2:00 comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pictured import BASE, DOWN, UP, Watch, base_in, event, plan, rule, seen

from rules.engine import Decision, Memory, decide
from rules.inputs import NO_INPUTS, Inputs, PriceSeries, PriceSlot

STEP = timedelta(minutes=5)
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Night:
    """A night with a jump: the wall time that is lost, or comes twice, and how long it is."""

    zone: str
    day: str
    first: str
    last: str
    minutes: int

    def at(self, clock: str, *, second: bool = False) -> datetime:
        local = datetime.fromisoformat(f"{self.day} {clock}")
        return local.replace(tzinfo=ZoneInfo(self.zone), fold=int(second)).astimezone(UTC)

    def looks(self) -> Iterator[datetime]:
        """Every 5 minutes from midnight to noon."""
        now, noon = self.at("00:00"), self.at("12:00")
        while now < noon:
            yield now
            now += STEP

    def middle(self) -> str:
        """A quarter of an hour into the jump."""
        return f"{self.first[:3]}{int(self.first[3:]) + 15}"


FORWARD = (
    Night("America/Los_Angeles", "2026-03-08", "02:00", "03:00", 60),
    Night("Europe/London", "2026-03-29", "01:00", "02:00", 60),
    Night("Australia/Sydney", "2026-10-04", "02:00", "03:00", 60),
    Night("Australia/Lord_Howe", "2026-10-04", "02:00", "02:30", 30),
)
BACK = (
    Night("America/Los_Angeles", "2026-11-01", "01:00", "02:00", 60),
    Night("Europe/London", "2026-10-25", "01:00", "02:00", 60),
    Night("Australia/Sydney", "2026-04-05", "02:00", "03:00", 60),
    Night("Australia/Lord_Howe", "2026-04-05", "01:30", "02:00", 30),
)
forward = pytest.mark.parametrize("night", FORWARD, ids=lambda night: night.zone)
back = pytest.mark.parametrize("night", BACK, ids=lambda night: night.zone)
both = pytest.mark.parametrize(
    "night", FORWARD + BACK, ids=lambda night: f"{night.zone} {night.day}"
)


def decisions(
    night: Night, rules: str, inputs: Inputs = NO_INPUTS
) -> list[tuple[datetime, Decision]]:
    """What is decided every 5 minutes, and it is the same where looks that stand are skipped."""
    watch = Watch(plan(rules, base=base_in(night.zone)), Memory(night.at("00:00")))
    found = [(now, watch.look(now, inputs=inputs)) for now in night.looks()]
    _skipping(night, rules, inputs, [decision for _, decision in found])
    return found


def _skipping(night: Night, rules: str, inputs: Inputs, expected: list[Decision]) -> None:
    again, memory = plan(rules, base=base_in(night.zone)), Memory(night.at("00:00"))
    decision: Decision | None = None
    for now, each in zip(night.looks(), expected, strict=True):
        if decision is None or not decision.stands(seen(now), inputs, now):
            decision, memory = decide(again, seen(now), memory, inputs, now)
        assert decision.wants_as(each)


def open_minutes(night: Night, clause: str, inputs: Inputs = NO_INPUTS) -> int:
    """How long a rule is active between midnight and noon, in real minutes."""
    found = decisions(night, rule("a", clause, "reserve = 50"), inputs)
    return 5 * sum("a" in decision.active for _, decision in found)


def fired(night: Night, clause: str) -> list[datetime]:
    """When an event fires between midnight and noon."""
    return [
        each.scheduled_at
        for _, decision in decisions(night, event("e", clause))
        for each in decision.occurrences
    ]


# --- windows -----------------------------------------------------------------------------------


@forward
def test_a_window_in_the_lost_time_is_never_open(night: Night) -> None:
    assert open_minutes(night, f'time = "{night.first}-{night.last}"') == 0
    assert open_minutes(night, f'time = "{night.middle()}-{night.last}"') == 0


@forward
def test_a_window_around_the_lost_time_is_that_much_shorter(night: Night) -> None:
    assert open_minutes(night, 'time = "00:30-04:30"') == 240 - night.minutes
    assert open_minutes(night, f'time = "{night.middle()}-04:00"') == open_minutes(
        night, f'time = "{night.last}-04:00"'
    )


@back
def test_a_window_in_the_doubled_time_is_open_twice(night: Night) -> None:
    assert open_minutes(night, f'time = "{night.first}-{night.last}"') == 2 * night.minutes
    middle = night.middle()
    found = decisions(night, rule("a", f'time = "{middle}-{night.last}"', "reserve = 50"))
    opened = [now for now, decision in found if "a" in decision.active]
    length = night.minutes - 15
    assert opened == [
        start + step * STEP
        for start in (night.at(middle), night.at(middle, second=True))
        for step in range(length // 5)
    ]


@back
def test_a_window_around_the_doubled_time_is_that_much_longer(night: Night) -> None:
    assert open_minutes(night, 'time = "00:30-04:30"') == 240 + night.minutes


@both
def test_a_window_inside_a_group_is_the_same_window(night: Night) -> None:
    for window in (f"{night.first}-{night.last}", f"{night.middle()}-04:00", "00:30-04:30"):
        alone = open_minutes(night, f'time = "{window}"')
        assert open_minutes(night, f'any = [{{ time = "{window}" }}]') == alone
        assert open_minutes(night, f'none = [{{ time = "{window}" }}]') == (
            5 * len(list(night.looks())) - alone
        )


@both
def test_an_inset_takes_real_minutes_off_both_ends(night: Night) -> None:
    watched = plan(
        rule("a", 'time = "00:30-04:30"', "reserve = 50", 'inset = "45m"'), base=base_in(night.zone)
    )
    watch = Watch(watched, Memory(night.at("00:00")))
    opened = [now for now in night.looks() if "a" in watch.look(now).active]
    inset = timedelta(minutes=45)
    assert (opened[0], opened[-1] + STEP) == (night.at("00:30") + inset, night.at("04:30") - inset)


# --- events ------------------------------------------------------------------------------------


@forward
def test_a_moment_in_the_lost_time_comes_as_soon_as_there_is_time_again(night: Night) -> None:
    assert fired(night, f'at = "{night.middle()}"') == [night.at(night.last)]
    assert fired(night, f'at = "{night.first}"') == [night.at(night.last)]


@back
def test_a_moment_in_the_doubled_time_comes_the_first_time_only(night: Night) -> None:
    assert fired(night, f'at = "{night.middle()}"') == [night.at(night.middle())]
    # The end of the doubled time is only reached the second time.
    assert fired(night, f'at = "{night.last}"') == [night.at(night.last)]


@both
def test_moments_before_and_after_come_once(night: Night) -> None:
    assert fired(night, 'at = "00:30"') == [night.at("00:30")]
    assert fired(night, 'at = "07:15"') == [night.at("07:15")]


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_a_lead_over_the_jump_is_real_time(day: str) -> None:
    night = Night("America/Los_Angeles", day, "01:00", "03:00", 60)
    watched = plan(event("e", 'before = "off-peak", lead = "7h"'), base=BASE.replace("4-9pm", "a"))
    watch = Watch(watched, Memory(night.at("00:00") - timedelta(hours=2)))
    start = night.at("00:00") - timedelta(hours=2)
    looks = (start + step * STEP for step in range(72))
    found = [each.scheduled_at for now in looks for each in watch.look(now).occurrences]
    assert found == [night.at("08:00") - timedelta(hours=7)]


@forward
def test_a_window_that_does_not_come_turns_nothing(night: Night) -> None:
    assert fired(night, f'time = "{night.first}-{night.last}"') == []


@back
def test_a_window_that_comes_twice_without_a_break_turns_once(night: Night) -> None:
    assert fired(night, f'time = "{night.first}-{night.last}"') == [night.at(night.first)]


@back
def test_a_window_that_comes_twice_with_a_break_turns_twice(night: Night) -> None:
    middle = night.middle()
    assert fired(night, f'time = "{middle}-{night.last}"') == [
        night.at(middle),
        night.at(middle, second=True),
    ]


# --- for and keep --------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("more", "up", "first", "last"),
    [('for = "3h"', 360, 180, 360), ('keep = "3h"', 180, 0, 360)],
)
def test_timers_run_in_real_time(night: Night, more: str, up: int, first: int, last: int) -> None:
    """The grid is up for so many minutes from half an hour after midnight on."""
    watch = Watch(
        plan(rule("a", 'grid = "up"', "reserve = 50", more), base=base_in(night.zone)),
        Memory(night.at("00:00")),
    )
    begin = night.at("00:30")
    end = begin + timedelta(minutes=up)
    active = [
        now
        for now in night.looks()
        if "a" in watch.look(now, grid=UP if begin <= now < end else DOWN).active
    ]
    assert (active[0], active[-1]) == (
        begin + timedelta(minutes=first),
        begin + timedelta(minutes=last) - STEP,
    )


@back
def test_a_window_that_comes_twice_is_not_kept_between(night: Night) -> None:
    """It closes in the doubled time, and its end is not put off; then it begins anew."""
    middle = night.middle()
    clause = f'time = "{night.first}-{middle}", grid = "up"'
    watched = plan(rule("a", clause, "reserve = 50", 'keep = "3h"'), base=base_in(night.zone))
    watch = Watch(watched, Memory(night.at("00:00")))
    first = night.at(night.first)
    active = [
        now
        for now in night.looks()
        if "a" in watch.look(now, grid=UP if now == first else DOWN).active
    ]
    assert active == [first + step * STEP for step in range(3)]


# --- the cheapest of a window --------------------------------------------------------------------


def prices(night: Night, cheap: datetime | None = None) -> Inputs:
    """Half hours of one price from the midnight before, but for one that is cheap."""
    start = night.at("00:00") - timedelta(hours=2)
    starts = (start + index * HALF_HOUR for index in range(48))
    return Inputs(
        prices=PriceSeries(
            [PriceSlot(at, at + HALF_HOUR, 0.1 if at == cheap else 0.3) for at in starts]
        )
    )


@both
def test_all_slots_of_a_window_are_all_there_are(night: Night) -> None:
    lost = night.minutes if night in FORWARD else -night.minutes
    clause = 'cheapest = 96, of = "00:00-06:00"'
    assert open_minutes(night, clause, prices(night)) == 360 - lost


@both
def test_of_equal_prices_the_first_slots_are_the_cheapest(night: Night) -> None:
    rules = rule("a", 'cheapest = 7, of = "00:00-06:00"', "reserve = 50")
    found = decisions(night, rules, prices(night))
    opened = [now for now, decision in found if "a" in decision.active]
    midnight = night.at("00:00")
    assert opened == [midnight + step * STEP for step in range(42)]


@back
@pytest.mark.parametrize("second", [False, True])
def test_one_of_the_doubled_slots_may_be_the_cheapest(night: Night, *, second: bool) -> None:
    cheap = night.at(night.first, second=second)
    rules = rule("a", 'cheapest = 1, of = "00:00-06:00"', "reserve = 50")
    found = decisions(night, rules, prices(night, cheap))
    opened = [now for now, decision in found if "a" in decision.active]
    assert opened == [cheap + step * STEP for step in range(6)]


@pytest.mark.parametrize(("day", "length"), [("2026-03-08", 7), ("2026-11-01", 9)])
def test_the_half_hours_of_a_tariff_are_as_many_as_the_night_has(day: str, length: int) -> None:
    night = Night("America/Los_Angeles", day, "01:00", "03:00", 60)
    for slots, hours in ((96, length), (2 * length, length), (2 * length - 3, length - 1.5)):
        watched = plan(rule("a", f'cheapest = {slots}, of = "00:00-08:00"', "reserve = 50"))
        watch = Watch(watched, Memory(night.at("00:00")))
        active = sum("a" in watch.look(now).active for now in night.looks())
        assert active * STEP == timedelta(hours=hours)


@forward
def test_a_window_in_the_lost_time_has_no_cheapest_slot(night: Night) -> None:
    clause = f'cheapest = 1, of = "{night.first}-{night.last}"'
    assert open_minutes(night, clause, prices(night)) == 0
