"""A daemon's life in its journal, told as it goes along, for the crash tests to cut short.

It takes the journal's own write path for two sites at once, in the steps of their loops: what an
earlier life left open is concluded by what the gateway reports, then come readings, a decision and
its intent, the write, its sending, its outcome with an effect and an event, and upkeep. Half a day
passes with every round, so that seals, backups and thinning come round too. The gateway is a file,
which survives whoever writes to it.

The last row of each step is a note that names all rows of the step, so that a journal shows whether
a step is on the disk whole.

Run as a program it lives twice for some rounds, and says what was acknowledged on stdout:
`life JOURNAL GATEWAY ROUNDS [SYNCHRONOUS]`, the last for the proof that the harness sees losses.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from journaling import (
    EVERYDAY,
    NOON,
    Recorder,
    decision,
    event,
    intent,
    note,
    observation,
    outcome,
    run_start,
    sent,
)
from simulated_client import HandClock

from rules.domain import AppPercent, Mode, Observation, Setting
from scheduler.domain import (
    Effect,
    EffectRecord,
    ObservationRecord,
    Outcome,
    Record,
    RuleFilesRecord,
    RunStart,
)
from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, engine, tables, verify

SITES = ("home", "cabin")
STEP = timedelta(hours=13)
READINGS = 5
KINDS = {
    table.info["record"]: table.name
    for table in tables.metadata.tables.values()
    if table.info.get("record") is not None
}

Say = Callable[[str], None]
"""Takes a line that must survive."""


class Acknowledged(NamedTuple):
    """A step that the journal has acknowledged: the number of its first row, and their tables."""

    site: str
    first: int
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.site} {self.first} {','.join(self.kinds)}"

    @property
    def rows(self) -> Iterable[tuple[int, str]]:
        """The number and the table of each row."""
        return enumerate(self.kinds, self.first)


def acknowledged_in(line: str) -> Acknowledged | None:
    """The step that a line tells of."""
    told = re.fullmatch(r"(\w+) (\d+) ([\w,]+)", line)
    return told and Acknowledged(told[1], int(told[2]), tuple(told[3].split(",")))


class PaperGateway:
    """The gateways of all sites: a file of what is written to them, with the intent of each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def write(self, site: str, intent_id: int, wanted: Setting) -> None:
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{site} {intent_id} {wanted.mode.value} {wanted.reserve}\n")

    def writes(self, site: str) -> list[tuple[int, Setting]]:
        """Every write that reached it: the intent's number, and what it wanted."""
        # A write whose line has no end was cut short on its way.
        lines = self._path.read_text("ascii").rpartition("\n")[0].splitlines()
        found = [line.split() for line in lines]
        return [(int(number), Setting(Mode(m), int(r))) for of, number, m, r in found if of == site]

    def setting(self, site: str) -> Setting:
        writes = self.writes(site)
        return writes[-1][1] if writes else EVERYDAY

    def observe(self, site: str, at: datetime) -> Observation:
        now = self.setting(site)
        return replace(observation(at), mode=now.mode, reserve=AppPercent(now.reserve))


class Home:
    """One site's life in a journal, run by run."""

    def __init__(self, journal: SqliteJournal, site: str, gateway: PaperGateway, say: Say) -> None:
        self.site = site
        self._journal = journal
        self._gateway = gateway
        self._say = say
        self._recorder: Recorder | None = None

    async def live(self, at: datetime) -> None:
        """Live a round, in the steps of a loop. What the disk spoils is told of."""
        try:
            await self._live(at)
        except JournalProblem as problem:
            self._say(f"problem {problem}")

    async def _live(self, at: datetime) -> None:
        past = await self._journal.past(self.site)
        if self._recorder is None:
            recorder = Recorder(self._journal, self.site, past.next_number)
            await self._step(recorder, *begun(at))
            self._recorder = recorder
        recorder, gateway, site = self._recorder, self._gateway, self.site
        await recorder.look_again()
        left = past.open_intent
        if left is not None:
            applied = gateway.setting(site) == left.wanted
            found = Outcome.RECOVERED_APPLIED if applied else Outcome.RECOVERED_NOT_APPLIED
            await self._step(recorder, self._seen(at), outcome(left.number, at, found))
        for number in range(READINGS):
            await recorder.commit(self._seen(at + timedelta(seconds=30 * number)))
        previous = gateway.setting(site)
        wanted = Setting(Mode.BACKUP, 20 + (previous.reserve - 19) % 60)
        decided = recorder.next + 1
        meant = intent(at, wanted, previous, decision_id=decided)
        await self._step(recorder, self._seen(at), decision(at, wanted), meant)
        intent_id = decided + 1
        gateway.write(site, intent_id, wanted)
        await self._step(recorder, sent(intent_id, at))
        effect = EffectRecord(at, intent_id, wanted, Effect.CONFIRMED, "")
        ended = outcome(intent_id, at), effect, event(at, scheduled_at=at)
        await self._step(recorder, self._seen(at), *ended)

    def _seen(self, at: datetime) -> ObservationRecord:
        return ObservationRecord(at, self._gateway.observe(self.site, at))

    async def _step(self, recorder: Recorder, *records: Record) -> None:
        """Commit a step with its note, and say so."""
        kinds = (*(KINDS[type(record)] for record in records), "note")
        step = Acknowledged(self.site, recorder.next, kinds)
        await recorder.commit(*records, note(records[-1].at, str(step)))
        self._say(str(step))


def begun(at: datetime) -> tuple[RunStart, RuleFilesRecord]:
    """How a run begins; of its rule files the journal keeps the first."""
    start = run_start(at)
    return start, RuleFilesRecord(at, start.rules_hash, {"files": {}})


async def live(path: Path, gateway: PaperGateway, say: Say, rounds: Iterable[int]) -> None:
    """Live so many rounds. A round that the disk spoils is told of, and the next is tried.

    Raises `JournalProblem` where the journal cannot be opened or closed.
    """
    journal = await SqliteJournal.open(path, HandClock(NOON), SITES)
    try:
        pasts = [await journal.past(site) for site in SITES]
        at = max((past.decision.record.at for past in pasts if past.decision), default=NOON)
        homes = [Home(journal, site, gateway, say) for site in SITES]
        for _ in rounds:
            at += STEP
            await asyncio.gather(*(home.live(at) for home in homes))
            try:
                while await journal.upkeep(at):
                    pass
            except JournalProblem as problem:
                say(f"problem {problem}")
    finally:
        await journal.close()


UNCONCLUDED = (
    "SELECT intent.site, intent.id, intent.run_id FROM intent LEFT JOIN outcome"
    " ON outcome.site = intent.site AND outcome.intent_id = intent.id"
    " WHERE outcome.id IS NULL AND NOT intent.would"
)


class Left(NamedTuple):
    """What of a site is on the disk."""

    rows: dict[int, str]
    """The table of each row, by number."""

    notes: list[str]
    outcomes: list[tuple[int, str]]
    thinned_to: int


def left_of(connection: sqlite3.Connection, site: str) -> Left:
    def ask(query: str) -> list[Any]:
        return connection.execute(query, (site,)).fetchall()

    rows: dict[int, str] = {}
    for table in tables.NUMBERED_TABLES:
        for (number,) in ask(f"SELECT id FROM {table.name} WHERE site = ?"):  # noqa: S608 -- our own names
            assert number not in rows, f"two rows of {site} have the number {number}"
            rows[number] = table.name
    notes = [text for (text,) in ask("SELECT text FROM note WHERE site = ? ORDER BY id")]
    outcomes = ask("SELECT intent_id, outcome FROM outcome WHERE site = ?")
    thinned = "SELECT coalesce(max(last), 0) FROM seal WHERE site = ? AND replaces IS NOT NULL"
    ((thinned_to,),) = ask(thinned)
    return Left(rows, notes, outcomes, thinned_to)


def missing_of(step: Acknowledged, left: Left) -> list[str]:
    """The rows of a step that are not on the disk, though they are not thinned."""
    missing = []
    for number, kind in step.rows:
        is_there = left.rows.get(number) == kind
        thinned = kind == "observation" and number <= left.thinned_to
        # Rule files are kept once; their number is not used then.
        passed_over = kind == "rule_files" and any(
            earlier < number for earlier, other in left.rows.items() if other == kind
        )
        if not is_there and not thinned and not passed_over:
            missing.append(f"{kind} {number} of {step.site}")
    return missing


def halves_of(site: str, left: Left) -> list[str]:
    """What is on the disk of steps that are not whole; nothing, if all are."""
    steps = [step for text in left.notes if (step := acknowledged_in(text)) is not None]
    wrong = [f"half a step: {row} is missing" for step in steps for row in missing_of(step, left)]
    of_a_step = {number for step in steps for number, _ in step.rows}
    alone = {"gap", "observation"}
    return wrong + [
        f"half a step: {kind} {number} of {site} has no end"
        for number, kind in sorted(left.rows.items())
        if number not in of_a_step and kind not in alone
    ]


def untrue_of(site: str, left: Left, gateway: PaperGateway) -> list[str]:
    """What the journal says of writes, against those that the gateway got."""
    reached = {number for number, _ in gateway.writes(site)}
    intents = {number for number, kind in left.rows.items() if kind == "intent"}
    unannounced = sorted(reached - intents)
    wrong = [f"written without an intent: {number} of {site}" for number in unannounced]
    return wrong + [
        f"intent {number} of {site} is {outcome}, which is not so"
        for number, outcome in left.outcomes
        if (outcome == Outcome.RECOVERED_NOT_APPLIED) is (number in reached)
    ]


def faults_of(path: Path, lines: Iterable[str], gateway: PaperGateway) -> list[str]:
    """All that is wrong with a journal after these lines were said, in words; sound: nothing."""
    told = [step for line in lines if (step := acknowledged_in(line)) is not None]
    wrong = []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        for site in SITES:
            left = left_of(connection, site)
            here = [step for step in told if step.site == site]
            wrong += [f"lost: {row}" for step in here for row in missing_of(step, left)]
            wrong += halves_of(site, left) + untrue_of(site, left, gateway)
        unconcluded = sorted((site, number) for site, number, _ in connection.execute(UNCONCLUDED))
        slots = sorted(connection.execute("SELECT site, intent_id FROM open_intent"))
    if unconcluded != slots:
        wrong.append(f"open intents {unconcluded}, slots taken {slots}")
    verdict = verify(path)
    if verdict.misfit is not None:
        wrong.append(f"verify: {verdict.misfit}")
    return wrong


def open_intents(path: Path) -> list[tuple[str, int, int]]:
    """The intents without an outcome: site, number and run of each."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(UNCONCLUDED).fetchall()


def teller(descriptor: int) -> Say:
    """Says lines where a reader outlives this process, each at once and whole."""
    return lambda line: void(os.write(descriptor, f"{line}\n".encode()))


def void(_: object) -> None:
    """Only what was done matters."""


def sync_no_better_than(synchronous: str) -> None:
    """Spoil what every writer's connection is set up with."""
    prepare = engine.prepare_writer

    def prepare_worse(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
        prepare(connection, foreign_keys=foreign_keys)
        connection.execute(f"PRAGMA synchronous={synchronous}")

    engine.prepare_writer = prepare_worse


def main(journal: str, gateway: str, rounds: str, synchronous: str | None = None) -> None:
    if synchronous is not None:
        sync_no_better_than(synchronous)
    say = teller(sys.stdout.fileno())
    for _ in range(2):
        lived = live(Path(journal), PaperGateway(Path(gateway)), say, range(int(rounds)))
        asyncio.run(lived)


if __name__ == "__main__":
    main(*sys.argv[1:])
