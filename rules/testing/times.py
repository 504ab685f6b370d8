"""Times in test files, on the clock of the rules: "13:00", "tue 13:00", "2026-07-06 13:00".

A test is about one moment, so a time must be one: what happens twice on the night clocks go back
needs its offset from UTC, and what clocks jump over is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.language import WEEKDAYS, Path, Towards, parse_moment

_CLOCK = re.compile(r"(?:([a-z]{3}) )?(\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)")
_FULL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d:\d\d|Z)?")
_LIKE = '"13:00", "tue 13:00" or "2026-07-06 13:00"'
_YEARS = range(2000, 2100)
_ANY = datetime(2026, 1, 1, tzinfo=UTC)
"""Times in full do not depend on what is now."""

Report = Callable[[Path, str], None]
"""Takes a place inside of a test, and what is wrong there."""


@dataclass(frozen=True)
class Times:
    """The times of one test."""

    zone: ZoneInfo
    start: datetime
    end: datetime
    report: Report

    def read(self, text: str, place: Path) -> datetime:
        """The instant of a time inside of the test; its start where that is none."""
        found = self.read_any(text, place)
        if not self.start <= found <= self.end:
            self.report(place, f'"{text}" is not between the start and the end of the test')
            return self.start
        return found

    def read_any(self, text: str, place: Path) -> datetime:
        """The instant of a time, wherever it is."""
        try:
            return time_from(text, self.zone, self.start)
        except ValueError as error:
            self.report(place, str(error))
            return self.start


def full_time(text: str, zone: ZoneInfo) -> datetime:
    """The instant of "2026-07-06 13:00", or with seconds and an offset. Raises `ValueError`."""
    if not _FULL.fullmatch(text):
        raise ValueError(f'must be a time like "2026-07-06 13:00", got "{text}"')
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'there is no time "{text}"') from None
    found = parse_moment(text, _ANY, zone, Towards.TODAY)
    if found.year not in _YEARS:
        raise ValueError(f'must be in a year from 2000 to 2099, got "{text}"')
    return found


def time_from(text: str, zone: ZoneInfo, start: datetime) -> datetime:
    """The instant of a time in full, or of the first "13:00" or "tue 13:00" from `start` on.

    Raises `ValueError`.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        if text[:1].isdigit():
            return full_time(text, zone)
        raise ValueError(f'must be a time like {_LIKE}, got "{text}"')
    weekday, clock = match.groups()
    if weekday not in {None, *WEEKDAYS}:
        raise ValueError(f'unknown day "{weekday}"; say "mon" to "sun"')
    local = start.astimezone(zone)
    days = [local.date() + timedelta(days=days) for days in range(9)]
    if clock < f"{local:%H:%M:%S.%f}"[: len(clock)]:
        days = days[1:]
    day = next(each for each in days if weekday in {None, WEEKDAYS[each.weekday()]})
    return full_time(f"{day} {clock}", zone)


def written_time(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as a test file has it; with an offset only where its time is there twice."""
    local = instant.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    unit = "microseconds" if wall.microsecond else "seconds" if wall.second else "minutes"
    twice = wall.replace(tzinfo=zone).utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset()
    return (local if twice else wall).isoformat(" ", unit)
