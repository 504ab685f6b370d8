"""The Tesla app's export of a site: powers of a day every 5 minutes, or energy of longer times.

A day has `Date time,Home (kW),Solar (kW),Powerwall (kW),Grid (kW)`, and from some version on the
state of energy and a vehicle. A week, a month, a year and a lifetime have `Home (kWh)`, `Vehicle
(kWh)`, `From Powerwall (kWh)`, `Solar Energy (kWh)`, `From Grid (kWh)`, `To Grid (kWh)`, a day or a
month a row, with some columns in MWh. Shapes as public parsers of these files have them (and
craigahobbs/solar); nobody's own file was at hand. That the day's times are the ends of its
intervals was found by comparison with the API and with a gateway (netzero-labs/tesla-solar-download
6); the files do not say it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money.intervals.columns import Columns, read_columns
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.text import Row

_FIRST: Final = "date time,"
_FLOWS: Final = ("home (", "solar (", "solar energy (", "powerwall (", "grid (")
_VEHICLE: Final = "vehicle ("

TIMES: Final = (
    "the app's times count as the beginnings of intervals; owners found them to be the ends, so all"
    " may be 5 minutes late"
)


def is_export(head: str) -> bool:
    """Whether the beginning of a text without quotes is that of such a file."""
    first = head.lstrip().partition("\n")[0].lower()
    return first.startswith(_FIRST) and any(each in first for each in _FLOWS)


def read_export(
    columns: Columns, rows: Iterator[Row], name: str, instructions: Instructions
) -> None:
    """Add an export. Raises `HistoryProblems`."""
    header = next(rows)
    names = [cell.strip() for cell in header.cells]
    if large := [each for each in names if each.lower().endswith("(mwh)")]:
        raise HistoryProblems(
            name,
            f'has "{large[0]}", as the app gives a year: a row is a day or a month, which is too'
            " coarse; export single days",
        )
    vehicles = [each for each in names if each.lower().startswith(_VEHICLE)]
    read_columns(columns, _again(header, rows), name, instructions)
    columns.leave_out(vehicles, "what the home used may have it in it already")


def _again(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows
