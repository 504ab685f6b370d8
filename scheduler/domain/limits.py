"""The owner's limits, which no rule file can widen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from rules.domain import Export, Setting
from rules.resolve import Limits


@dataclass(frozen=True)
class Safety:
    """The owner's limits, which no rule file can widen.

    `grid_charging` and `export` are what the terms of the interconnection permit: whether the
    battery may be charged from the grid, and what may be sold to it at most. `reserve_floor` is in
    app percent; `safe` is the setting the owner wants if all else fails, and the only one that the
    last write of an hour may be spent on. `dwell` is how long a setting that was left stays left,
    unless the clock, the grid or the owner called for it; `hold_max` how long somebody else's
    change is respected where the rules want the same all the time.
    """

    reserve_floor: int
    safe: Setting
    writes_an_hour: int = 6
    writes_a_day: int = 24
    dwell: timedelta = timedelta(minutes=15)
    hold_max: timedelta = timedelta(hours=12)
    grid_charging: bool = True
    export: Export = Export.BATTERY

    @cached_property
    def limits(self) -> Limits:
        """What the rules have to keep within."""
        return Limits(self.grid_charging, self.export, self.reserve_floor)
