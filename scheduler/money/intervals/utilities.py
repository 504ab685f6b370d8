"""What Californian utilities give for download as CSV: energy of the meter in kWh, local times.

PG&E: lines about the account, then `TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES`, or with
`IMPORT (kWh),EXPORT (kWh)` where the home sells. SDG&E: the same kind of lines, then `Meter
Number,Date,Start Time,Duration,Consumption,Generation,Net`. SCE: for each day a block of what was
delivered to the home, and another of what was received from it, each with times like `2024-05-22
00:00:00 to 2024-05-22 00:15:00`. Shapes as published parsers of these files and samples beside
them have them (gauthig/greenbutton-influxdb, darroni/SCE_greenbutton).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money import HistoryFormat, Unit
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.columns import Columns
from scheduler.money.intervals.text import Row

PGE: Final = "TYPE,DATE,START TIME,END TIME,"
SDGE: Final = "METER NUMBER,DATE,START TIME,DURATION,"
SCE: Final = re.compile(r"energy\s+(delivered|received)\s+time\s+period", re.IGNORECASE)
_TO: Final = re.compile(r"\s+to\s+")

_IN_KWH: Final[Mapping[HistoryFormat, Mapping[str, Channel]]] = {
    HistoryFormat.PGE: {
        # What a home with sun sells makes its usage negative.
        "USAGE": Channel.GRID,
        "USAGE (KWH)": Channel.GRID,
        "IMPORT (KWH)": Channel.IMPORTED,
        "EXPORT (KWH)": Channel.EXPORTED,
    },
    HistoryFormat.SDGE: {"CONSUMPTION": Channel.IMPORTED, "GENERATION": Channel.EXPORTED},
}


def read_table(columns: Columns, rows: Iterator[Row], name: str, form: HistoryFormat) -> None:
    """Add a download of PG&E's or SDG&E's. Raises `HistoryProblems`."""
    start = PGE if form is HistoryFormat.PGE else SDGE
    names: list[str] = []
    for row in rows:
        names = [cell.strip().upper() for cell in row.cells]
        if ",".join(names).startswith(start):
            break
    else:
        raise HistoryProblems(name, f'has no row "{start}…"; give the download of intervals')
    known = _IN_KWH[form]
    taken = {index: known[each] for index, each in enumerate(names) if each in known}
    columns.begin(name, dict.fromkeys(taken.values(), Unit.KILOWATT_HOUR))
    date, clock = names.index("DATE"), names.index("START TIME")
    for line, cells in rows:
        columns.places.lines.append(line)
        filled = cells + [""] * (len(names) - len(cells))
        columns.times.append(f"{filled[date]} {filled[clock]}")
        for index, channel in taken.items():
            columns.cells[channel].append(filled[index])


def read_sce(columns: Columns, rows: Iterator[Row], name: str) -> None:
    """Add a download of SCE's, in the order of its rows. Raises `HistoryProblems`."""
    channels = {"delivered": Channel.IMPORTED, "received": Channel.EXPORTED}
    found: dict[tuple[str, int], dict[Channel, tuple[int, str]]] = {}
    channel: Channel | None = None
    seen: Counter[tuple[Channel, str]] = Counter()
    for line, cells in rows:
        if heading := SCE.search(cells[0]):
            channel = channels[heading[1].lower()]
            continue
        start, *end = _TO.split(cells[0].strip())
        if channel is None or len(end) != 1 or len(cells) < 2:
            continue
        # On the night on which clocks go back a label comes twice in each block.
        seen[channel, start] += 1
        found.setdefault((start, seen[channel, start]), {})[channel] = (line, cells[1])
    there = {channel for row in found.values() for channel in row}
    if not there:
        raise HistoryProblems(name, "has no row of usage; give the download of intervals")
    columns.begin(name, dict.fromkeys(sorted(there), Unit.KILOWATT_HOUR))
    for (start, _), row in found.items():
        columns.places.lines.append(min(line for line, _ in row.values()))
        columns.times.append(start)
        for each in there:
            columns.cells[each].append(row[each][1] if each in row else "")
