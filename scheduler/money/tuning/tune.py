"""From a year of a home to a rule set, and what it is worth in months that it has not seen.

Three times the same search: over every month, which gives the rules, and over each half of them,
every second month, which says what rules of this kind are worth on months that they were not tuned
on. Only that figure is told, and where it is not better than self-consumption nothing is
recommended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context

import numpy as np

from rules.battery import Battery
from rules.calendar import Tariff
from rules.resolve import Limits
from scheduler.errors import TuningRefused
from scheduler.money import IntervalData
from scheduler.money.intervals import resampled
from scheduler.money.lanes import Floats
from scheduler.money.optimum import Costs
from scheduler.money.tuning.calendar import dear_hours, edges_of, local_hours, seasons_of
from scheduler.money.tuning.months import HourlyYear, Months
from scheduler.money.tuning.policy import (
    FULL_FROM,
    Condition,
    Kinds,
    Order,
    Policy,
    Told,
    TunedRule,
    paint,
)
from scheduler.money.tuning.search import Field, Search

SHIFTS = (0, -7, 7, -14, 14, 3, -4)
"""Days by which loads are shifted within a month that is tuned on: a dull day then meets a week's
ordinary evenings, where the month itself has one."""
FEWEST_MONTHS = 4
FEWEST_HOURS = 10 * 24
"""Of a month: less than that says nothing about it."""
SUN_LEVELS = (0.2, 0.4)
"""Thresholds of sun, as shares of what the panels give in their best hours."""
FORECAST_LEVELS = (0.25, 0.5, 0.75)
"""Thresholds of a forecast: shares of the days that are below them."""
NIGHT_ENDS = 8
"""The hour until which the battery is used after a full day, where a search begins with that."""
WH_PER_KWH = 1000.0

Progress = Callable[[int, int], None]
"""Told how many of how many searches are done."""


@dataclass(frozen=True, slots=True)
class TunedMonth:
    """Energy dollars of a month: in plain self-consumption, and under rules not tuned on it."""

    first: date
    self_consumption: float
    out_of_sample: float


@dataclass(frozen=True)
class Tuned:
    """Rules and what they are worth, in energy dollars.

    `savings` has for each rule what the months would cost more without it, of all months together.
    """

    policy: Policy
    savings: tuple[float, ...]
    months: tuple[TunedMonth, ...]
    dear_from: int | None
    """The hour at which dear hours begin, if there are any."""

    @property
    def saving(self) -> float:
        """Dollars saved over self-consumption in months that rules were not tuned on."""
        return sum(each.self_consumption - each.out_of_sample for each in self.months)

    @property
    def recommended(self) -> bool:
        """The rules are better than none, where they had to show it."""
        return bool(self.policy) and self.saving > 0.0


@dataclass(frozen=True)
class Task:
    """What a search needs: all of it can be sent to another process."""

    year: HourlyYear
    kinds: Kinds
    battery: Battery
    floor_wh: float
    may_buy: bool
    edges: tuple[int, ...]
    coarse: tuple[int, ...]
    starts: tuple[Policy, ...]
    dear_from: int | None

    def months(self, numbers: Sequence[int], shifts: Sequence[int] = (0,)) -> Months:
        """Some of the months, side by side."""
        return Months(
            self.year, numbers, self.battery, self.floor_wh, may_buy=self.may_buy, shifts=shifts
        )

    def by_month(self, policy: Policy, numbers: Sequence[int]) -> Floats:
        """The dollars of each of these months under a policy."""
        painted = paint(policy, self.kinds, self.battery, self.floor_wh)
        rows = (each.reshape(1, -1) for each in painted)
        found: Floats = self.months(numbers).by_month(*rows)[0]
        return found


def tune(
    data: IntervalData,
    costs: Costs,
    tariff: Tariff,
    battery: Battery | None = None,
    limits: Limits | None = None,
    forecast: Mapping[date, float] | None = None,
    processes: int = 1,
    progress: Progress | None = None,
) -> Tuned:
    """Rules for a home, from its hours and their costs.

    `data` are of hours, `costs` theirs; allowances and what no credit pays are left out here.
    `forecast` gives the kWh of sun that were expected of a date; it makes an input of the rules.
    Raises `TuningRefused` if there are too few months.
    """
    task = prepared(data, costs, tariff, battery or Battery(), limits or Limits(), forecast)
    numbers = [
        month for month in task.year.months if (task.year.month == month).sum() >= FEWEST_HOURS
    ]
    if len(numbers) < FEWEST_MONTHS:
        raise TuningRefused(
            f"tuning needs {FEWEST_MONTHS} months at least, to be judged on those that rules were"
            f" not tuned on; these are {len(numbers)}"
        )
    halves = numbers[::2], numbers[1::2]
    policies = _searched(task, [numbers, *halves], processes, progress)
    outside = {
        month: dollars
        for policy, judged in zip(policies[1:], reversed(halves), strict=True)
        for month, dollars in zip(judged, task.by_month(policy, judged), strict=True)
    }
    plain = dict(zip(numbers, task.by_month((), numbers), strict=True))
    days = _first_days(data, task)
    return Tuned(
        policies[0],
        tuple(_savings(task, policies[0], numbers)),
        tuple(
            TunedMonth(days[month], float(plain[month]), float(outside[month])) for month in numbers
        ),
        task.dear_from,
    )


def hourly(data: IntervalData) -> IntervalData:
    """The same history in hours, as tuning needs it."""
    from datetime import timedelta

    hour = timedelta(hours=1)
    return data if data.step == hour else resampled(data, hour)


def prepared(
    data: IntervalData,
    costs: Costs,
    tariff: Tariff,
    battery: Battery,
    limits: Limits,
    forecast: Mapping[date, float] | None = None,
) -> Task:
    """What a search needs of a home."""
    load, sun = np.asarray(data.load_w), np.asarray(data.solar_w)
    when = local_hours(data, tariff)
    seasons = seasons_of(when, sun, tariff)
    best = float(np.quantile(sun[sun > 0.0], 0.99)) if (sun > 0.0).any() else 0.0
    levels = sorted({max(500.0, 500.0 * round(share * best / 500.0)) for share in SUN_LEVELS})
    expected = None if forecast is None else when.expected(forecast)
    kinds = Kinds(
        seasons,
        tuple(levels) if best else (),
        () if expected is None else tuple(np.quantile(expected, FORECAST_LEVELS)),
    )
    of_season = [next(k for k, each in enumerate(seasons) if m in each) for m in when.month]
    situation = np.ravel_multi_index(
        (
            np.array(of_season),
            when.workday.astype(np.int64),
            np.searchsorted(np.array(kinds.sun), sun, side="right"),
            np.searchsorted(
                np.array(kinds.forecast), 0.0 if expected is None else expected, side="right"
            )
            * np.ones(len(sun), dtype=np.int64),
            np.zeros(len(sun), dtype=np.int64),
            when.hour,
        ),
        kinds.shape,
    )
    sold = costs.sold / WH_PER_KWH
    year = HourlyYear(load, sun, costs.bought / WH_PER_KWH, sold, situation, when.running_month)
    dear = dear_hours(when.hour, costs.bought)
    edges, coarse = edges_of(when.hour, costs.bought, dear)
    return Task(
        year,
        kinds,
        battery,
        battery.energy(limits.reserve_floor),
        limits.grid_charging,
        edges,
        coarse,
        tuple(_starts(dear, may_buy=limits.grid_charging)),
        None if dear is None else dear[0],
    )


def search(task: Task, numbers: Sequence[int]) -> Policy:
    """The best policy for some of the months."""
    field = Field(
        task.months(numbers),
        task.months(numbers, SHIFTS),
        task.kinds,
        task.battery,
        task.floor_wh,
        task.may_buy,
        task.edges,
        task.coarse,
        float(np.isin(task.year.month, numbers).sum()) / 8760.0,
    )
    return Search(field).best(task.starts)


def _searched(
    task: Task, parts: Sequence[Sequence[int]], processes: int, progress: Progress | None
) -> list[Policy]:
    said = progress or (lambda _done, _of: None)
    if processes < 2:
        found = []
        for part in parts:
            found.append(search(task, part))
            said(len(found), len(parts))
        return found
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        running = [pool.submit(search, task, part) for part in parts]
        for done, _ in enumerate(as_completed(running), start=1):
            said(done, len(parts))
        return [each.result() for each in running]


def _starts(dear: tuple[int, int] | None, *, may_buy: bool) -> Iterator[Policy]:
    """Where searches begin: nothing at all, and what is known to be good before dear hours."""
    yield ()
    if dear is None:
        return
    first, last = dear
    if may_buy:
        half = TunedRule(Told(Order.BUY, 60), (first - 4) % 24, (first - 2) % 24)
        full = TunedRule(Told(Order.BUY, 100), (first - 2) % 24, first)
        yield (half, full)
    else:
        hold = TunedRule(Told(Order.HOLD), last % 24, first)
        yield (hold,)
        yield (hold, TunedRule(Told(Order.USE), FULL_FROM, NIGHT_ENDS, Condition(after_full=True)))


def _savings(task: Task, policy: Policy, numbers: Sequence[int]) -> list[float]:
    whole = task.by_month(policy, numbers).sum()
    return [
        float(task.by_month(policy[:each] + policy[each + 1 :], numbers).sum() - whole)
        for each in range(len(policy))
    ]


def _first_days(data: IntervalData, task: Task) -> dict[int, date]:
    days: dict[int, date] = {}
    for month, at in zip(task.year.month, data.times(), strict=True):
        days.setdefault(int(month), at.astimezone(data.zone).date())
    return days
