"""What watchers read of a daemon, and what becomes of it where it cannot be written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from house import AFTERNOON, House, local, trouble

from scheduler.listeners.heartbeat import HEARTBEAT_FILE, Heartbeat
from scheduler.loop import Listener
from scheduler.simulator.fault_plan import FaultKind

NOON, ONE, TWO = (local(7, 15, time) for time in ("12:00", "13:00", "14:00"))
POLL = timedelta(seconds=30)


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
