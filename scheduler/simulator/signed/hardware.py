"""Gateways that have signed control, as far as they differ in what they answer.

Part numbers of a Powerwall 3 are those of pypowerwall's tests; those of a Backup Gateway 1 are made
up but for their shape. A Powerwall 3 has little of the classic API (pypowerwall, README).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scheduler.simulator import profiles


@dataclass(frozen=True, slots=True)
class Hardware:
    """A kind of gateway. `paths` are those that it has of the classic API, `None` for all."""

    name: str
    part: str
    kind: str
    paths: frozenset[str] | None = None


BACKUP_GATEWAY_1: Final = Hardware("Powerwall 2 on Backup Gateway 1", "1118431-00-L", "hec")

POWERWALL_3: Final = Hardware(
    "Powerwall 3",
    "1707000-11-J",
    "teg",
    frozenset({profiles.LOGIN, profiles.AGGREGATES, profiles.SOE, profiles.GRID_STATUS}),
)
