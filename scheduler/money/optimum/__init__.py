"""The best that was possible: the perfect-foresight bill, and what levers reach of it.

Needs numpy and highspy, which are installed with `powerwall-scheduler[money]`.
"""

from scheduler.money.optimum.costs import Allowance, Costs, Netted
from scheduler.money.optimum.lever import LeverOptimum, Told, lever_optimum
from scheduler.money.optimum.perfect import Optimum, optimum, optimum_selling_sun

__all__ = [
    "Allowance",
    "Costs",
    "LeverOptimum",
    "Netted",
    "Optimum",
    "Told",
    "lever_optimum",
    "optimum",
    "optimum_selling_sun",
]
