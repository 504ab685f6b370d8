"""A linear program in parts: columns and rows by the thousand, and HiGHS to solve it.

The matrix goes to HiGHS as arrays. A modelling library would take longer to write the program down
than HiGHS takes to solve it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from scheduler.money.lanes import Floats

Indices = npt.NDArray[np.int64]

INFINITY = highspy.kHighsInf
GAP = 0.002
"""Dollars by which the answer of a program with binaries may miss its optimum."""
EXACT = 1e-6
"""Dollars below which two costs are one."""


class Unsolved(RuntimeError):
    """HiGHS did not find an optimum."""


class Cost(NamedTuple):
    """Dollars as a linear function: `constant + prices * columns`."""

    constant: float
    parts: list[tuple[Indices, Floats]]

    def at(self, columns: Floats) -> float:
        """The dollars for these values of the columns."""
        return self.constant + sum(float(price @ columns[placed]) for placed, price in self.parts)

    def vector(self, count: int) -> Floats:
        """The price of each of so many columns."""
        prices = np.zeros(count)
        for placed, price in self.parts:
            prices[placed] += price
        return prices


class Program:
    """Minimise a cost over columns with bounds, subject to rows with bounds."""

    def __init__(self) -> None:
        self._columns = 0
        self._rows = 0
        self._column_bounds: list[tuple[Floats, Floats]] = []
        self._binaries: list[Indices] = []
        self._row_bounds: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Indices, Indices, Floats]] = []

    def columns(
        self,
        count: int,
        lower: npt.ArrayLike = 0.0,
        upper: npt.ArrayLike = INFINITY,
    ) -> Indices:
        """So many new columns; bounds are one for all or one each."""
        added = np.arange(self._columns, self._columns + count)
        self._columns += count
        self._column_bounds.append((_each(lower, count), _each(upper, count)))
        return added

    def binaries(self, count: int) -> Indices:
        """So many new columns that are 0 or 1."""
        added = self.columns(count, upper=1.0)
        if count:
            self._binaries.append(added)
        return added

    def rows(
        self, count: int, lower: npt.ArrayLike = -INFINITY, upper: npt.ArrayLike = INFINITY
    ) -> Indices:
        """So many new rows; `enter` fills them."""
        added = np.arange(self._rows, self._rows + count)
        self._rows += count
        self._row_bounds.append((_each(lower, count), _each(upper, count)))
        return added

    def enter(self, rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Put coefficients into rows; no place may be given twice."""
        placed_rows, placed_columns = np.broadcast_arrays(rows, columns)
        self._entries.append(
            (
                placed_rows.astype(np.int64),
                placed_columns.astype(np.int64),
                _each(values, placed_rows.size),
            )
        )

    def least(self, cost: Cost) -> Floats:
        """The columns of the least cost. Raises `Unsolved`."""
        return self._solver().least(cost.vector(self._columns))

    def least_greater(self, first: Cost, second: Cost, enough: float = -INFINITY) -> Floats:
        """The columns for which the greater of two costs is least; soonest if `first` is that.

        Nothing less than `enough` is looked for. Raises `Unsolved`.
        """
        solver, count = self._solver(), self._columns
        prices = first.vector(count), second.vector(count)

        def weighed(weight: float) -> _Point:
            columns = solver.least(weight * prices[0] + (1.0 - weight) * prices[1])
            return _Point(columns, first.at(columns), second.at(columns))

        # Either is the greater one where it is least itself, or they are equal.
        low = weighed(1.0 - EXACT)
        if low.first >= low.second or low.second <= enough:
            return low.columns
        high = weighed(EXACT)
        if high.second >= high.first or high.first <= enough:
            return high.columns
        if self._binaries:
            return self._above_both(first, second)
        return _balanced(weighed, low, high)

    def _above_both(self, first: Cost, second: Cost) -> Floats:
        """A column that is above both costs, at its least."""
        greater = self.columns(1, lower=-INFINITY)
        for cost in (first, second):
            row = self.rows(1, lower=cost.constant)
            self.enter(row, greater, 1.0)
            for placed, price in cost.parts:
                self.enter(row, placed, -price)
        return self.least(Cost(0.0, [(greater, np.ones(1))]))

    def _solver(self) -> _Solver:
        return _Solver(self._as_highs(), self._columns)

    def _as_highs(self) -> highspy.HighsLp:
        rows, placed, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((placed, rows))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns, self._rows
        lp.col_cost_ = np.zeros(self._columns)
        lp.col_lower_, lp.col_upper_ = _joined(self._column_bounds)
        lp.row_lower_, lp.row_upper_ = _joined(self._row_bounds)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(self._rows + 1))
        lp.a_matrix_.index_ = placed[order]
        lp.a_matrix_.value_ = values[order]
        if self._binaries:
            kinds = [highspy.HighsVarType.kContinuous] * self._columns
            for column in np.concatenate(self._binaries):
                kinds[column] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        return lp


class _Solver:
    """A program in HiGHS: without binaries, other costs are solved from where it stands."""

    def __init__(self, program: highspy.HighsLp, count: int) -> None:
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # its stubs leave it out
        options = highspy.HighsOptions()
        options.output_flag, options.threads = False, 1
        options.mip_abs_gap, options.mip_rel_gap = GAP, 0.0
        self._highs.passOptions(options)
        self._highs.passModel(program)
        self._every = np.arange(count, dtype=np.int32)

    def least(self, prices: Floats) -> Floats:
        highs = self._highs
        highs.changeColsCost(self._every.size, self._every, prices)
        highs.run()
        status = highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise Unsolved(f"HiGHS says {highs.modelStatusToString(status)}")
        return np.asarray(highs.getSolution().col_value, dtype=np.float64)


class _Point(NamedTuple):
    """A solution with its two costs."""

    columns: Floats
    first: float
    second: float


def _balanced(weighed: Callable[[float], _Point], low: _Point, high: _Point) -> Floats:
    """Where two costs are equal and least, by what is least of their weighed means.

    At `low` the first is the smaller one, at `high` the second. A weighed mean at its least is a
    bound from below, and the two costs between two solutions, where they are equal, one from above.
    """
    while True:
        lacks, exceeds = low.second - low.first, high.first - high.second
        share = exceeds / (lacks + exceeds)
        dollars = share * low.first + (1.0 - share) * high.first
        fall, rise = low.second - high.second, high.first - low.first
        weight = fall / (fall + rise)
        found = weighed(weight)
        bound = weight * found.first + (1.0 - weight) * found.second
        if dollars - bound <= EXACT:
            return share * low.columns + (1.0 - share) * high.columns
        if found.first < found.second:
            low = found
        else:
            high = found


def _each(values: npt.ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(values, dtype=np.float64).ravel(), count)


def _joined(bounds: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    lower, upper = zip(*bounds, strict=True)
    return np.concatenate(lower), np.concatenate(upper)
