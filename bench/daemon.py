"""What a tick of the whole daemon costs in virtual time: `python bench/daemon.py`.

Loop, controller, the local adapter over a transport in memory, the simulated gateway and its home,
and the journal in SQLite: everything that `pwsched run` uses but the network and the waiting. Two
days of looks every 30 s under `examples/tou_sce.toml`, in processor time.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from house import EXAMPLES, House, local  # noqa: E402 -- the tests' house plays in virtual time

RUNS, DAYS = 5, 2
START = local(7, 1, "00:00")
GOAL = 0.8


def run() -> tuple[float, int]:
    """Processor time in seconds for two days, and the ticks in them."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), EXAMPLES / "tou_sce.toml", START)
        began = time.process_time()
        house.play(START + timedelta(days=DAYS))
        return time.process_time() - began, DAYS * 2_880


if __name__ == "__main__":
    runs = [run() for _ in range(RUNS)]
    each = statistics.median(seconds / ticks for seconds, ticks in runs) * 1e3
    print(f"a tick of the whole daemon   {each:5.2f} ms  (goal {GOAL:g} ms), {runs[0][1]:,} ticks")
