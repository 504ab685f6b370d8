"""The controller, fed with what a recorded daemon read, comes to what that daemon journaled."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from taped import Differs, Player, compare, load, names

NOT_PLAYED = {
    "disk_full": "a commit fails: tests/scheduler/test_daemon.py",
    "restored": "rows are lost from the journal: tests/scheduler/test_daemon_restored.py",
    "restored_override": "as above",
    "lost_altogether": "as above",
}

RESUMED = "cause: 'the gateway has another setting' -> \"the owner's word\""
MEANT = {
    # A decision and its intent are one commit now, so none is lost alone.
    "killed_after_deciding": "decision 4 at 2026-07-15 21:31:01",
    # What a `resume` takes back of somebody else's is written because the owner said so.
    "installation_objected": f"intent 1 at 2026-07-15 16:30:00+00:00: {RESUMED}",
    "owner_over_app_change": f"intent 5 at 2026-07-15 22:30:00+00:00: {RESUMED}",
}
"""Recordings from which the controller differs on purpose, and how the one difference begins."""

WRITTEN_SOONER = {
    "clock_back": "2026-07-15T17:20:30",  # writes from before the clock was set back are older
    "owners_word": "2026-07-15T19:15:37",  # the owner's word has a cap of its own
    "writes_late": "2026-07-15T23:00:07",  # as above
    "writes_uncertain": "2026-07-15T22:30:37",  # as above
}
"""Recordings up to the instant at which the earlier daemon waited for a cap and this one writes."""


@pytest.mark.parametrize(
    "name", sorted(set(names()) - set(NOT_PLAYED) - set(MEANT) - set(WRITTEN_SOONER))
)
def test_the_same_readings_give_the_same_rows(tmp_path: Path, name: str) -> None:
    assert differences(tmp_path, name) == []


@pytest.mark.parametrize(("name", "how"), sorted(MEANT.items()))
def test_what_differs_is_meant(tmp_path: Path, name: str, how: str) -> None:
    found = differences(tmp_path, name)
    assert len(found) == 1
    assert found[0].startswith(how)


@pytest.mark.parametrize(("name", "at"), sorted(WRITTEN_SOONER.items()))
def test_up_to_a_write_that_need_not_wait_all_is_the_same(
    tmp_path: Path, name: str, at: str
) -> None:
    with pytest.raises(Differs, match=rf"^{at}\S*: wants applied, but then came ticked"):
        differences(tmp_path, name)


@pytest.mark.parametrize(
    "name",
    [
        "hold_through_restarts",
        "installs",
        "writes_refused",
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
    assert set(NOT_PLAYED) | set(MEANT) | set(WRITTEN_SOONER) <= set(names())
