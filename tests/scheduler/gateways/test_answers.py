from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.domain import GridStatus, Mode, Observation, Quantity
from scheduler.domain import FirmwareState
from scheduler.gateways.local.answers import (
    Document,
    Fields,
    beyond_scale,
    parse_aggregates,
    parse_grid_status,
    parse_operation,
    parse_sitemaster,
    parse_soe,
    parse_status,
    parse_update_status,
    words,
)

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"
PARSERS: list[Callable[[Document], Fields]] = [
    parse_soe,
    parse_aggregates,
    parse_grid_status,
    parse_operation,
    parse_sitemaster,
    parse_status,
]

BEYOND: list[object] = [None, True, "42", [42], {}, math.nan, math.inf, -math.inf]


def recorded(name: str) -> dict[str, Any]:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the recorded answers are not here")
    return dict(json.loads(path.read_text()))


class TestRecordedAnswers:
    def test_running(self) -> None:
        fields: dict[str, object] = {}
        for name, parse in {
            "system_status.soe": parse_soe,
            "meters.aggregates": parse_aggregates,
            "system_status.grid_status": parse_grid_status,
            "operation": parse_operation,
            "sitemaster": parse_sitemaster,
            "status": parse_status,
        }.items():
            fields |= parse(recorded(f"running/{name}.json"))
        assert fields.pop("soe") == pytest.approx(25.27, abs=0.005)
        assert fields.pop("reserve") == pytest.approx(26.3, abs=0.02)
        assert fields.pop("solar_power") == pytest.approx(0, abs=10)
        assert fields.pop("unknown_words") == {}
        assert fields == {
            "site_power": 537.0,
            "battery_power": 10.0,
            "load_power": 540.25,
            "grid": GridStatus.CONNECTED,
            "grid_services": False,
            "mode": Mode.SELF_CONSUMPTION,
            "running": True,
            "firmware": "21.39.1 7759c368",
        }

    def test_stopped(self) -> None:
        assert parse_sitemaster(recorded("stopped/sitemaster.json")) == {"running": False}
        assert parse_operation(recorded("stopped/operation.json"))["reserve"] is not None

    def test_a_reserve_of_nothing_reads_as_nothing(self) -> None:
        fields = parse_operation(recorded("other/operation.json"))
        assert fields["mode"] is Mode.AUTONOMOUS
        assert fields["reserve"] == pytest.approx(0, abs=0.001)

    @pytest.mark.parametrize(
        ("name", "state"),
        [
            ("running/system.update.status.json", FirmwareState.NOTHING_NEWER),
            ("stopped/system.update.status.json", FirmwareState.NOTHING_NEWER),
            ("other/system.update.status.json", FirmwareState.NOTHING_NEWER),
        ],
    )
    def test_update_status(self, name: str, state: FirmwareState) -> None:
        assert parse_update_status(recorded(name)).state is state


@pytest.mark.parametrize(
    ("raw", "app"),
    [
        (5, 0),
        (5.000019999999999, 0),
        (0, 0),
        (24, 20),
        (52.5, 50),
        (81, 80),
        (100, 100),
        # What is a little beyond the scale is its end.
        (100.00002, 100),
        (100.3, 100),
        (100.5, 100),
        (-0.5, 0),
    ],
)
def test_raw_percent_becomes_the_percent_of_the_app(raw: float, app: float) -> None:
    assert parse_soe({"percentage": raw})["soe"] == pytest.approx(app, abs=0.001)
    assert parse_operation({"backup_reserve_percent": raw})["reserve"] == pytest.approx(
        app, abs=0.001
    )


@pytest.mark.parametrize("value", [*BEYOND, -0.51, 100.51, 10**19])
def test_a_percent_that_cannot_be_is_missing(value: object) -> None:
    assert parse_soe({"percentage": value}) == {"soe": None}
    assert parse_operation({"backup_reserve_percent": value})["reserve"] is None


@pytest.mark.parametrize("value", [*BEYOND, 1_000_001, -1_000_001.0])
@pytest.mark.parametrize("meter", ["site", "battery", "load", "solar"])
def test_a_power_that_cannot_be_is_missing(meter: str, value: object) -> None:
    watts = {name: {"instant_power": 1.0} for name in ("site", "battery", "load", "solar")}
    expected = {f"{name}_power": 1.0 for name in watts} | {f"{meter}_power": None}
    assert parse_aggregates({**watts, meter: {"instant_power": value}}) == expected


@pytest.mark.parametrize("value", [None, 7, "site", []])
def test_a_meter_that_is_none_is_missing(value: object) -> None:
    assert parse_aggregates({"site": value})["site_power"] is None


@pytest.mark.parametrize("status", list(GridStatus))
def test_the_seven_words_for_the_grid(status: GridStatus) -> None:
    assert parse_grid_status({"grid_status": status.value})["grid"] is status


@pytest.mark.parametrize("word", ["", "Active", "systemgridconnected", None, True, 1, []])
def test_other_words_for_the_grid_are_missing(word: object) -> None:
    assert parse_grid_status({"grid_status": word})["grid"] is None


@pytest.mark.parametrize(
    ("document", "mode"),
    [
        ({"mode": "backup"}, Mode.BACKUP),
        ({"real_mode": "autonomous"}, Mode.AUTONOMOUS),
        ({"real_mode": "self_consumption", "mode": "backup"}, Mode.SELF_CONSUMPTION),
        ({"real_mode": "site_control"}, None),
        ({"real_mode": 1}, None),
        ({}, None),
    ],
)
def test_the_mode(document: Document, mode: Mode | None) -> None:
    assert parse_operation(document)["mode"] is mode


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("site_control", "site_control"),
        ("site\ncontrol\x1b[2J", "site control [2J"),
        ("x" * 200, "x" * 79 + "…"),
        ("", None),
        ("\n", None),
        (None, None),
        (7, None),
    ],
)
def test_an_unknown_word_is_kept_for_people(said: object, kept: str | None) -> None:
    found = parse_operation({"real_mode": said}), parse_grid_status({"grid_status": said})
    assert [each["unknown_words"] for each in found] == [
        {quantity: kept} if kept else {} for quantity in (Quantity.MODE, Quantity.GRID)
    ]
    known = (
        parse_operation({"real_mode": "backup"}),
        parse_grid_status({"grid_status": "SystemGridConnected"}),
    )
    assert [each["unknown_words"] for each in known] == [{}, {}]


@pytest.mark.parametrize(
    ("value", "flag"), [(True, True), (False, False), (1, None), ("true", None), (None, None)]
)
def test_a_flag_is_true_false_or_missing(value: object, flag: bool | None) -> None:
    assert parse_sitemaster({"running": value}) == {"running": flag}
    assert parse_grid_status({"grid_services_active": value})["grid_services"] is flag


@pytest.mark.parametrize(
    ("state", "status", "meaning"),
    [
        ("/clear_update_status", [],                FirmwareState.CHECKING),
        ("/download",            [],                FirmwareState.DOWNLOADING),
        ("/update_downloaded",   [],                FirmwareState.DOWNLOADING),
        ("/update_staged",       [],                FirmwareState.STAGED),
        ("/update_succeeded",    [],                FirmwareState.NOTHING_NEWER),
        ("/update_succeeded",    ["nonactionable"], FirmwareState.NOTHING_NEWER),
        ("/update_unknown",      ["nonactionable"], FirmwareState.NOTHING_NEWER),
        ("/update_unknown",      [],                FirmwareState.IDLE),
        ("/update_unknown",      ["ignoring"],      FirmwareState.IDLE),
        ("/update_failed",       ["nonactionable"], FirmwareState.NOTHING_NEWER),
        ("/update_failed",       [],                FirmwareState.FAILED),
        ("/update_failed",       ["error"],         FirmwareState.FAILED),
        ("/update_unknown",      ["error"],         FirmwareState.FAILED),
        ("/clear_update_status", ["nonactionable"], FirmwareState.CHECKING),
        ("/something_new",       [],                FirmwareState.UNKNOWN),
        (None,                   None,              FirmwareState.UNKNOWN),
        (7,                      [7],               FirmwareState.UNKNOWN),
    ],
)  # fmt: skip
def test_the_update_status(state: object, status: object, meaning: FirmwareState) -> None:
    assert parse_update_status({"state": state, "info": {"status": status}}).state is meaning


def test_the_update_status_in_the_gateways_words() -> None:
    read = parse_update_status(
        {"state": "/update_failed", "info": {"status": ["error"]}, "version": "21.44 223a56cd"}
    )
    assert read.raw.startswith("/update_failed error (the gateway has no connection")
    assert read.version == "21.44 223a56cd"
    assert parse_update_status({}).raw == "no usable answer"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1.15.0\n", "1.15.0"),
        ("a\x1b[31m\r\nb\u2028c", "a [31m b c"),
        ("x" * 81, "x" * 79 + "…"),
        (7, ""),
    ],
)
def test_words_fit_a_log_line(text: object, line: str) -> None:
    assert words(text) == line


WORDS = st.text("aS/_\n\u2028", max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["percentage", "site", "instant_power", "grid_status", "real_mode", "state", "info", "status"]
)


@given(st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON)))
def test_nothing_a_gateway_says_is_an_error(document: dict[str, object]) -> None:
    parse_update_status(document)
    for parse in PARSERS:
        fields = parse(document)
        assert fields.keys() <= Observation.__dataclass_fields__.keys()
        for name, value in fields.items():
            if isinstance(value, float):
                assert math.isfinite(value)
            if name in {"soe", "reserve"} and isinstance(value, float):
                assert 0.0 <= value <= 100.0


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"percentage": 100.5}, None),
        ({"percentage": 100.6}, ("state of energy", 100.6)),
        ({"percentage": None}, None),
        ({"percentage": "400"}, None),
        ({"backup_reserve_percent": -0.6}, ("reserve", -0.6)),
        ({"backup_reserve_percent": 24}, None),
    ],
)
def test_a_percent_beyond_the_scale_is_found(
    document: dict[str, object], found: tuple[str, float] | None
) -> None:
    assert beyond_scale(document) == found
