"""What watchers read of a daemon, and what becomes of it where it cannot be written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from house import AFTERNOON, House, local, trouble

from scheduler.cli.status import _sound
from scheduler.domain import NoteKind, NoteRecord
from scheduler.listeners.heartbeat import HEARTBEAT_FILE, Heartbeat
from scheduler.loop import CommitFailed, Listener, Recorded
from scheduler.simulator.fault_plan import FaultKind

NOON, ONE, TWO = (local(7, 15, time) for time in ("12:00", "13:00", "14:00"))
POLL = timedelta(seconds=30)
READS = (
    "/api/status",
    "/api/operation",
    "/api/sitemaster",
    "/api/meters/aggregates",
    "/api/system_status/soe",
    "/api/system_status/grid_status",
)


class Watched(House):
    """A house whose loop has a heartbeat."""

    def __init__(self, folder: Path, at: Path, **more: Any) -> None:
        super().__init__(folder, AFTERNOON, NOON, **more)
        self.warnings: list[str] = []
        polls = {self.site.name: self.site.poll}
        self.heartbeat = Heartbeat(at / HEARTBEAT_FILE, "1.2.0", polls, self.warnings.append)

    def listeners(self) -> Sequence[Listener]:
        return (*super().listeners(), self.heartbeat)


def test_the_file_tells_of_the_last_tick(tmp_path: Path) -> None:
    house = Watched(tmp_path, tmp_path)

    def hold() -> None:
        assert house.loop is not None
        house.hold("ann", reserve=60, until="15:00")

    house.at(ONE, hold)
    house.play(TWO - POLL)
    told = json.loads((tmp_path / HEARTBEAT_FILE).read_text())
    home = told["sites"]["home"]
    assert told["version"] == "1.2.0"
    assert TWO - 2 * POLL <= datetime.fromisoformat(home["at"]) <= TWO - POLL
    assert home["wanted"] == {"mode": "self_consumption", "reserve": 60}
    assert (home["mode"], round(home["reserve"]), home["grid"]) == (
        "self_consumption",
        60,
        "SystemGridConnected",
    )
    assert home["until"] == TWO.isoformat()
    assert home["reason"] == "reserve 60 % by manual hold until 15:00; self_consumption by default"
    assert (home["hold"]["by"], home["hold"]["until"]) == (
        "ann",
        local(7, 15, "15:00").isoformat(),
    )
    assert (home["advising"], home["poll"]) == (False, 30.0)


def test_after_a_restart_without_an_answer_the_reason_is_still_known(tmp_path: Path) -> None:
    gone = trouble(FaultKind.NO_ANSWER, ONE, TWO)
    house = Watched(tmp_path, tmp_path, faults=[gone]).play(ONE)
    (tmp_path / HEARTBEAT_FILE).unlink()
    house.play(ONE + 2 * POLL)
    home = json.loads((tmp_path / HEARTBEAT_FILE).read_text())["sites"]["home"]
    assert home["reason"] == "self_consumption and reserve 20 % by default"


def test_it_says_since_when_nothing_is_read_over_a_restart_as_well(tmp_path: Path) -> None:
    busy = [trouble(FaultKind.BAD_GATEWAY, ONE, TWO, path) for path in READS]
    house = Watched(tmp_path, tmp_path, faults=busy).play(ONE + 10 * POLL)
    for _ in range(2):
        home = json.loads((tmp_path / HEARTBEAT_FILE).read_text())["sites"]["home"]
        since = datetime.fromisoformat(home["silence"]["since"])
        assert ONE - 2 * POLL <= since <= ONE
        assert "HTTP 502" in home["silence"]["why"]
        assert _sound(home, since + 2 * POLL)
        assert not _sound(home, since + 3 * POLL)
        house.play(house.unstepped() + 10 * POLL)
    house.play(TWO + 10 * POLL)
    home = json.loads((tmp_path / HEARTBEAT_FILE).read_text())["sites"]["home"]
    assert home["silence"] is None
    assert house.kinds().count("unreachable") == 4  # once a run
    (again,) = [text for _, text in house.notes("reachable")]
    assert again == f"the gateway answers again; nothing was read since {since:%Y-%m-%d %H:%M} UTC"


def test_a_silence_that_ends_while_no_daemon_runs_ends_with_the_next(tmp_path: Path) -> None:
    house = Watched(tmp_path, tmp_path, faults=[trouble(FaultKind.NO_ANSWER, ONE, TWO)])
    house.play(ONE + 10 * POLL).wait(TWO + POLL)
    house.play(TWO + 10 * POLL)
    assert [kind for kind in house.kinds() if "reach" in kind] == ["unreachable", "reachable"]


def test_what_cannot_be_recorded_is_told_until_it_is(tmp_path: Path) -> None:
    beats = Heartbeat(tmp_path / HEARTBEAT_FILE, "1", {"home": POLL}, print)
    beats(CommitFailed("home", ONE, "its disk is full"))
    beats(CommitFailed("home", TWO, "its disk fails"))
    assert beats.known()["sites"]["home"]["unrecorded"] == {
        "since": ONE.isoformat(),
        "why": "its disk fails",
    }
    beats(Recorded("home", NoteRecord(TWO, NoteKind.REACHABLE, "again")))
    assert beats.known()["sites"] == {}


def test_where_it_cannot_be_written_the_loop_goes_on_and_says_so_once(tmp_path: Path) -> None:
    house = Watched(tmp_path, tmp_path / "nowhere").play(TWO + 2 * POLL)
    assert [at for at, _ in house.writes] == [TWO]
    (warning,) = house.warnings
    assert "cannot be written" in warning


def test_no_half_file_and_nothing_else_is_left(tmp_path: Path) -> None:
    place = tmp_path / "run"
    place.mkdir()
    Watched(tmp_path, place).play(ONE)
    assert [path.name for path in place.iterdir()] == [HEARTBEAT_FILE]
