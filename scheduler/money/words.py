"""The words of options about a history, apart from what reads one: `--help` would wait for it."""

from __future__ import annotations

from enum import StrEnum


class HistoryFormat(StrEnum):
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


class Unit(StrEnum):
    """A mean power over an interval, or the energy in it."""

    WATT = "W"
    KILOWATT = "kW"
    WATT_HOUR = "Wh"
    KILOWATT_HOUR = "kWh"

    @property
    def is_energy(self) -> bool:
        """Whether a value is the energy of its interval."""
        return self in {Unit.WATT_HOUR, Unit.KILOWATT_HOUR}

    def in_watts(self, step_s: int) -> float:
        """What a value of 1 is as a mean power in watts, in intervals of so many seconds."""
        thousand = 1000.0 if self in {Unit.KILOWATT, Unit.KILOWATT_HOUR} else 1.0
        return thousand * 3600 / step_s if self.is_energy else thousand
