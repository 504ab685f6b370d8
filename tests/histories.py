"""Small histories as files, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money.intervals import History, Instructions, read_history

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 5, 4, tzinfo=LOS_ANGELES)  # a Monday
HOUR = timedelta(hours=1)

Cells = Sequence[object]


def written(folder: Path, content: str | bytes, name: str = "home.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(header: str, rows: Iterable[Cells]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""])


def hours(
    count: int,
    load: Callable[[int], object] = lambda _: 1.25,
    start: datetime = START,
    step: timedelta = HOUR,
) -> list[list[object]]:
    """Rows of time with an offset, load and sun."""
    first = start.astimezone(ZoneInfo("UTC"))
    return [
        [(first + n * step).astimezone(LOS_ANGELES).isoformat(), load(n), 0.5] for n in range(count)
    ]


def kw(rows: Iterable[Cells]) -> str:
    return table("time,load_kW,solar_kW", rows)


def read(folder: Path, content: str | bytes, **said: Any) -> History:
    zone = said.pop("zone", LOS_ANGELES)
    return read_history([written(folder, content)], Instructions(zone=zone, **said))


def problems(folder: Path, content: str | bytes, **said: Any) -> list[str]:
    """Every sentence about a file, whether it can be read at all or not be trusted."""
    try:
        history = read(folder, content, **said)
    except HistoryProblems as error:
        return list(error.sentences)
    return [finding.text for finding in history.findings]
