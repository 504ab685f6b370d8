"""kill -9 at any instant of the journal's work, and what the next start finds."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from crash.programs import AROUND, program


@pytest.mark.parametrize(
    "cycles",
    [
        30,
        pytest.param(300, marks=pytest.mark.long),
        pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.longest]),
    ],
)
def test_what_was_acknowledged_survives_kill_9(memory: Path, cycles: int) -> None:
    done = subprocess.run(
        program("killing", memory, cycles),
        check=True,
        capture_output=True,
        text=True,
        env=AROUND,
    )
    told = json.loads(done.stdout)
    assert told["wrong"] == []
    assert told["cycles"] == cycles
    assert told["steps"] > 5 * cycles
    assert told["rows"] > 3 * told["steps"]
    assert told["left_open"] > 0  # some were killed in the middle of a write
