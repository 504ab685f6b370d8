"""Desired against observed. Each guard is looked at alone: all else would let the write go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import (
    BACKUP,
    EVERYDAY,
    FULL,
    NOW,
    QUIET,
    SELF,
)

from rules.domain import AppPercent, GridStatus, Mode, Quantity, Setting
from rules.resolve import Levers
from scheduler.control.reconcile import (
    Again,
    Blocked,
    Blocker,
    InStep,
    Situation,
    Verdict,
    WriteNow,
    differs,
    reconcile,
)
from scheduler.domain import Cause, PastWrite, Safety

WISH = FULL
SAFE = EVERYDAY
GAP = Levers(reserve_ceiling=80)
"""Legal reserves since firmware 25.18.4."""

SITUATION = Situation(
    NOW, QUIET, Levers(), Safety(5, SAFE), timedelta(minutes=1), (), writes_a_day=24
)


def ago(**passed: float) -> datetime:
    return NOW - timedelta(**passed)


def verdict(
    desired: Setting = WISH,
    *,
    relies_on: Sequence[Quantity] = (),
    cause: Cause = Cause.TIME,
    situation: Situation = SITUATION,
    **seen: Any,
) -> Verdict:
    """The verdict where the observation differs from `QUIET` as said."""
    situation = replace(situation, observation=replace(situation.observation, **seen))
    return reconcile(desired, frozenset(relies_on), cause, situation)


def blockers(found: Verdict) -> tuple[str, ...]:
    return tuple(each.text for each in found.blockers) if isinstance(found, Blocked) else ()


def past(*instants: datetime, wanted: Setting = FULL) -> tuple[PastWrite, ...]:
    return tuple(PastWrite(at, wanted, EVERYDAY, Cause.TIME) for at in instants)


def test_nothing_objects_and_the_write_is_absolute() -> None:
    assert verdict() == WriteNow(FULL, EVERYDAY, Cause.TIME)


@pytest.mark.parametrize(
    ("desired", "seen", "written"),
    [
        (WISH, {}, FULL),
        (Setting(SELF, 20), {}, None),
        (Setting(), {}, None),  # leave
        (Setting(), {"reserve": AppPercent(2.0)}, None),  # even what is under the floor
        (Setting(), {"mode": None}, None),
        (Setting(SELF), {}, None),  # the reserve is left alone
        (Setting(BACKUP), {}, Setting(BACKUP, 20)),
        (Setting(reserve=40), {}, Setting(SELF, 40)),
        (Setting(reserve=40), {"mode": Mode.AUTONOMOUS}, "not settable"),
        # The gateway keeps raw percents: what it shows need not be whole.
        (Setting(SELF, 20), {"reserve": AppPercent(20.55)}, None),
        (Setting(SELF, 20), {"reserve": AppPercent(19.45)}, None),
        (Setting(SELF, 20), {"reserve": AppPercent(20.65)}, EVERYDAY),
        (Setting(SELF, 20), {"reserve": AppPercent(19.35)}, EVERYDAY),
        (Setting(SELF, 20), {"reserve": AppPercent(21.0)}, EVERYDAY),
    ],
)
def test_what_a_wish_becomes(
    desired: Setting, seen: dict[str, Any], written: Setting | str | None
) -> None:
    found = verdict(desired, **seen)
    match written:
        case None:
            assert found == InStep()
        case str():
            assert isinstance(found, Blocked)
        case _:
            assert isinstance(found, WriteNow)
            assert found.target == written


@pytest.mark.parametrize(
    "quantity", [Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING, Quantity.GRID]
)
def test_a_reading_that_is_missing_holds_the_write_back(quantity: Quantity) -> None:
    found = verdict(**{quantity.value: None})
    assert isinstance(found, Blocked)
    assert any("not known" in blocker for blocker in blockers(found))


@pytest.mark.parametrize(
    "quantity", [Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING, Quantity.GRID]
)
@pytest.mark.parametrize(("seconds", "goes"), [(0, True), (60, True), (61, False)])
def test_a_reading_that_is_too_old_holds_the_write_back(
    quantity: Quantity, seconds: float, goes: bool
) -> None:
    found = verdict(earlier={quantity: ago(seconds=seconds)})
    assert isinstance(found, WriteNow) is goes
    assert all(quantity.value in blocker for blocker in blockers(found))


@pytest.mark.parametrize("seen", [{"soe": None}, {"earlier": {Quantity.SOE: ago(seconds=61)}}])
def test_only_what_the_winning_rule_looked_at_must_be_fresh(seen: dict[str, Any]) -> None:
    assert isinstance(verdict(**seen), WriteNow)
    assert isinstance(verdict(relies_on=[Quantity.SOE], **seen), Blocked)


@pytest.mark.parametrize(
    ("seen", "situation", "blocker"),
    [
        ({"running": False}, {}, "the battery is stopped"),
        ({"grid_services": True}, {}, "grid services are active"),
        ({}, {"updating": True}, "an update is being installed"),
        ({}, {"overridden": "somebody else set it"}, "somebody else set it"),
        (
            {},
            {"lost_until": NOW - timedelta(minutes=59)},
            "the journal was restored; what was written before is not known",
        ),
        ({}, {"levers": Levers(modes=frozenset({SELF}))}, "backup cannot be set by this route"),
        (
            {},
            {"paused_until": NOW + timedelta(seconds=1)},
            "the last attempt failed; pausing before the next",
        ),
    ],
)
def test_what_the_world_objects_to(
    seen: dict[str, Any], situation: dict[str, Any], blocker: str
) -> None:
    assert blockers(verdict(situation=replace(SITUATION, **situation), **seen)) == (blocker,)


def test_a_pause_that_is_over_and_a_grid_service_of_nobody_object_to_nothing() -> None:
    situation = replace(SITUATION, paused_until=NOW)
    assert isinstance(verdict(situation=situation, grid_services=None), WriteNow)


@pytest.mark.parametrize("grid", list(GridStatus))
def test_any_known_word_of_the_grid_will_do(grid: GridStatus) -> None:
    assert isinstance(verdict(grid=grid), WriteNow)


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("desired", "writes", "goes"),
    [
        (WISH, [timedelta(minutes=1)] * 4, True),
        (WISH, [timedelta(minutes=1)] * 5, False),
        (WISH, [timedelta(minutes=1)] * 4 + [HOUR], True),
        (WISH, [timedelta(minutes=1)] * 4 + [HOUR - timedelta(seconds=1)], False),
        (SAFE, [timedelta(minutes=1)] * 5, True),
        (SAFE, [timedelta(minutes=1)] * 6, False),
        (WISH, [2 * HOUR] * 23, True),
        (WISH, [2 * HOUR] * 24, False),
        (SAFE, [2 * HOUR] * 24, False),
        (WISH, [2 * HOUR] * 23 + [DAY], True),
    ],
)
def test_caps(desired: Setting, writes: list[timedelta], goes: bool) -> None:
    made = past(*(NOW - age for age in reversed(writes)))
    setting = Setting(desired.mode, desired.reserve)
    situation = replace(SITUATION, writes=made)
    found = verdict(setting, situation=situation, mode=BACKUP, reserve=AppPercent(55.0))
    assert isinstance(found, WriteNow) is goes
    assert all("writes in the last" in blocker for blocker in blockers(found))


@pytest.mark.parametrize(
    ("cause", "desired", "owners", "rules", "free"),
    [
        (Cause.OWNER, WISH, 5, 6, None),
        (Cause.OWNER, WISH, 6, 0, "6 of 6 writes that the owner requested in the last hour"),
        (Cause.OWNER, SAFE, 6, 0, None),
        (Cause.OWNER, SAFE, 7, 4, None),
        (Cause.OWNER, SAFE, 7, 5, "12 of 12 writes of all kinds in the last hour"),
        (Cause.TIME, WISH, 6, 4, None),
        (Cause.TIME, WISH, 6, 5, "5 of 6 writes in the last hour"),
        (Cause.TIME, SAFE, 6, 5, None),
        (Cause.TIME, SAFE, 0, 6, "6 of 6 writes in the last hour"),
        (Cause.TIME, WISH, 9, 3, "12 of 12 writes of all kinds in the last hour"),
        # What the owner requested, once nobody knows whether it was done, is the rules' to repeat.
        (Cause.DRIFT, WISH, 0, 5, "5 of 6 writes in the last hour"),
    ],
)
def test_the_owner_s_requests_and_the_rules_have_caps_of_their_own(
    cause: Cause, desired: Setting, owners: int, rules: int, free: str | None
) -> None:
    by_owner = [PastWrite(ago(minutes=20), FULL, EVERYDAY, Cause.OWNER)] * owners
    situation = replace(SITUATION, writes=(*by_owner, *past(*[ago(minutes=10)] * rules)))
    found = verdict(
        desired, cause=cause, situation=situation, mode=BACKUP, reserve=AppPercent(55.0)
    )
    assert blockers(found) == (() if free is None else (free,))


@pytest.mark.parametrize(
    ("writes", "minutes"), [([50, 40, 30, 20, 10], 10), ([50, 40, 30, 20, 10, 5], 20)]
)
def test_a_cap_says_when_the_next_write_may_be_made(writes: list[int], minutes: int) -> None:
    made = past(*(ago(minutes=each) for each in writes))
    found = verdict(situation=replace(SITUATION, writes=made))
    assert isinstance(found, Blocked)
    assert [each.until for each in found.blockers] == [NOW + timedelta(minutes=minutes)]


def test_the_cap_of_a_day_is_for_both() -> None:
    by_owner = [PastWrite(ago(hours=3), FULL, EVERYDAY, Cause.OWNER)] * 12
    situation = replace(SITUATION, writes=(*by_owner, *past(*[ago(hours=2)] * 12)))
    for cause in (Cause.OWNER, Cause.TIME):
        found = verdict(cause=cause, situation=situation)
        assert found == Blocked(
            FULL, (Blocker("24 of 24 writes in the last day", NOW + timedelta(hours=21)),)
        )


@pytest.mark.parametrize(
    ("owner", "route", "writes", "goes"),
    [(24, 3, 2, True), (24, 3, 3, False), (3, 24, 2, True), (3, 24, 3, False)],
)
def test_the_stricter_of_the_owner_s_and_the_route_s_cap_counts(
    owner: int, route: int, writes: int, goes: bool
) -> None:
    situation = replace(
        SITUATION,
        safety=Safety(5, SAFE, writes_a_day=owner),
        writes_a_day=route,
        writes=past(*[ago(hours=2)] * writes),
    )
    assert isinstance(verdict(situation=situation), WriteNow) is goes


def test_the_safe_state_is_known_even_where_it_has_to_be_made_legal() -> None:
    safe = Safety(5, Setting(SELF, 85))
    situation = replace(SITUATION, levers=GAP, safety=safe, writes=past(*[ago(minutes=1)] * 5))
    assert verdict(Setting(SELF, 85), situation=situation) == WriteNow(
        Setting(SELF, 80), EVERYDAY, Cause.TIME
    )


def test_a_write_from_the_future_counts_as_one_of_now() -> None:
    situation = replace(SITUATION, writes=past(*[ago(hours=-3)] * 5))
    assert isinstance(verdict(situation=situation), Blocked)


@pytest.mark.parametrize(
    ("cause", "left", "previous", "goes"),
    [
        (Cause.STATE, timedelta(minutes=14), FULL, False),
        (Cause.DRIFT, timedelta(minutes=14), FULL, False),
        (Cause.STATE, timedelta(minutes=-14), FULL, False),
        (Cause.STATE, timedelta(minutes=15), FULL, True),
        (Cause.STATE, timedelta(minutes=14), Setting(BACKUP, 99), True),
        (Cause.STATE, timedelta(minutes=14), Setting(SELF, 100), True),
        # an absent part matches any: of what was not known nobody can say that it was not left
        (Cause.STATE, timedelta(minutes=14), Setting(BACKUP), False),
        (Cause.STATE, timedelta(minutes=14), Setting(), False),
        (Cause.TIME, timedelta(minutes=14), FULL, True),
        (Cause.GRID, timedelta(minutes=14), FULL, True),
        (Cause.OWNER, timedelta(minutes=14), FULL, True),
        (Cause.REPEAT, timedelta(minutes=14), FULL, True),
        (Cause.NO_EFFECT, timedelta(minutes=14), FULL, True),
    ],
)
def test_a_setting_that_was_just_left(
    cause: Cause, left: timedelta, previous: Setting, goes: bool
) -> None:
    situation = replace(SITUATION, writes=(PastWrite(NOW - left, EVERYDAY, previous, Cause.TIME),))
    found = verdict(cause=cause, situation=situation)
    assert isinstance(found, WriteNow) is goes
    assert all(
        re.search(r"was left at \d\d:\d\d UTC, less than 15 minutes ago$", blocker)
        for blocker in blockers(found)
    )


def test_dwell_looks_at_every_write_within_its_time() -> None:
    writes = (PastWrite(ago(minutes=9), EVERYDAY, FULL, Cause.TIME), *past(ago(minutes=3)))
    assert isinstance(
        verdict(cause=Cause.STATE, situation=replace(SITUATION, writes=writes)), Blocked
    )


def test_all_guards_that_object_are_told() -> None:
    situation = replace(SITUATION, writes=past(*[ago(minutes=1)] * 5))
    assert len(blockers(verdict(situation=situation, running=False, grid=None))) == 3


@pytest.mark.parametrize(
    ("wanted", "levers", "floor", "becomes"),
    [(0, Levers(), 5, 5), (81, GAP, 5, 80), (85, GAP, 85, 100), (20, Levers(), 5, 20)],
)
def test_what_is_written_is_legal(wanted: int, levers: Levers, floor: int, becomes: int) -> None:
    situation = replace(SITUATION, levers=levers, safety=Safety(floor, SAFE))
    found = verdict(Setting(BACKUP, wanted), situation=situation)
    assert isinstance(found, WriteNow)
    assert found.target.reserve == becomes


def test_a_value_that_had_to_be_made_legal_is_not_written_for_ever() -> None:
    situation = replace(SITUATION, levers=GAP)
    assert verdict(Setting(SELF, 90), situation=situation, reserve=AppPercent(80.0)) == InStep()


def test_an_uncertain_write_is_made_again_though_it_reads_back() -> None:
    shown = {"mode": BACKUP, "reserve": AppPercent(100.0)}
    assert verdict(**shown) == InStep()
    uncertain = replace(SITUATION, again=Again(FULL, Cause.REPEAT))
    assert verdict(situation=uncertain, **shown) == WriteNow(FULL, FULL, Cause.REPEAT)
    other = replace(SITUATION, again=Again(EVERYDAY, Cause.REPEAT))
    assert verdict(situation=other, **shown) == InStep()
    paused = replace(uncertain, paused_until=NOW + timedelta(seconds=1))
    assert isinstance(verdict(situation=paused, **shown), Blocked)


@pytest.mark.parametrize(
    ("desired", "seen", "unconfirmed", "expected"),
    [
        (WISH, {}, None, True),
        (Setting(SELF, 20), {}, None, False),
        (Setting(), {"mode": None}, None, False),
        (WISH, {"mode": None}, None, True),
        (WISH, {"reserve": None}, None, True),
        (Setting(SELF, 20), {}, EVERYDAY, True),
        (Setting(SELF, 20), {}, FULL, False),
        (Setting(BACKUP), {"reserve": None}, None, True),  # what goes with it is not known
    ],
)
def test_a_fresh_reading_is_worth_its_requests_where_a_write_may_be_due(
    desired: Setting, seen: dict[str, Any], unconfirmed: Setting | None, expected: bool
) -> None:
    again = Again(unconfirmed, Cause.REPEAT) if unconfirmed else None
    levers, limits = SITUATION.levers, SITUATION.safety.limits
    assert differs(desired, replace(QUIET, **seen), levers, limits, again) is expected


def test_where_what_goes_with_it_is_not_known_a_write_waits() -> None:
    found = verdict(Setting(BACKUP), reserve=None)
    assert found == Blocked(None, (Blocker("what the gateway is set to is not known"),))


@pytest.mark.parametrize(
    ("lost", "goes"),
    [
        (timedelta(minutes=59), False),
        (timedelta(hours=1), True),
        (timedelta(minutes=-59), False),
        (timedelta(hours=-1), True),  # the clock was set back since
    ],
)
def test_for_an_hour_after_a_gap_the_caps_count_as_spent(lost: timedelta, goes: bool) -> None:
    found = verdict(situation=replace(SITUATION, lost_until=NOW - lost))
    assert isinstance(found, WriteNow) is goes
