"""Times in arguments: what the rule language makes of them, with the option in what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from rules.language import Towards

YEARS = range(2000, 2100)
"""Of which the calendar of rules is asked: beyond, nobody knows the holidays."""


def any_moment(option: str, text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that an argument means, gone or to come. Raises `ConfigProblem`."""
    from rules.language import Towards
    from scheduler.errors import ConfigProblem

    found = moment_of(option, text, now, zone, Towards.TODAY)
    if found.year not in YEARS:
        raise ConfigProblem(f"{option}: must be in the years {YEARS[0]} to {YEARS[-1]}")
    return found


def past_moment(option: str, text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant that an argument means which looks back. Raises `ConfigProblem`."""
    from rules.language import Towards

    return moment_of(option, text, now, zone, Towards.PAST)


def moment_of(option: str, text: str, now: datetime, zone: ZoneInfo, towards: Towards) -> datetime:
    """The instant that an argument means. Raises `ConfigProblem`."""
    from rules.language import parse_moment
    from scheduler.errors import ConfigProblem

    try:
        return parse_moment(text, now, zone, towards)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None


def zone_named(name: str) -> ZoneInfo:
    """The zone that --timezone names. Raises `ConfigProblem`."""
    from rules.calendar import parse_zone
    from scheduler.errors import ConfigProblem

    try:
        return parse_zone(name)
    except ValueError as error:
        raise ConfigProblem(f"--timezone: {error}") from None
