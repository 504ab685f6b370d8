"""Times in arguments: what the rule language makes of them, with the option in what is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from rules.language import Towards


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
