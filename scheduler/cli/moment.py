"""Times as people say them, on the clock of a site: "16:05", "yesterday 16:05", "2h ago", ISO."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_AGO: Final = re.compile(r"(\d{1,6}) ?(s|m|h|d|w)( ago)?")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_CLOCK: Final = re.compile(r"(?:(today|yesterday) )?(\d{1,2}):(\d{2})(?::(\d{2}))?")


def parse_moment(option: str, text: str, now: datetime, zone: tzinfo) -> datetime:
    """The instant that is meant. A time of day alone is the last that has passed.

    Raises `ConfigProblem` for what is no time.
    """
    from rules.errors import shown
    from scheduler.errors import ConfigProblem

    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if clock := _CLOCK.fullmatch(text):
            return _on_the_clock(clock, now, zone)
        said = datetime.fromisoformat(text)
        if said.tzinfo is None:
            said = said.replace(tzinfo=zone)
        return said.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigProblem(
            f"{option}: is not a time: {shown(text)};"
            ' write "16:05", "yesterday 16:05", "2h ago" or 2026-07-15T16:05'
        ) from None


def _on_the_clock(said: re.Match[str], now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone)
    hour, minute, second = int(said[2]), int(said[3]), int(said[4] or 0)
    wall = today.replace(hour=hour, minute=minute, second=second, microsecond=0, fold=0)
    if said[1] == "yesterday" or (said[1] is None and wall.astimezone(UTC) > now):
        wall -= timedelta(days=1)
    return wall.astimezone(UTC)
