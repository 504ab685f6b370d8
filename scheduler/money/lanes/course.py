"""A battery under the three things that it can be told, for arrays of energies at once.

In an interval it covers the home down to `keep`, or buys up to `buy_to` and then keeps what it has;
to hold is to keep everything. That is `rules.battery.step` in closed form: with a reserve, with
backup that may not buy, or with backup that buys until a level is reached and then may not. A test
holds the two equal. Standby is left out, and the taper is that of an interval's beginning. It is
for searching; figures that somebody acts upon come from the physics.

Energies are in watt hours, what goes through the meter in an interval too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.battery import Battery

Floats = npt.NDArray[np.float64]

HOUR_S = 3600.0


class Interval(NamedTuple):
    """What a home needs beyond its sun in an interval, and what sun is left over, in watt hours."""

    need: float
    surplus: float


class Moved(NamedTuple):
    """The energy at an interval's end; what was charged and discharged on the AC side; all Wh."""

    energy: Floats
    charged: Floats
    discharged: Floats

    def imported(self, interval: Interval) -> Floats:
        """What was bought."""
        return interval.need - self.discharged + np.maximum(self.charged - interval.surplus, 0.0)

    def exported(self, interval: Interval) -> Floats:
        """What was left to sell."""
        return np.maximum(interval.surplus - self.charged, 0.0)


class Course:
    """A battery's limits over intervals of one length."""

    def __init__(self, battery: Battery, seconds: float) -> None:
        self.hours = seconds / HOUR_S
        self.efficiency = battery.efficiency
        self.capacity = battery.capacity_wh
        self.most = battery.power_w * self.hours
        self.most_charged = battery.charge_power_w * self.hours
        self.bought = battery.backup_grid_charge_w * self.hours
        self._tapered = battery.taper_power_w * self.hours
        width = (1.0 - battery.taper_from) * battery.capacity_wh
        slope = (self.most_charged - self._tapered) / width if width else 0.0
        # Where the taper is steeper than the room that is left, the room is the narrower limit.
        self._slope = slope if slope * battery.efficiency < 1.0 else 0.0

    def accepted(self, energy: Floats) -> Floats | float:
        """The most that the pack takes in an interval that begins with this energy, room aside."""
        if not self._slope:
            return self.most_charged
        return np.minimum(self.most_charged, self._tapered + self._slope * (self.capacity - energy))

    def move(self, energy: Floats, keep: Floats, buy_to: Floats, interval: Interval) -> Moved:
        """An interval from these energies; `buy_to` of 0 buys nothing.

        Where something is bought, `keep` is at least `buy_to`.
        """
        room = (self.capacity - energy) / self.efficiency
        accepted = self.accepted(energy)
        buying = np.minimum(interval.surplus + self.bought, accepted)
        share = np.clip((buy_to - energy) / (self.efficiency * buying), 0.0, 1.0)
        charged = share * buying
        discharged = np.zeros_like(charged)
        if interval.surplus > 0.0:
            charged += (1.0 - share) * np.minimum(interval.surplus, accepted)
        else:
            above = (energy - keep) * self.efficiency
            discharged = np.clip(above, 0.0, min(interval.need, self.most))
        charged = np.minimum(charged, room)
        after = energy + charged * self.efficiency - discharged / self.efficiency
        return Moved(after, charged, discharged)
