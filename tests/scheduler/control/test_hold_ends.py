"""Until when the owner's word holds, as a truth table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pretended import HOUR, LOS_ANGELES, local

from scheduler.control.hold import HoldRefused, end_of

ZONE = LOS_ANGELES
NOON, THREE = local("12:00"), local("15:00")


def on(month: int, day: int, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    """An instant of another month by the wall clock of the house."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE, fold=fold).astimezone(UTC)


SPRING, AUTUMN = on(3, 7, 20), on(11, 1, 1, 10)


@pytest.mark.parametrize(
    ("now", "until", "lasting", "end"),
    [
        (NOON, None, None, None),
        (NOON, "22:00", None, local("22:00")),
        (NOON, "12:00", None, local("12:00", 16)),
        (NOON, "07:30", None, local("07:30", 16)),
        (NOON, "24:00", None, local("00:00", 16)),
        (NOON, "2026-07-18 07:30", None, local("07:30", 18)),
        (NOON, "2026-07-15T20:00+00:00", None, datetime(2026, 7, 15, 20, tzinfo=UTC)),
        (NOON, None, "3h", THREE),
        (NOON, None, "90m", local("13:30")),
        (NOON, None, "8784h", NOON + 366 * 24 * HOUR),
        (SPRING, "07:00", None, on(3, 8, 7)),
        (SPRING, None, "12h", on(3, 8, 9)),
        (NOON, "3d", None, local("12:00", 18)),
        (NOON, None, "3d", local("12:00", 18)),
        (NOON, "tomorrow 07:30", None, local("07:30", 16)),
        (AUTUMN, "2026-11-01T01:30-07:00", None, on(11, 1, 1, 30)),
        (AUTUMN + HOUR / 2, "01:30", None, on(11, 1, 1, 30, fold=1)),
    ],
)
def test_until_when(
    now: datetime, until: str | None, lasting: str | None, end: datetime | None
) -> None:
    assert end_of(until, lasting, now, ZONE) == end


@pytest.mark.parametrize(
    ("now", "until", "lasting", "said"),
    [
        (NOON, "25:00", None, "until: must be a time like"),
        (NOON, "soon", None, 'until: must be a time like "16:05"'),
        (NOON, "", None, "until: must be a time like"),
        (NOON, "2026-02-30 10:00", None, "must be a time like"),
        (NOON, "2026-07-15 11:59", None, "over already: 2026-07-15 11:59"),
        (NOON, "2062-07-15 11:59", None, "more than a year away"),
        (NOON, "9999-12-31 23:59", None, "no year of ours"),
        (NOON, "0001-01-01 00:00", None, "no year of ours"),
        (NOON, None, "0m", "over already"),
        (NOON, None, "8785h", "more than a year away"),
        (NOON, None, "9000h", "more than a year away"),
        (NOON, None, "forever", "for: must be a duration"),
        (NOON, None, "9000w", "more than a year"),
        (NOON, "2h ago", None, "over already: 2026-07-15 10:00"),
        (NOON, "yesterday 16:05", None, "over already: 2026-07-14 16:05"),
        (NOON, "22:00", "3h", "not both"),
        (AUTUMN, "01:30", None, "twice on 1 November 2026; say which: 2026-11-01T01:30-07:00 or"),
        (SPRING, "02:30", None, "the clocks go forward over 02:30 on 8 March 2026"),
        (NOON, "2027-03-14 02:30", None, "the clocks go forward over 02:30 on 14 March 2027"),
    ],
)
def test_an_end_that_never_comes_is_refused(
    now: datetime, until: str | None, lasting: str | None, said: str
) -> None:
    with pytest.raises(HoldRefused) as refusal:
        end_of(until, lasting, now, ZONE)
    assert said in str(refusal.value)
