"""Whose setting it is, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Quantity, Setting
from scheduler.control.override import (
    LONGEST,
    STORM,
    STORM_MAX,
    Override,
    Owned,
    foreign,
    nobodys,
    over,
    respected,
)
from scheduler.domain import Capabilities, OverrideEnd

SINCE = datetime(2026, 7, 15, 21, tzinfo=UTC)
LATER = SINCE + timedelta(minutes=10)
HOLD_MAX = timedelta(hours=12)
OURS = Setting(Mode.SELF_CONSUMPTION, 20)
THEIRS = Setting(Mode.SELF_CONSUMPTION, 60)
OWNED = Owned(OURS, SINCE, "1.49.0", "2026-07-01 08:00:00")


def reads(setting: Setting | None, *, at: datetime = LATER) -> Observation:
    """A whole reading that shows a setting; `None`: that shows none."""
    there = setting or Setting()
    return Observation(
        at,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        mode=there.mode,
        reserve=None if there.reserve is None else AppPercent(there.reserve),
        grid_charging=there.grid_charging,
        export=there.export,
        running=True,
        firmware="1.49.0",
    )


def route(firmware: str | None = "1.49.0", started: str | None = OWNED.started) -> Capabilities:
    return Capabilities("installer", firmware, started)


@pytest.mark.parametrize(
    ("observation", "found"),
    [
        (reads(OURS), None),
        (reads(THEIRS), THEIRS),
        (reads(STORM), STORM),
        (reads(None), None),
        (replace(reads(THEIRS), mode=None), None),
        (replace(reads(OURS), reserve=AppPercent(20.5)), None),  # rounded by the gateway
        (replace(reads(OURS), reserve=AppPercent(20.6)), Setting(OURS.mode, 21)),
        (replace(reads(THEIRS), running=False), None),  # it stands: nobody chose that
        (replace(reads(THEIRS), running=None), None),
        (reads(THEIRS, at=SINCE), None),  # as old as our own read-back
        (replace(reads(THEIRS), earlier={Quantity.RESERVE: SINCE}), None),
    ],
)
def test_what_stands_in_the_place_of_ours(observation: Observation, found: Setting | None) -> None:
    assert foreign(OWNED, observation, route()) == found


@pytest.mark.parametrize(
    ("firmware", "started", "services", "nobody"),
    [
        ("1.49.0", OWNED.started, False, False),
        ("1.49.0", "2026-07-15 21:05:00", False, True),
        ("1.50.1", OWNED.started, False, True),
        ("1.49.0", OWNED.started, True, True),
        ("1.49.0", OWNED.started, None, False),
        (None, None, False, False),  # a gateway that does not say is no other gateway
    ],
)
def test_when_it_is_nobody_s(
    firmware: str | None, started: str | None, services: bool | None, nobody: bool
) -> None:
    reading = replace(reads(THEIRS), grid_services=services)
    assert nobodys(OWNED, reading, route(firmware, started)) is nobody
    if services is not True:
        unknown = replace(OWNED, firmware=None, started=None)
        assert nobodys(unknown, reading, route(firmware, started)) is False


def override(found: Setting = THEIRS, span: timedelta = HOLD_MAX) -> Override:
    return Override(OURS, found, SINCE, SINCE + span)


@pytest.mark.parametrize(
    ("found", "last", "pause", "span"),
    [
        (THEIRS, None, timedelta(0), HOLD_MAX),
        (THEIRS, override(), timedelta(minutes=1), 2 * HOLD_MAX),
        (THEIRS, override(), HOLD_MAX - timedelta(seconds=1), 2 * HOLD_MAX),
        (THEIRS, override(), HOLD_MAX, HOLD_MAX),  # long ago
        (OURS, override(), timedelta(minutes=1), 2 * HOLD_MAX),
        (THEIRS, override(span=4 * HOLD_MAX), timedelta(0), LONGEST * HOLD_MAX),
        (THEIRS, override(span=8 * HOLD_MAX), timedelta(0), LONGEST * HOLD_MAX),
        (STORM, None, timedelta(0), STORM_MAX),
        (STORM, override(STORM, STORM_MAX), timedelta(0), STORM_MAX),
    ],
)
def test_how_long_it_is_respected(
    found: Setting, last: Override | None, pause: timedelta, span: timedelta
) -> None:
    now = (last.until if last else SINCE) + pause
    begun = respected(OURS, found, now, last, HOLD_MAX)
    assert (begun.ours, begun.found, begun.began) == (OURS, found, now)
    assert begun.span == span


@pytest.mark.parametrize(
    ("found", "shown", "after", "why"),
    [
        (THEIRS, THEIRS, timedelta(hours=1), None),
        (THEIRS, None, timedelta(hours=1), None),
        (THEIRS, OURS, timedelta(hours=1), OverrideEnd.SET_BACK),
        (THEIRS, FULL := Setting(Mode.BACKUP, 60), timedelta(hours=1), None),
        (THEIRS, THEIRS, HOLD_MAX - timedelta(seconds=1), None),
        (THEIRS, THEIRS, HOLD_MAX, OverrideEnd.RAN_OUT),
        (THEIRS, None, HOLD_MAX, OverrideEnd.RAN_OUT),
        (STORM, STORM, timedelta(hours=1), None),
        (STORM, None, timedelta(hours=1), None),
        (STORM, OURS, timedelta(hours=1), OverrideEnd.STORM_OVER),
        (STORM, FULL, timedelta(hours=1), OverrideEnd.STORM_OVER),
    ],
)
def test_when_it_is_over(
    found: Setting, shown: Setting | None, after: timedelta, why: OverrideEnd | None
) -> None:
    now = SINCE + after
    assert over(override(found), reads(shown, at=now), now) is why


# --- all parts ----------------------------------------------------------------------------------

OURS_4 = Setting(Mode.SELF_CONSUMPTION, 20, grid_charging=False, export=Export.SOLAR)
BUYS = replace(OURS_4, grid_charging=True)
SELLS = replace(OURS_4, export=Export.BATTERY)
STORM_4 = STORM.over(OURS_4)
OFF = Setting(grid_charging=False)


@pytest.mark.parametrize(
    ("ours", "shown", "found"),
    [
        (OURS_4, OURS_4, None),
        (OURS_4, BUYS, BUYS),
        (OURS_4, SELLS, SELLS),
        (OURS_4, STORM_4, STORM_4),
        (OURS_4, replace(BUYS, export=None), None),  # the whole of it has to be read
        (OURS_4, replace(SELLS, grid_charging=None), None),
        # what was not set by us may be set by anybody
        (OURS, SELLS, None),
        (OURS, STORM_4, STORM),
        (OFF, BUYS, Setting(grid_charging=True)),
        (OFF, STORM_4, None),
    ],
)
def test_a_change_of_any_part_of_ours_is_noticed(
    ours: Setting, shown: Setting, found: Setting | None
) -> None:
    owned = replace(OWNED, setting=ours)
    reading = replace(reads(shown), reserve=AppPercent(shown.reserve or 20))
    assert foreign(owned, reading, route()) == found


@pytest.mark.parametrize(
    ("found", "storm"),
    [
        (STORM, True),
        (STORM_4, True),
        (replace(STORM_4, grid_charging=True), True),
        (BUYS, False),
        (Setting(Mode.BACKUP, 99), False),
        (Setting(Mode.SELF_CONSUMPTION, 100), False),
        (Setting(grid_charging=True), False),
    ],
)
def test_storm_watch_is_known_by_mode_and_reserve_whatever_else(
    found: Setting, storm: bool
) -> None:
    assert override(found).storm is storm
    begun = respected(OURS_4, found, SINCE, None, HOLD_MAX)
    assert begun.span == (STORM_MAX if storm else HOLD_MAX)


@pytest.mark.parametrize(
    ("found", "shown", "why"),
    [
        (BUYS, BUYS, None),
        (BUYS, OURS_4, OverrideEnd.SET_BACK),
        (BUYS, SELLS, None),
        (STORM_4, STORM_4, None),
        (STORM_4, replace(STORM_4, grid_charging=True), None),  # only that is set differently
        (STORM_4, replace(STORM_4, reserve=60), OverrideEnd.STORM_OVER),
        (STORM_4, OURS_4, OverrideEnd.STORM_OVER),
    ],
)
def test_when_a_change_of_four_parts_is_over(
    found: Setting, shown: Setting, why: OverrideEnd | None
) -> None:
    respected_now = Override(OURS_4, found, SINCE, SINCE + HOLD_MAX)
    assert over(respected_now, reads(shown, at=LATER), LATER) is why
