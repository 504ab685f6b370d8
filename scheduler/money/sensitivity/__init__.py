"""Which figures of a rule file matter, in dollars: each is changed a little, and judged again.

Needs tomli-w, which is installed with `powerwall-scheduler[money]`.
"""

from scheduler.money.sensitivity.judged import Effect, Judge, effects, scaled_load
from scheduler.money.sensitivity.variants import Variant, variants

__all__ = ["Effect", "Judge", "Variant", "effects", "scaled_load", "variants"]
