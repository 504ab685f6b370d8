"""Our own CSV of interval data: watts, and above the columns what a spreadsheet cannot say.

Lines that begin with `#` tell the zone, where the data are from, and every repair, so that what was
mended stays known. Reading a file gives what was written, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from math import isnan
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money import IntervalData, Repair
from scheduler.money.intervals.history import History

_MARK: Final = "# pwsched interval data: a row an interval, beginning at its time"
_ZONE: Final = "# timezone: "
_SOURCE: Final = "# source: "
_REPAIRED: Final = "# repaired: "


class Head(NamedTuple):
    """What the lines above the columns say."""

    zone: ZoneInfo
    source: str
    repairs: tuple[Repair, ...]


def csv_lines(data: History | IntervalData) -> Iterator[str]:
    """The lines of a file, each with its end. A value that is not known is an empty cell."""
    yield f"{_MARK}\n"
    yield f"{_ZONE}{data.zone.key}\n"
    if data.source:
        yield f"{_SOURCE}{_one_line(data.source)}\n"
    for start, end, what in data.repairs:
        yield f"{_REPAIRED}{start.isoformat()} {end.isoformat()} {_one_line(what)}\n"
    columns = {"load_W": data.load_w, "solar_W": data.solar_w}
    if isinstance(data, History):
        recorded = {"grid_W": data.grid_w, "battery_W": data.battery_w}
        columns |= {name: values for name, values in recorded.items() if values is not None}
    yield f"time,{','.join(columns)}\n"
    at = data.start
    for watts in zip(*columns.values(), strict=True):
        cells = ",".join("" if isnan(each) else repr(float(each)) for each in watts)
        yield f"{at.astimezone(data.zone).isoformat()},{cells}\n"
        at += data.step


def without_head(text: str, name: str) -> tuple[Head | None, str]:
    """The head of a file of ours and its text with blank lines instead; `None` for another file.

    Raises `HistoryProblems` for a head that was changed by hand into something else.
    """
    if not text.startswith(_MARK):
        return None, text
    lines = list(takewhile(lambda line: line.startswith("#"), text.split("\n")))
    zone, source, repairs = None, "", list[Repair]()
    for number, line in enumerate(lines, 1):
        try:
            if line.startswith(_ZONE):
                zone = ZoneInfo(line.removeprefix(_ZONE).strip())
            elif line.startswith(_SOURCE):
                source = line.removeprefix(_SOURCE).strip()
            elif line.startswith(_REPAIRED):
                repairs.append(_repair(line.removeprefix(_REPAIRED)))
        except (ValueError, LookupError, OSError):
            raise HistoryProblems(name, f"row {number} is not as it was written") from None
    if zone is None:
        raise HistoryProblems(name, f'has no line "{_ZONE}…"; write one like America/Los_Angeles')
    rest = text.split("\n", len(lines))[-1]
    return Head(zone, source, tuple(repairs)), "\n" * len(lines) + rest


def _repair(text: str) -> Repair:
    start, end, what = text.split(" ", 2)
    return Repair(datetime.fromisoformat(start), datetime.fromisoformat(end), what.strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())
