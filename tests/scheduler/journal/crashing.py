"""Runs in a process of its own: forks writers, kills each in the middle of its work.

Every writer opens the journal, concludes what its predecessor left open, and then writes for
ever, saying each number that the journal has given it. Prints what was said, as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
from pathlib import Path

from journaling import after, intent, note, observation, run_start

from scheduler.journal.records import Outcome
from scheduler.journal.writer import Journal


def main(path: Path, cycles: int) -> None:
    chance = random.Random(20)  # noqa: S311
    acknowledged: list[str] = []
    for _ in range(cycles):
        acknowledged += one_writer(path, acknowledgements=chance.randint(1, 25))
    print(json.dumps(acknowledged))  # noqa: T201


def one_writer(path: Path, acknowledgements: int) -> list[str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(write_for_ever(path, writing))
    os.close(writing)
    with os.fdopen(reading) as said:
        lines = list(itertools.islice(said, acknowledgements))
        os.kill(child, signal.SIGKILL)
        lines += said
    os.waitpid(child, 0)
    return [line.strip() for line in lines if line.endswith("\n")]


async def write_for_ever(path: Path, said: int) -> None:
    journal = await Journal.open(path)
    run_id = await journal.begin_run(run_start())
    say(said, f"run {run_id}")
    left_open = await journal.open_intent("home")
    if left_open is not None:
        outcome = Outcome.RECOVERED_NOT_APPLIED
        await journal.conclude("home", left_open.id, after(0), outcome, "")
    for second in itertools.count():
        journal.observe("home", run_id, observation(after(second)))
        intent_id = await journal.intend("home", run_id, None, intent(after(second)))
        say(said, f"intent {intent_id}")
        await journal.sent("home", intent_id, after(second))
        say(said, f"note {await journal.note('home', run_id, note(after(second)))}")
        await journal.conclude("home", intent_id, after(second), Outcome.HELD, "")


def say(said: int, line: str) -> None:
    os.write(said, f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
