"""The controller, fed with what a recorded daemon read, comes to what that daemon journaled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from taped import Player, compare, load, names

NOT_PLAYED = {
    "disk_full": "a commit fails: tests/scheduler/test_daemon.py",
    "restored": "rows are lost from the journal: tests/scheduler/test_daemon_restored.py",
    "restored_override": "as above",
    "lost_altogether": "as above",
}

MEANT = {
    "killed_after_deciding": "a decision and its intent are one commit now, so none is lost alone",
}
"""Recordings from which the controller differs on purpose; a test holds each to that."""


@pytest.mark.parametrize("name", sorted(set(names()) - set(NOT_PLAYED) - set(MEANT)))
def test_the_same_readings_give_the_same_rows(tmp_path: Path, name: str) -> None:
    assert differences(tmp_path, name) == []


@pytest.mark.parametrize("name", sorted(MEANT))
def test_what_differs_is_meant(tmp_path: Path, name: str) -> None:
    found = differences(tmp_path, name)
    assert len(found) == 1
    assert found[0].startswith("decision 4 at 2026-07-15 21:31:01")


@pytest.mark.parametrize(
    "name",
    [
        "owners_word",
        "installs",
        "writes_uncertain",
        pytest.param("swarm_3", marks=pytest.mark.long),
    ],
)
def test_the_state_goes_through_json_after_every_step(tmp_path: Path, name: str) -> None:
    assert differences(tmp_path, name, through_json=True) == []


def differences(folder: Path, name: str, *, through_json: bool = False) -> list[str]:
    tape = load(name)
    player = Player(tape, folder, through_json=through_json)
    asyncio.run(player.play())
    return player.differences + compare(tape, player.rows)


def test_every_recording_is_there() -> None:
    assert len(names()) == 78
    assert set(NOT_PLAYED) | set(MEANT) <= set(names())
