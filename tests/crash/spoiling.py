"""Runs in a process of its own: spoils one file system call of a life, each call in its turn.

`spoiling FOLDER STEP FIRST`: of the points take every STEP-th, from FIRST on. A point is a kind
of call, which one of them, and what happens then: the process is killed, or the call fails with EIO
or ENOSPC. Every life is a first one: it makes the journal, lives a round and closes. Prints as JSON
how many lives ended how, and all that was found wrong.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crash.life import (
    PaperGateway,
    acknowledged_in,
    faults_of,
    live,
    open_intents,
    teller,
    void,
)

from rules.errors import PwschedError

READING, WRITING = ("pread64", "read", "openat"), (
    "openat", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "fallocate", "rename",
    "unlink", "mkdir", "chmod", "fchmod",
)  # fmt: skip
FAULTS = {
    "signal=KILL": WRITING,
    "error=EIO": (*WRITING, *READING),
    "error=ENOSPC": WRITING,
}
_PR_SET_PTRACER, _ANYBODY = 0x59616D61, ctypes.c_ulong(-1)


class Point(NamedTuple):
    """The `number`-th call of this name about one of the `files`, and what becomes of it."""

    files: str
    call: str
    number: int
    fault: str


ONCE_FOUND = (
    Point("journal", "write", 1, "error=ENOSPC"),
    Point("journal", "pread64", 4, "error=EIO"),
    Point("backup", "openat", 1, "error=EIO"),
)
"""Points that once showed a fault of ours; they are never left out."""


class Spoilt(NamedTuple):
    """What a life said, and how it ended: 0 in order, 1 with a sentence, -9 killed."""

    lines: list[str]
    code: int


def files_of(home: Path) -> dict[str, list[Path]]:
    """The daemon's files in two groups, as a copy is made in a thread of its own."""
    journal = home / "journal.sqlite"
    beside = ("", "-wal", "-journal", ".lock", ".tail", ".tail.part", ".ballast", ".ballast.part")
    backups = home / "backups"
    copy = backups / "journal.sqlite.20260702T010000Z"
    unfinished = [copy.with_name(copy.name + suffix) for suffix in (".part", ".part-journal")]
    return {
        "journal": [home, *(home / (journal.name + suffix) for suffix in beside)],
        "backup": [backups, copy, *unfinished],
    }


def life_under_strace(home: Path, point: Point | None) -> Spoilt:
    """Live a first round while strace does this to it; `None`: while it only looks."""
    home.mkdir()
    gateway = PaperGateway(home / "gateway")
    (heard, said), (waiting, go) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(heard)
        os.close(go)
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANYBODY, 0, 0, 0)
        os.read(waiting, 1)
        os._exit(life(home / "journal.sqlite", gateway, said))
    os.close(said)
    os.close(waiting)
    groups = files_of(home)
    if point is None:
        what = ["-e", f"trace={','.join({*READING, *WRITING})}"]
        files = [file for group in groups.values() for file in group]
    else:
        what = ["-e", f"inject={point.call}:{point.fault}:when={point.number}"]
        what += ["-e", f"trace={point.call}"]
        files = groups[point.files]
    paths = [word for file in files for word in ("-P", str(file))]
    strace = subprocess.Popen(
        ["strace", "-f", "-y", "-p", str(child), *what, *paths, "-o", home / "trace"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strace.stderr is not None
    attached = strace.stderr.readline()
    assert "attached" in attached, attached
    os.close(go)
    with os.fdopen(heard) as stream:
        lines = [line.strip() for line in stream if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    strace.stderr.read()
    strace.stderr.close()
    strace.wait()
    return Spoilt(lines, os.waitstatus_to_exitcode(status))


def life(path: Path, gateway: PaperGateway, said: int) -> int:
    say = teller(said)
    try:
        asyncio.run(live(path, gateway, say, range(2)))
    except PwschedError as problem:
        say(f"ended: {problem}")
        return 1
    except BaseException as error:  # noqa: BLE001 -- it is told of, whatever it is
        say(f"crashed: {error!r}")
        return 2
    return 0


def points(folder: Path) -> Iterator[Point]:
    """Every call of a life that nobody disturbs, with each fault."""
    quiet = life_under_strace(folder / "quiet", None)
    assert quiet.code == 0, quiet
    trace = (folder / "quiet" / "trace").read_text("ascii")
    # Calls are counted by strace in each thread for itself.
    counted: Counter[tuple[str, str, str]] = Counter()
    for thread, call, rest in re.findall(r"(\d+) +(\w+)\((.*)", trace):
        counted["backup" if "/backups" in rest else "journal", call, thread] += 1
    most: dict[tuple[str, str], int] = {}
    for (files, call, _), count in counted.items():
        most[files, call] = max(count, most.get((files, call), 0))
    for fault, calls in FAULTS.items():
        for (files, call), count in sorted(most.items()):
            if call in calls:
                yield from (Point(files, call, number + 1, fault) for number in range(count))


def spoil(home: Path, point: Point) -> tuple[str, list[str]]:
    """How a life ended that met this fault, and what is wrong then and after the next start."""
    path = home / "journal.sqlite"
    spoilt = life_under_strace(home, point)
    gateway = PaperGateway(home / "gateway")
    problems = [line for line in spoilt.lines if line.startswith("problem")]
    steps = [line for line in spoilt.lines if acknowledged_in(line)]
    wrong = [line for line in spoilt.lines if line not in (*steps, *problems)]
    ended = [line for line in wrong if line.startswith("ended: ")]
    if spoilt.code == 1 and len(ended) == 1:
        wrong.remove(ended[0])
    elif spoilt.code not in {0, -9}:
        wrong.append(f"ended with {spoilt.code}")
    asyncio.run(live(path, gateway, void, range(1)))
    wrong += faults_of(path, steps, gateway)
    wrong += [f"{left} is left open" for left in open_intents(path)]
    if any(home.glob("*corrupt*")):
        wrong.append("taken for damaged")
    how = {0: "went on", 1: "ended with a sentence", -9: "killed"}
    end = how.get(spoilt.code, str(spoilt.code))
    return f"{end} after a problem" if problems and spoilt.code == 0 else end, wrong


def main(folder: Path, step: int, first: int) -> None:
    asyncio.run(live(folder / "imports", PaperGateway(folder / "gateway"), void, range(1)))
    ends: Counter[str] = Counter()
    wrong = []
    for point in (*ONCE_FOUND, *list(points(folder))[first::step]):
        home = folder / "home"
        try:
            how, found = spoil(home, point)
        except PwschedError as problem:
            how, found = "lost", [f"the next start: {problem}"]
        ends[how] += 1
        wrong += [f"{' '.join(map(str, point))}: {fault}" for fault in found]
        shutil.rmtree(home)
    print(json.dumps({"ends": ends, "wrong": wrong}))  # noqa: T201 -- read by the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
