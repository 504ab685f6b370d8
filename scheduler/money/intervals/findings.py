"""What is wrong with a history: every kind of mistake once, with how often and where first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final

SHOWN: Final = 5
"""Rows that are named of one kind of mistake."""


class Mistake(StrEnum):
    """A kind of mistake; the command's JSON has these words."""

    COLUMNS = "columns"
    UNIT = "unit"
    TIME = "time"
    CLOCK_CHANGE = "clock-change"
    OFFSET = "offset"
    ORDER = "order"
    DUPLICATE = "duplicate"
    STEP = "step"
    NUMBER = "number"
    NEGATIVE = "negative"
    COUNTER = "counter"
    SPIKE = "spike"
    MISSING = "missing"
    GAP = "gap"
    BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of mistake: a sentence with the way out, how often, and the first places of it."""

    mistake: Mistake
    text: str
    count: int = 1
    places: tuple[str, ...] = ()


@dataclass(slots=True)
class Places:
    """Where the rows of a history stand: line numbers, in one file or in several, or names."""

    files: list[str] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    what: str = "row"

    def begin(self, file: str, what: str = "row") -> None:
        """The rows that follow are of this file; `what` a person calls one of them."""
        self.what = what
        self.files.append(file)
        self.firsts.append(len(self.lines))

    def name(self, row: int) -> str:
        """A row as a person finds it: "row 5", or "row 5 of may.csv"."""
        if self.names:
            return self.names[row]
        line = self.lines[row]
        if len(self.files) == 1:
            return f"{self.what} {line}"
        return f"{self.what} {line} of {self.files[bisect_right(self.firsts, row) - 1]}"

    def finding(self, mistake: Mistake, what: str, rows: Iterable[int], way_out: str) -> Finding:
        """A finding about these rows: how many, what is wrong with them, the first, the way out."""
        found = list(rows)
        names = tuple(self.name(row) for row in islice(found, SHOWN))
        text = f"{what}: {counted(len(found), 'row')} ({first_of(names, len(found))}); {way_out}"
        return Finding(mistake, text, len(found), names)


def doubled(names: Sequence[str], what: str) -> Finding:
    """A finding about what is there twice with the same values."""
    text = (
        f"there twice with the same values: {counted(len(names), what)}"
        f" ({first_of(names, len(names))}); leave the second out with --drop-duplicates"
    )
    return Finding(Mistake.DUPLICATE, text, len(names), tuple(names[:SHOWN]))


def doubled_and_different(names: Sequence[str], what: str) -> Finding:
    """A finding about what is there twice with different values."""
    text = (
        f"there twice with different values: {counted(len(names), what)}"
        f" ({first_of(names, len(names))}); remove the wrong ones"
    )
    return Finding(Mistake.DUPLICATE, text, len(names), tuple(names[:SHOWN]))


def counted(count: int, what: str) -> str:
    """As in "1 row", "1,200 rows"."""
    return f"{count:,} {what}" + ("" if count == 1 else "s")


def first_of(names: Sequence[str], count: int) -> str:
    """The first places of several, and that there are more."""
    said = ", ".join(names[:SHOWN])
    return f"{said}, …" if count > len(names[:SHOWN]) else said
