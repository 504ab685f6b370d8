"""What is mended because it was asked for, and that it stands in the data that it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from histories import HOUR, LOS_ANGELES, START, hours, kw, problems, read, written

from scheduler.errors import HistoryProblems
from scheduler.money import Repair, Unit
from scheduler.money.intervals import Instructions, csv_lines, read_history

DAY = 24
SATURDAY = 5 * DAY


def whats(history: object) -> list[str]:
    return [repair.what for repair in getattr(history, "repairs")]  # noqa: B009 -- of any data


def by_day(hour: int) -> float:
    """2 kW and more on working days, 5 kW on weekends, and a little by the hour."""
    return (5.0 if hour // DAY % 7 >= 5 else 2.0 + hour // DAY / 10) + hour % DAY / 1000


def without(count: int, *missing: range) -> str:
    rows = hours(count, by_day)
    return kw(row for hour, row in enumerate(rows) if not any(hour in each for each in missing))


def test_a_hole_is_filled_by_the_same_hours_of_neighbouring_days(tmp_path: Path) -> None:
    first = 2 * DAY + 9  # a Wednesday
    text = without(14 * DAY, range(first, first + 3))
    assert problems(tmp_path, text)[0].endswith("with --fill-gaps 3h")
    history = read(tmp_path, text, fill_gaps=3 * HOUR)
    data = history.interval_data()
    assert [round(watts) for watts in data.load_w[first : first + 3]] == [2209, 2210, 2211]
    assert data.repairs == (
        Repair(
            datetime(2026, 5, 6, 16, tzinfo=UTC),
            datetime(2026, 5, 6, 19, tzinfo=UTC),
            "3 h filled from the same hours of neighbouring days of that kind",
        ),
    )


def test_weekends_are_filled_from_weekends(tmp_path: Path) -> None:
    first = SATURDAY + 12
    text = without(14 * DAY, range(first, first + 2))
    history = read(tmp_path, text, fill_gaps=2 * HOUR)
    assert [round(watts) for watts in history.load_w[first : first + 2]] == [5012, 5013]


def test_a_longer_hole_than_was_said_stays(tmp_path: Path) -> None:
    text = without(14 * DAY, range(30, 33), range(60, 64))
    history = read(tmp_path, text, fill_gaps=3 * HOUR)
    assert [(gap.first, gap.end) for gap in history.gaps] == [(60, 64)]
    assert len(history.repairs) == 1
    with pytest.raises(HistoryProblems, match="1 hole"):
        history.interval_data()


def test_no_more_than_a_tenth_is_made_up(tmp_path: Path) -> None:
    text = without(10 * DAY, *(range(day * DAY, day * DAY + 3) for day in range(1, 10)))
    history = read(tmp_path, text, fill_gaps=3 * HOUR)
    assert (len(history.gaps), history.repairs) == (9, ())
    assert "too much to be filled" in history.findings[0].text


def test_over_a_clock_change_the_wall_clock_counts(tmp_path: Path) -> None:
    start = datetime(2026, 3, 2, tzinfo=LOS_ANGELES)
    first = 7 * DAY - 1 + 12  # Monday noon after the clocks went forward, 23 hours after Sunday's
    rows = [
        [row[0], 1 + n % DAY if n < 6 * DAY + 2 else 1 + (n + 1) % DAY, 0.5]
        for n, row in enumerate(hours(12 * DAY, start=start))
    ]
    text = kw(row for hour, row in enumerate(rows) if hour != first)
    history = read(tmp_path, text, fill_gaps=HOUR)
    assert history.load_w[first] == 13_000.0


def test_empty_cells_that_were_filled_are_no_mistake_any_more(tmp_path: Path) -> None:
    rows = hours(10 * DAY)
    rows[50][1] = ""
    assert read(tmp_path, kw(rows), fill_gaps=HOUR).findings == ()


def test_a_unit_that_is_said_against_the_file_is_a_repair(tmp_path: Path) -> None:
    rows = hours(8, lambda _: 0.25, step=timedelta(minutes=15))
    history = read(tmp_path, kw(rows), unit=Unit.KILOWATT_HOUR)
    assert list(history.load_w) == [1000.0] * 8
    assert whats(history.interval_data()) == ["read as kWh, where the file says kW"]
    assert read(tmp_path, kw(rows), unit=Unit.KILOWATT).repairs == ()


def test_negative_values_spikes_doubles_and_order(tmp_path: Path) -> None:
    rows = hours(10 * DAY)
    rows[3][1], rows[30][1] = -1, 480
    mixed = kw([*rows[100:], *rows[:100], rows[99]])
    history = read(
        tmp_path,
        mixed,
        drop_negative=True,
        drop_spikes=True,
        drop_duplicates=True,
        sort=True,
        fill_gaps=HOUR,
    )
    data = history.interval_data()
    assert (len(data), data.start, data.load_w[3], data.load_w[30]) == (240, START, 0.0, 1250.0)
    assert whats(data) == [
        "rows put in the order of time",
        "1 row there twice with the same values, counted once",
        "1 value of load over 96 kW left out",
        "1 negative value of load counted as 0",
        "1 h filled from the same hours of neighbouring days of that kind",
    ]


def test_counters_become_differences_and_a_restart_is_told(tmp_path: Path) -> None:
    rows = [[row[0], 5000 + 1.5 * n, 0.25 * n] for n, row in enumerate(hours(30))]
    history = read(tmp_path, kw(rows).replace("kW", "kWh"), counters=True)
    data = history.interval_data()
    assert (list(data.load_w), list(data.solar_w)) == ([1500.0] * 29, [250.0] * 29)
    assert whats(data) == ["readings of counters taken as their differences"]
    for row in rows[12:]:
        row[1] = float(str(row[1])) - 5010
    history = read(tmp_path, kw(rows).replace("kW", "kWh"), counters=True)
    assert history.findings[0].text == (
        "a counter that went back: 1 row (row 14); fill the interval before with --fill-gaps"
    )
    assert [(gap.first, gap.end) for gap in history.gaps] == [(11, 12)]


def test_what_an_inverter_draws_at_night_is_told(tmp_path: Path) -> None:
    rows = [[row[0], 1.25, -0.005 if n < 5 else 0.5] for n, row in enumerate(hours(8))]
    history = read(tmp_path, kw(rows))
    assert list(history.solar_w)[:6] == [0.0] * 5 + [500.0]
    assert history.notes == (
        (
            "solar is slightly less than nothing in 5 intervals, as meters read at night; counted"
            " as 0 down to -100 W"
        ),
    )


def test_repairs_outlive_a_file_of_ours(tmp_path: Path) -> None:
    text = without(14 * DAY, range(30, 33))
    first = read(tmp_path, text, fill_gaps=3 * HOUR)
    again = read_history(
        [written(tmp_path, "".join(csv_lines(first)), "clean.csv")], Instructions()
    )
    assert again.interval_data() == first.interval_data()
    assert len(again.repairs) == 1


def test_a_head_of_ours_that_somebody_changed(tmp_path: Path) -> None:
    clean = "".join(csv_lines(read(tmp_path, kw(hours(3)))))
    for wrong in ("America/Nowhere", "../../etc/passwd"):
        text = clean.replace("America/Los_Angeles", wrong)
        assert problems(tmp_path, text, zone=None) == ["row 2 is not as it was written"]
    without_zone = "\n".join(line for line in clean.split("\n") if "timezone" not in line)
    assert "has no line" in problems(tmp_path, without_zone)[0]
