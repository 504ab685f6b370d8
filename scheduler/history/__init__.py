"""The past, read only: why things were as they were, and what other rules would have wanted."""

from scheduler.history.context import levers_in
from scheduler.history.replay import Band, Comparison, Difference, compared, replayed
from scheduler.history.tally import RuleTally, Tally, tallied
from scheduler.history.why import Why, why

__all__ = [
    "Band",
    "Comparison",
    "Difference",
    "RuleTally",
    "Tally",
    "Why",
    "compared",
    "levers_in",
    "replayed",
    "tallied",
    "why",
]
