"""The columns of a CSV that mean something: times, and channels with their units.

What a name says counts, and what the owner says counts more. A column whose name says nothing is
told of and left out; none is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money import Unit
from scheduler.money.intervals.channels import DATE, TIME, Channel, header_of
from scheduler.money.intervals.findings import Places
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.text import Row

_PREAMBLE: Final = 60
"""Rows that may stand above the names of the columns."""

_NAMES_SHOWN: Final = 8
_SAYS_NOTHING: Final = "its name says nothing of the home"

Meaning = Channel | str


@dataclass(slots=True)
class Columns:
    """Cells by channel, and the texts of the times; `left_out` says why other columns are not used.

    The values of the channels in `readings` are those of a counter at the end of each interval.
    """

    places: Places = field(default_factory=Places)
    times: list[str] = field(default_factory=list)
    cells: dict[Channel, list[str]] = field(default_factory=dict)
    units: dict[Channel, Unit | None] = field(default_factory=dict)
    readings: frozenset[Channel] = frozenset()
    left_out: dict[str, str] = field(default_factory=dict)

    def begin(self, name: str, units: Mapping[Channel, Unit | None], what: str = "row") -> None:
        """The rows that follow are of this file. Raises `HistoryProblems` for other channels."""
        if self.places.files and units != self.units:
            first = self.places.files[0]
            raise HistoryProblems(
                name, f"does not have the columns of {first}; give files of one kind at once"
            )
        self.places.begin(name, what)
        self.units = dict(units)
        for channel in units:
            self.cells.setdefault(channel, [])

    def leave_out(self, names: Iterable[str], why: str = _SAYS_NOTHING) -> None:
        """Tell of columns that are not used."""
        self.left_out |= {name: why for name in names if name.strip()}


def read_columns(
    columns: Columns, rows: Iterator[Row], name: str, instructions: Instructions
) -> None:
    """Add the rows of a CSV with a row of names. Raises `HistoryProblems`."""
    header, meant = _header(rows, name, instructions)
    units = {
        meaning: header_of(header.cells[index]).unit
        for index, meaning in meant.items()
        if isinstance(meaning, Channel)
    }
    columns.begin(name, units)
    columns.leave_out(each for index, each in enumerate(header.cells) if index not in meant)
    time_at = _at(meant, TIME)
    date_at = _at(meant, DATE)
    taken = [
        (index, columns.cells[meaning])
        for index, meaning in meant.items()
        if isinstance(meaning, Channel)
    ]
    width = max(meant) + 1
    rows, first = _peeked(rows)
    joined = date_at is not None and (
        time_at is None or first is None or ":" in _cell(first, time_at)[:3]
    )
    for line, cells in rows:
        if len(cells) < width:
            cells.extend([""] * (width - len(cells)))
        columns.places.lines.append(line)
        if not joined and time_at is not None:
            columns.times.append(cells[time_at])
        elif date_at is not None:
            clock = "00:00" if time_at is None else cells[time_at]
            columns.times.append(f"{cells[date_at]} {clock}")
        for index, into in taken:
            into.append(cells[index])


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _peeked(rows: Iterator[Row]) -> tuple[Iterator[Row], Row | None]:
    first = next(rows, None)
    return (rows if first is None else chain([first], rows)), first


def _at(meant: Mapping[int, Meaning], meaning: str) -> int | None:
    return next((index for index, each in meant.items() if each == meaning), None)


def _header(
    rows: Iterator[Row], name: str, instructions: Instructions
) -> tuple[Row, dict[int, Meaning]]:
    """The row of names, and what each of its columns means. Raises `HistoryProblems`."""
    first: Row | None = None
    for row in islice(rows, _PREAMBLE):
        first = first or row
        meant = _meanings(row.cells, name, instructions.columns)
        if {TIME, DATE} & set(meant.values()) and any(
            isinstance(each, Channel) for each in meant.values()
        ):
            if missing := _missing(row, instructions):
                raise HistoryProblems(name, missing)
            return row, meant
    if first is None:
        raise HistoryProblems(name, "is empty; give a file with a row of names and values")
    raise HistoryProblems(name, *_wrong_columns(first, instructions))


def _missing(row: Row, instructions: Instructions) -> str:
    """A sentence about a column that the owner named and that is not there."""
    known = {each.strip().lower() for each in row.cells}
    for column in instructions.columns.values():
        if column.strip().lower() not in known:
            return f'has no column "{column}"; row {row.line} has {_names(row)}'
    return ""


def _names(row: Row) -> str:
    shown = ", ".join(f'"{each.strip()}"' for each in row.cells[:_NAMES_SHOWN])
    return f"{shown}, …" if len(row.cells) > _NAMES_SHOWN else shown


def _wrong_columns(row: Row, instructions: Instructions) -> list[str]:
    """What is missing in a row of names, in a sentence each."""
    if missing := _missing(row, instructions):
        return [missing]
    meant = {header_of(each).meaning for each in row.cells}
    said = []
    if not {TIME, DATE} & meant:
        said.append(
            f"no column is of times (row {row.line} has {_names(row)}); call it time, or say which"
            " it is with --columns time=NAME"
        )
    if not any(isinstance(each, Channel) for each in meant):
        said.append(
            f"no column is of load, sun or grid (row {row.line} has {_names(row)}); say which they"
            " are with --columns load=NAME,solar=NAME"
        )
    return said


def _meanings(cells: list[str], name: str, said: Mapping[str, str]) -> dict[int, Meaning]:
    """What each column means, by its index. Raises `HistoryProblems` where two mean the same."""
    wanted = {column.strip().lower(): meaning for meaning, column in said.items()}
    meant: dict[int, Meaning] = {}
    for index, cell in enumerate(cells):
        meaning = wanted.get(cell.strip().lower())
        if meaning is not None:
            meant[index] = Channel(meaning) if meaning in set(Channel) else meaning
            continue
        found = header_of(cell).meaning
        # Once channels are said, the others are not taken from names.
        if (
            found is not None
            and found not in said
            and not (isinstance(found, Channel) and set(said) & set(Channel))
        ):
            meant[index] = found
    _refuse_doubles(cells, meant, name)
    return meant


def _refuse_doubles(cells: list[str], meant: Mapping[int, Meaning], name: str) -> None:
    for meaning in set(meant.values()):
        same = [cells[index] for index, each in meant.items() if each == meaning]
        if len(same) > 1:
            both = " and ".join(f'"{each.strip()}"' for each in same)
            raise HistoryProblems(
                name, f"{both} both mean {meaning}; say which with --columns {meaning}=NAME"
            )
