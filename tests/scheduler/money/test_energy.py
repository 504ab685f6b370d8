"""What interval data must be to be worked with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.money import IntervalData, MeteredEnergy

ZONE = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 3, 8, tzinfo=ZONE)
HOUR = timedelta(hours=1)


def test_intervals_follow_one_another_in_utc_over_a_clock_change() -> None:
    data = IntervalData(START, HOUR, ZONE, [500.0] * 23, [0.0] * 23)
    assert data.start.tzinfo is UTC
    assert data.end.astimezone(ZONE) == datetime(2026, 3, 9, tzinfo=ZONE)
    assert [at.astimezone(ZONE).hour for at in data.times()][:4] == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("start", "step", "load", "solar", "wrong"),
    [
        (datetime(2026, 1, 1), HOUR, [1.0], [0.0], "aware"),  # noqa: DTZ001 -- refused
        (START, timedelta(minutes=7), [1.0], [0.0], "divides an hour, got 0:07:00"),
        (START, timedelta(hours=2), [1.0], [0.0], "1 to 60 minutes"),
        (START, HOUR, [1.0, 2.0], [0.0], "as many intervals"),
        (START, HOUR, [-1.0], [0.0], "0 or more"),
        (START, HOUR, [1.0], [float("nan")], "0 or more"),
    ],
)
def test_what_cannot_be_is_refused(
    start: datetime, step: timedelta, load: list[float], solar: list[float], wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong):
        IntervalData(start, step, ZONE, load, solar)
    with pytest.raises(ValueError, match=wrong):
        MeteredEnergy(start, step, load, solar)
