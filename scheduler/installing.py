"""Whether a staged firmware update may be installed now. Pure, but for the grid's last outage.

Installing stops the battery for about a quarter of an hour (24 minutes were seen), so it must end
before power gets dearer, must not take the home's backup away while the grid is shaky, and must not
cut into what somebody else does with the battery.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.domain import Observation
from rules.inputs import Inputs
from rules.tariff import Tariff

GRID_UP_FOR = timedelta(minutes=30)
BEFORE_DEARER = timedelta(minutes=40)


class GridWatch:
    """Since when the home has been seen on the grid without a break."""

    def __init__(self) -> None:
        self._up_since: datetime | None = None

    def look(self, observation: Observation, now: datetime) -> None:
        """One more reading; one without a grid status breaks the chain too."""
        if observation.grid is None or not observation.grid.up:
            self._up_since = None
        elif self._up_since is None or self._up_since > now:
            self._up_since = now

    def up_for(self, now: datetime) -> timedelta:
        """How long it has been so."""
        return now - self._up_since if self._up_since else timedelta(0)


def objections(
    up_for: timedelta, observation: Observation, overridden: str, dearer: datetime, now: datetime
) -> tuple[str, ...]:
    """Why a staged update is not to be installed now; `dearer` is when power next costs more."""
    found = []
    if dearer - now < BEFORE_DEARER:
        minutes = max(0, round((dearer - now).total_seconds() / 60))
        found.append(f"too late: power gets dearer in {minutes} min")
    if up_for < GRID_UP_FOR:
        found.append("the grid has not been up for 30 min")
    if observation.grid_services:
        found.append("grid services are active")
    if overridden:
        found.append(overridden)
    if observation.running is not True:
        found.append("the battery is not known to run")
    return tuple(found)


def next_dearer(tariff: Tariff | None, inputs: Inputs, now: datetime) -> datetime:
    """When power next costs more than now, by the tariff or by dynamic prices; a day at most."""
    found = [now + timedelta(days=1)]
    if tariff is not None:
        found.append(tariff.next_dearer(now))
    if inputs.prices is not None:
        found.append(inputs.prices.next_dearer(now))
    return min(found)
