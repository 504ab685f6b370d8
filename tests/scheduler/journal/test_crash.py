from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from journaling import stored, with_run

from scheduler.journal.reading import read_journal
from scheduler.journal.records import Outcome
from scheduler.journal.writer import Journal

CRASHING = Path(__file__).with_name("crashing.py")
CYCLES = 20


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    done = subprocess.run(
        [sys.executable, "-W", "error", str(CRASHING), str(path), str(CYCLES)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    acknowledged = json.loads(done.stdout)
    assert len(acknowledged) > CYCLES

    entries = {f"{entry.kind} {entry.id}" for entry in read_journal(path)}  # beside a stale log
    assert set(acknowledged) <= entries
    assert sum(name.startswith("run ") for name in entries) >= CYCLES

    async def after_the_crash(journal: Journal, _run_id: int) -> None:
        left = await journal.open_intent("home")
        if left is not None:
            await journal.conclude("home", left.id, left.at, Outcome.RECOVERED_APPLIED, "")

    with_run(path, after_the_crash)
    assert stored(path, "PRAGMA integrity_check") == [("ok",)]
    assert stored(path, "PRAGMA foreign_key_check") == []
    unconcluded = (
        "SELECT count(*) FROM intent LEFT JOIN outcome"
        " ON outcome.site = intent.site AND outcome.intent_id = intent.id"
        " WHERE outcome.id IS NULL"
    )
    assert stored(path, unconcluded) == [(0,)]
