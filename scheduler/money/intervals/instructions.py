"""What the owner says of a file, because the file does not say it, and what may be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduler.money import DateOrder, DecimalMark, HistoryFormat, LocalClock, Unit


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a file is to be read; what is `None` must be told by the file itself.

    `columns` maps `time`, `date` and channels to names of columns. `unit` is that of every column.
    `step` is the length of the intervals that are made of a journal. `counters`: the values are
    readings of counters, and their differences are meant. The rest are repairs: `fill_gaps` is the
    longest hole that the same hours of neighbouring days may fill.
    """

    form: HistoryFormat | None = None
    zone: ZoneInfo | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    clock: LocalClock = LocalClock.LOCAL
    site: str | None = None
    step: timedelta = timedelta(minutes=5)
    no_solar: bool = False
    counters: bool = False
    sort: bool = False
    drop_duplicates: bool = False
    drop_negative: bool = False
    drop_spikes: bool = False
    fill_gaps: timedelta = timedelta()
