"""When rules are open, and when events are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import (
    PEAK,
    Almanac,
    Calendar,
    Dates,
    Days,
    DayTest,
    Moments,
    Season,
    Segment,
    Span,
    Tariff,
    Timetable,
    Window,
)
from rules.calendar.local_time import midnight
from rules.language import load_tariff, shipped
from rules.language.parsing import (
    parse_dates,
    parse_days,
    parse_months,
    parse_season,
    parse_time,
    parse_window,
)

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
TARIFFS = {name: load_tariff(path) for name, path in shipped().items()}
PLAIN = Almanac(LOS_ANGELES)
OLD_SCE = Almanac(LOS_ANGELES, TARIFFS["sce-tou-d-a"])
SCE = Almanac(LOS_ANGELES, TARIFFS["sce-tou-d-4-9pm"])


def calendar(
    time: str | None = None,
    days: str | list[str] | None = None,
    season: str | None = None,
    period: str | None = None,
    inset: int = 0,
) -> Calendar:
    return Calendar(
        (parse_window(time),) if time else (),
        DayTest(parse_days(days) if days else None, parse_season(season) if season else None),
        (period,) if period else (),
        timedelta(minutes=inset),
    )


def on(**test: Any) -> Calendar:
    """The nights that start on certain days."""
    return Calendar((parse_window("22:00-06:00"),), DayTest(**test))


def opened(rule: Calendar, day: str, almanac: Almanac = SCE) -> str:
    """The open time of a day on the wall clock."""
    spans = rule.spans(date.fromisoformat(day), almanac)
    return " ".join(
        f"{span.start.astimezone(almanac.zone):%H:%M}-{span.end.astimezone(almanac.zone):%H:%M}"
        for span in spans
    )


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        # 3 July 2026 is a Friday, 7 September (a Monday) a holiday.
        (calendar(), "2026-07-03", "00:00-00:00"),
        (calendar("16:00-21:00"), "2026-07-03", "16:00-21:00"),
        (calendar("22:00-06:00"), "2026-07-03", "00:00-06:00 22:00-00:00"),
        (calendar("22:00-00:00"), "2026-07-03", "22:00-00:00"),
        # Days, holidays and seasons are those of the day on which a window starts.
        (calendar("22:00-06:00", "fri"), "2026-07-02", ""),
        (calendar("22:00-06:00", "fri"), "2026-07-03", "22:00-00:00"),
        (calendar("22:00-06:00", "fri"), "2026-07-04", "00:00-06:00"),
        (calendar("22:00-06:00", "fri"), "2026-07-05", ""),
        (calendar("22:00-06:00", "workdays"), "2026-09-07", ""),
        (calendar("22:00-06:00", "workdays"), "2026-09-08", "22:00-00:00"),
        (calendar("22:00-06:00", "holidays"), "2026-09-07", "22:00-00:00"),
        (calendar("22:00-06:00", "holidays"), "2026-09-08", "00:00-06:00"),
        (calendar("22:00-06:00", season="06-01..09-30"), "2026-06-01", "22:00-00:00"),
        (calendar("22:00-06:00", season="06-01..09-30"), "2026-10-01", "00:00-06:00"),
        (calendar(days="weekends"), "2026-07-03", ""),
        (calendar(days="weekends"), "2026-07-04", "00:00-00:00"),
        # A window of the week: from Friday on, over two midnights, and on no other day.
        (calendar("fri 17:00 - sun 20:00"), "2026-07-02", ""),
        (calendar("fri 17:00 - sun 20:00"), "2026-07-03", "17:00-00:00"),
        (calendar("fri 17:00 - sun 20:00"), "2026-07-04", "00:00-00:00"),
        (calendar("fri 17:00 - sun 20:00"), "2026-07-05", "00:00-20:00"),
        (calendar("fri 17:00 - sun 20:00"), "2026-07-06", ""),
        (calendar("sun 22:00 - mon 06:00"), "2026-07-06", "00:00-06:00"),
        (calendar("fri 17:00 - sun 20:00", season="07-03..07-03"), "2026-07-05", "00:00-20:00"),
        (calendar("fri 17:00 - sun 20:00", season="07-04..07-05"), "2026-07-05", ""),
        (calendar("fri 17:00 - sun 20:00", inset=60), "2026-07-03", "18:00-00:00"),
        (calendar("fri 17:00 - sun 20:00", inset=60), "2026-07-05", "00:00-19:00"),
        # The eve of a holiday is the day before it, and its night runs on into the holiday.
        (on(eve_of=parse_days("holidays")), "2026-09-06", "22:00-00:00"),
        (on(eve_of=parse_days("holidays")), "2026-09-07", "00:00-06:00"),
        (on(eve_of=parse_dates(["01-01"])), "2026-12-31", "22:00-00:00"),
        (on(dates=parse_dates(["12-24..01-06"])), "2027-01-06", "00:00-06:00 22:00-00:00"),
        (on(dates=parse_dates(["12-24..01-06"])), "2027-01-07", "00:00-06:00"),
        (on(dates=parse_dates(["2026-12-24"])), "2027-12-24", ""),
        (on(months=parse_months("dec..feb")), "2026-12-01", "22:00-00:00"),
        (on(months=parse_months("dec..feb")), "2028-02-29", "00:00-06:00 22:00-00:00"),
        (on(months=parse_months("dec..feb")), "2027-03-01", "00:00-06:00"),
        # Periods are those of the hour, whatever day the window started on.
        (calendar(period="peak"), "2026-07-03", "16:00-21:00"),
        (calendar("18:00-23:00", period="peak"), "2026-07-03", "18:00-21:00"),
        (calendar(period="on-peak"), "2026-07-04", ""),
        (calendar(period="off-peak"), "2026-07-03", "00:00-16:00 21:00-00:00"),
        (calendar("21:00-08:00", "fri", period="off-peak"), "2026-07-04", "00:00-08:00"),
        # An inset shortens each open time at both ends, but not at midnight where it goes on.
        (calendar("16:00-21:00", inset=5), "2026-07-03", "16:05-20:55"),
        (calendar("22:00-06:00", inset=5), "2026-07-03", "00:00-05:55 22:05-00:00"),
        (calendar("22:00-00:00", inset=5), "2026-07-03", "22:05-23:55"),
        (calendar("00:00-24:00", inset=5), "2026-07-03", "00:00-00:00"),
        (calendar(days="fri", inset=5), "2026-07-03", "00:05-23:55"),
        (calendar("22:00-00:02", inset=5), "2026-07-03", "22:05-23:57"),
        (calendar("23:58-06:00", inset=5), "2026-07-03", "00:03-05:55"),
        (calendar("16:00-16:10", inset=5), "2026-07-03", ""),
        (calendar("16:00-16:09", inset=5), "2026-07-03", ""),
        (calendar("16:00-16:11", inset=5), "2026-07-03", "16:05-16:06"),
    ],
)
def test_open_time(rule: Calendar, day: str, expected: str) -> None:
    assert opened(rule, day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # In backup from 22:05 to 7:55 every night, weekends and holidays as well.
        ("2026-07-01", "00:00-07:55 22:05-00:00"),
        ("2026-07-04", "00:00-07:55 22:05-00:00"),
        ("2026-12-25", "00:00-07:55 22:05-00:00"),
        ("2026-03-08", "00:00-07:55 22:05-00:00"),
        ("2026-11-01", "00:00-07:55 22:05-00:00"),
    ],
)
def test_the_schedule_of_2018_is_an_inset_of_the_cheap_period(day: str, expected: str) -> None:
    assert opened(calendar(period="super-off-peak", inset=5), day, OLD_SCE) == expected


def test_several_windows_are_joined() -> None:
    rule = Calendar((Window(600, 720), Window(700, 800), Window(800, 810), Window(1200, 60, 1)))
    assert opened(rule, "2026-07-03") == "00:00-01:00 10:00-13:30 20:00-00:00"


def test_a_period_without_a_tariff_is_never_open() -> None:
    assert opened(calendar(period="peak"), "2026-07-03", PLAIN) == ""


def due(moments: Moments, day: str, almanac: Almanac = SCE) -> list[str]:
    """The moments of a day on the wall clock, with their dates."""
    found = moments.of(date.fromisoformat(day), almanac)
    return [f"{instant.astimezone(almanac.zone):%m-%d %H:%M}" for instant in found]


@pytest.mark.parametrize(
    ("moments", "day", "expected"),
    [
        (Moments(at=435), "2026-07-03", ["07-03 07:15"]),
        (Moments(at=0), "2026-07-03", ["07-03 00:00"]),
        (Moments(at=1440), "2026-07-03", ["07-04 00:00"]),
        (Moments(at=150), "2026-03-08", ["03-08 03:00"]),
        (Moments(at=90), "2026-11-01", ["11-01 01:30"]),
        (Moments(at=435, day=DayTest(parse_days("weekends"))), "2026-07-03", []),
        (Moments(at=435, day=DayTest(season=parse_season("10-01..05-31"))), "2026-07-03", []),
        (Moments(before=PEAK), "2026-07-03", ["07-03 16:00"]),
        (Moments(before=PEAK, lead=timedelta(hours=1)), "2026-07-03", ["07-03 15:00"]),
        (Moments(before="on-peak", lead=timedelta(hours=1)), "2026-07-04", []),
        # Once a night, although the period is in two parts of each day.
        (Moments(before="off-peak"), "2026-07-03", ["07-03 21:00"]),
        # From Wednesday's winter into summer: the night's off-peak goes on.
        (Moments(before="off-peak"), "2026-06-01", ["06-01 21:00"]),
        # A lead may reach into the day before, and days are those of the beginning.
        (
            Moments(before=PEAK, lead=timedelta(hours=17), day=DayTest(parse_days("fri"))),
            "2026-07-03",
            ["07-02 23:00"],
        ),
        # After a period: when it has ended, not where it only goes on after midnight.
        (Moments(after=PEAK), "2026-07-03", ["07-03 21:00"]),
        (Moments(after=PEAK, lead=timedelta(hours=4)), "2026-07-03", ["07-04 01:00"]),
        (Moments(after="on-peak"), "2026-07-04", []),
        (Moments(after="off-peak"), "2026-07-03", ["07-03 16:00"]),
        # Real hours, even where the clock jumps in between.
        (Moments(before=PEAK, lead=timedelta(hours=15)), "2026-03-08", ["03-08 00:00"]),
        (Moments(before=PEAK, lead=timedelta(hours=15)), "2026-11-01", ["11-01 01:00"]),
    ],
)
def test_moments(moments: Moments, day: str, expected: list[str]) -> None:
    assert due(moments, day) == expected


def test_a_period_that_begins_at_midnight_begins_then() -> None:
    # Winter's cheapest is 8 to 16; where yesterday was cheap to its end, today has no beginning.
    night = Almanac(LOS_ANGELES, TARIFFS["sce-tou-d-a"])
    assert due(Moments(before="cheapest"), "2026-07-03", night) == ["07-03 22:00"]
    saturdays = DayTest(parse_days("sat"))
    assert due(Moments(before="super-off-peak", day=saturdays), "2026-07-04", night) == [
        "07-04 22:00"
    ]


zones = st.sampled_from(
    ("America/Los_Angeles", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC")
).map(ZoneInfo)
almanacs = st.one_of(
    st.builds(Almanac, zones),
    st.sampled_from(sorted(TARIFFS)).map(lambda name: Almanac(LOS_ANGELES, TARIFFS[name])),
)
changes = st.sampled_from(
    tuple(
        date.fromisoformat(text)
        for text in (
            "2026-03-08", "2026-11-01", "2026-10-04", "2026-04-05", "2026-09-06", "2026-04-04",
            "2026-03-29", "2026-10-24", "2026-05-31", "2026-10-01", "2026-09-07",
        )
    )
)  # fmt: skip
dates = st.one_of(changes, st.dates(date(2025, 1, 1), date(2028, 12, 31)))
minutes = st.sampled_from(tuple(range(0, 1440, 90)))
ends = st.sampled_from((*range(0, 1440, 30), 1440))
windows = st.one_of(
    st.builds(Window, minutes, ends).filter(lambda window: window.start < window.end),
    st.builds(Window, minutes, ends, st.just(1)).filter(lambda window: window.start >= window.end),
    st.builds(Window, minutes, ends, st.integers(1, 6), st.integers(0, 6)),
)
listed_days = st.builds(Days, st.frozensets(st.integers(0, 6)), st.booleans(), st.booleans())
listed_dates = st.sampled_from(
    (
        Dates((Season((3, 1), (4, 30)), Season((10, 4), (10, 4)))),
        Dates((Season((10, 1), (3, 31)),), frozenset({date(2026, 4, 5), date(2026, 9, 7)})),
    )
)
day_tests = st.builds(
    DayTest,
    st.none() | listed_days,
    st.none() | st.just(Season((10, 1), (5, 31))),
    st.none() | st.just(parse_months(["sep..nov", "mar"])),
    st.none() | listed_dates,
    st.none() | listed_days | listed_dates,
)
calendars = st.builds(
    Calendar,
    st.lists(windows, max_size=2).map(tuple),
    st.just(DayTest()) | day_tests,
    st.lists(st.sampled_from((PEAK, "cheapest", "on-peak", "off-peak")), max_size=2).map(tuple),
    st.sampled_from((0, 0, 5, 60, 360)).map(lambda minutes: timedelta(minutes=minutes)),
)


def holds(rule: Calendar, instant: datetime, almanac: Almanac) -> bool:
    """Whether a rule without its inset is open, straight from what the words mean."""
    local = instant.astimezone(almanac.zone)
    today, minute = local.date(), local.hour * 60 + local.minute
    if rule.periods and not _in_period(almanac.tariff, rule.periods, today, minute):
        return False
    if not rule.windows:
        return _starts_on(rule, today, almanac)
    return any(
        window.start <= minute + 1440 * back < window.end + 1440 * window.midnights
        and window.weekday in (None, (today - timedelta(days=back)).weekday())
        and _starts_on(rule, today - timedelta(days=back), almanac)
        for window in rule.windows
        for back in range(window.midnights + 1)
    )


def _starts_on(rule: Calendar, day: date, almanac: Almanac) -> bool:
    test = rule.day
    eve = test.eve_of
    return all(
        (
            test.season is None or _within(test.season, day),
            test.days is None or _among(test.days, day, almanac),
            test.months is None or _among(test.months, day, almanac),
            test.dates is None or _among(test.dates, day, almanac),
            eve is None or _among(eve, day + timedelta(days=1), almanac),
        )
    )


def _among(listed: Days | Dates, day: date, almanac: Almanac) -> bool:
    if isinstance(listed, Days):
        return listed.include(day, holiday=almanac.holiday(day))
    return day in listed.single or any(_within(part, day) for part in listed.yearly)


def _within(season: Season, day: date) -> bool:
    """Counted from its first day on, with 29 February in every year."""
    first, last, here = (
        31 * month + number for month, number in (season.first, season.last, (day.month, day.day))
    )
    return (here - first) % 400 <= (last - first) % 400


def _in_period(tariff: Tariff | None, names: tuple[str, ...], day: date, minute: int) -> bool:
    if tariff is None:
        return False
    prices = {each.price for each in tariff.day(day)}
    here = next(each for each in tariff.day(day) if each.start <= minute < each.end)
    words = {here.name}
    if len(prices) > 1 and here.price == max(prices):
        words.add(PEAK)
    if len(prices) > 1 and here.price == min(prices):
        words.add("cheapest")
    return bool(words & set(names))


def open_naively(rule: Calendar, instant: datetime, almanac: Almanac) -> bool:
    """Open from an inset before to an inset after: looked at every 5 minutes."""
    steps = rule.inset // timedelta(minutes=5)
    return all(
        holds(rule, instant + timedelta(minutes=5 * step), almanac)
        for step in range(-steps, steps + 1)
    )


@settings(max_examples=300)
@given(
    st.lists(calendars, min_size=1, max_size=3),
    st.lists(dates, min_size=1, max_size=3),
    almanacs,
    st.integers(0, 60),
)
def test_a_timetable_says_what_the_words_mean(
    rules: list[Calendar], days: list[date], almanac: Almanac, shift: int
) -> None:
    """Days of one kind, clock-change nights among them, are asked of one timetable."""
    timetable = Timetable(almanac, list(enumerate(rules)))
    for day in (each + timedelta(days=after) for each in days for after in (0, 7, 1)):
        start, end = midnight(day, almanac.zone), midnight(day + timedelta(days=1), almanac.zone)
        instant = start + timedelta(minutes=5 * shift)
        while instant < end:
            found = timetable.segment(instant)
            assert start <= found.start <= instant < found.end <= end
            assert list(found.open) == [
                number for number, rule in enumerate(rules) if open_naively(rule, instant, almanac)
            ]
            instant += timedelta(minutes=95)


@given(st.lists(calendars, max_size=4), dates, almanacs)
def test_the_segments_of_a_day_follow_each_other(
    rules: list[Calendar], day: date, almanac: Almanac
) -> None:
    timetable = Timetable(almanac, list(enumerate(rules)))
    instant, end = midnight(day, almanac.zone), midnight(day + timedelta(days=1), almanac.zone)
    while instant < end:
        found = timetable.segment(instant)
        assert found.start == instant
        assert timetable.segment(found.end - timedelta(microseconds=1)) == found
        instant = found.end
    assert instant == end


def test_days_of_one_kind_are_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []

    def spans(self: Calendar, day: date, almanac: Almanac) -> list[Span]:
        asked.append(day)
        return found(self, day, almanac)

    found = Calendar.spans
    monkeypatch.setattr(Calendar, "spans", spans)
    rules = [calendar("16:00-21:00", days="workdays"), calendar("22:00-06:00", days="mon")]
    timetable = Timetable(PLAIN, list(enumerate(rules)))
    for day in range(366):
        timetable.segment(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day))
    # Seven weekdays, and the two nights on which clocks change.
    assert len(asked) / len(rules) <= 7 + 2 * 2


def test_both_nights_on_which_clocks_change_are_days_of_their_own() -> None:
    timetable = Timetable(PLAIN, [("evening", calendar("16:00-21:00"))])
    for day in (date(2026, 3, 8), date(2026, 11, 1)):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=LOS_ANGELES)
        assert timetable.segment(noon).end == noon + timedelta(hours=4)


def test_what_is_inset_depends_on_the_day_after() -> None:
    timetable = Timetable(PLAIN, [("work", calendar(days="weekdays", inset=10))])
    for day, hours in ((date(2026, 7, 2), 24), (date(2026, 7, 3), 24 - 1 / 6)):  # Thursday, Friday
        found = timetable.segment(datetime(day.year, day.month, day.day, 12, tzinfo=LOS_ANGELES))
        assert found.end - midnight(day, LOS_ANGELES) == timedelta(hours=hours)


def test_the_last_minute_of_a_window_is_not_in_it() -> None:
    timetable = Timetable(SCE, [("evening", calendar("16:00-21:00"))])
    nine = datetime(2026, 7, 2, 4, tzinfo=UTC)
    assert timetable.segment(nine - timedelta(microseconds=1)).open == ("evening",)
    assert timetable.segment(nine) == Segment(nine, midnight(date(2026, 7, 2), LOS_ANGELES), ())
    assert parse_time("24:00") == 1440
