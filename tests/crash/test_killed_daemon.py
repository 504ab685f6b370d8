"""kill -9 of whole daemons at any instant, beside a simulated gateway over TLS on loopback."""

from __future__ import annotations

import random
import re
import select
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from crash.life import open_intents
from journaling import stored
from processes import RULES, Running, gateway, install, running, served, wait_for

from rules.domain import Mode, Setting
from scheduler.clock import SystemClock
from scheduler.journal.sqlite import verify
from scheduler.simulator.faults import Fault, FaultKind, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway

BETWEEN_LOGINS = timedelta(minutes=3)
LONGEST_S = 1.5
"""From the first sign of life to the kill. After it a quiet daemon waits for its next poll."""

SAID = {
    "run": r"running with rules",
    "decision": r"decided: ",
    "intent": r"writing ",
    "outcome": r".*: (held|refused|mismatch|unreachable|superseded|recovered_\w+), ",
}
"""What the daemon says once a row is in the journal, by table."""

TROUBLE: Sequence[FaultKind | None] = (
    None,
    FaultKind.UNCERTAIN_WRITE,
    FaultKind.LATE_ANSWER,
    FaultKind.LOST_WRITE,
    FaultKind.UNCOMPLETED_WRITE,
    FaultKind.IGNORED_WRITE,
    FaultKind.RESET,
)


def trouble_at_writes(kind: FaultKind | None) -> FaultPlan:
    """This trouble at every write; `None`: none."""
    begin = SystemClock().now()
    end = begin + timedelta(hours=1)
    path = "/api/config/completed" if kind is not FaultKind.LOST_WRITE else None
    return FaultPlan.scripted([] if kind is None else [Fault(kind, begin, end, path, 1.0)])


def rows(journal: Path, table: str) -> int:
    return len(stored(journal, f"SELECT id FROM {table} WHERE site = 'home'"))  # noqa: S608 -- our own names


def wrongs(journal: Path, simulated: SimulatedGateway, said: Counter[str]) -> list[str]:
    """What the journal, the gateway's record and the daemons' lines say against one another."""
    wrong = [
        f"{count} times a row of {table} was told of, {rows(journal, table)} are there"
        for table, count in said.items()
        if rows(journal, table) < count
    ]
    announced = [
        (datetime.fromisoformat(str(at)), Setting(Mode(str(mode)), int(str(reserve))))
        for at, mode, reserve in stored(
            journal, "SELECT at, wanted_mode, wanted_reserve FROM intent WHERE NOT would"
        )
    ]
    for number, write in enumerate(simulated.record.writes):
        same = sum(each.setting == write.setting for each in simulated.record.writes[: number + 1])
        if same > sum(at <= write.at and wanted == write.setting for at, wanted in announced):
            wrong.append(f"written without an intent: {write}")
    logins = [login.at for login in simulated.record.logins]
    if any(later - earlier < BETWEEN_LOGINS for earlier, later in pairwise(logins)):
        wrong.append(f"logins at {', '.join(map(str, logins))}")
    misfit = verify(journal).misfit
    if misfit is not None:
        wrong.append(f"verify: {misfit}")
    return wrong


def left_open(journal: Path) -> list[int]:
    """Intents of earlier runs without an outcome."""
    (newest,) = stored(journal, "SELECT max(id) FROM run")
    return [intent for _, intent, run in open_intents(journal) if run != newest[0]]


def lines(daemon: Running) -> Counter[str]:
    """How many rows of each table the daemon told of. A last line may be cut short."""
    told = [line.partition(" home: ")[2] for line in daemon.said]
    return Counter(
        {
            name: sum(re.match(what, line) is not None for line in told)
            for name, what in SAID.items()
        }
    )


def series(folder: Path, number: int, troubles: Sequence[FaultKind | None]) -> None:
    """Kill a daemon beside a gateway with each of these troubles, always on the same journal.

    The last daemon lives, and finds a gateway that is well.
    """
    chance = random.Random(number)
    simulated = gateway()
    journal = folder / "journal.sqlite"
    said: Counter[str] = Counter()
    with served(simulated) as address:
        config = install(folder, address)
        for cycle, trouble in enumerate((*troubles, None)):
            (folder / "rules.toml").write_text(RULES.replace("40", str(30 + 7 * cycle)))
            simulated._faults = trouble_at_writes(trouble)
            with running("run", "--config", config, cwd=folder) as daemon:
                daemon.until("running with rules")
                if cycle < len(troubles):
                    select.select([], [], [], chance.uniform(0.0, LONGEST_S))
                    assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
                else:
                    daemon.until("decided: ")
                    wait_for(lambda: not left_open(journal))
                    assert daemon.end() == 0
            said += lines(daemon)
            assert wrongs(journal, simulated, said) == [], cycle
    assert rows(journal, "run") == len(troubles) + 1
    assert len(simulated.record.logins) == 1


def test_a_daemon_that_is_killed_again_and_again(tmp_path: Path) -> None:
    series(tmp_path, 0, [None, None, FaultKind.UNCERTAIN_WRITE, FaultKind.LOST_WRITE])


@pytest.mark.long
@pytest.mark.parametrize("number", range(25))
def test_a_hundred_daemons_are_killed(tmp_path: Path, number: int) -> None:
    series(tmp_path, number, [TROUBLE[number % len(TROUBLE)]] * 4)


@pytest.mark.long
@pytest.mark.parametrize("number", range(12))
def test_daemons_that_are_killed_before_they_say_a_word_log_in_once(
    tmp_path: Path, number: int
) -> None:
    chance = random.Random(number)
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        for _ in range(4):
            with running("run", "--config", config, cwd=tmp_path) as daemon:
                select.select([], [], [], chance.uniform(0.4, LONGEST_S))
                daemon.end(signal.SIGKILL)
    assert len(simulated.record.logins) <= 1
