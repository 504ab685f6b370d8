"""Whose setting it is, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.domain import AppPercent, GridStatus, Mode, Observation, Quantity, Setting
from scheduler.ownership import (
    LONGEST,
    RAN_OUT,
    SET_BACK,
    STORM,
    STORM_MAX,
    STORM_OVER,
    Override,
    Owned,
    foreign,
    nobodys,
    over,
    respected,
)

SINCE = datetime(2026, 7, 15, 21, tzinfo=UTC)
LATER = SINCE + timedelta(minutes=10)
HOLD_MAX = timedelta(hours=12)
OURS = Setting(Mode.SELF_CONSUMPTION, 20)
THEIRS = Setting(Mode.SELF_CONSUMPTION, 60)
OWNED = Owned(OURS, SINCE, "1.49.0", "2026-07-01 08:00:00")


def reads(setting: Setting | None, *, at: datetime = LATER) -> Observation:
    mode, reserve = (setting.mode, AppPercent(setting.reserve)) if setting else (None, None)
    return Observation(
        at,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        mode=mode,
        reserve=reserve,
        running=True,
        firmware="1.49.0",
    )


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
    assert foreign(OWNED, observation) == found


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
    assert nobodys(OWNED, reading, firmware, started) is nobody
    if services is not True:
        unknown = replace(OWNED, firmware=None, started=None)
        assert nobodys(unknown, reading, firmware, started) is False


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
        (THEIRS, OURS, timedelta(hours=1), SET_BACK),
        (THEIRS, FULL := Setting(Mode.BACKUP, 60), timedelta(hours=1), None),
        (THEIRS, THEIRS, HOLD_MAX - timedelta(seconds=1), None),
        (THEIRS, THEIRS, HOLD_MAX, RAN_OUT),
        (THEIRS, None, HOLD_MAX, RAN_OUT),
        (STORM, STORM, timedelta(hours=1), None),
        (STORM, None, timedelta(hours=1), None),
        (STORM, OURS, timedelta(hours=1), STORM_OVER),
        (STORM, FULL, timedelta(hours=1), STORM_OVER),
    ],
)
def test_when_it_is_over(
    found: Setting, shown: Setting | None, after: timedelta, why: str | None
) -> None:
    now = SINCE + after
    assert over(override(found), reads(shown, at=now), now) == why
