"""Each file system call of a journal's life, killed at or failing: always a defined end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from crash.programs import AROUND, needs_strace, program

SAMPLE = 200
"""In the ordinary suite every so many-th point is tried."""


@needs_strace
@pytest.mark.parametrize(
    "step",
    [
        SAMPLE,
        pytest.param(SAMPLE // 10, marks=pytest.mark.long),
        pytest.param(1, marks=[pytest.mark.long, pytest.mark.longest]),
    ],
)
def test_every_call_may_fail(memory: Path, step: int) -> None:
    """Killed, ended with one sentence, or gone on; nothing acknowledged is lost then, no intent is
    open after the next start, nothing is taken for damaged and the journal verifies."""
    done = subprocess.run(
        program("spoiling", memory, step, 7 % step),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=AROUND,
    )
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert {"killed", "went on", "ended with a sentence"} <= set(told["ends"])
