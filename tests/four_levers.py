"""A route that can set all four parts of a setting. No owner can choose it."""

from __future__ import annotations

from rules.domain import Export, Mode, Part
from rules.resolve import Levers
from scheduler.clock import Clock
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.home import Home

FOUR_LEVERS = Levers(
    modes=frozenset(Mode), grid_charging=frozenset({False, True}), export=frozenset(Export)
)


def four_levers(home: Home, clock: Clock, *unreadable: Part) -> DirectGateway:
    """The gateway of this home, with every lever; these parts can be set and not read back."""
    levers = Levers(
        FOUR_LEVERS.modes,
        grid_charging=FOUR_LEVERS.grid_charging,
        export=FOUR_LEVERS.export,
        unreadable=frozenset(unreadable),
    )
    return DirectGateway(home, clock, levers=levers)
