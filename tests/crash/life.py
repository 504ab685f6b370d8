"""A daemon's life in its journal, told as it goes along, for the crash tests to cut short.

It takes the journal's own write path, in the order of the loop: what an earlier life left open is
concluded by what the gateway reports, then a reading, a decision, an intent, the write, its
outcome, an event, a note, upkeep. Half a day passes with every round, so that seals, backups and
thinning come round too. The gateway is a file, which survives whoever writes to it.

Run as a program it lives twice for some rounds, and says what was acknowledged on stdout:
`life JOURNAL GATEWAY ROUNDS [SYNCHRONOUS]`, the last for the proof that the harness sees losses.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

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
from scheduler.domain import Effect, EffectRecord, ObservationRecord, Outcome
from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, engine, tables, verify

SITE = "home"
STEP = timedelta(hours=13)
READINGS = 5

Say = Callable[[str], None]
"""Takes a line that must survive: a row that the journal has acknowledged, as "table number"."""


class PaperGateway:
    """A gateway that keeps what is written to it, with the intent of each write, in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch()

    def write(self, intent_id: int, wanted: Setting) -> None:
        with self._path.open("a", encoding="ascii") as file:
            file.write(f"{intent_id} {wanted.mode.value} {wanted.reserve}\n")

    @property
    def writes(self) -> list[tuple[int, Setting]]:
        """Every write that reached it: the intent's number, and what it wanted."""
        # A write whose line has no end was cut short on its way.
        lines = self._path.read_text("ascii").rpartition("\n")[0].splitlines()
        found = [line.split() for line in lines]
        return [(int(number), Setting(Mode(m), int(r))) for number, m, r in found]

    @property
    def setting(self) -> Setting:
        writes = self.writes
        return writes[-1][1] if writes else EVERYDAY

    def observe(self, at: datetime) -> Observation:
        now = self.setting
        return replace(observation(at), mode=now.mode, reserve=AppPercent(now.reserve))


async def live(path: Path, gateway: PaperGateway, say: Say, rounds: Iterable[int]) -> None:
    """Live so many rounds. A round that the disk spoils is told of, and the next is tried.

    Raises `JournalProblem` where the journal cannot be opened or closed.
    """
    journal = await SqliteJournal.open(path, HandClock(NOON), [SITE])
    try:
        last = (await journal.past(SITE)).decision
        at = NOON if last is None else last.record.at
        home: Recorder | None = None
        for _ in rounds:
            at += STEP
            try:
                if home is None:
                    home = await Recorder.begin(journal, SITE, run_start(at))
                    say(f"run {home.run}")
                else:
                    await home.look_again()
                await one_round(journal, home, gateway, say, at)
            except JournalProblem as problem:
                say(f"problem {problem}")
    finally:
        await journal.close()


async def one_round(
    journal: SqliteJournal, home: Recorder, gateway: PaperGateway, say: Say, at: datetime
) -> None:
    left = (await journal.past(SITE)).open_intent
    if left is not None:
        applied = gateway.setting == left.wanted
        found = Outcome.RECOVERED_APPLIED if applied else Outcome.RECOVERED_NOT_APPLIED
        say(f"outcome {await home.commit(outcome(left.number, at, found))}")
    for number in range(READINGS):
        seen = gateway.observe(at + timedelta(seconds=30 * number))
        await home.commit(ObservationRecord(seen.at, seen))
    previous = gateway.setting
    wanted = Setting(Mode.BACKUP, 20 + (previous.reserve - 19) % 60)
    intent_id = await home.commit(
        decision(at, wanted), intent(at, wanted, previous, decision_id=home.next)
    )
    say(f"decision {intent_id - 1}")
    say(f"intent {intent_id}")
    gateway.write(intent_id, wanted)
    say(f"sent {await home.commit(sent(intent_id, at))}")
    say(f"outcome {await home.commit(outcome(intent_id, at))}")
    effect = EffectRecord(at, intent_id, wanted, Effect.CONFIRMED, "")
    say(f"effect {await home.commit(effect)}")
    say(f"event {await home.commit(event(at, scheduled_at=at))}")
    say(f"note {await home.commit(note(at))}")
    while await journal.upkeep(at):
        pass


UNCONCLUDED = (
    "SELECT intent.id, intent.run_id FROM intent LEFT JOIN outcome"
    " ON outcome.site = intent.site AND outcome.intent_id = intent.id"
    " WHERE outcome.id IS NULL AND NOT intent.would"
)


def faults_of(path: Path, acknowledged: Iterable[str], gateway: PaperGateway) -> list[str]:
    """All that is wrong with a journal after these acknowledgements, in words; sound: nothing."""
    wrong = []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:

        def numbers(query: str) -> set[int]:
            return {number for number, *_ in connection.execute(query)}

        there = {
            table.name: numbers(f"SELECT id FROM {table.name}")  # noqa: S608 -- our own names
            for table in tables.AUDIT_TABLES
        }
        unconcluded = numbers(UNCONCLUDED)
        slots = numbers("SELECT intent_id FROM open_intent")
    said = [line.split() for line in acknowledged if not line.startswith("problem")]
    wrong += [f"lost: {name} {number}" for name, number in said if int(number) not in there[name]]
    if unconcluded != slots:
        wrong.append(f"open intents {unconcluded}, slots taken {slots}")
    if len(unconcluded) > 1:
        wrong.append(f"{len(unconcluded)} open intents")
    unannounced = {number for number, _ in gateway.writes} - there["intent"]
    wrong += [f"written without an intent: {number}" for number in sorted(unannounced)]
    misfit = verify(path).misfit
    if misfit is not None:
        wrong.append(f"verify: {misfit}")
    return wrong


def open_intents(path: Path) -> list[tuple[int, int]]:
    """The intents without an outcome, each with its run."""
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
