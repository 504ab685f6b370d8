"""The owner's limits, which no rule file can widen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rules.domain import Setting


@dataclass(frozen=True, slots=True)
class Safety:
    """The owner's limits, which no rule file can loosen.

    `reserve_floor` is in app percent; `safe` is the setting the owner wants if all else fails, and
    the only one that the last write of an hour may be spent on. `dwell` is how long a setting that
    was left stays left, unless the clock, the grid or the owner called for it; `hold_max` how long
    somebody else's change is respected where the rules want the same all the time.
    """

    reserve_floor: int
    safe: Setting
    writes_an_hour: int = 6
    writes_a_day: int = 24
    dwell: timedelta = timedelta(minutes=15)
    hold_max: timedelta = timedelta(hours=12)
