"""Moments and spans in arguments, as truth tables; and both clock-change nights."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.language import Towards, parse_date, parse_moment, parse_span

ZONE = ZoneInfo("America/Los_Angeles")
PAST, FUTURE, TODAY = Towards


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold).astimezone(UTC)


NOW = at("2026-07-15 12:00")
SPRING_NOON, AUTUMN_EVE = at("2026-03-08 12:00"), at("2026-11-01 00:10")
FIRST_PASS, SECOND_PASS = at("2026-11-01 01:40"), at("2026-11-01 01:10", fold=1)


@pytest.mark.parametrize(
    ("text", "past", "future", "today"),
    [
        ("16:05", "2026-07-14 16:05", "2026-07-15 16:05", "2026-07-15 16:05"),
        ("9:05", "2026-07-15 09:05", "2026-07-16 09:05", "2026-07-15 09:05"),
        ("12:00", "2026-07-15 12:00", "2026-07-16 12:00", "2026-07-15 12:00"),
        ("16:05:30", "2026-07-14 16:05:30", "2026-07-15 16:05:30", "2026-07-15 16:05:30"),
        ("24:00", "2026-07-15 00:00", "2026-07-16 00:00", "2026-07-16 00:00"),
        ("3d", "2026-07-12 12:00", "2026-07-18 12:00", "2026-07-18 12:00"),
        ("36h", "2026-07-14 00:00", "2026-07-17 00:00", "2026-07-17 00:00"),
        ("2w", "2026-07-01 12:00", "2026-07-29 12:00", "2026-07-29 12:00"),
    ],
)
def test_what_is_meant_depends_on_where_one_looks(
    text: str, past: str, future: str, today: str
) -> None:
    meant = [parse_moment(text, NOW, ZONE, towards) for towards in (PAST, FUTURE, TODAY)]
    assert meant == [at(past), at(future), at(today)]


@pytest.mark.parametrize("towards", list(Towards))
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tomorrow 16:05", "2026-07-16 16:05"),
        ("yesterday 16:05", "2026-07-14 16:05"),
        ("today 16:05", "2026-07-15 16:05"),
        ("yesterday", "2026-07-14 00:00"),
        ("2h ago", "2026-07-15 10:00"),
        ("90 m ago", "2026-07-15 10:30"),
        ("in 2h", "2026-07-15 14:00"),
        ("2026-03-01", "2026-03-01 00:00"),
        ("2026-03-01 16:05", "2026-03-01 16:05"),
        ("2026-03-01T16:05:10", "2026-03-01 16:05:10"),
        ("2026-03-01T16:05+00:00", "2026-03-01 08:05"),
        ("2026-03-01T16:05Z", "2026-03-01 08:05"),
    ],
)
def test_what_leaves_no_doubt_is_the_same_everywhere(
    towards: Towards, text: str, meant: str
) -> None:
    assert parse_moment(text, NOW, ZONE, towards) == at(meant)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "25:00", "24:01", "16:65", "16:05:61", "in 2h ago", "5", "2026-02-30 10:00", "3y"],
)
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(ValueError, match='must be a time like "16:05", "tomorrow 16:05"'):
        parse_moment(text, NOW, ZONE, FUTURE)


@pytest.mark.parametrize("text", ["9999-12-31 23:59", "0001-01-01 00:00", "999999w", "999999w ago"])
def test_what_is_in_no_year_of_ours_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no year of ours"):
        parse_moment(text, NOW, ZONE, FUTURE)


@pytest.mark.parametrize(
    ("text", "now", "towards"),
    [
        ("02:30", at("2026-03-07 20:00"), FUTURE),
        ("02:30", at("2026-03-08 01:00"), FUTURE),
        ("02:30", SPRING_NOON, PAST),
        ("02:30", at("2026-03-09 01:00"), PAST),
        ("02:30", SPRING_NOON, TODAY),
        ("today 02:30", SPRING_NOON, FUTURE),
        ("tomorrow 02:30", at("2026-03-07 20:00"), FUTURE),
        ("yesterday 02:30", at("2026-03-09 20:00"), PAST),
        ("2026-03-08 02:30", NOW, PAST),
    ],
)
def test_a_skipped_hour_is_told_and_not_moved(text: str, now: datetime, towards: Towards) -> None:
    with pytest.raises(ValueError, match="clocks go forward over 02:30 on 8 March 2026"):
        parse_moment(text, now, ZONE, towards)


def test_a_skipped_hour_on_the_other_side_of_now_is_in_nobody_s_way() -> None:
    assert parse_moment("02:30", SPRING_NOON, ZONE, FUTURE) == at("2026-03-09 02:30")
    assert parse_moment("02:30", at("2026-03-08 01:00"), ZONE, PAST) == at("2026-03-07 02:30")


@pytest.mark.parametrize(
    ("text", "now", "towards"),
    [
        ("01:30", AUTUMN_EVE, FUTURE),
        ("01:30", at("2026-11-01 12:00"), PAST),
        ("01:30", FIRST_PASS, TODAY),
        ("yesterday 01:30", at("2026-11-02 12:00"), PAST),
        ("2026-11-01 01:30", NOW, FUTURE),
    ],
)
def test_a_doubled_hour_must_be_chosen(text: str, now: datetime, towards: Towards) -> None:
    with pytest.raises(ValueError, match="shows 01:30 twice on 1 November 2026; say which") as told:
        parse_moment(text, now, ZONE, towards)
    first, _, second = str(told.value).partition("say which: ")[2].partition(" or ")
    assert parse_moment(first, now, ZONE, towards) == at("2026-11-01 01:30")
    assert parse_moment(second, now, ZONE, towards) == at("2026-11-01 01:30", fold=1)


def test_of_a_doubled_hour_the_one_that_can_be_meant_is_chosen() -> None:
    assert parse_moment("01:30", FIRST_PASS, ZONE, PAST) == at("2026-11-01 01:30")
    assert parse_moment("01:30", SECOND_PASS, ZONE, FUTURE) == at("2026-11-01 01:30", fold=1)
    assert parse_moment("today 01:30", SECOND_PASS, ZONE, FUTURE) == at("2026-11-01 01:30", fold=1)


def test_the_day_may_begin_after_midnight() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    begins = datetime(2026, 3, 28, 22, tzinfo=UTC)  # 01:00 there: the clock skips the first hour
    assert parse_moment("2026-03-29", NOW, beirut, PAST) == begins
    with pytest.raises(ValueError, match="forward over 00:30"):
        parse_moment("2026-03-29 00:30", NOW, beirut, PAST)


def test_spans() -> None:
    spans = [parse_span(text) for text in ("90s", "45m", "36h", "3d", "2w", "3 d")]
    hours = [span / timedelta(hours=1) for span in spans]
    assert hours == [0.025, 0.75, 36, 72, 336, 72]
    for text in ("", "3", "forever", "-3h", "16:05", "3h ago"):
        with pytest.raises(ValueError, match='must be a duration like "45m", "36h" or "3d"'):
            parse_span(text)


def test_days() -> None:
    words = ("today", "yesterday", "tomorrow", "2026-01-31")
    days = [date(2026, 7, 15), date(2026, 7, 14), date(2026, 7, 16), date(2026, 1, 31)]
    assert [parse_date(text, NOW, ZONE) for text in words] == days
    for text in ("", "noon", "2026-02-30", "9999-12-31"):
        with pytest.raises(ValueError, match="must be a date like"):
            parse_date(text, NOW, ZONE)
