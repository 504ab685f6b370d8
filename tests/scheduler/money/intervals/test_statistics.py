"""Home Assistant's statistics in the long form: tables, JSON and what the developer tools show."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from histories import HOUR, START, problems, read, table, written

from scheduler.money import DecimalMark, Unit
from scheduler.money.intervals import Instructions, read_history

SAID = {"load": "sensor.home", "solar": "sensor.pv"}
LOAD, SUN = (1.5, 2.0, 0.5, 1.0), (0.0, 0.0, 0.25, 0.5)
WATTS = ([1500.0, 2000.0, 500.0, 1000.0], [0.0, 0.0, 250.0, 500.0])


def at(hour: int) -> datetime:
    return START.astimezone(UTC) + hour * HOUR


def entries(values: Sequence[object], kind: str = "change") -> list[dict[str, Any]]:
    """What `recorder.get_statistics` answers of one statistic."""
    return [
        {"start": at(n).isoformat(), "end": at(n + 1).isoformat(), kind: value}
        for n, value in enumerate(values)
    ]


def answered(
    load: Sequence[object] = LOAD, sun: Sequence[object] = SUN, kind: str = "change"
) -> Any:
    return {
        "statistics": {"sensor.home": entries(load, kind), "sensor.pv": entries(sun, kind)},
    }


def yaml_of(answer: Any) -> str:
    """As the developer tools show it."""
    lines = ["statistics:"]
    for name, rows in answer["statistics"].items():
        lines.append(f"  {name}:")
        for row in rows:
            shown = [f"{key}: {json.dumps(value)}" for key, value in row.items()]
            lines += [f"    - {shown[0]}", *(f"      {each}" for each in shown[1:])]
    return "\n".join([*lines, ""])


def counters(values: Sequence[float], first: float = 6912.25) -> list[float]:
    """The readings of a counter at the end of an interval before these, and of each of them."""
    return [first + sum(values[:n]) for n in range(len(values) + 1)]


def rows(kind: str, load: Sequence[object], sun: Sequence[object], first: int = 0) -> str:
    """A table by statistic, in local time and with decimal points."""
    found = [
        [name, "kWh", f"{START + (n + first) * HOUR:%d.%m.%Y %H:%M}", value]
        for name, values in (("sensor.home", load), ("sensor.pv", sun))
        for n, value in enumerate(values)
    ]
    return table(f"statistic_id,unit,start,{kind}", found)


def in_milliseconds() -> str:
    found = answered()["statistics"]
    for values in found.values():
        for entry in values:
            entry["start"] = int(datetime.fromisoformat(entry["start"]).timestamp() * 1000)
    return json.dumps({"id": 7, "type": "result", "success": True, "result": found})


def as_entities() -> str:
    """As an integration that exports statistics writes it."""
    values = [
        {
            "id": name,
            "unit": "kWh",
            "values": [
                {"datetime": f"{START + n * HOUR:%d.%m.%Y %H:%M}", "delta": value}
                for n, value in enumerate(series)
            ],
        }
        for name, series in (("sensor.home", LOAD), ("sensor.pv", SUN))
    ]
    return json.dumps({"timezone_identifier": "America/Los_Angeles", "entities": values})


SEMICOLONS = rows("delta", LOAD, SUN).replace(",", ";")
FORMS = {
    "YAML": (yaml_of(answered()), Unit.KILOWATT_HOUR),
    "JSON": (json.dumps(answered(), indent=2), Unit.KILOWATT_HOUR),
    "REST": (
        json.dumps({"changed_states": [], "service_response": answered()}),
        Unit.KILOWATT_HOUR,
    ),
    "WebSocket": (in_milliseconds(), Unit.KILOWATT_HOUR),
    "entities": (as_entities(), None),
    "list": (
        json.dumps(
            [
                {"statistic_id": name, "unit": "Wh", "start": at(n).timestamp(), "change": 1000 * v}
                for name, series in (("sensor.home", LOAD), ("sensor.pv", SUN))
                for n, v in enumerate(series)
            ]
        ),
        None,
    ),
    "CSV": (rows("delta", LOAD, SUN), None),
    "TSV": (rows("delta", LOAD, SUN).replace(",", "\t"), None),
    "commas": (re.sub(r"(\d)\.(\d+)$", r"\1,\2", SEMICOLONS, flags=re.MULTILINE), None),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_hours_in_every_form(tmp_path: Path, form: str) -> None:
    text, unit = FORMS[form]
    mark = DecimalMark.COMMA if form == "commas" else None
    history = read(tmp_path, text, columns=SAID, unit=unit, decimal=mark)
    assert (history.start, history.step) == (START, HOUR)
    assert (list(history.load_w), list(history.solar_w)) == WATTS
    assert history.source == "Home Assistant's statistics: home.csv"
    assert (history.findings, history.repairs) == ((), ())


@pytest.mark.parametrize("kind", ["sum", "state"])
def test_a_sum_is_read_at_the_end_of_its_hour(tmp_path: Path, kind: str) -> None:
    """Home Assistant writes the reading of 7 o'clock into the row of the hour from 6 on."""
    text = rows(kind, counters(LOAD), counters(SUN), first=-1)
    history = read(tmp_path, text, columns=SAID)
    assert (history.start, list(history.load_w)) == (START, WATTS[0])
    assert (list(history.solar_w), history.findings) == (WATTS[1], ())


def test_what_a_sum_grew_by_over_a_hole_is_of_no_hour(tmp_path: Path) -> None:
    lines = rows("sum", counters(LOAD), counters(SUN), first=-1).splitlines()
    text = "\n".join([line for line in lines if "04.05.2026 01:00" not in line] + [""])
    history = read(tmp_path, text, columns=SAID)
    assert [(gap.first, gap.end) for gap in history.gaps] == [(1, 3)]
    assert list(history.load_w)[::3] == WATTS[0][::3]


def test_a_change_counts_more_than_the_sum_beside_it(tmp_path: Path) -> None:
    answer = answered()
    for values in answer["statistics"].values():
        for entry in values:
            entry |= {"sum": 1.0, "state": None, "mean": None}
    history = read(tmp_path, json.dumps(answer), columns=SAID, unit=Unit.KILOWATT_HOUR)
    assert list(history.load_w) == WATTS[0]


def test_power_counts_by_its_mean(tmp_path: Path) -> None:
    text = rows("mean", LOAD, SUN).replace("kWh", "kW")
    assert list(read(tmp_path, text, columns=SAID).load_w) == WATTS[0]
    said = problems(tmp_path, rows("sum", LOAD, SUN).replace("kWh", "W"), columns=SAID)
    assert said == ["sensor.home in W has no mean; export it with the type mean"]


def test_statistics_are_added_up_where_it_is_said(tmp_path: Path) -> None:
    said = {"load": "sensor.home", "solar": "sensor.pv + sensor.roof"}
    text = rows("delta", LOAD, SUN) + rows("delta", [], SUN).partition("\n")[2].replace(
        "sensor.pv", "sensor.roof"
    )
    assert list(read(tmp_path, text, columns=said).solar_w) == [2 * watts for watts in WATTS[1]]
    history = read(tmp_path, text.rpartition("sensor.roof")[0], columns=said)
    assert [(gap.first, gap.end) for gap in history.gaps] == [(3, 4)]


def test_large_counters_are_in_megawatt_hours(tmp_path: Path) -> None:
    text = rows("delta", [each / 1000 for each in LOAD], [each / 1000 for each in SUN])
    history = read(tmp_path, text.replace("kWh", "MWh"), columns=SAID)
    assert list(history.load_w) == pytest.approx(WATTS[0])


def test_the_hour_that_comes_twice_is_there_twice_in_each_statistic(tmp_path: Path) -> None:
    labels = ["00:00", "01:00", "01:00", "02:00"]
    found = [
        [name, "kWh", f"01.11.2026 {label}", n + 1 if name == "sensor.home" else 0]
        for name in ("sensor.home", "sensor.pv")
        for n, label in enumerate(labels)
    ]
    text = table("statistic_id,unit,start,delta", found).replace(",01.11", ",1.11")
    history = read(tmp_path, text, columns=SAID)
    assert [watts / 1000 for watts in history.load_w] == [1, 2, 3, 4]


def test_years_in_files_of_their_own(tmp_path: Path) -> None:
    paths = [written(tmp_path, rows("delta", LOAD, SUN, first), f"{first}.csv") for first in (0, 4)]
    zone = START.tzinfo
    assert zone is not None
    history = read_history(paths, Instructions(zone=zone, columns=SAID))  # type: ignore[arg-type]
    assert (len(history), history.findings) == (8, ())


def test_what_is_not_said_is_asked(tmp_path: Path) -> None:
    text = rows("delta", LOAD, SUN)
    assert problems(tmp_path, text) == [
        (
            "has the statistics sensor.home (kWh), sensor.pv (kWh); say what they are with"
            " --columns load=NAME,solar=NAME, and with + between two that are added up"
        )
    ]
    wrong = {"load": "sensor.house"}
    assert problems(tmp_path, text, columns=wrong) == [
        'has no statistic "sensor.house"; it has sensor.home (kWh), sensor.pv (kWh)'
    ]
    assert problems(tmp_path, json.dumps(answered()), columns=SAID) == [
        (
            "does not say the unit of sensor.home; say --unit kWh, or Wh, W or kW, as Home"
            " Assistant shows it"
        )
    ]
    only = read(tmp_path, text, columns={"load": "sensor.home"}, no_solar=True)
    assert only.notes == ('left out, because --columns does not say what they are: "sensor.pv"',)


STATES = "entity_id,state,last_changed\nsensor.home,18894.5,2026-05-04T07:00:00.000Z\n"
WRONG = [
    (STATES, "has changes of state, as Home Assistant's history page downloads them"),
    (rows("delta", LOAD, SUN).replace("kWh", "°C", 4), 'sensor.home is in "°C", which is no unit'),
    (rows("delta", LOAD, SUN).replace("kWh", "kW", 1), "row 3 has sensor.home in kWh, and the fir"),
    (rows("delta", [1, "x"], SUN), 'delta of sensor.home is "x" \\(row 3\\), which is no number'),
    (rows("min", LOAD, SUN), "sensor.home in kWh has no change or delta or sum or state"),
    ("statistic_id,unit,start\n", "has no statistics; export at least load and sun, or grid"),
    ("statistic_id,unit,started,sum\na.b,kWh,1,2\n", 'has no column "start"'),
    ('{"statistics": {"sensor.home": [', "line 1 is no JSON; save the whole answer"),
    ('{"statistics": 5}', "has no statistics; save the answer of the action"),
    ('{"sensor.home": [{"change": 1}]}', "entry 1 of sensor.home does not say its start"),
    ("[1, 2]", "has no statistics; save the answer"),
    ("statistics:\n  sensor.home:\n    - change: 1\n", "row 3 begins an entry that does not say"),
    ("statistics:\n  sensor.home:\n  ??? \n", "row 3 is not as the developer tools show"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, expected: str) -> None:
    (said,) = problems(tmp_path, text, columns=SAID)
    assert re.search(expected, said), said


def test_statistics_that_cannot_be_added_up(tmp_path: Path) -> None:
    text = rows("delta", LOAD, SUN).replace("sensor.pv,kWh", "sensor.pv,Wh")
    said = problems(tmp_path, text, columns={"load": "sensor.home+sensor.pv"}, no_solar=True)
    assert said[0].startswith("sensor.home and sensor.pv cannot be added up")


def test_a_sum_that_went_back_is_told_with_its_row(tmp_path: Path) -> None:
    many = [0.5] * 12
    readings = counters(many)
    readings[6:] = counters(many[6:], first=0.0)
    text = rows("state", readings, counters(many), first=-1)
    said = problems(tmp_path, text, columns=SAID)
    assert said[0] == "a counter that went back: 1 row (row 8); fill it with --fill-gaps"


def test_an_entry_is_told_by_its_place_in_its_list(tmp_path: Path) -> None:
    said = problems(
        tmp_path,
        json.dumps(answered(load=(1.5, -3, 0.5, 1))),
        columns=SAID,
        unit=Unit.KILOWATT_HOUR,
    )
    assert said[0].startswith("a negative load: 1 row (entry 2)")


def test_days_are_too_coarse(tmp_path: Path) -> None:
    answer = answered()
    for values in answer["statistics"].values():
        for n, entry in enumerate(values):
            entry["start"] = (START + n * timedelta(days=1)).isoformat()
    said = problems(tmp_path, json.dumps(answer), columns=SAID, unit=Unit.KILOWATT_HOUR)
    assert said[0].startswith("its intervals are of 24 h")
