"""Every kind of file, written by hand as its source writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from histories import (
    BOTH_WAYS,
    HOME_ASSISTANT,
    LOS_ANGELES,
    PGE,
    PGE_NET,
    POINT,
    SCE,
    SDGE,
    START,
    feed,
    hours,
    kw,
    meter,
    problems,
    read,
    reading_type,
    table,
    written,
)

from scheduler.errors import HistoryProblems
from scheduler.money import DateOrder, DecimalMark, HistoryFormat, LocalClock, Unit
from scheduler.money.intervals import Instructions, read_history

HOMES = Path(__file__).parents[5] / "shared" / "data" / "homes"
KWH = {
    "b01": (10_584, 10_819),
    "b08": (8_836, 10_101),
    "b16": (11_586, 10_612),
    "b17": (14_711, 7_847),
}


@pytest.mark.skipif(not HOMES.is_dir(), reason="no recorded homes beside the project")
@pytest.mark.parametrize("home", KWH)
def test_recorded_homes_have_the_energy_of_their_year(home: str) -> None:
    (path,) = HOMES.glob(f"*_{home}_*.csv")
    data = read_history([path], Instructions(zone=LOS_ANGELES)).interval_data()
    assert (len(data), data.step) == (8_760, timedelta(hours=1))
    assert (round(sum(data.load_w) / 1000), round(sum(data.solar_w) / 1000)) == KWH[home]
    assert data.source == f"CSV: {path.name}"


UNITS = [
    ("load_kW", 1.25, 15),
    ("load_W", 1250, 15),
    ("load_kWh", 0.3125, 15),
    ("load_wh", 312.5, 15),
    ("Load (kW)", 1.25, 60),
    ("Home [Wh]", 1250, 60),
    ("house power kW", 1.25, 5),
    ("home_energy_kwh", 1.25 / 60, 1),
]


@pytest.mark.parametrize(("name", "value", "minutes"), UNITS)
def test_a_header_says_flow_and_unit(tmp_path: Path, name: str, value: float, minutes: int) -> None:
    rows = hours(12, lambda _: value, step=timedelta(minutes=minutes))
    data = read(tmp_path, table(f"time,{name},solar_kW", rows)).interval_data()
    assert data.step == timedelta(minutes=minutes)
    assert list(data.load_w) == pytest.approx([1250.0] * 12)
    assert list(data.solar_w) == [500.0] * 12


TIMES = [
    "2026-05-31T13:00:00-07:00",
    "2026-05-31T20:00:00Z",
    "2026-05-31 13:00",
    "2026-05-31 13:00:00",
    "2026/05/31 13:00",
    "5/31/2026 1:00 PM",
    "5/31/26 1:00 p.m.",
    "31/05/2026 13:00:00",
    "31.05.2026 13:00",
    "31.5.2026, 13:00",
]


@pytest.mark.parametrize("time", TIMES)
def test_times_as_people_write_them(tmp_path: Path, time: str) -> None:
    later = time.replace("20:00", "21:00").replace("13:00", "14:00").replace(" 1:00", " 2:00")
    # A quoted cell, because a time may have a comma in it.
    rows = [[f'"{each}"', 1.25, 0.5] for each in (time, later)]
    assert read(tmp_path, kw(rows)).start == datetime(2026, 5, 31, 20, tzinfo=UTC)


def test_midnight_and_noon_of_a_twelve_hour_clock(tmp_path: Path) -> None:
    clocks = [
        f"{hour} {half}"
        for half in ("AM", "PM")
        for hour in ("12:00", *(f"{n}:00" for n in range(1, 12)))
    ]
    history = read(tmp_path, kw([[f"5/31/2026 {clock}", 1.25, 0.5] for clock in clocks]))
    assert (len(history), history.gaps, history.findings) == (24, (), ())


def test_an_order_of_dates_that_is_said(tmp_path: Path) -> None:
    rows = kw([[f"05/06/2026 {hour}:00", 1.25, 0.5] for hour in range(3)])
    starts = {order: read(tmp_path, rows, dates=order).start for order in DateOrder}
    assert {start.astimezone(LOS_ANGELES).month for start in starts.values()} == {5, 6}
    assert starts[DateOrder.DAY_FIRST].astimezone(LOS_ANGELES).month == 6


NOTATIONS = [
    ("2026-05-04 00:00;1,25;0,5", "2026-05-04 01:00;1,5;0", "kW", None),
    ("2026-05-04 00:00;1.250,0;500", "2026-05-04 01:00;1.500,0;0,0", "W", None),
    ('2026-05-04 00:00,"1,250.0",500', '2026-05-04 01:00,"1,500.0",0', "W", None),
    ("2026-05-04 00:00;1,250;500", "2026-05-04 01:00;1,500;0", "W", DecimalMark.POINT),
    ("2026-05-04 00:00;1,250;0,500", "2026-05-04 01:00;1,500;0", "kW", DecimalMark.COMMA),
    ("2026-05-04 00:00\t1 250\t500", "2026-05-04 01:00\t1 500\t0", "W", None),
]


@pytest.mark.parametrize(("one", "two", "unit", "decimal"), NOTATIONS)
def test_decimal_commas_and_thousands(
    tmp_path: Path, one: str, two: str, unit: str, decimal: DecimalMark | None
) -> None:
    separator = one[16]
    header = separator.join(("time", f"load_{unit}", f"solar_{unit}"))
    data = read(tmp_path, f"{header}\n{one}\n{two}\n", decimal=decimal).interval_data()
    assert (list(data.load_w), list(data.solar_w)) == ([1250.0, 1500.0], [500.0, 0.0])


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: f'Name,Somebody\nAddress,"1, Some Street"\n\n{text}\n\n'.encode(),
    ],
    ids=["BOM", "UTF-16", "CRLF", "CR", "preamble"],
)
def test_what_programs_put_around_a_table(tmp_path: Path, encoded: object) -> None:
    assert callable(encoded)
    assert list(read(tmp_path, encoded(kw(hours(3)))).load_w) == [1250.0] * 3


def test_date_and_time_in_two_columns(tmp_path: Path) -> None:
    rows = [["2026-05-04", f"{hour}:00", 1.25, 0.5] for hour in range(3)]
    assert read(tmp_path, table("date,time,load_kW,solar_kW", rows)).start == START


def test_columns_and_units_that_are_said(tmp_path: Path) -> None:
    rows = [[*row, 21.5] for row in hours(3)]
    said = {"time": "Zeit", "load": "Verbrauch", "solar": "PV-Ertrag"}
    text = table("Zeit,Verbrauch,PV-Ertrag,Temperatur", rows)
    history = read(tmp_path, text, columns=said, unit=Unit.KILOWATT)
    assert list(history.load_w) == [1250.0] * 3
    assert history.notes == ('left out, because its name says nothing of the home: "Temperatur"',)


def test_no_column_is_guessed_once_some_are_said(tmp_path: Path) -> None:
    text = table("time,load_kW,PV_kW", hours(3))
    history = read(tmp_path, text, columns={"load": "load_kW"}, no_solar=True)
    assert list(history.solar_w) == [0.0] * 3
    assert '"PV_kW"' in history.notes[0]


def test_the_load_follows_from_grid_battery_and_sun(tmp_path: Path) -> None:
    rows = [[row[0], n - 1, 2.0, -0.5] for n, row in enumerate(hours(4))]
    history = read(tmp_path, table("time,grid_kW,solar_kW,battery_kW", rows))
    assert list(history.load_w) == [500.0, 1500.0, 2500.0, 3500.0]
    assert (list(history.grid_w or ()), set(history.battery_w or ())) == (
        [-1000.0, 0.0, 1000.0, 2000.0],
        {-500.0},
    )
    assert history.notes == ("the load follows from grid, sun and battery",)


def test_where_flows_do_not_add_up_is_told_and_the_load_counts(tmp_path: Path) -> None:
    rows = [[row[0], 2.0, 1.0, 1.5 if n == 2 else 0.75, 0.25] for n, row in enumerate(hours(4))]
    history = read(tmp_path, table("time,home_kW,grid_kW,solar_kW,battery_kW", rows))
    assert list(history.interval_data().load_w) == [2000.0] * 4
    assert history.notes == (
        (
            "load is not grid + battery + sun in 1 of 4 intervals (row 4); the load counts as it"
            " was measured"
        ),
    )


def test_a_load_that_cannot_follow_is_a_mistake(tmp_path: Path) -> None:
    rows = [[row[0], 1.0 if n else 0, 3.0 if not n else 0, 0.5] for n, row in enumerate(hours(3))]
    said = problems(tmp_path, table("time,import_kWh,export_kWh,solar_kWh", rows))
    assert said[-1] == (
        "the load that follows is negative: 1 interval (row 2); the meters disagree, or their"
        " times do: check the zone of each file"
    )


# --- utilities -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (PGE, HistoryFormat.PGE),
        (PGE_NET, HistoryFormat.PGE),
        (SDGE, HistoryFormat.SDGE),
        (SCE, HistoryFormat.SCE),
    ],
    ids=["PG&E", "PG&E net", "SDG&E", "SCE"],
)
def test_what_utilities_give_needs_the_sun_beside_it(
    tmp_path: Path, text: str, form: HistoryFormat
) -> None:
    assert "has only what went through the meter" in problems(tmp_path, text)[0]
    sun = written(
        tmp_path,
        "time,solar_kW\n2026-05-04 00:00,0\n2026-05-04 00:15,1\n2026-05-04 00:30,3\n",
        "sun.csv",
    )
    path = written(tmp_path, text)
    for said in (None, form):
        instructions = Instructions(zone=LOS_ANGELES, form=said, unit=None)
        history = read_history([path], instructions, [sun])
        assert (history.start, history.step) == (START, timedelta(minutes=15))
        assert list(history.grid_w or ()) == [1000.0, 2000.0, -1000.0]
        assert list(history.interval_data().load_w) == [1000.0, 3000.0, 2000.0]


def test_a_meter_without_panels(tmp_path: Path) -> None:
    history = read(tmp_path, PGE.replace("0.00,0.25", "0.25,0.00"), no_solar=True)
    assert list(history.load_w) == [1000.0, 2000.0, 1000.0]
    assert "the load follows from grid and sun; what a battery took" in history.notes[0]


def test_finer_sun_is_averaged_and_what_is_missing_of_it_is_a_hole(tmp_path: Path) -> None:
    rows = [[f"2026-05-04 00:{minute:02}", minute / 10] for minute in range(0, 30, 5)]
    sun = written(tmp_path, table("time,solar_kW", rows), "sun.csv")
    history = read_history([written(tmp_path, PGE)], Instructions(zone=LOS_ANGELES), [sun])
    assert list(history.solar_w)[:2] == [500.0, 2000.0]
    assert [(gap.first, gap.end) for gap in history.gaps] == [(2, 3)]


def test_coarser_sun_does_not_fit(tmp_path: Path) -> None:
    sun = written(tmp_path, table("time,solar_kW", ([r[0], 1] for r in hours(2))), "sun.csv")
    meter_file = written(tmp_path, PGE)
    with pytest.raises(HistoryProblems, match=r"sun\.csv: its intervals of 60 minutes do not fit"):
        read_history([meter_file], Instructions(zone=LOS_ANGELES), [sun])


def test_a_unit_that_is_said_is_the_meter_s_and_not_the_sun_s(tmp_path: Path) -> None:
    rows = [[row[0], 0.25] for row in hours(4, step=timedelta(minutes=15))]
    sun = written(tmp_path, table("time,solar_kW", rows), "sun.csv")
    path = written(tmp_path, table("time,import", rows))
    said = Instructions(zone=LOS_ANGELES, unit=Unit.KILOWATT_HOUR)
    history = read_history([path], said, [sun])
    assert list(history.solar_w) == [250.0] * 4
    assert list(history.load_w) == [1250.0] * 4


@pytest.mark.parametrize("unit", ["kWh", "Wh"])
def test_the_doubled_hour_of_labels_is_shared_by_both_hours(tmp_path: Path, unit: str) -> None:
    rows = [[f"2026-11-01 {hour:02}:00", 2, 0] for hour in range(4)]
    text = table(f"time,load_{unit},solar_{unit}", rows)
    history = read(tmp_path, text, clock=LocalClock.LABELS, unit=Unit(unit))
    scale = 1000 if unit == "kWh" else 1
    assert list(history.load_w) == [2 * scale, scale, scale, 2 * scale, 2 * scale]
    assert "1 row of the hour that comes twice stands for both" in history.repairs[0].what


def test_in_spring_labels_of_the_missing_hour_are_the_next_one(tmp_path: Path) -> None:
    labels = [hour for hour in range(6) if hour != 3]
    rows = [[f"2026-03-08 {hour:02}:00", hour + 1, 0] for hour in labels]
    history = read(tmp_path, kw(rows), clock=LocalClock.LABELS)
    assert [watts / 1000 for watts in history.load_w] == [1, 2, 3, 5, 6]
    both = [[f"2026-03-08 {hour:02}:00", hour + 1, 0] for hour in range(6)]
    history = read(tmp_path, kw(both), clock=LocalClock.LABELS)
    assert [watts / 1000 for watts in history.load_w] == [1, 2, 4, 5, 6]


def test_the_doubled_hour_is_resolved_by_order_where_it_is_there_twice(tmp_path: Path) -> None:
    labels = ["00:00", "00:30", *["01:00", "01:30"] * 2, "02:00"]
    rows = [[f"2026-11-01 {label}", n + 1, 0] for n, label in enumerate(labels)]
    history = read(tmp_path, kw(rows))
    assert [watts / 1000 for watts in history.load_w] == [1, 2, 3, 4, 5, 6, 7]
    assert history.findings == ()


def test_the_newest_first_is_put_in_order_with_its_doubled_hour(tmp_path: Path) -> None:
    labels = ["00:00", "01:00", "01:00", "02:00"]
    rows = [[f"2026-11-01 {label}", n + 1, 0] for n, label in enumerate(labels)][::-1]
    history = read(tmp_path, kw(rows), sort=True)
    assert [watts / 1000 for watts in history.load_w] == [1, 2, 3, 4]


def test_standard_time_all_year(tmp_path: Path) -> None:
    rows = [[f"2026-03-08 {hour:02}:00", hour + 1, 0] for hour in range(6)]
    history = read(tmp_path, kw(rows), clock=LocalClock.STANDARD)
    assert (len(history), history.findings) == (6, ())
    assert history.start == datetime(2026, 3, 8, 8, tzinfo=UTC)


# --- Green Button XML ------------------------------------------------------------------------


def with_sun(folder: Path, content: str, **said: object) -> list[float]:
    sun = written(
        folder,
        "time,solar_kW\n2026-05-04 00:00,0\n2026-05-04 00:15,1\n2026-05-04 00:30,3\n",
        "sun.csv",
    )
    path = written(folder, content, "meter.xml")
    history = read_history([path], Instructions(zone=LOS_ANGELES, **said), [sun])  # type: ignore[arg-type]
    return list(history.interval_data().load_w)


def test_green_button_by_direction_and_power_of_ten(tmp_path: Path) -> None:
    assert with_sun(tmp_path, feed(*BOTH_WAYS)) == [1000.0, 3000.0, 2000.0]
    net = feed(reading_type("net", 4), meter("a", "net", [250, 500, -250]))
    assert with_sun(tmp_path, net) == [1000.0, 3000.0, 2000.0]


def test_green_button_of_several_meters_and_of_gas(tmp_path: Path) -> None:
    gas = (reading_type("gas", 1, uom=169), meter("g", "gas", [3, 3, 3], f"{POINT}9"))
    second = meter("c", "in", [100, 100, 100], f"{POINT}8")
    history = read_history(
        [written(tmp_path, feed(*BOTH_WAYS, second, *gas))],
        Instructions(zone=LOS_ANGELES, no_solar=True, drop_negative=True),
    )
    assert list(history.grid_w or ()) == [1400.0, 2400.0, -600.0]
    assert history.notes[:2] == (
        "left out readings that are not in watt hours: 3 of uom 169",
        "2 meters are added up",
    )


def test_the_same_block_twice_is_not_added_up(tmp_path: Path) -> None:
    doubled = feed(*BOTH_WAYS, BOTH_WAYS[2])
    with pytest.raises(
        HistoryProblems, match=r"there twice with the same values: 3 intervals \(bl"
    ):
        with_sun(tmp_path, doubled)
    assert with_sun(tmp_path, doubled, drop_duplicates=True) == [1000.0, 3000.0, 2000.0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (feed(), "has no interval of electricity in watt hours"),
        (feed(*BOTH_WAYS)[:-9], "is no XML that can be read: "),
        (feed(*BOTH_WAYS).replace("<feed", "<!DOCTYPE x [<!ENTITY a 'b'>]><feed"), "document type"),
        (feed(*BOTH_WAYS).replace(">19<", "><"), "flowDirection is missing; it must be 1, 19 or 4"),
        (feed(*BOTH_WAYS).replace(">-3<", ">400<"), "powerOfTenMultiplier is 400; no meter has"),
        (feed(*BOTH_WAYS).replace("<start>17", "<start>99917"), "after 1970; that is no time"),
        (feed(*BOTH_WAYS).replace(">500<", ">5.5<"), 'has "5.5" where a whole number must be'),
        (
            feed(*BOTH_WAYS).replace("ReadingType/out", "ReadingType/none", 1),
            "names no ReadingType",
        ),
    ],
)
def test_green_button_that_cannot_be_used(tmp_path: Path, content: str, expected: str) -> None:
    with pytest.raises(HistoryProblems, match=expected):
        with_sun(tmp_path, content)


# --- apps ------------------------------------------------------------------------------------


def test_the_tesla_app_s_days_and_its_months(tmp_path: Path) -> None:
    header = "Date time,Home (kW),Solar (kW),Powerwall (kW),Grid (kW),Energy Remaining (%)\n"
    times = [f"2026-05-04T00:{minute:02}:00-07:00" for minute in range(0, 60, 5)]
    day = header + "".join(f"{time},2.5,1.0,0.5,1.0,80\n" for time in times)
    history = read(tmp_path, day)
    assert history.source == "the Tesla app's export: home.csv"
    assert (set(history.load_w), set(history.battery_w or ())) == ({2500.0}, {500.0})
    assert history.notes == (
        'left out, because its name says nothing of the home: "Energy Remaining (%)"',
        (
            "the app's times count as the beginnings of intervals; owners found them to be the"
            " ends, so all may be 5 minutes late"
        ),
        "load, grid, battery and sun add up in every interval",
    )
    month = (
        "Date time,Home (kWh),Vehicle (kWh),From Powerwall (kWh),Solar Energy (kWh),From Grid"
        " (kWh),To Grid (kWh)\n2026-05-01T00:00:00-07:00,30,0,5,20,6,1\n"
        "2026-05-02T00:00:00-07:00,31,0,5,20,7,1\n"
    )
    assert problems(tmp_path, month)[0].startswith("its intervals are of 24 h; they must be of 1")
    assert problems(tmp_path, month.replace("Home (kWh)", "Home (MWh)")) == [
        (
            'has "Home (MWh)", as the app gives a year: a row is a day or a month, which is too'
            " coarse; export single days"
        )
    ]


def test_the_tesla_app_s_vehicle_is_not_counted_twice(tmp_path: Path) -> None:
    header = '"Date time","Vehicle (kW)","Home (kW)","Solar (kW)","Powerwall (kW)","Grid (kW)"\n'
    rows = "".join(f"2026-05-04T00:{n:02}:00-07:00,7.0,9.5,0,0.5,9.0\n" for n in range(0, 60, 5))
    history = read(tmp_path, header + rows)
    assert (history.source, set(history.load_w)) == ("the Tesla app's export: home.csv", {9500.0})
    said = 'left out, because what the home used may have it in it already: "Vehicle (kW)"'
    assert said in history.notes
    wrong = header + rows.replace("9.5,0,", "9.5,x,", 1)
    assert problems(tmp_path, wrong)[0] == (
        'no number for solar, as "x": 1 row (row 2); mend them, or empty the cells'
    )


def test_files_given_at_once_are_of_one_kind(tmp_path: Path) -> None:
    paths = [written(tmp_path, PGE, "may.csv"), written(tmp_path, SDGE, "june.csv")]
    with pytest.raises(
        HistoryProblems, match=r"june\.csv: is of the kind sdge, and may.csv of the"
    ):
        read_history(paths, Instructions(zone=LOS_ANGELES, no_solar=True))


def test_home_assistant_s_energy_dashboard(tmp_path: Path) -> None:
    history = read(tmp_path, HOME_ASSISTANT)
    assert list(history.solar_w) == [0.0, 2500.0, 2000.0]
    assert list(history.interval_data().load_w) == [1750.0, 1500.0, 2500.0]
    assert '"grid_consumption_cost", "calculated_total_consumption"' in history.notes[0]


def test_what_one_of_several_panels_has_not_is_a_hole(tmp_path: Path) -> None:
    history = read(tmp_path, HOME_ASSISTANT.replace("Wh,0,1500,1000", "Wh,0,,1000"))
    assert [(gap.first, gap.end) for gap in history.gaps] == [(1, 2)]
    with_commas = HOME_ASSISTANT.replace("Wh,0,1500,1000", 'Wh,0,"1,500",1000')
    assert list(read(tmp_path, with_commas).solar_w) == [0.0, 2500.0, 2000.0]


def test_home_assistant_s_days_and_units(tmp_path: Path) -> None:
    days = HOME_ASSISTANT.replace("04T08", "05T07").replace("04T09", "06T07")
    assert problems(tmp_path, days)[0].startswith("its intervals are of 24 h")
    for unit in ("GJ", "kW"):
        text = HOME_ASSISTANT.replace("battery_in,kWh", f"battery_in,{unit}")
        said = f'row 7 (battery_in) is in "{unit}"; its statistics must be in kWh'
        assert problems(tmp_path, text) == [said]
