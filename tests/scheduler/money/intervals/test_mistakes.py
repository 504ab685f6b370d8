"""One mistake each, and exactly what is said of it: rows, and the way out."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from histories import HOUR, LOS_ANGELES, START, hours, kw, problems, read, table, written

from scheduler.errors import HistoryProblems
from scheduler.money.intervals import Instructions, read_history

QUARTER = timedelta(minutes=15)
LABELS = (
    "say --clock labels if every day of the file has 24 hours, or --clock standard if it keeps"
    " standard time all year"
)


def naive(first: str, count: int, *, skip: tuple[str, ...] = ()) -> list[list[object]]:
    at = datetime.fromisoformat(first)
    times = [(at + n * HOUR).isoformat(" ", "minutes") for n in range(count)]
    return [[time, 1.25, 0.5] for time in times if time not in skip]


def changed(row: int, cells: list[object], count: int = 6) -> str:
    """Hours of which one row (a line of the file) is another."""
    rows = hours(count)
    rows[row - 2] = [
        new if new is not None else old for new, old in zip(cells, rows[row - 2], strict=True)
    ]
    return kw(rows)


GROWING = kw([[row[0], 5000 + 0.3 * n, 0.5] for n, row in enumerate(hours(30))]).replace(
    "kW", "kWh"
)

MISTAKES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "empty": ("", {}, ["is empty; give a file with a row of names and values"]),
    "no rows": ("time,load_kW,solar_kW\n", {}, ["has no row of values"]),
    "one row": (kw(hours(1)), {}, ["has one interval; a history needs two or more"]),
    "no column of times": (
        table("when,load_kW,solar_kW", hours(3)),
        {},
        [('no column is of times (row 1 has "when", "load_kW", "solar_kW"); call it time, or say'
         " which it is with --columns time=NAME")],
    ),
    "no column of a flow": (
        table("time,Verbrauch,PV-Ertrag", hours(3)),
        {},
        [('no column is of load, sun or grid (row 1 has "time", "Verbrauch", "PV-Ertrag"); say'
         " which they are with --columns load=NAME,solar=NAME")],
    ),
    "two columns of load": (
        table("time,load_kW,home_kW", hours(3)),
        {},
        ['"load_kW" and "home_kW" both mean load; say which with --columns load=NAME'],
    ),
    "a named column is not there": (
        table("time,a,b", hours(3)),
        {"columns": {"load": "A", "solar": "c"}},
        ['has no column "c"; row 1 has "time", "a", "b"'],
    ),
    "no sun": (
        table("time,load_kW", (row[:2] for row in hours(3))),
        {},
        ["has no sun; give what the panels gave as a file with --solar FILE, or say --no-solar"],
    ),
    "no load": (
        table("time,solar_kW", ([row[0], row[2]] for row in hours(3))),
        {},
        ["has no load, and no grid from which it would follow; give one with --columns"],
    ),
    "the meter alone": (
        table("time,import_kWh,export_kWh", hours(3)),
        {},
        [("has only what went through the meter, and the home's own use does not follow from that"
         " alone: load = import - export + sun; give what the panels gave as a file with --solar"
         " FILE, or say --no-solar")],
    ),
    "no unit": (
        table("time,load,solar_kW", hours(3)),
        {},
        [("the column of load does not say its unit; name it like load_kW, or say --unit kW, kWh, W"
         " or Wh")],
    ),
    "no zone": (
        kw(hours(3)),
        {"zone": None},
        ["does not say where the home is; give --timezone, like America/Los_Angeles"],
    ),
    "another zone": (
        kw(hours(3)),
        {"zone": ZoneInfo("Europe/Berlin")},
        [("an offset that Europe/Berlin has not at that time: 3 rows (row 2, row 3, row 4); say the"
         " zone of the home with --timezone")],
    ),
    "no time": (
        changed(4, ["Total", None, None]),
        {},
        [('no time that can be read, as "Total": 1 row (row 4); write times like 2026-05-31T14:00,'
         " or remove what is no interval")],
    ),
    "some offsets": (
        changed(4, ["2026-05-04T02:00", None, None]),
        {},
        [("times without an offset, where others have one: 1 row (row 4); give all of them one, or"
         " none")],
    ),
    "dates of two meanings": (
        kw([[f"05/06/2026 {hour}:00", 1.25, 0.5] for hour in range(3)]),
        {},
        ['"05/06/2026 0:00" can be two dates (row 2); say --dates month-first, or day-first'],
    ),
    "numbers of two meanings": (
        "time;load_W;solar_W\n2026-05-04 00:00;1,234;0\n2026-05-04 01:00;1,432;0\n",
        {},
        ['"1,234" can be two numbers (row 2); say --decimal comma, or point'],
    ),
    "no number": (
        changed(4, [None, "1.2.3", None]),
        {},
        ['no number for load, as "1.2.3": 1 row (row 4); mend them, or empty the cells',
         ("no load or no sun for 1 h, 16.7% of the time: 1 hole (2026-05-04 02:00 for 1 h); too"
         " much to be filled: give the days that are missing, or a shorter time")],
    ),
    "empty cells": (
        changed(4, [None, "", None], 48),
        {},
        ["no value for load: 1 row (row 4); fill them from neighbouring days with --fill-gaps 3h",
         ("no load or no sun for 1 h, 2.1% of the time: 1 hole (2026-05-04 02:00 for 1 h); fill"
         " them from neighbouring days with --fill-gaps 1h")],
    ),
    "NaN": (
        changed(4, [None, "NaN", None], 48),
        {},
        ["no value for load: 1 row (row 4); fill them from neighbouring days with --fill-gaps 3h",
         ("no load or no sun for 1 h, 2.1% of the time: 1 hole (2026-05-04 02:00 for 1 h); fill"
         " them from neighbouring days with --fill-gaps 1h")],
    ),
    "holes": (
        kw([row for n, row in enumerate(hours(240)) if not (5 <= n < 8 or 40 <= n < 52)]),
        {},
        [("no load or no sun for 15 h, 6.2% of the time: 2 holes (2026-05-04 05:00 for 3 h,"
         " 2026-05-05 16:00 for 12 h); fill them from neighbouring days with --fill-gaps 12h")],
    ),
    "negative load": (
        changed(4, [None, "-1.5", None]),
        {},
        [("a negative load: 1 row (row 4); count them as 0 with --drop-negative, or say with"
         " --columns that it is the grid")],
    ),
    "a row twice": (
        kw([*hours(3), hours(3)[2], *hours(6)[3:]]),
        {},
        [("there twice with the same values: 1 row (row 5); leave the second out with"
         " --drop-duplicates")],
    ),
    "a row twice with other values": (
        kw([*hours(3), [hours(3)[2][0], 2.5, 0.5], *hours(6)[3:]]),
        {"drop_duplicates": True},
        ["there twice with different values: 1 row (row 5); remove the wrong ones"],
    ),
    "rows out of order": (
        kw([*hours(6)[3:], *hours(3)]),
        {},
        ["earlier than the row before: 1 row (row 5); put them in order with --sort"],
    ),
    "mixed steps": (
        kw([*hours(24, step=QUARTER), *hours(12, start=START + 6 * HOUR)]),
        {},
        [("not in steps of 15 minutes: 1 row (row 26); give the parts of different steps as files"
         " of their own, each for itself"),
         ("no load or no sun for 8.25 h, 47.8% of the time: 11 holes (2026-05-04 06:15 for 0.75 h,"
         " 2026-05-04 07:15 for 0.75 h, 2026-05-04 08:15 for 0.75 h, 2026-05-04 09:15 for 0.75 h,"
         " 2026-05-04 10:15 for 0.75 h, …); too much to be filled: give the days that are missing,"
         " or a shorter time")],
    ),
    "days": (
        kw([[f"2026-05-{day:02} 00:00", 25, 20] for day in range(1, 9)]).replace("kW", "kWh"),
        {},
        [("its intervals are of 24 h; they must be of 1 to 60 minutes and divide the hour: export"
         " days or hours instead of months")],
    ),
    "a wrong year": (
        changed(7, ["2062-05-04T05:00-07:00", None, None]),
        {},
        ["spans more than 20 years; a date in it is wrong"],
    ),
    "too few rows for the time": (
        kw([*hours(4, step=timedelta(minutes=1)), *hours(1, start=START + 24 * 30 * HOUR)]),
        {},
        [("has 5 rows for 43,201 intervals of 1 minutes; a date in it is wrong, or most of it is"
          " missing")],
    ),
    "times that no meter has": (
        kw([["0001-01-01T00:00+00:00", 1, 0], ["9999-12-31T23:00+00:00", 1, 0]]),
        {},
        [('no time that can be read, as "0001-01-01T00:00+00:00": 2 rows (row 2, row 3); write'
          " times like 2026-05-31T14:00, or remove what is no interval")],
    ),
    "a load slightly negative": (
        changed(4, [None, -0.05, None]),
        {},
        [("a negative load: 1 row (row 4); count them as 0 with --drop-negative, or say with"
          " --columns that it is the grid")],
    ),
    "kWh for kW": (
        kw(hours(8, lambda _: 0.25, step=QUARTER)),
        {},
        [("load has a mean of 0.25 in steps of 15 minutes: 2.19 MWh a year in kW, 8.77 MWh in kWh;"
         " say --unit kWh or --unit kW")],
    ),
    "kWh for kW in a home that is likely in both": (
        kw(hours(8 * 96, lambda n: 2.0 if n % 96 == 70 else 0.28, step=QUARTER)),
        {},
        [("load has a mean of 0.298 in steps of 15 minutes: 2.61 MWh a year in kW, 10.4 MWh in kWh;"
         " say --unit kWh or --unit kW")],
    ),
    "kW for kWh in a home that is likely in both": (
        kw(hours(768, lambda n: 8.0 if n % 96 == 70 else 0.9, step=QUARTER)).replace("kW", "kWh"),
        {},
        [("load has a mean of 0.974 in steps of 15 minutes: 34.2 MWh a year in kWh, 8.54 MWh in kW;"
         " say --unit kW or --unit kWh")],
    ),
    "W for kW": (
        kw(hours(8, lambda _: 900)),
        {},
        [("load has a mean of 900 in steps of 60 minutes: 7,889 MWh a year in kW, 7.89 MWh in W;"
         " say --unit W or --unit kW")],
    ),
    "a counter": (
        GROWING,
        {},
        [("load only ever grows, from 5000 to 5008.7 kWh: these are readings of a counter; say"
         " --counters")],
    ),
    "a counter that restarted": (
        changed(4, [None, 480.5, None], 48).replace("kW", "kWh"),
        {},
        [("more load than 96 kW, as where a counter restarted: 1 row (row 4); leave them out with"
         " --drop-spikes")],
    ),
    "the hour that comes twice, once": (
        kw(naive("2026-11-01 00:00", 6)),
        {},
        [f"the hour that comes twice when clocks go back is there once: 1 row (row 3); {LABELS}",
         ("no load or no sun for 1 h, 14.3% of the time: 1 hole (2026-11-01 01:00 for 1 h); too"
         " much to be filled: give the days that are missing, or a shorter time")],
    ),
    "the hour that does not exist": (
        kw(naive("2026-03-08 00:00", 6, skip=("2026-03-08 03:00",))),
        {},
        [(f"an hour that does not exist in America/Los_Angeles, when clocks go forward: 1 row (row"
         f" 4); {LABELS}")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_rows_and_the_way_out(tmp_path: Path, name: str) -> None:
    content, said, expected = MISTAKES[name]
    assert problems(tmp_path, content, **said) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"time,load_kW\n\x00\x01", "is not a text file; give a CSV, a Green Button or a journal"),
        (
            b"time,Verbrauch (\xfcber)\n",
            "row 1 is not text in UTF-8; save the file as CSV in UTF-8",
        ),
        (b'time,load_kW\n"2026,1\n', "row 2 is no CSV: unexpected end of data"),
    ],
)
def test_what_is_no_csv(tmp_path: Path, content: bytes, expected: str) -> None:
    assert problems(tmp_path, content) == [expected]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HistoryProblems, match=r"^no\.csv: cannot be read: no such file"):
        read_history([tmp_path / "no.csv"])


def test_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.money.intervals.text.LARGEST", 1 << 20)
    content = kw(hours(2)) + "\n" * (1 << 20)
    assert problems(tmp_path, content) == ["is larger than 1 MiB; give fewer years at once"]


def test_one_error_lists_every_kind_of_mistake_with_the_first_rows_only(tmp_path: Path) -> None:
    rows = hours(300)
    for index in range(20, 40):
        rows[index][1] = -2
    rows[50][1] = "n/a"
    rows[60][1] = 500
    rows.insert(70, rows[69])
    with pytest.raises(HistoryProblems) as error:
        read(tmp_path, kw(rows)).interval_data()
    said = str(error.value).splitlines()
    assert [line.partition(": ")[2].partition(":")[0] for line in said] == [
        "no value for load",
        "there twice with the same values",
        "more load than 96 kW, as where a counter restarted",
        "a negative load",
        "no load or no sun for 1 h, 0.3% of the time",
    ]
    assert "20 rows (row 22, row 23, row 24, row 25, row 26, …)" in said[3]


def test_rows_of_several_files_say_in_which_they_are(tmp_path: Path) -> None:
    rows = hours(48)
    rows[30][1] = -1
    paths = [written(tmp_path, kw(rows[:24]), "a.csv"), written(tmp_path, kw(rows[24:]), "b.csv")]
    history = read_history(paths, Instructions(zone=LOS_ANGELES))
    assert len(history) == 48
    assert "1 row (row 8 of b.csv)" in history.findings[0].text


def test_files_of_other_columns_are_refused(tmp_path: Path) -> None:
    other = table("time,load_W,solar_W", hours(3))
    paths = [written(tmp_path, kw(hours(3)), "a.csv"), written(tmp_path, other, "b.csv")]
    with pytest.raises(HistoryProblems, match=r"b\.csv: does not have the columns of a\.csv"):
        read_history(paths, Instructions(zone=LOS_ANGELES))
