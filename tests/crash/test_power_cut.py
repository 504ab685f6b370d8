"""Power cuts: what a disk may hold then, rebuilt from the system calls of a process at work."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from crash.disk import CALLS, Call, calls_of, cuts
from crash.life import SITES, PaperGateway, faults_of, live, open_intents, void
from crash.programs import AROUND, needs_strace, program
from journaling import NOON

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite.backups import Backups
from scheduler.journal.sqlite.engine import connect_read_only, explained, refuse_damaged
from scheduler.journal.sqlite.files import beside
from scheduler.journal.sqlite.opening import open_or_restore
from scheduler.journal.sqlite.sidecar import recall

EVERY = 25
"""Of so many images one is lived in after it was opened."""


class Recorded(NamedTuple):
    """What a process did to the folder `home`, said to `said` and wrote to `gateway`."""

    calls: Sequence[Call]
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def told(self, name: str, instant: int) -> str:
        """What had reached a file that no power cut touches."""
        path = self.folder / name
        done = (call for call in self.calls[:instant] if call.path == path)
        return b"".join(call.content for call in done if call.name == "write").decode()


def record(folder: Path, rounds: int, *synchronous: str) -> Recorded:
    home, said, trace = (folder / name for name in ("home", "said", "trace"))
    home.mkdir()
    life = program("life", home / "journal.sqlite", folder / "gateway", rounds, *synchronous)
    strace = ["strace", "-f", "-y", "-s", "100000", "-e", f"trace={CALLS}", "-o", trace]
    with said.open("wb") as file:
        subprocess.run([*strace, *life], check=True, stdout=file, env=AROUND)
    ours = [call for call in calls_of(trace) if call.path.is_relative_to(folder)]
    # SQLite makes the index of its log anew at each first opening; it is never synced.
    return Recorded([call for call in ours if not call.path.name.endswith("-shm")], folder)


def what_is_lost(recorded: Recorded, count: int, seed: int, place: Path) -> Counter[str]:
    """What is wrong after so many cuts, and how often; nothing: empty."""
    wrong: Counter[str] = Counter()
    for number, (instant, image) in enumerate(cuts(recorded.calls, recorded.home, count, seed)):
        with TemporaryDirectory(dir=place) as folder:
            home = Path(folder)
            for path in sorted(image):
                content = image[path]
                if content is None:
                    (home / path).mkdir()
                else:
                    (home / path).write_bytes(content)
            (home / "gateway").write_text(recorded.told("gateway", instant), "ascii")
            acknowledged = recorded.told("said", instant).splitlines()
            found = what_is_wrong(home, acknowledged, lives_on=number % EVERY == 0)
        wrong += Counter(f"cut {number} after {instant} calls: {fault}" for fault in found)
    return wrong


def what_is_wrong(home: Path, acknowledged: Sequence[str], *, lives_on: bool) -> list[str]:
    path, gateway = home / "journal.sqlite", PaperGateway(home / "gateway")
    try:
        engine, restored = open_or_restore(path, NOON, SITES)
        engine.dispose()
        if lives_on:
            asyncio.run(live(path, gateway, void, range(1)))
    except JournalProblem as problem:
        return [f"not opened: {problem}"]
    wrong = [*faults_of(path, acknowledged, gateway), *of_the_files_beside(path)]
    if restored is not None:
        wrong.append(f"taken for damaged: {restored.reason}")
    if lives_on and open_intents(path):
        wrong.append("an intent is left open")
    return wrong


def of_the_files_beside(path: Path) -> Iterator[str]:
    """A file that took its place under its name is whole."""
    if beside(path, ".tail").exists() and recall(path) is None:
        yield "the sidecar cannot be read"
    for _, copy in Backups(path).newest_first():
        try:
            with explained(copy), closing(connect_read_only(copy)) as connection:
                refuse_damaged(copy, connection)
                connection.execute("SELECT count(*) FROM seal")
        except JournalProblem as problem:
            yield f"a backup is damaged: {problem}"


@needs_strace
@pytest.mark.parametrize(
    ("rounds", "count"),
    [
        (6, 60),
        pytest.param(20, 600, marks=pytest.mark.long),
        pytest.param(60, 5_000, marks=[pytest.mark.long, pytest.mark.longest]),
    ],
)
def test_what_was_acknowledged_survives_power_cuts(
    memory: Path, tmp_path: Path, rounds: int, count: int
) -> None:
    recorded = record(tmp_path, rounds)
    assert recorded.told("said", len(recorded.calls)).count("intent") == 2 * 2 * rounds
    assert not what_is_lost(recorded, count, 7, memory)


@needs_strace
def test_the_cuts_find_what_is_not_synced(memory: Path, tmp_path: Path) -> None:
    """With synchronous=NORMAL, the usual advice, SQLite syncs its log only now and then."""
    lost = what_is_lost(record(tmp_path, 3, "NORMAL"), 25, 7, memory)
    assert any("lost: intent" in fault for fault in lost)
