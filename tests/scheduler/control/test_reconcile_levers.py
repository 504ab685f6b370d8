"""Reconciling on a route with more levers than mode and reserve, and finding out what it allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import BACKUP, EVERY_LEVER, EVERYDAY, FULL, NOW, QUIET, SAFETY, SELF, UNREADABLE

from rules.domain import Export, GridStatus, Mode, Part, Quantity, Setting
from rules.resolve import Levers
from scheduler.control.reconcile import (
    Blocked,
    Blocker,
    InStep,
    Situation,
    Verdict,
    WriteNow,
    probe,
    reconcile,
)
from scheduler.domain import Cause, PastWrite, Safety

FOUR = replace(QUIET, grid_charging=False, export=Export.SOLAR)
"""What a route with four levers reads."""

EACH = Situation(NOW, FOUR, EVERY_LEVER, SAFETY, timedelta(minutes=1), (), writes_a_day=24)
SITUATION = replace(EACH, observation=QUIET, levers=Levers())
ON, OFF = Setting(grid_charging=True), Setting(grid_charging=False)
NEVER, SOLAR = Setting(export=Export.NEVER), Setting(export=Export.SOLAR)


def ago(**passed: float) -> datetime:
    return NOW - timedelta(**passed)


def verdict(desired: Setting, situation: Situation = EACH) -> Verdict:
    return reconcile(desired, frozenset(), Cause.TIME, situation)


def blockers(found: Verdict) -> tuple[str, ...]:
    return tuple(each.text for each in found.blockers) if isinstance(found, Blocked) else ()


@pytest.mark.parametrize(
    ("desired", "written", "previous"),
    [
        (Setting(SELF, 20, grid_charging=False, export=Export.SOLAR), None, None),
        (OFF, None, None),
        (SOLAR, None, None),
        (ON, ON, OFF),
        (NEVER, NEVER, SOLAR),
        (FULL, FULL, EVERYDAY),
        (FULL.over(ON), FULL.over(ON), EVERYDAY.over(OFF)),
        (Setting(BACKUP).over(OFF), Setting(BACKUP, 20).over(OFF), EVERYDAY.over(OFF)),
        (EVERYDAY.over(NEVER), EVERYDAY.over(NEVER), EVERYDAY.over(SOLAR)),
    ],
)
def test_the_parts_that_are_written_have_what_was_there_before(
    desired: Setting, written: Setting | None, previous: Setting | None
) -> None:
    found = verdict(desired)
    expected = InStep() if written is None else WriteNow(written, previous or Setting(), Cause.TIME)
    assert found == expected


@pytest.mark.parametrize(
    ("desired", "old", "blocker"),
    [
        (FULL, Quantity.MODE, "mode"),
        (FULL, Quantity.GRID_CHARGING, ""),
        (FULL, Quantity.EXPORT, ""),
        (ON, Quantity.GRID_CHARGING, "grid_charging"),
        (ON, Quantity.MODE, ""),
        (ON, Quantity.RESERVE, ""),
        (ON, Quantity.GRID, "grid"),
        (ON, Quantity.RUNNING, "running"),
        (NEVER, Quantity.EXPORT, "export"),
        (NEVER, Quantity.GRID_CHARGING, ""),
    ],
)
def test_only_the_parts_that_are_written_must_be_fresh(
    desired: Setting, old: Quantity, blocker: str
) -> None:
    seen = replace(FOUR, earlier={old: ago(minutes=2)})
    found = verdict(desired, replace(EACH, observation=seen))
    assert blockers(found) == ((f"{blocker} was last read at 19:58:00 UTC",) if blocker else ())


@pytest.mark.parametrize(
    ("levers", "desired", "goes"),
    [
        (EVERY_LEVER, ON, False),  # it can be read, and was not
        (EVERY_LEVER, NEVER, False),
        (EVERY_LEVER, FULL, True),
        (UNREADABLE, ON, True),
        (UNREADABLE, NEVER, True),
        (UNREADABLE, FULL.over(ON).over(NEVER), True),
    ],
)
def test_a_part_that_can_be_read_must_have_been(
    levers: Levers, desired: Setting, goes: bool
) -> None:
    found = verdict(desired, replace(SITUATION, levers=levers))
    if goes:
        assert isinstance(found, WriteNow)
        assert (found.target, found.previous.grid_charging) == (desired, None)
    else:
        assert found == Blocked(None, (Blocker("what the gateway is set to is not known"),))


@pytest.mark.parametrize(
    ("wanted", "previous", "desired", "goes"),
    [
        (ON, OFF, OFF, False),
        (ON, OFF, ON, True),  # it is where it was going
        (NEVER, SOLAR, SOLAR, False),
        (FULL.over(ON), EVERYDAY.over(OFF), EVERYDAY.over(OFF), False),
        (FULL.over(ON), EVERYDAY.over(OFF), EVERYDAY, False),
        (FULL.over(ON), EVERYDAY.over(OFF), OFF, False),
        (FULL.over(ON), EVERYDAY.over(OFF), EVERYDAY.over(ON), True),  # this was never there
        (FULL, EVERYDAY, OFF, True),  # grid charging was not written then
    ],
)
def test_dwell_compares_whole_settings(
    wanted: Setting, previous: Setting, desired: Setting, goes: bool
) -> None:
    other = replace(FOUR, mode=Mode.AUTONOMOUS, grid_charging=not desired.grid_charging)
    other = replace(other, export=Export.BATTERY)
    writes = (PastWrite(ago(minutes=5), wanted, previous, Cause.TIME),)
    situation = replace(EACH, observation=other, writes=writes)
    found = reconcile(desired, frozenset(), Cause.STATE, situation)
    assert isinstance(found, WriteNow) is goes


# --- finding out whether this account may write -------------------------------------------------


@pytest.mark.parametrize(
    ("levers", "written_back"),
    [
        (Levers(), EVERYDAY),
        (EVERY_LEVER, EVERYDAY),
        (UNREADABLE, EVERYDAY),
        (
            replace(EVERY_LEVER, together=frozenset(Part)),
            Setting(SELF, 20, grid_charging=False, export=Export.SOLAR),
        ),
        (replace(EVERY_LEVER, together=frozenset()), EVERYDAY),
        (replace(Levers(), together=frozenset(Part)), EVERYDAY),  # it has no lever for the others
    ],
)
def test_parts_that_go_together_are_written_back_or_mode_and_reserve(
    levers: Levers, written_back: Setting
) -> None:
    situation = replace(SITUATION, levers=levers, observation=FOUR)
    assert probe(situation) == WriteNow(written_back, written_back, Cause.PROBE)


@pytest.mark.parametrize(
    ("seen", "situation"),
    [
        ({"mode": None}, {}),
        ({"reserve": None}, {}),
        ({"grid": None}, {}),
        ({"grid": GridStatus.ISLANDED}, {}),
        ({"grid": GridStatus.TRANSITION_TO_GRID}, {}),
        ({"running": None}, {}),
        ({"running": False}, {}),
        ({"grid_services": True}, {}),
        ({"mode": Mode.AUTONOMOUS}, {}),
        ({"earlier": {Quantity.RESERVE: ago(minutes=2)}}, {}),
        ({"earlier": {Quantity.GRID: ago(minutes=2)}}, {}),
        ({}, {"overridden": "somebody else set it"}),
        ({}, {"updating": True}),
        ({}, {"paused_until": NOW + timedelta(seconds=1)}),
        ({}, {"writes": (PastWrite(ago(minutes=1), FULL, EVERYDAY, Cause.TIME),) * 6}),
        ({}, {"lost_until": ago(minutes=59)}),
    ],
)
def test_nothing_is_written_back_where_anything_objects(
    seen: dict[str, Any], situation: dict[str, Any]
) -> None:
    assert probe(SITUATION) is not None
    assert probe(replace(SITUATION, observation=replace(QUIET, **seen), **situation)) is None


# --- the last write of an hour --------------------------------------------------------------------

SAFE_4 = Setting(SELF, 20, grid_charging=False, export=Export.SOLAR)


@pytest.mark.parametrize(
    ("safe", "desired", "goes"),
    [
        (SAFE_4, SAFE_4, True),
        (SAFE_4, EVERYDAY, True),
        (SAFE_4, OFF, True),
        (SAFE_4, ON, False),
        (SAFE_4, EVERYDAY.over(ON), False),
        (SAFE_4, NEVER, False),
        (EVERYDAY, EVERYDAY, True),
        (EVERYDAY, SAFE_4, True),  # what it does not name goes on by the rules
        (EVERYDAY, FULL, False),
        # nothing of it is the safe state's
        (EVERYDAY, ON, False),
        (EVERYDAY, NEVER, False),
        (Setting(), FULL, False),
    ],
)
def test_the_last_write_of_an_hour_is_kept_for_the_safe_state(
    safe: Setting, desired: Setting, goes: bool
) -> None:
    other = replace(FOUR, mode=Mode.AUTONOMOUS, export=Export.BATTERY)
    other = replace(other, grid_charging=not desired.grid_charging)
    writes = (PastWrite(ago(minutes=30), FULL, EVERYDAY, Cause.TIME),) * 5
    situation = replace(EACH, observation=other, writes=writes, safety=Safety(5, safe))
    found = verdict(desired, situation)
    assert isinstance(found, WriteNow) is goes
    assert blockers(found) == (() if goes else ("5 of 6 writes in the last hour",))
