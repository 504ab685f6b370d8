"""How much a check may try before it says that it could not decide.

Counted in steps, never in seconds: the same rules are decided, or not, on every machine. A step is
about a microsecond of an ordinary computer.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.check.states import TooManyStates

ENOUGH = 5_000_000
"""Steps of one check; those of 200 realistic rules take a tenth of it."""

AT_LEAST = ENOUGH / 4
"""What is left for the proofs, however long it took to go through the months."""


class OutOfEffort(TooManyStates):
    """A check has tried as much as it may."""


@dataclass(slots=True)
class Effort:
    """What is left to be tried."""

    left: float = ENOUGH

    def spend(self, steps: float) -> None:
        """Raises `OutOfEffort` where nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise OutOfEffort

    def begin_with(self, steps: float) -> None:
        """Spend on what everything needs; something is left."""
        self.left = max(self.left - steps, min(self.left, AT_LEAST))
