"""Whatever a file holds, it is a history or a sentence about it, and never anything else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from histories import BOTH_WAYS, HOME_ASSISTANT, LOS_ANGELES, PGE, SCE, SDGE, feed, hours, kw
from hypothesis import given
from hypothesis import strategies as st

from rules.errors import PwschedError
from scheduler.money import LocalClock, Unit
from scheduler.money.intervals import History, Instructions, csv_lines, read_history

OURS = (
    "# pwsched interval data: a row an interval, beginning at its time\n"
    "# timezone: America/Los_Angeles\n# repaired: 2026-05-04T09:00:00+00:00"
    " 2026-05-04T12:00:00+00:00 filled\ntime,load_W,solar_W\n2026-05-04T00:00:00-07:00,850.0,0.0\n"
    "2026-05-04T01:00:00-07:00,850.0,0.0\n"
)
GERMAN = "Datum;load_kW;solar_kW\n31.10.2026 23:00;1,25;0\n01.11.2026 01:00;1.000,5;0,5\n"
TESLA = "Date time,Home (kW),Solar (kW),Vehicle (kW)\n" + "".join(
    f"2026-05-04T00:{minute:02}:00-07:00,2.5,1.0,7\n" for minute in range(0, 30, 5)
)
EXPORTED = (
    "at,site,soe,site_power,battery_power,load_power,solar_power,readings\n"
    "2026-05-04T07:00:00.000+00:00,home,50,1,2,3,0,1\n2026-05-04T07:06:00.000+00:00,home,,1,,3,0,9\n"
)
LINES = "".join(
    f'{{"at": "2026-05-04T07:0{minute}:00+00:00", "site": "home", "site_power": 1.5,'
    ' "battery_power": null, "load_power": 3, "solar_power": 0, "readings": 1}\n'
    for minute in (0, 6)
)
STATISTICS = (
    "statistic_id\tunit\tstart\tsum\tmean\nsensor.home\tkWh\t04.05.2026 00:00\t10\t\n"
    "sensor.home\tkWh\t04.05.2026 01:00\t11\t\nsensor.pv\tkWh\t04.05.2026 01:00\t5\t\n"
    "sensor.pv\tkWh\t04.05.2026 02:00\t5,5\t\n"
)
AS_JSON = (
    '{"statistics": {"sensor.home": [{"start": "2026-05-04T07:00:00+00:00", "change": 1.5},'
    ' {"start": 1777881600000, "change": null}], "sensor.pv": []}}'
)
AS_YAML = (
    'statistics:\n  sensor.home:\n    - start: "2026-05-04T07:00:00+00:00"\n      change: 1.5\n'
    '    - start: "2026-05-04T08:00:00+00:00"\n      change: 0.5\n  sensor.pv: []\n'
)
SEEDS = (
    PGE, SCE, SDGE, HOME_ASSISTANT, feed(*BOTH_WAYS), kw(hours(6)), OURS, GERMAN, TESLA, EXPORTED,
    LINES, STATISTICS, AS_JSON, AS_YAML,
)  # fmt: skip
STRANGE = (
    "", "0", "-1", "1e400", "NaN", "inf", "1,5", "99999999999999999999", "é", '"', "\n", "\r", ",",
    ";", "\t", "\0", "0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2026-11-01 01:00",
    "2026-03-08 02:30", "31/31/2026", "25:61", "12:00 XM", "<", ">", "&x;", "-", "#", "2026-W01-1",
    "10000000000", "-5", "999", " ", "{", "[", "]", ":", "sensor.home", "statistic_id", "null",
)  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A file of some kind in which a few stretches are something else."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 20))
        text = text[:start] + draw(st.sampled_from(STRANGE)) + text[start + length :]
    return text


def told(path: Path, instructions: Instructions) -> None:
    try:
        history = read_history([path], instructions)
    except PwschedError as error:
        assert str(error)  # noqa: PT017 -- one of two good ends
        return
    assert isinstance(history, History)
    assert len("".join(csv_lines(history)))
    if not history.findings:
        assert len(history.interval_data()) == len(history)


@given(
    spoiled(),
    st.builds(
        Instructions,
        zone=st.just(LOS_ANGELES),
        clock=st.sampled_from(LocalClock),
        unit=st.none() | st.sampled_from(Unit),
        no_solar=st.booleans(),
        counters=st.booleans(),
        sort=st.booleans(),
        drop_duplicates=st.booleans(),
        drop_negative=st.booleans(),
        columns=st.sampled_from(({}, {"load": "sensor.home", "solar": "sensor.pv"})),
        drop_spikes=st.booleans(),
        fill_gaps=st.sampled_from((timedelta(), timedelta(hours=3))),
    ),
)
def test_a_spoiled_file_is_a_history_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str, instructions: Instructions
) -> None:
    path = tmp_path_factory.getbasetemp() / "spoiled"
    path.write_bytes(text.encode())
    told(path, instructions)


@given(st.binary(max_size=200))
def test_bytes_are_a_history_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes"
    path.write_bytes(content)
    told(path, Instructions(zone=LOS_ANGELES))
