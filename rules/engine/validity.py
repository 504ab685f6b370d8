"""Until when, and within what, an answer stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.domain import Observation
from rules.inputs import NO_INPUTS, Inputs

Bounds = tuple[tuple[str, float, float], ...]
"""Quantities, each with the half-open interval in which nothing changes."""

Same = tuple[tuple[str, object], ...]
"""Quantities, each with the value (`None`: missing) with which nothing changes."""


@dataclass(frozen=True, slots=True)
class Validity:
    """An answer stands before `until`, with the same inputs (the same object), within the bounds.

    A caller may skip every evaluation that lies inside.
    """

    until: datetime
    inputs: Inputs = NO_INPUTS
    bounds: Bounds = ()
    same: Same = ()

    def stands(self, observation: Observation, inputs: Inputs, now: datetime) -> bool:
        """Another evaluation on this would come to the same."""
        if now >= self.until or inputs is not self.inputs:
            return False
        for quantity, low, high in self.bounds:
            value = getattr(observation, quantity)
            if value is None or not low <= value < high:
                return False
        for quantity, same in self.same:  # noqa: SIM110 -- a generator would double the time
            if getattr(observation, quantity) != same:
                return False
        return True
