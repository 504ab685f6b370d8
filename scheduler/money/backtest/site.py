"""What stands at a site, whatever its rules: home, battery, permissions, outages, outside world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rules.battery import POWERWALL_2, Battery
from rules.domain import Mode, Setting
from rules.resolve import Levers
from scheduler.domain import Safety
from scheduler.money import IntervalData
from scheduler.money.backtest.outside import Outside

ORDINARY: Final = Safety(0, Setting(Mode.SELF_CONSUMPTION, 20))
"""Of an owner who permits everything."""

SECOND: Final = timedelta(seconds=1)
RESYNC: Final = timedelta(minutes=1)
"""For how long a gateway watches a grid that came back before the home joins it; in reports up to
five minutes."""


class Outage(NamedTuple):
    """The grid is gone from an aware instant on, for so long."""

    start: datetime
    length: timedelta

    @property
    def end(self) -> datetime:
        """When the grid is there again."""
        return self.start + self.length

    @property
    def joined(self) -> datetime:
        """When the home has joined it again."""
        return self.end + RESYNC


@dataclass(frozen=True, slots=True)
class Site:
    """A home and its battery through the time of its interval data, in steps as long as theirs.

    `soe` is what is in the battery at first, in app percent. `safety` are the owner's permissions,
    floor and caps; `levers` what the route can set. `outages` are in order and a minute apart
    from one another. Raises `ValueError` for what breaks this, and where there is no interval.
    """

    data: IntervalData
    battery: Battery = POWERWALL_2
    soe: float = 50.0
    safety: Safety = ORDINARY
    levers: Levers = field(default_factory=Levers)
    outages: tuple[Outage, ...] = ()
    outside: Outside = field(default_factory=Outside)

    def __post_init__(self) -> None:
        if not len(self.data):
            raise ValueError("there is no interval to go through")
        if not 0 <= self.soe <= 100:
            raise ValueError(f"a state of energy is 0 to 100 %, got {self.soe:g}")
        end = self.data.start
        for outage in self.outages:
            if outage.length < SECOND or outage.start < end or outage.end > self.data.end:
                raise ValueError(
                    "outages last a second at least, a minute after the other, within the data:"
                    f" not {outage.length} from {outage.start.isoformat()}"
                )
            end = outage.joined
