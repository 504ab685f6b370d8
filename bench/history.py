"""What reading a home's history costs, in processor time and memory: `python bench/history.py`.

A year at 5 minutes, 105,120 rows of load and sun: our own CSV, a CSV with times of a wall clock, a
SDG&E download (15 minutes, clocks of 12 hours), Green Button XML (15 minutes, both directions) and
a journal of means. The goal of the first is 1 s.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from histories import meter, reading_type
from journaling import with_run

from scheduler.journal.sqlite import instant_text
from scheduler.money import IntervalData
from scheduler.money.intervals import History, Instructions, csv_lines, read_history

ZONE = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 1, 1, tzinfo=ZONE).astimezone(UTC)
FIVE, QUARTER = timedelta(minutes=5), timedelta(minutes=15)
RUNS = 5


def year() -> IntervalData:
    """Any figures will do, as long as they are as long as real ones."""
    count = timedelta(days=365) // FIVE
    load = array("d", [300 + n * 7919 % 40_000 / 13 for n in range(count)])
    solar = array("d", [max(0, n * 104_729 % 90_000 / 17 - 1_000) for n in range(count)])
    return IntervalData(START, FIVE, ZONE, load, solar)


def wall_clock(data: IntervalData) -> Iterator[str]:
    """Its lines as another program may write them."""
    yield "time,load_kW,solar_kW\n"
    for at, load, solar in zip(data.times(), data.load_w, data.solar_w, strict=True):
        local = at.astimezone(ZONE)
        yield f"{local:%Y-%m-%d %H:%M:%S},{load / 1000:.4f},{solar / 1000:.4f}\n"


def sdge() -> Iterator[str]:
    """A year of SDG&E's lines."""
    yield "Meter Number,Date,Start Time,Duration,Consumption,Generation,Net\n"
    for n in range(365 * 96):
        local = (START + n * QUARTER).astimezone(ZONE)
        clock = f"{local:%I:%M %p}".lstrip("0")
        net = f'"{n % 97 / 90:.4f}","{n % 89 / 90:.4f}","0"'
        yield f'"1","{local.month}/{local.day}/{local.year}","{clock}","15",{net}\n'


def green_button() -> str:
    """A year of the meter in both directions."""
    values = [n % 900 for n in range(365 * 96)]
    entries = [reading_type("in", 1), reading_type("out", 19)]
    entries += [meter("a", "in", values), meter("b", "out", values[::-1])]
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'


def journal(path: Path) -> None:
    """A year of means, as thinning leaves them."""

    async def nothing(*_: object) -> None:
        """Only the run of it."""

    with_run(path, nothing)
    with closing(sqlite3.connect(path)) as connection:
        rows = (
            ("home", 1000 + n, instant_text(START + n * FIVE), 10, 50, 100, 0, 500, 400)
            for n in range(365 * 288)
        )
        connection.executemany(f"INSERT INTO mean VALUES ({','.join('?' * 9)})", rows)  # noqa: S608 -- only question marks
        connection.commit()


def measured(name: str, read: Callable[[], History]) -> None:
    """Print the least of several times, and the memory that the process has had so far."""
    best = float("inf")
    for _ in range(RUNS):
        before = time.process_time()
        history = read()
        best = min(best, time.process_time() - before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<28} {len(history):>8,} intervals {best:6.2f} s   peak {peak:5.0f} MiB so far")


def main() -> None:
    """Write each file, and read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = year()
        files = {
            "our own CSV": (csv_lines(data), Instructions()),
            "CSV of a wall clock": (wall_clock(data), Instructions(zone=ZONE)),
            "SDG&E": (sdge(), Instructions(zone=ZONE, no_solar=True)),
            "Green Button XML": (green_button(), Instructions(zone=ZONE, no_solar=True)),
        }
        for what, (lines, said) in files.items():
            path = folder / "file"
            path.write_text("".join(lines), "utf-8")
            measured(what, partial(read_history, [path], said))
        store = folder / "journal.db"
        journal(store)
        measured("a journal of means", lambda: read_history([store], Instructions(zone=ZONE)))


if __name__ == "__main__":
    main()
