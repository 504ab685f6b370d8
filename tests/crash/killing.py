"""Runs in a process of its own: forks lives, kills each at any instant, looks at what is left.

`killing FOLDER CYCLES`. Every journal is lived in by a series of lives, each of which has to
conclude what the one before left open, and the last of which ends in peace. Prints as JSON how
much was acknowledged, and all that was found wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import select
import signal
import sys
from pathlib import Path

from crash.life import (
    PaperGateway,
    acknowledged_in,
    faults_of,
    live,
    open_intents,
    teller,
    void,
)

SERIES = 30
MOST_SAID = 16
"""Steps of two rounds, which a life may say before its time comes."""

LONGEST_LEFT_S = 0.004
"""From the last of these to the kill; about what two steps take."""


def main(folder: Path, cycles: int) -> None:
    # Every child has imported what a first start imports.
    asyncio.run(live(folder / "imports", PaperGateway(folder / "gateway"), void, range(1)))
    chance = random.Random(20)
    told = {"cycles": 0, "steps": 0, "rows": 0, "left_open": 0}
    wrong: list[str] = []
    for number in range(0, cycles, SERIES):
        home = folder / f"series{number}"
        home.mkdir()
        path, gateway = home / "journal.sqlite", PaperGateway(home / "gateway")
        acknowledged: list[str] = []
        for cycle in range(number, min(number + SERIES, cycles)):
            lines = one_life(path, gateway, chance)
            acknowledged += lines
            told["cycles"] += 1
            if any(map(acknowledged_in, acknowledged)):
                wrong += [f"cycle {cycle}: {fault}" for fault in look(path, lines, gateway, told)]
        acknowledged += one_life(path, gateway, None)
        wrong += [f"series {number}: {fault}" for fault in faults_of(path, acknowledged, gateway)]
        wrong += [f"series {number}: {left} is left open" for left in open_intents(path)]
        steps = [step for line in acknowledged if (step := acknowledged_in(line)) is not None]
        told["steps"] += len(steps)
        told["rows"] += sum(len(step.kinds) for step in steps)
    print(json.dumps(told | {"wrong": wrong}))  # noqa: T201 -- read by the test


def look(path: Path, lines: list[str], gateway: PaperGateway, told: dict[str, int]) -> list[str]:
    """What is wrong after a life that said these lines."""
    wrong = faults_of(path, lines, gateway)
    wrong += [line for line in lines if line.startswith("problem")]
    steps = [step for line in lines if (step := acknowledged_in(line)) is not None]
    runs = {(step.site, step.first) for step in steps if "run" in step.kinds}
    decided = {step.site for step in steps if "decision" in step.kinds}
    for site, intent, run in open_intents(path):
        told["left_open"] += 1
        if site in decided and (site, run) not in runs:
            wrong.append(f"intent {intent} of {site} was left open by an earlier run")
    return wrong


def one_life(path: Path, gateway: PaperGateway, chance: random.Random | None) -> list[str]:
    """What was acknowledged until it was killed; without `chance` it ends by itself."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        rounds = range(1) if chance is None else itertools.count()
        asyncio.run(live(path, gateway, teller(writing), rounds))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        lines = []
        if chance is not None:
            lines += itertools.islice(said, chance.randint(0, MOST_SAID))
            select.select([], [], [], chance.uniform(0.0, LONGEST_LEFT_S))
            os.kill(child, signal.SIGKILL)
        lines += said
    _, status = os.waitpid(child, 0)
    if chance is None and status != 0:
        lines.append(f"problem the last life ended with {os.waitstatus_to_exitcode(status)}\n")
    return [line.strip() for line in lines if line.endswith("\n")]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
