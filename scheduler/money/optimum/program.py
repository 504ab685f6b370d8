"""A linear program in parts: columns and rows by the thousand, and HiGHS to solve it.

The matrix goes to HiGHS as arrays. A modelling library would take longer to write the program down
than HiGHS takes to solve it.
"""

from __future__ import annotations

import highspy
import numpy as np
import numpy.typing as npt

from scheduler.money.lanes import Floats

Indices = npt.NDArray[np.int64]

INFINITY = highspy.kHighsInf
GAP = 0.002
"""Dollars by which the answer of a program with binaries may miss its optimum."""


class Unsolved(RuntimeError):
    """HiGHS did not find an optimum."""


class Program:
    """Minimise a cost over columns with bounds, subject to rows with bounds."""

    def __init__(self) -> None:
        self._columns = 0
        self._rows = 0
        self._costs: list[tuple[Indices, Floats]] = []
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
        self._binaries.append(added)
        return added

    def charge(self, columns: Indices, cost: npt.ArrayLike) -> None:
        """Add to what a unit of these columns costs."""
        self._costs.append((columns, _each(cost, columns.size)))

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

    def solve(self) -> tuple[float, Floats]:
        """The least cost and the columns that have it. Raises `Unsolved`."""
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        options = highspy.HighsOptions()
        options.output_flag, options.threads = False, 1
        options.mip_abs_gap, options.mip_rel_gap = GAP, 0.0
        solver.passOptions(options)
        solver.passModel(self._as_highs())
        solver.run()
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise Unsolved(f"HiGHS says {solver.modelStatusToString(status)}")
        values = np.asarray(solver.getSolution().col_value, dtype=np.float64)
        return float(solver.getInfo().objective_function_value), values

    def _as_highs(self) -> highspy.HighsLp:
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((columns, rows))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns, self._rows
        costs = np.zeros(self._columns)
        for charged, cost in self._costs:
            costs[charged] += cost
        lp.col_cost_ = costs
        lp.col_lower_, lp.col_upper_ = _joined(self._column_bounds)
        lp.row_lower_, lp.row_upper_ = _joined(self._row_bounds)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(self._rows + 1))
        lp.a_matrix_.index_ = columns[order]
        lp.a_matrix_.value_ = values[order]
        if self._binaries:
            kinds = [highspy.HighsVarType.kContinuous] * self._columns
            for column in np.concatenate(self._binaries):
                kinds[column] = highspy.HighsVarType.kInteger
            lp.integrality_ = kinds
        return lp


def _each(values: npt.ArrayLike, count: int) -> Floats:
    return np.broadcast_to(np.asarray(values, dtype=np.float64).ravel(), count)


def _joined(bounds: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    lower, upper = zip(*bounds, strict=True)
    return np.concatenate(lower), np.concatenate(upper)
