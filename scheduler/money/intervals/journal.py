"""The daemon's own journal as a history: what it read of the gateway, as means over intervals.

An interval in which the daemon read nothing is a hole. Older readings are kept as means over five
minutes, so shorter intervals than those can only be made of the last weeks.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.journal.sqlite import Chronicle, PowersRead, powers_read
from scheduler.money import Unit
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.findings import Places
from scheduler.money.intervals.notation import utc
from scheduler.money.intervals.samples import Samples

MAGIC = b"SQLite format 3\0"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHANNELS = (Channel.GRID, Channel.BATTERY, Channel.LOAD, Channel.SOLAR)


def read_journal_powers(
    path: Path, site: str | None, zone: ZoneInfo | None, step: timedelta
) -> Samples:
    """Means of what was read, by interval. Raises `JournalProblem`."""
    with Chronicle.opened(path) as chronicle:
        name = chronicle.site(site)
        used = zone or chronicle.zone(name)
    return means_of(path.name, powers_read(path, name), name, used, step)


def means_of(
    file: str, readings: Iterable[PowersRead], site: str, zone: ZoneInfo, step: timedelta
) -> Samples:
    """Means over intervals of the readings of a site, in whatever order they are."""
    step_s = int(step.total_seconds())
    sums: dict[int, list[float]] = {}
    for read in readings:
        slot = (read.at - _EPOCH) // step
        _add(sums.setdefault(slot, [0.0] * 2 * len(_CHANNELS)), read)
    slots = sorted(sums)
    source = f"journal of {site}, means over {step_s // 60} minutes"
    samples = Samples(file, Places(), zone, source, sure_units=True)
    samples.starts = array("q", (slot * step_s for slot in slots))
    samples.rows = array("q", range(len(slots)))
    samples.places = Places(names=[f"{utc(at):%Y-%m-%d %H:%M} UTC" for at in samples.starts])
    for place, channel in enumerate(_CHANNELS):
        column = array("d")
        for slot in slots:
            total, weight = sums[slot][place], sums[slot][len(_CHANNELS) + place]
            column.append(total / weight if weight else nan)
        samples.values[channel] = column
        samples.units[channel] = Unit.WATT
    samples.step_s = step_s
    return samples


def _add(sums: list[float], read: PowersRead) -> None:
    """Weighted sums of the four powers, and then their weights."""
    for place, watts in enumerate((read.site, read.battery, read.load, read.solar)):
        if watts is not None:
            sums[place] += watts * read.readings
            sums[len(_CHANNELS) + place] += read.readings
