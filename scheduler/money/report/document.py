"""What a report tells of: a site, the schedules at it, and what else is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.calendar import Tariff
from scheduler.money.backtest import Site
from scheduler.money.bill import Prices
from scheduler.money.comparison import CENT, Gain, Schedule

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attainable:
    """A bill with perfect foresight, as of the optimum: no schedule of its kind is below it.

    It may be of longer intervals than the schedules, where bills are others; so `saving` over no
    battery and `gain` over self-consumption are those of the same intervals. `tolerance` is by how
    much the true bill may be lower; `what` says what it was permitted.
    """

    name: str
    total: float
    saving: float
    gain: float
    what: str = ""
    tolerance: float = 0.0

    def share(self, gain: float) -> float | None:
        """Which part a gain is of what was attainable; `None` where nothing was."""
        return gain / self.gain if self.gain > CENT else None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the first schedule costs more where one thing is otherwise, and its gain then.

    `of` is the rule whose figure it is; of the home and its prices it is empty.
    """

    of: str
    what: str
    dearer_by: float
    gain: Gain


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. `tariff` and `prices` are those of the bill.

    Of `schedules` the first are those of rules, the one that the report is about before others;
    the last two are self-consumption and no battery. `step_of_attainable` is the length of the
    intervals of what was attainable; `kwh_worth` what a kWh left in the battery counts.
    """

    site: Site
    schedules: Sequence[Schedule]
    tariff: Tariff
    prices: Prices
    kwh_worth: float = 0.0
    attainable: Sequence[Attainable] = ()
    step_of_attainable: timedelta = HOUR
    sensitivities: Sequence[Sensitivity] = ()

    @property
    def by_rules(self) -> Sequence[Schedule]:
        """The schedules that rules made."""
        return [each for each in self.schedules if each.found is not None]
