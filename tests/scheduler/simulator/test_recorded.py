"""A profile against answers that a real gateway gave (firmware 21.39.1).

The recordings live beside the repository, not in it; without them there is nothing to compare.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from simulated_client import installer

from scheduler.simulator import profiles

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no recorded answers beside us")

PATHS = (
    profiles.AGGREGATES,
    profiles.OPERATION,
    profiles.COMPLETED,
    profiles.STATUS,
    profiles.SITEMASTER,
    profiles.UPDATE_STATUS,
    profiles.GRID_STATUS,
    profiles.GRID_FAULTS,
    profiles.SOE,
    profiles.SYSTEM_STATUS,
    profiles.SITE_INFO,
    profiles.SITE_NAME,
    profiles.REGISTRATION,
    profiles.TOGGLE_SUPPORTED,
    profiles.POWERWALLS_STATUS,
    profiles.PROBLEMS,
)


def shape(content: Any) -> Any:
    """Nested keys, with one word for each kind of value; numbers are numbers."""
    if isinstance(content, dict):
        return {key: shape(value) for key, value in content.items()}
    if isinstance(content, list):
        return [shape(value) for value in content]
    if isinstance(content, bool):
        return "bool"
    return "number" if isinstance(content, int | float) else type(content).__name__


def recorded(state: str, path: str) -> Path:
    return SAMPLES / state / (path.removeprefix("/api/").replace("/", ".") + ".json")


@pytest.mark.parametrize("path", PATHS)
def test_answers_have_the_shape_of_the_recorded_ones(path: str) -> None:
    sample = json.loads(recorded("running", path).read_text())
    assert shape(installer("21.39").read(path)) == shape(sample)


def test_all_readable_paths_silent_in_the_recording_are_silent_here() -> None:
    asker = installer("21.39")
    asker.gateway.home.running = False
    for path in PATHS:
        sample = recorded("stopped", path)
        silent = sample.with_suffix(".err").exists()
        assert silent or sample.exists(), path
        assert (asker.ask(path).status == 502) is silent


def test_a_gateway_with_nothing_to_do_says_so_as_recorded() -> None:
    sample = json.loads(recorded("running", profiles.UPDATE_STATUS).read_text())
    told = installer("21.39").read(profiles.UPDATE_STATUS)
    assert (told["state"], told["info"], told["version"]) == (
        sample["state"],
        sample["info"],
        sample["version"],
    )


def test_a_stopped_sitemaster_answers_as_recorded() -> None:
    asker = installer("21.39")
    asker.gateway.home.running = False
    sample = json.loads(recorded("stopped", profiles.SITEMASTER).read_text())
    assert asker.read(profiles.SITEMASTER) == sample
