"""Channels over time in intervals of one length: rows become slots, and holes stay holes.

Rows out of order, rows that are there twice and rows of another length are told of; which is in the
wrong is not guessed.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.findings import (
    Mistake,
    Places,
    counted,
    doubled,
    doubled_and_different,
)
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.samples import Samples

HOUR_S: Final = 3600
_SHORTEST_S: Final = 60
_SPAN_S: Final = 20 * 366 * 86_400
"""No history is longer than twenty years; one that is has a wrong date in it."""

_MOST_EMPTY: Final = 10_000
_EMPTY_SHARE: Final = 20
"""With more slots for each row than this the memory would be filled with holes."""

_IN_A_ROW: Final = 3
"""So many longer intervals one after the other are no holes: the file changes its step."""


@dataclass(slots=True)
class Track:
    """Mean powers in watts by channel, NaN where nothing is known, in slots from `start_s` on.

    `rows` are the numbers of the rows that the slots are from, -1 without one.
    """

    start_s: int
    step_s: int
    zone: ZoneInfo
    places: Places
    rows: array[int]
    watts: dict[Channel, array[float]]

    def __len__(self) -> int:
        return len(self.rows)

    def place(self, slot: int) -> str:
        """A slot as a person finds it: its row, or when it is."""
        return self.places.name(self.rows[slot])


def put_in_order(samples: Samples, instructions: Instructions) -> None:
    """Rows by time, each instant once, if that is so or asked for; what is not is a finding."""
    starts = samples.starts
    back = [index for index, (one, two) in enumerate(pairwise(starts), 1) if two < one]
    if back and not instructions.sort:
        samples.tell(
            Mistake.ORDER, "earlier than the row before", back, "put them in order with --sort"
        )
    if back:
        samples.keep(sorted(range(len(starts)), key=starts.__getitem__))
    if back and instructions.sort:
        samples.repaired("rows put in the order of time")
    _once(samples, drop=instructions.drop_duplicates)


def _once(samples: Samples, *, drop: bool) -> None:
    starts, columns = samples.starts, list(samples.values.values())
    twice, differ, kept = list[int](), list[int](), list[int]()
    for index, start in enumerate(starts):
        if not kept or start != starts[kept[-1]]:
            kept.append(index)
            continue
        same = all(_same(column[index], column[kept[-1]]) for column in columns)
        (twice if same else differ).append(index)
    if not twice and not differ:
        return
    name = samples.places.name
    if differ:
        names = [name(samples.rows[index]) for index in differ]
        samples.findings.append(doubled_and_different(names, "row"))
    if twice and not drop:
        names = [name(samples.rows[index]) for index in twice]
        samples.findings.append(doubled(names, "row"))
    samples.keep(kept)
    if twice and drop:
        samples.repaired(
            f"{counted(len(twice), 'row')} there twice with the same values, counted once"
        )


def _same(one: float, two: float) -> bool:
    return one == two or (isnan(one) and isnan(two))


def step_of(samples: Samples) -> int:
    """The length of the intervals in seconds. Raises `HistoryProblems` if it is none of ours."""
    starts = samples.starts
    steps = Counter(two - one for one, two in pairwise(starts))
    step = samples.step_s or (steps.most_common(1)[0][0] if steps else 0)
    if not step:
        raise HistoryProblems(samples.name, "has one interval; a history needs two or more")
    if step % _SHORTEST_S or HOUR_S % step:
        length = f"{step / HOUR_S:g} h" if step >= HOUR_S else f"{step / 60:g} minutes"
        raise HistoryProblems(
            samples.name,
            f"its intervals are of {length}; they must be of 1 to 60 minutes and divide the"
            " hour: export days or hours instead of months",
        )
    if starts[-1] - starts[0] > _SPAN_S:
        raise HistoryProblems(samples.name, "spans more than 20 years; a date in it is wrong")
    slots = (starts[-1] - starts[0]) // step + 1
    if slots > _MOST_EMPTY + _EMPTY_SHARE * len(starts):
        raise HistoryProblems(
            samples.name,
            f"has {len(starts):,} rows for {slots:,} intervals of {step // 60} minutes; a date"
            " in it is wrong, or most of it is missing",
        )
    _tell_of_other_steps(samples, step)
    return step


def _tell_of_other_steps(samples: Samples, step: int) -> None:
    """Rows off the grid, and longer intervals that are too many to be holes."""
    starts = samples.starts
    off = [index for index, start in enumerate(starts) if (start - starts[0]) % step]
    run, before = 0, 0
    changed = []
    for index, (one, two) in enumerate(pairwise(starts), 1):
        length = two - one
        run = run + 1 if length == before and length > step else 0
        before = length
        if run == _IN_A_ROW:
            changed.append(index - _IN_A_ROW - 1)
    samples.tell(
        Mistake.STEP,
        f"not in steps of {step // 60} minutes",
        sorted({*off, *changed}),
        "give the parts of different steps as files of their own, each for itself",
    )


def track_of(samples: Samples, step_s: int) -> Track:
    """Rows in order as slots; rows off the grid are left out, and were told of."""
    first = samples.starts[0]
    count = (samples.starts[-1] - first) // step_s + 1
    slots = [(start - first) // step_s for start in samples.starts]
    whole = count == len(slots) and not any((start - first) % step_s for start in samples.starts)
    factors = {channel: unit.in_watts(step_s) for channel, unit in samples.units.items()}
    watts = {}
    for channel, values in samples.values.items():
        factor = factors[channel]
        if whole:
            watts[channel] = array("d", [value * factor for value in values])
            continue
        watts[channel] = column = array("d", [nan]) * count
        for slot, start, value in zip(slots, samples.starts, values, strict=True):
            if not (start - first) % step_s:
                column[slot] = value * factor
    rows = samples.rows if whole else _rows_of(slots, samples.rows, count)
    return Track(first, step_s, samples.zone, samples.places, rows, watts)


def _rows_of(slots: Sequence[int], rows: Sequence[int], count: int) -> array[int]:
    """The row of each slot; of a slot without one the row before."""
    found = array("q", [-1]) * count
    for slot, row in zip(slots, rows, strict=True):
        found[slot] = row
    for slot in range(1, count):
        if found[slot] < 0:
            found[slot] = found[slot - 1]
    return found
