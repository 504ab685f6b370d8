"""What the owner says of a file, because the file does not say it, and what may be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from scheduler.money.intervals.channels import Unit


class Format(StrEnum):
    """What a file is; it is recognised by its content unless it is said."""

    CSV = "csv"
    PGE = "pge"
    SCE = "sce"
    SDGE = "sdge"
    GREEN_BUTTON = "green-button"
    TESLA_APP = "tesla-app"
    HOME_ASSISTANT = "home-assistant"
    JOURNAL = "journal"


class DateOrder(StrEnum):
    """Whether 5/6 is the fifth of June or the sixth of May."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


class LocalClock(StrEnum):
    """How times without an offset go through the nights on which clocks change.

    `local`: as the wall clock does, an hour twice in autumn and one missing in spring. `standard`:
    they are of standard time all year. `labels`: every day has 24 hours; in autumn one label holds
    the energy of both hours, and in spring the hour that does not exist is the next one.
    """

    LOCAL = "local"
    STANDARD = "standard"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a file is to be read; what is `None` must be told by the file itself.

    `columns` maps `time`, `date` and channels to names of columns. `unit` is that of every column.
    `step` is the length of the intervals that are made of a journal. `counters`: the values are
    readings of counters, and their differences are meant. The rest are repairs: `fill_gaps` is the
    longest hole that the same hours of neighbouring days may fill.
    """

    form: Format | None = None
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
