"""What matters, in dollars: each figure of the rules, and each thing of the home, changed alone.

`variants` are rule files with one figure changed, `scenarios` homes with another load or other
prices; `effects` judges them all by the daemon's engine and controller and the bill.

Needs tomli-w, which is installed with `powerwall-scheduler[money]`.
"""

from scheduler.money.sensitivity.judged import Effect, Progress, effects
from scheduler.money.sensitivity.scenarios import Case, Scenario, scaled_load, scenarios
from scheduler.money.sensitivity.variants import Variant, variants

__all__ = [
    "Case",
    "Effect",
    "Progress",
    "Scenario",
    "Variant",
    "effects",
    "scaled_load",
    "scenarios",
    "variants",
]
