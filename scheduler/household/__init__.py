"""A household that never was: what it uses and what its roof gives, in any minute of any year.

The simulator lives through its days, and money is counted over its years. What it does depends on
seed, place and instant alone, so whoever asks may ask in any order.
"""

from scheduler.household.household import Household
from scheduler.household.kinds import HomeKind
from scheduler.household.noise import unit

__all__ = ["HomeKind", "Household", "unit"]
