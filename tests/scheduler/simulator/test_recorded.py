"""Profiles against answers that real gateways gave: their shapes, with the battery running or not.

The recordings live beside the repository, not in it; without them there is nothing to compare.
Those of 21.39.1 are of one home, path by path; others are single answers of other firmware.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from simulated_client import Client, client, installer

from scheduler.simulator import profiles
from scheduler.simulator.bodies import inner_meters

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded answers beside us")

RECORDED: Final = "21.39"
NAMED_BY_DATA: Final = {
    profiles.READINGS: "",
    "/api/site_info/grid_regions": "grid_code_settings",
}
"""Where the keys of an object are serial numbers or names, and not the same in any two homes."""


def shape(content: Any) -> Any:
    """Nested keys, with one word for each kind of value; numbers are numbers.

    Of a list it is the kinds of elements that count: how many brands there are is another matter.
    """
    if isinstance(content, dict):
        return {key: shape(value) for key, value in content.items()}
    if isinstance(content, list):
        return sorted({json.dumps(shape(value), sort_keys=True) for value in content})
    if isinstance(content, bool):
        return "bool"
    return "number" if isinstance(content, int | float) else type(content).__name__


def without_names(path: str, content: Any) -> Any:
    """The answer with a list in place of an object whose keys are data."""
    if path not in NAMED_BY_DATA:
        return content
    key = NAMED_BY_DATA[path]
    if not key:
        return list(content.values())
    return {**content, key: list(content[key].values())}


def recorded(state: str) -> dict[str, Path]:
    """The recordings in one state of the battery, by path; `.err` are those with a refusal."""
    found = {}
    for sample in sorted((SAMPLES / state).iterdir()):
        path = "/api/" + sample.stem.replace(".", "/")
        found[path.replace("METER_SERIAL", "M")] = sample
    return found


def asked(asker: Client, path: str) -> str:
    """The path with the serial number of our meter in it."""
    for serial, kind in inner_meters(asker.gateway._life.device).items():
        path = path.replace(f"/M{kind}/", f"/{serial}/")
    return path


def compared() -> list[tuple[str, str]]:
    return [(state, path) for state in ("running", "stopped") for path in recorded(state)]


@pytest.mark.parametrize(("state", "path"), compared() if SAMPLES.is_dir() else [])
def test_every_recorded_path_answers_as_it_did(state: str, path: str) -> None:
    sample = recorded(state)[path]
    asker = installer(RECORDED)
    asker.gateway.home.running = state == "running"
    answer = asker.ask(asked(asker, path))
    if sample.suffix == ".err":
        head, _, body = sample.read_text().replace("\r", "").partition("\n\n")
        assert answer.status == int(head.split()[1])
        assert answer.body.decode() == body.strip()
        return
    assert answer.status == 200
    ours, theirs = json.loads(answer.body), json.loads(sample.read_text())
    assert shape(without_names(path, ours)) == shape(without_names(path, theirs))


@pytest.mark.parametrize(
    ("profile", "path", "sample"),
    [
        ("1.15", profiles.AGGREGATES, "api_meters_aggregates"),
        ("1.15", "/api/site_info/grid_codes", "api_site_info_grid_codes"),
        ("1.15", profiles.UPDATE_STATUS, "system.update.status"),
        ("1.20", profiles.READINGS, "meters.readings"),
        ("21.39", profiles.OPERATION, "operation"),
        ("21.39", profiles.SYSTEM_STATUS, "system_status"),
        ("21.39", profiles.POWERWALLS_STATUS, "powerwalls.status.non-offgrid-capable"),
    ],
)
def test_single_answers_have_the_shape_of_those_of_their_firmware(
    profile: str, path: str, sample: str
) -> None:
    theirs = json.loads((SAMPLES / "other" / f"{sample}.json").read_text())
    ours = installer(profile).read(path)
    if path.endswith("grid_codes"):
        entries = [entry for state in theirs["United States"].values() for entry in state.values()]
        found = [entry for state in ours["United States"].values() for entry in state.values()]
        assert set(theirs) & set(ours)
        assert shape(found) == shape(entries)
        return
    assert shape(without_names(path, ours)) == shape(without_names(path, theirs))


def test_a_login_has_the_shape_of_a_recorded_one() -> None:
    theirs = json.loads((SAMPLES / "other" / "api-login-basic.json").read_text())
    answer = client("23.28").log_in("customer")
    assert shape(json.loads(answer.body)) == shape(theirs)


def test_a_write_is_echoed_as_recorded() -> None:
    theirs = json.loads((SAMPLES / "other" / "operation.post.1.json").read_text())
    assert json.loads(installer("1.15").write("self_consumption", 24.6).body) == theirs


def test_a_gateway_with_nothing_to_do_says_so_as_recorded() -> None:
    sample = json.loads(recorded("running")[profiles.UPDATE_STATUS].read_text())
    told = installer(RECORDED).read(profiles.UPDATE_STATUS)
    assert (told["state"], told["info"], told["version"]) == (
        sample["state"],
        sample["info"],
        sample["version"],
    )


def test_a_stopped_sitemaster_answers_as_recorded() -> None:
    asker = installer(RECORDED)
    asker.gateway.home.running = False
    sample = json.loads(recorded("stopped")[profiles.SITEMASTER].read_text())
    assert asker.read(profiles.SITEMASTER) == sample


@pytest.mark.parametrize(
    ("reserve", "sample"), [(0.0, "other/operation.json"), (25 / 0.95, "running/operation.json")]
)
def test_a_reserve_reads_back_as_recorded(reserve: float, sample: str) -> None:
    """Raw 5 came back with a little too much, raw 30 without."""
    asker = installer(RECORDED)
    configuration = asker.gateway._configuration
    configuration.shown = configuration.shown._replace(reserve=reserve)
    theirs = json.loads((SAMPLES / sample).read_text())["backup_reserve_percent"]
    assert asker.read(profiles.OPERATION)["backup_reserve_percent"] == theirs
