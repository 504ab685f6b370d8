"""Whether a staged firmware update may be installed now.

Installing stops the battery for about a quarter of an hour (24 minutes were seen), so it must end
before power gets dearer, must not take the home's backup away while the grid is shaky, and must not
cut into what somebody else does with the battery.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rules.calendar import Tariff
from rules.domain import Observation
from rules.inputs import Inputs

GRID_UP_FOR = timedelta(minutes=30)
BEFORE_DEARER = timedelta(minutes=40)


def grid_up_since(
    since: datetime | None, observation: Observation, now: datetime
) -> datetime | None:
    """Since when the home has been seen on the grid without a break, after one more reading.

    One without a grid status breaks the chain too.
    """
    if observation.grid is None or not observation.grid.up:
        return None
    return now if since is None or since > now else since


def objections(
    up_since: datetime | None,
    observation: Observation,
    overridden: str,
    dearer: datetime,
    now: datetime,
) -> tuple[str, ...]:
    """Why a staged update is not to be installed now; `dearer` is when power next costs more."""
    found = []
    if dearer - now < BEFORE_DEARER:
        minutes = max(0, round((dearer - now).total_seconds() / 60))
        found.append(f"too late: power gets dearer in {minutes} min")
    if up_since is None or now - up_since < GRID_UP_FOR:
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
