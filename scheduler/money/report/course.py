"""A schedule through time in quarters of an hour: powers, energy, prices and which rules held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rules.engine import DEFAULT
from scheduler.money.comparison import Schedule
from scheduler.money.report.document import Report

HOUR: Final = timedelta(hours=1)
LENGTHS: Final = tuple(timedelta(minutes=each) for each in (15, 20, 30, 60))
"""The lengths to choose from: the first that whole intervals make."""


@dataclass(frozen=True, slots=True)
class Course:
    """Means over equal lengths from `start` (local) on; the last may be of fewer intervals.

    Powers in watts, none negative; `soe` in app percent at the end of each; prices per kWh. `held`
    numbers the `labels`: which rules won when each began; it is empty where no rules are.
    """

    start: datetime
    step: timedelta
    load: Sequence[float]
    solar: Sequence[float]
    charged: Sequence[float]
    discharged: Sequence[float]
    imported: Sequence[float]
    exported: Sequence[float]
    soe: Sequence[float]
    import_price: Sequence[float]
    export_price: Sequence[float]
    held: Sequence[int]
    labels: Sequence[str]

    def __len__(self) -> int:
        return len(self.load)

    @property
    def battery(self) -> list[float]:
        """What the battery gave; what it took is negative."""
        return _net(self.discharged, self.charged)

    @property
    def grid(self) -> list[float]:
        """What was taken from the grid; what was sold is negative."""
        return _net(self.imported, self.exported)

    def local(self, index: int) -> datetime:
        """When one begins, as the home's clocks show it."""
        return (self.start.astimezone(UTC) + index * self.step).astimezone(self.start.tzinfo)


def course_of(schedule: Schedule, report: Report) -> Course:
    """The course of a schedule of the report."""
    data, energies, prices = report.site.data, schedule.flows.energies, report.prices
    step = next(each for each in LENGTHS if not each % data.step)
    count = step // data.step
    of_watt_hours = HOUR / data.step
    held, labels = _held(schedule, step)
    return Course(
        data.start.astimezone(data.zone),
        step,
        _means(energies.load, count, of_watt_hours),
        _means(energies.solar, count, of_watt_hours),
        _means(energies.charged, count, of_watt_hours),
        _means(energies.discharged, count, of_watt_hours),
        _means(energies.imported, count, of_watt_hours),
        _means(energies.exported, count, of_watt_hours),
        [
            report.site.battery.soe(energies.stored[min(index + count, len(data)) - 1])
            for index in range(0, len(data), count)
        ],
        _means(prices.imported, count),
        _means(prices.exported, count),
        held,
        labels,
    )


def _net(plus: Sequence[float], minus: Sequence[float]) -> list[float]:
    return [one - other for one, other in zip(plus, minus, strict=True)]


def _means(values: Sequence[float], count: int, factor: float = 1.0) -> list[float]:
    parts = (values[index : index + count] for index in range(0, len(values), count))
    return [sum(part) / len(part) * factor for part in parts]


def _held(schedule: Schedule, step: timedelta) -> tuple[list[int], list[str]]:
    """Which rules won when each step began, as numbers of labels in the order of appearance."""
    if schedule.found is None:
        return [], []
    data = schedule.flows.site.data
    numbers: dict[str, int] = {}
    held: list[int] = []
    steps = -((data.start - data.end) // step)
    for _, end, holding in schedule.found.held():
        number = numbers.setdefault(winners_said(set(holding.winners.values())), len(numbers))
        until = min(steps, -((data.start - end) // step))
        held += [number] * (until - len(held))
    return held, list(numbers)


def winners_said(names: set[str]) -> str:
    """The rules that won a part; the default where it won them all."""
    return ", ".join(sorted(names - {DEFAULT})) or DEFAULT
