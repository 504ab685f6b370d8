"""Local time, above all on the nights when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Days, Season, Span, Window, moment, spans, stretches
from rules.calendar.days import season_of
from rules.calendar.local_time import merged, midnight
from rules.language.parsing import (
    parse_days,
    parse_duration,
    parse_holidays,
    parse_month_day,
    parse_season,
    parse_time,
    parse_window,
)

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
ZONES = (
    "America/Los_Angeles",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # half an hour
    "America/Santiago",  # at midnight: one day a year begins at 01:00
    "Asia/Beirut",  # as above, and the autumn's day has its last hour twice
    "America/Havana",  # the autumn's day has its first hour twice
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "UTC",
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
dates = st.dates(date(2015, 1, 1), date(2036, 12, 31))
minutes = st.integers(0, 1439)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "minute"),
    [("00:00", 0), ("00:01", 1), ("07:15", 435), ("23:59", 1439), ("24:00", 1440)],
)
def test_times(text: str, minute: int) -> None:
    assert parse_time(text) == minute


@pytest.mark.parametrize(
    "text", ["", "7:15", "24:01", "25:00", "12:60", "12.30", "12:30 ", "noon", "१२:३०"]
)
def test_bad_times(text: str) -> None:
    with pytest.raises(ValueError, match='must be a time of day like "16:00"'):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "window", "parts"),
    [
        ("16:00-21:00", Window(960, 1260), [(960, 1260), None]),
        ("16:00 - 21:00", Window(960, 1260), [(960, 1260), None]),
        ("22:05-07:55", Window(1325, 475, 1), [(1325, 1440), (0, 475), None]),
        ("22:00-00:00", Window(1320, 1440), [(1320, 1440), None]),
        ("22:00-24:00", Window(1320, 1440), [(1320, 1440), None]),
        ("00:00-24:00", Window(0, 1440), [(0, 1440), None]),
        (
            "fri 17:00 - sun 20:00",
            Window(1020, 1200, 2, 4),
            [(1020, 1440), (0, 1440), (0, 1200), None],
        ),
        ("sun 22:00 - mon 06:00", Window(1320, 360, 1, 6), [(1320, 1440), (0, 360), None]),
        ("sat 08:00 - sat 24:00", Window(480, 1440, 0, 5), [(480, 1440), None]),
        ("sat 08:00 - sun 00:00", Window(480, 0, 1, 5), [(480, 1440), None]),
    ],
)
def test_windows(text: str, window: Window, parts: list[tuple[int, int] | None]) -> None:
    assert parse_window(text) == window
    assert [window.on(after) for after in range(len(parts))] == parts


@pytest.mark.parametrize("text", ["16:00", "16:00-", "-16:00", "16:00..21:00", "4pm-9pm"])
def test_bad_windows(text: str) -> None:
    with pytest.raises(ValueError, match="must be a"):
        parse_window(text)


@pytest.mark.parametrize("text", ["16:00-16:00", "00:00-00:00", "24:00-06:00"])
def test_empty_windows(text: str) -> None:
    with pytest.raises(ValueError, match="is empty"):
        parse_window(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("90s", 90), ("45m", 2_700), ("2h", 7_200), ("9999s", 9_999)]
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "1.5h", "-5m", "5min", "1h30m", "10000s"])
def test_bad_durations(text: str) -> None:
    with pytest.raises(ValueError, match='must be a duration like "45m"'):
        parse_duration(text)


WEEK = "mtwtfss"


@pytest.mark.parametrize(
    ("words", "on", "on_holidays"),
    [
        # on: on which days of an ordinary week; on_holidays: and if each were a holiday
        ("mon", "m------", "m------"),
        ("weekdays", "mtwtf--", "mtwtf--"),
        ("workdays", "mtwtf--", "-------"),
        ("weekends", "-----ss", "-----ss"),
        ("holidays", "-------", "mtwtfss"),
        ("mon..fri", "mtwtf--", "mtwtf--"),
        ("fri..mon", "m---fss", "m---fss"),
        ("wed..wed", "--w----", "--w----"),
        ("sun..sat", "mtwtfss", "mtwtfss"),
        (["mon", "sun"], "m-----s", "m-----s"),
        (["weekends", "holidays"], "-----ss", "mtwtfss"),
        (["workdays", "holidays"], "mtwtf--", "mtwtfss"),
        (["workdays", "sat"], "mtwtfs-", "-----s-"),
    ],
)
def test_days_are_a_union(words: str | list[str], on: str, on_holidays: str) -> None:
    days = parse_days(words)
    monday = date(2026, 7, 6)
    for holiday, expected in ((False, on), (True, on_holidays)):
        included = [days.include(monday + timedelta(n), holiday=holiday) for n in range(7)]
        shown = (letter if yes else "-" for letter, yes in zip(WEEK, included, strict=True))
        assert "".join(shown) == expected


@pytest.mark.parametrize("words", ["", "Mon", "monday", "mon-fri", "mon..", "..fri", "mon..fri..s"])
def test_bad_days(words: str) -> None:
    with pytest.raises(ValueError, match=f'unknown day "{words}"; say "mon" to "sun"'):
        parse_days(words)


@pytest.mark.parametrize(
    ("season", "day", "inside"),
    [
        ("06-01..09-30", "05-31", False),
        ("06-01..09-30", "06-01", True),
        ("06-01..09-30", "09-30", True),
        ("06-01..09-30", "10-01", False),
        ("10-01..05-31", "09-30", False),
        ("10-01..05-31", "10-01", True),
        ("10-01..05-31", "12-31", True),
        ("10-01..05-31", "01-01", True),
        ("10-01..05-31", "02-29", True),
        ("10-01..05-31", "05-31", True),
        ("10-01..05-31", "06-01", False),
        ("12-25..12-25", "12-25", True),
        ("12-25..12-25", "12-26", False),
    ],
)
def test_seasons(season: str, day: str, inside: bool) -> None:
    assert parse_season(season).includes(date.fromisoformat(f"2028-{day}")) is inside


@pytest.mark.parametrize("text", ["06-01", "06-01..", "6-1..9-30", "06-31..09-30", "13-01..02-01"])
def test_bad_seasons(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be two days|there is no day"):
        parse_season(text)


def test_season_of_a_day() -> None:
    seasons = {"summer": Season((6, 1), (9, 30)), "winter": Season((10, 1), (5, 31))}
    assert season_of(date(2026, 9, 30), seasons) == "summer"
    assert season_of(date(2026, 10, 1), seasons) == "winter"
    assert season_of(date(2026, 10, 1), {"summer": seasons["summer"]}) is None


def test_the_29th_of_february_is_a_day_of_some_years() -> None:
    assert parse_month_day("02-29") == (2, 29)


SCE_HOLIDAYS = (
    "01-01", "3rd-mon-feb", "last-mon-may", "07-04",
    "1st-mon-sep", "11-11", "4th-thu-nov", "12-25",
)  # fmt: skip


@pytest.mark.parametrize(
    ("year", "days"),
    [
        # From the printed calendars of these years; a second date is the Monday after a Sunday.
        (2024, "01-01 02-19 05-27 07-04 09-02 11-11 11-28 12-25"),
        (2025, "01-01 02-17 05-26 07-04 09-01 11-11 11-27 12-25"),
        (2026, "01-01 02-16 05-25 07-04 09-07 11-11 11-26 12-25"),
        (2027, "01-01 02-15 05-31 07-04 07-05 09-06 11-11 11-25 12-25"),
        (2028, "01-01 02-21 05-29 07-04 09-04 11-11 11-23 12-25"),
        (2029, "01-01 02-19 05-28 07-04 09-03 11-11 11-12 11-22 12-25"),
        (2030, "01-01 02-18 05-27 07-04 09-02 11-11 11-28 12-25"),
        (2033, "01-01 02-21 05-30 07-04 09-05 11-11 11-24 12-25 12-26"),
    ],
)
def test_holidays_by_rule(year: int, days: str) -> None:
    holidays = parse_holidays(SCE_HOLIDAYS, sunday_to_monday=True)
    every_day = (date(year, 1, 1) + timedelta(n) for n in range(365 + (year % 4 == 0)))
    assert " ".join(f"{day:%m-%d}" for day in every_day if day in holidays) == days


def test_a_monday_after_a_sunday_holiday_is_one_only_where_the_rule_says_so() -> None:
    assert date(2027, 7, 5) not in parse_holidays(["07-04"], sunday_to_monday=False)
    assert date(2022, 12, 31) not in parse_holidays(["01-01"], sunday_to_monday=True)
    assert date(2023, 1, 2) in parse_holidays(["01-01"], sunday_to_monday=True)


@pytest.mark.parametrize(
    ("day", "instead_of"),
    [
        # As PG&E's tables of export credits have it.
        ("2026-07-03", "2026-07-04"),
        ("2027-07-05", "2027-07-04"),
        ("2027-12-24", "2027-12-25"),
        ("2027-12-31", "2028-01-01"),
        ("2026-07-02", None),
        ("2026-12-25", None),
    ],
)
def test_a_holiday_at_the_weekend_may_move_both_ways(day: str, instead_of: str | None) -> None:
    both = parse_holidays(SCE_HOLIDAYS, sunday_to_monday=True, saturday_to_friday=True)
    found = both.instead_of(date.fromisoformat(day))
    assert found == (instead_of and date.fromisoformat(instead_of))
    if instead_of:
        assert date.fromisoformat(day) in both
        assert date.fromisoformat(day) not in parse_holidays(SCE_HOLIDAYS, sunday_to_monday=False)


@pytest.mark.parametrize("text", ["6th-mon-feb", "3rd-monday-feb", "02-30", "easter", "last-mon"])
def test_bad_holidays(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a month and day|there is no day"):
        parse_holidays([text], sunday_to_monday=True)


@pytest.mark.parametrize(
    ("zone", "day", "hours", "parts"),
    [
        # parts: wall minutes of each stretch of the day
        ("America/Los_Angeles", "2026-07-01", 24, [(0, 1440)]),
        ("America/Los_Angeles", "2026-03-08", 23, [(0, 120), (180, 1440)]),
        ("America/Los_Angeles", "2026-11-01", 25, [(0, 120), (60, 1440)]),
        ("Europe/London", "2026-03-29", 23, [(0, 60), (120, 1440)]),
        ("Europe/London", "2026-10-25", 25, [(0, 120), (60, 1440)]),
        ("Australia/Sydney", "2026-10-04", 23, [(0, 120), (180, 1440)]),
        ("Australia/Sydney", "2026-04-05", 25, [(0, 180), (120, 1440)]),
        ("Australia/Lord_Howe", "2026-10-04", 23.5, [(0, 120), (150, 1440)]),
        ("Australia/Lord_Howe", "2026-04-05", 24.5, [(0, 120), (90, 1440)]),
        ("America/Santiago", "2026-09-06", 23, [(60, 1440)]),
        ("America/Santiago", "2026-04-04", 25, [(0, 1440), (1380, 1440)]),
        ("America/Havana", "2026-11-01", 25, [(0, 60), (0, 1440)]),
    ],
)
def test_stretches_around_a_clock_change(
    zone: str, day: str, hours: float, parts: list[tuple[int, int]]
) -> None:
    found = stretches(date.fromisoformat(day), ZoneInfo(zone))
    assert [(each.first_minute, each.last_minute) for each in found] == parts
    assert sum(each.last_minute - each.first_minute for each in found) == 60 * hours


@pytest.mark.parametrize(
    ("zone", "day", "window", "expected"),
    [
        # Spring: what lies in the missing hour is not there, what touches it is cut.
        ("America/Los_Angeles", "2026-03-08", (130, 170), []),
        ("America/Los_Angeles", "2026-03-08", (60, 150), [("09:00", "10:00")]),
        ("America/Los_Angeles", "2026-03-08", (60, 240), [("09:00", "11:00")]),
        # Autumn: what lies in the doubled hour is there twice, what spans it is longer.
        ("America/Los_Angeles", "2026-11-01", (70, 100), [("08:10", "08:40"), ("09:10", "09:40")]),
        ("America/Los_Angeles", "2026-11-01", (60, 120), [("08:00", "10:00")]),
        ("America/Los_Angeles", "2026-11-01", (30, 90), [("07:30", "08:30"), ("09:00", "09:30")]),
        ("America/Los_Angeles", "2026-11-01", (0, 240), [("07:00", "12:00")]),
        ("Europe/London", "2026-03-29", (60, 120), []),
        ("Australia/Lord_Howe", "2026-10-04", (120, 150), []),
        ("America/Santiago", "2026-09-06", (0, 60), []),
        ("America/Santiago", "2026-09-06", (0, 61), [("04:00", "04:01")]),
    ],
)
def test_spans_around_a_clock_change(
    zone: str, day: str, window: tuple[int, int], expected: list[tuple[str, str]]
) -> None:
    found = spans(date.fromisoformat(day), [window], ZoneInfo(zone))
    assert [(f"{span.start:%H:%M}", f"{span.end:%H:%M}") for span in found] == expected


@pytest.mark.parametrize(
    ("zone", "day", "minute", "instant"),
    [
        ("America/Los_Angeles", "2026-03-08", 119, "2026-03-08T09:59"),
        # These two do not exist: the next instant that does.
        ("America/Los_Angeles", "2026-03-08", 120, "2026-03-08T10:00"),
        ("America/Los_Angeles", "2026-03-08", 150, "2026-03-08T10:00"),
        ("America/Los_Angeles", "2026-03-08", 180, "2026-03-08T10:00"),
        ("America/Los_Angeles", "2026-03-08", 181, "2026-03-08T10:01"),
        # The first of two.
        ("America/Los_Angeles", "2026-11-01", 90, "2026-11-01T08:30"),
        ("America/Los_Angeles", "2026-11-01", 120, "2026-11-01T10:00"),
        ("Europe/London", "2026-10-25", 90, "2026-10-25T00:30"),
        ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03T15:30"),
        ("America/Santiago", "2026-09-06", 0, "2026-09-06T04:00"),
        ("America/Santiago", "2026-04-04", 1410, "2026-04-05T02:30"),
        ("America/Havana", "2026-11-01", 30, "2026-11-01T04:30"),
        ("America/Los_Angeles", "2026-03-08", 1440, "2026-03-09T07:00"),
    ],
)
def test_moments_around_a_clock_change(zone: str, day: str, minute: int, instant: str) -> None:
    assert moment(date.fromisoformat(day), minute, ZoneInfo(zone)) == utc(instant)


@given(dates, zones)
def test_a_whole_day_is_covered_exactly(day: date, zone: ZoneInfo) -> None:
    end = midnight(day + timedelta(days=1), zone)
    assert spans(day, [(0, 1440)], zone) == [Span(midnight(day, zone), end)]


@settings(max_examples=400)
@given(dates, minutes, zones)
def test_a_moment_is_on_its_day_at_its_minute_where_that_exists(
    day: date, minute: int, zone: ZoneInfo
) -> None:
    instant = moment(day, minute, zone)
    local = instant.astimezone(zone)
    wall = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    exists = wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    assert local.date() == day
    if exists:
        assert instant == wall.astimezone(UTC)
    else:
        before = (instant - timedelta(minutes=1)).astimezone(zone)
        assert before.replace(tzinfo=None) < wall.replace(tzinfo=None)
        assert local.replace(tzinfo=None) > wall.replace(tzinfo=None)


@given(dates, minutes, minutes, zones)
def test_a_window_is_open_in_exactly_its_wall_minutes(
    day: date, start: int, end: int, zone: ZoneInfo
) -> None:
    opened = spans(day, [(start, end)], zone)
    instant, last = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    while instant < last:
        local = instant.astimezone(zone)
        inside = start <= local.hour * 60 + local.minute < end
        assert any(span.start <= instant < span.end for span in opened) is inside
        instant += timedelta(minutes=7)


def test_touching_and_overlapping_time_becomes_one() -> None:
    def span(first: int, last: int) -> Span:
        noon = utc("2026-07-01T12:00")
        return Span(noon + timedelta(minutes=first), noon + timedelta(minutes=last))

    assert merged([span(30, 40), span(0, 10), span(10, 20), span(5, 8), span(35, 50)]) == [
        span(0, 20),
        span(30, 50),
    ]


def test_no_day_is_no_days() -> None:
    assert not any(Days().include(date(2026, 7, 6) + timedelta(n), holiday=True) for n in range(7))
