"""A home's history as a file has it, with what is wrong with it, before anybody trusts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money import IntervalData, Repair
from scheduler.money.intervals.findings import Finding
from scheduler.money.intervals.gaps import Gap, Grid


@dataclass(frozen=True, slots=True)
class History:
    """Mean powers in watts over intervals of one length, from `start` (UTC) on; NaN is unknown.

    `load_w` is the whole home without battery. `grid_w` (positive: imported) and `battery_w`
    (positive: discharged) are as recorded, `None` where the file has them not. `findings` must be
    mended or repaired before it can be used; `notes` are only told; `repairs` were asked for.
    """

    name: str
    source: str
    start: datetime
    step: timedelta
    zone: ZoneInfo
    load_w: Sequence[float]
    solar_w: Sequence[float]
    grid_w: Sequence[float] | None = None
    battery_w: Sequence[float] | None = None
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()

    def __len__(self) -> int:
        return len(self.load_w)

    @property
    def end(self) -> datetime:
        """The end of the last interval."""
        return self.start + len(self) * self.step

    @property
    def grid(self) -> Grid:
        """When its intervals are."""
        return Grid(int(self.start.timestamp()), int(self.step.total_seconds()), self.zone)

    def interval_data(self) -> IntervalData:
        """Load and sun to be counted with. Raises `HistoryProblems` with everything found."""
        if self.findings:
            raise HistoryProblems(self.name, *(each.text for each in self.findings))
        return IntervalData(
            self.start, self.step, self.zone, self.load_w, self.solar_w, self.source, self.repairs
        )
