"""kill -9 of whole daemons at any instant, beside a simulated gateway over TLS on loopback."""

from __future__ import annotations

import random
import re
import select
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from crash.life import open_intents
from journaling import stored
from processes import (
    RULES,
    Running,
    config_text,
    gateway,
    install,
    running,
    served,
    wait_for,
)

from rules.domain import Mode, Setting
from scheduler.clock import SystemClock
from scheduler.journal.sqlite import verify
from scheduler.simulator.fault_plan import Fault, FaultKind, FaultPlan
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


def rows(journal: Path, table: str, site: str = "home") -> int:
    return len(stored(journal, f"SELECT id FROM {table} WHERE site = ?", site))  # noqa: S608 -- our own names


def wrongs(
    journal: Path, site: str, simulated: SimulatedGateway, said: Counter[str]
) -> Iterator[str]:
    """What the journal, the gateway's record and the daemons' lines say against one another."""
    for table, count in said.items():
        if rows(journal, table, site) < count:
            there = rows(journal, table, site)
            yield f"{count} times a row of {table} was told of, {there} are there"
    announced = [
        (datetime.fromisoformat(str(at)), Setting(Mode(str(mode)), int(str(reserve))))
        for at, mode, reserve in stored(
            journal,
            "SELECT at, wanted_mode, wanted_reserve FROM intent WHERE NOT would AND site = ?",
            site,
        )
    ]
    for number, write in enumerate(simulated.record.writes):
        same = sum(each.setting == write.setting for each in simulated.record.writes[: number + 1])
        if same > sum(at <= write.at and wanted == write.setting for at, wanted in announced):
            yield f"written without an intent: {write}"
    logins = [login.at for login in simulated.record.logins]
    if any(later - earlier < BETWEEN_LOGINS for earlier, later in pairwise(logins)):
        yield f"logins at {', '.join(map(str, logins))}"
    for run, at, kept, known in stored(journal, BEGINNINGS, site):
        if not kept or not known:
            yield f"run {run} of {at} began without its rule files, or without its route"


BEGINNINGS = (
    "SELECT run.id, run.at, EXISTS (SELECT 1 FROM rule_files AS kept"
    " WHERE kept.site = run.site AND kept.rules_hash = run.rules_hash),"
    " EXISTS (SELECT 1 FROM capability AS known WHERE known.site = run.site)"
    " FROM run WHERE run.site = ?"
)
"""Each run, and whether what is committed with its row is there."""

NOT_CLOSED_ONCE = (
    "SELECT intent.id FROM intent LEFT JOIN outcome"
    " ON outcome.site = intent.site AND outcome.intent_id = intent.id"
    " WHERE intent.site = ?1 AND intent.run_id < (SELECT max(id) FROM run WHERE site = ?1)"
    " GROUP BY intent.id HAVING count(outcome.id) <> 1"
)
"""Intents of earlier runs that have no outcome, or more than one."""


def lines(daemon: Running, site: str) -> Counter[str]:
    """How many rows of each table the daemon told of. A last line may be cut short."""
    told = [line.partition(f" {site}: ")[2] for line in daemon.said]
    return Counter(
        {
            name: sum(re.match(what, line) is not None for line in told)
            for name, what in SAID.items()
        }
    )


def series(
    folder: Path, number: int, troubles: Sequence[FaultKind | None], *sites: str
) -> dict[str, int]:
    """Kill a daemon beside gateways with each of these troubles, always on the same journal.

    The last daemon lives, and finds gateways that are well. How many daemons were killed, how many
    of them left an intent open, and how many lines of rows were told of.
    """
    chance = random.Random(number)
    homes = {site: gateway() for site in sites or ("home",)}
    journal = folder / "journal.sqlite"
    said: dict[str, Counter[str]] = {site: Counter() for site in homes}
    told = {"killed": 0, "left open": 0}
    with ExitStack() as stack:
        addresses = {site: stack.enter_context(served(home)) for site, home in homes.items()}
        config = install(folder, addresses["home"])
        tables = [config_text(address, name=site) for site, address in addresses.items()]
        config.write_text("".join(tables))
        for cycle, trouble in enumerate((*troubles, None)):
            (folder / "rules.toml").write_text(RULES.replace("40", str(30 + 7 * cycle)))
            for simulated in homes.values():
                simulated._faults = trouble_at_writes(trouble)
            with running("run", "--config", config, cwd=folder) as daemon:
                for _ in homes:
                    daemon.until("running with rules")
                if cycle < len(troubles):
                    select.select([], [], [], chance.uniform(0.0, LONGEST_S))
                    assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
                    told["killed"] += 1
                    told["left open"] += len(open_intents(journal))
                else:
                    for _ in homes:
                        daemon.until("decided: ")
                    for site in homes:
                        wait_for(lambda site=site: not stored(journal, NOT_CLOSED_ONCE, site))
                    assert daemon.end() == 0
            for site, simulated in homes.items():
                said[site] += lines(daemon, site)
                assert list(wrongs(journal, site, simulated, said[site])) == [], (cycle, site)
            verdict = verify(journal)
            assert verdict.misfit is None, cycle
            assert set(verdict.ends) == set(homes)
    for site, simulated in homes.items():
        assert rows(journal, "run", site) == len(troubles) + 1
        assert len(simulated.record.logins) == 1
    return told | {"rows told of": sum(count.total() for count in said.values())}


def test_a_daemon_that_is_killed_again_and_again(tmp_path: Path) -> None:
    series(tmp_path, 0, [None, None, FaultKind.UNCERTAIN_WRITE, FaultKind.LOST_WRITE])


def test_a_daemon_of_two_sites_is_killed_again_and_again(tmp_path: Path) -> None:
    told = series(tmp_path, 1, [None, FaultKind.UNCERTAIN_WRITE], "home", "cabin")
    assert told["killed"] == 2
    assert told["rows told of"] >= 2 * (told["killed"] + 1)


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
