"""Numbers as files write them: decimal points and commas, thousands separators, empty cells.

A file has one notation. `1,234` alone can be either; where no cell of the file decides, it is
asked.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from math import inf, isfinite, nan
from typing import Final, NamedTuple

from scheduler.money import DecimalMark

_NOTHING: Final = frozenset({"", "-", "nan", "na", "n/a", "null", "none", "unknown", "unavailable"})
_POINT: Final = re.compile(r"[+-]?(?:\d{1,3}(?:[,' \u00a0]\d{3})+|\d+)?(?:\.\d+)?(?:[eE][+-]?\d+)?")
_COMMA: Final = re.compile(r"[+-]?(?:\d{1,3}(?:[.' \u00a0]\d{3})+|\d+)?(?:,\d+)?")
_SEPARATORS: Final = re.compile(r"[' \u00a0]")


class Numbers(NamedTuple):
    """A column as numbers, NaN where there is none; the cells that are empty, and wrong."""

    values: array[float]
    empty: list[int]
    wrong: list[int]


class UndecidedMark(ValueError):
    """Cells that have a comma, and none that tells what it means; `index` is of the first."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def numbers(cells: Sequence[str], mark: DecimalMark | None) -> Numbers:
    """A column of cells as numbers. Raises `UndecidedMark`."""
    try:
        values = array("d", map(float, cells))
    except ValueError:
        pass
    else:
        if mark is not DecimalMark.COMMA:
            return Numbers(values, *_sorted_out(values, cells))
    used = mark or _mark_of(cells)
    empty, wrong = [], []
    values = array("d")
    for index, cell in enumerate(cells):
        text = cell.strip()
        value = nan
        if text.lower() in _NOTHING:
            empty.append(index)
        elif not isfinite(value := _number(text, used)):
            wrong.append(index)
            value = nan
        values.append(value)
    return Numbers(values, empty, wrong)


def _sorted_out(values: array[float], cells: Sequence[str]) -> tuple[list[int], list[int]]:
    strange = [index for index, value in enumerate(values) if not isfinite(value)]
    empty = [index for index in strange if cells[index].strip().lower() in _NOTHING]
    wrong = [index for index in strange if abs(values[index]) == inf]
    for index in wrong:
        values[index] = nan
    return empty, wrong


def _mark_of(cells: Iterable[str]) -> DecimalMark:
    """Point, unless cells have a comma that can only be a decimal one."""
    undecided = None
    for index, cell in enumerate(cells):
        if "," not in cell:
            continue
        point, comma = (bool(each.fullmatch(cell.strip())) for each in (_POINT, _COMMA))
        if point != comma:
            return DecimalMark.POINT if point else DecimalMark.COMMA
        if point and undecided is None:
            undecided = index
    if undecided is not None:
        raise UndecidedMark(undecided)
    return DecimalMark.POINT


def _number(text: str, mark: DecimalMark) -> float:
    """NaN for what is no number in this notation."""
    pattern = _COMMA if mark is DecimalMark.COMMA else _POINT
    if not pattern.fullmatch(text) or not any(each.isdigit() for each in text):
        return nan
    bare = _SEPARATORS.sub("", text)
    if mark is DecimalMark.COMMA:
        return float(bare.replace(".", "").replace(",", "."))
    return float(bare.replace(",", ""))
