"""What was attainable at the site of a backtest: the optimum, and what levers reach of it.

Both are made of hours: of the steps of a backtest there are so many that a lever optimum takes
minutes, and a bill of hours is another one than that of 5 minutes, in which more is bought and
sold. So what counts is by how much an optimum is below self-consumption in the same hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from scheduler.money.backtest import Site
    from scheduler.money.bill import Plan
    from scheduler.money.report import Attainable

STEP = timedelta(hours=1)
HIGHEST_RESERVE = 80
"""Above it there is no reserve that a Powerwall can be told, but 100."""


def attainable(
    site: Site, plan: Plan, sets: Sequence[RuleSet], reserve: int
) -> tuple[Attainable, ...]:
    """The two bounds. `reserve` is what self-consumption keeps.

    They may go as low as any of the rule sets: to the lowest reserve that is said anywhere. Outages
    and standby are left out. Raises `ConfigProblem`, `BillRefused`.
    """
    from rules.resolve import Limits
    from scheduler.errors import ConfigProblem
    from scheduler.money.bill import BillCalculator
    from scheduler.money.comparison import Comparison
    from scheduler.money.intervals import resampled
    from scheduler.money.optimum import Costs, lever_optimum, optimum
    from scheduler.money.report import Attainable

    try:
        data = resampled(site.data, STEP)
    except ValueError as error:
        raise ConfigProblem(f"--optimum: {error}") from None
    floor = lowest_reserve(site, sets, reserve)
    if floor > HIGHEST_RESERVE:
        raise ConfigProblem(
            f"--optimum: there is nothing to find where the reserve is never below {floor} %;"
            f" {HIGHEST_RESERVE} % is the highest"
        )
    soe = max(site.soe, float(floor))
    battery = replace(site.battery, standby_w=0.0)
    hourly = replace(site, data=data, battery=battery, soe=soe, outages=())
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    safety, costs = site.safety, Costs.of(calculator)
    limits = Limits(safety.grid_charging, safety.export, floor)
    alone, bare = Comparison(hourly, calculator, reserve).beside([])
    levers = lever_optimum(data, costs, battery, limits, soe)
    told = calculator.bill(levers.metered).total
    best = optimum(data, costs, battery, limits, soe).dollars
    return tuple(
        Attainable(name, total, bare.cost - total, alone.cost - total, what, tolerance)
        for name, total, what, tolerance in (
            ("lever optimum", told, "", levers.tolerance),
            ("optimum", best, "", 0.0),
        )
    )


def lowest_reserve(site: Site, sets: Sequence[RuleSet], reserve: int) -> int:
    """The lowest that any of the rules asks for, not below the owner's floor."""
    asked = [
        said
        for rules in sets
        for want in (rules.default, *(rule.want for rule in rules.state_rules))
        if (said := want.reserve) is not None
    ]
    return max(site.safety.reserve_floor, min([reserve, *asked]))
