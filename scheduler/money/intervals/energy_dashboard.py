"""The download of Home Assistant's energy dashboard: an entity a row, a time a column.

`entity_id,type,unit,` and the beginnings of the intervals in UTC; then a row for each entity, whose
type says what it is: `grid_consumption`, `grid_return`, `solar_production`, `battery_in`,
`battery_out`, devices, gas and water, and sums that the dashboard calculated. The home's own use is
what comes in less what goes out. A range of a few days has hours; a longer one has days, which is
too coarse for prices by the hour. (`hui-energy` of home-assistant/frontend writes it.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money import DecimalMark, Unit
from scheduler.money.intervals.channels import UNITS, Channel
from scheduler.money.intervals.columns import Columns
from scheduler.money.intervals.numbers import numbers
from scheduler.money.intervals.text import Row

_HEAD: Final = "entity_id,type,unit,"
_ABOUT: Final = 3
"""Cells before the values."""

_TYPES: Final[Mapping[str, Channel]] = {
    "grid_consumption": Channel.IMPORTED,
    "grid_return": Channel.EXPORTED,
    "solar_production": Channel.SOLAR,
    "battery_in": Channel.CHARGED,
    "battery_out": Channel.DISCHARGED,
}


def is_download(head: str) -> bool:
    """Whether the beginning of a text is that of such a file."""
    return head[: 2 * len(_HEAD)].replace('"', "").startswith(_HEAD)


def read_dashboard(columns: Columns, rows: Iterator[Row], name: str) -> None:
    """Add a download; the number of an interval's row is that of its column in the file.

    Raises `HistoryProblems`.
    """
    header = next(rows)
    starts = [cell.strip() for cell in header.cells[_ABOUT:]]
    sums: dict[Channel, list[float]] = {}
    for row in rows:
        kind, unit = (cell.strip() for cell in [*row.cells, "", ""][1:_ABOUT])
        if kind not in _TYPES:
            columns.leave_out([kind])
            continue
        energy = UNITS.get(unit.lower())
        if energy is None or not energy.is_energy:
            raise HistoryProblems(
                name, f'row {row.line} ({kind}) is in "{unit}"; its statistics must be in kWh'
            )
        cells = row.cells[_ABOUT:] + [""] * (len(starts) - len(row.cells) + _ABOUT)
        values, _, wrong = numbers(cells[: len(starts)], DecimalMark.POINT)
        if wrong:
            raise HistoryProblems(
                name, f'row {row.line} has "{cells[wrong[0]]}", which is no number'
            )
        factor = energy.in_watts(3600)
        before = sums.setdefault(_TYPES[kind], [0.0] * len(starts))
        for index, value in enumerate(values):
            before[index] += value * factor  # unknown, if one of them is
    if not sums:
        raise HistoryProblems(name, "has no row of grid, sun or battery; export all of them")
    columns.begin(name, dict.fromkeys(sorted(sums), Unit.WATT_HOUR))
    columns.times += starts
    columns.places.lines += range(_ABOUT + 1, _ABOUT + 1 + len(starts))
    for channel, watt_hours in sums.items():
        columns.cells[channel] += ["" if isnan(each) else repr(each) for each in watt_hours]
