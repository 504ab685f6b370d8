"""What a report tells of: a site, the schedules at it, and what else is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rules.calendar import Tariff
from scheduler.money.backtest import Site
from scheduler.money.bill import Prices
from scheduler.money.report.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Attainable:
    """A bill with perfect foresight, as of the optimum: no schedule of its kind is below it.

    `tolerance` is by how much the true one may be lower; `what` says what it was permitted.
    """

    name: str
    total: float
    what: str = ""
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """By how much the bill of the first schedule is higher where one thing is otherwise."""

    what: str
    dearer_by: float


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `tariff` and `prices` are those of the bill.

    Of `schedules` the first are those of rules, the one that the report is about before others;
    the last two are self-consumption and no battery.
    """

    site: Site
    schedules: Sequence[Schedule]
    tariff: Tariff
    prices: Prices
    attainable: Sequence[Attainable] = ()
    sensitivities: Sequence[Sensitivity] = ()

    @property
    def by_rules(self) -> Sequence[Schedule]:
        """The schedules that rules made."""
        return [each for each in self.schedules if each.found is not None]
