"""Times as a site's owner reads them.

Rows and messages tell times in UTC, and say so: they outlast a move to another zone. Shown, they
are times of the owner's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from pathlib import Path

_IN_UTC: Final = re.compile(r"\b(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d)(:\d\d)? UTC\b")
_A_MOMENT: Final = timedelta(minutes=1)


def in_zone(text: str, at: datetime, zone: ZoneInfo) -> str:
    """A sentence said at an instant, with its times of UTC by the clock of a zone."""

    def local(found: re.Match[str]) -> str:
        try:
            return _local(found, at, zone)
        except (ValueError, OverflowError):
            return found[0]  # a text of somebody else's that only looks like a time

    return _IN_UTC.sub(local, text)


def _local(found: re.Match[str], at: datetime, zone: ZoneInfo) -> str:
    day, clock, seconds = found.groups(default="")
    there = at.astimezone(UTC)
    instant = datetime.fromisoformat(f"{day or there.date()}T{clock}{seconds}+00:00")
    if not day and instant > there + _A_MOMENT:
        instant -= timedelta(days=1)  # without a day a sentence tells of what was
    here = instant.astimezone(zone)
    shown = f"{here:%H:%M:%S}" if seconds else f"{here:%H:%M}"
    if day or here.date() != at.astimezone(zone).date():
        shown = f"{here:%Y-%m-%d} {shown}"
    return f"{shown} {here.tzname()}"


def zones_of(journal: Path, site: str | None, said: str | None) -> dict[str, ZoneInfo]:
    """The zone of each site of a journal, or of this one: what its rules say, or --timezone.

    Raises `JournalProblem`, and `ConfigProblem` for no zone.
    """
    from scheduler.cli.moment import zone_named
    from scheduler.journal.sqlite import Chronicle

    chosen = None if said is None else zone_named(said)
    with Chronicle.opened(journal) as chronicle:
        names = [name for name in chronicle.sites() if site in {None, name}]
        return {name: chosen or chronicle.zone(name) for name in names}


def one_zone(zones: dict[str, ZoneInfo], option: str) -> ZoneInfo:
    """The zone in which an option is meant. Raises `ConfigProblem` where sites have several."""
    from scheduler.errors import ConfigProblem

    different = {zone.key: zone for zone in zones.values()}
    if len(different) > 1:
        raise ConfigProblem(
            f"{option}: the sites are in {' and '.join(sorted(different))};"
            " say which is meant with --timezone, or --site"
        )
    return next(iter(different.values()), ZoneInfo("UTC"))
