"""What `pwsched replay` shows: what would have been different as a table, and two bands a day.

Every setting has a letter, so that nothing is said by colour alone. A cell is half an hour; one in
which the setting changed shows the one that lasted longest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rules.domain import Setting
from rules.errors import printable
from scheduler.cli.columns import longest_word
from scheduler.history import Band, Comparison, Difference

WIDTH = 80
CELL = timedelta(minutes=30)
MOST_DAYS = 62
MOST_ROWS = 40
QUIET = "dim"
OTHER_READINGS = (
    "The readings are those of the house as it was. Under other settings the battery would have"
    " been fuller or emptier, and what follows from that is not in here."
)
ONLY_WANTED = (
    "What was wanted is compared. Guards, changes by hand and a gateway that was away may have"
    " kept writes from being made, then and now."
)
COLOURS = ("#1f5250", "#8a4a0b", "#35632b", "#5a3a7d", "#7d620c", "#5a120d", "#28507d")


@dataclass(frozen=True, slots=True)
class Replayed:
    """A comparison and what it was of. `writes` were made, or would have been in a dry run."""

    site: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    comparison: Comparison
    writes: int


def replay_view(found: Replayed) -> RenderableType:
    """The whole answer, for 80 columns."""
    comparison = found.comparison
    title = (
        f"{printable(found.site)}, {_local(found.start, found):%a %d %b %Y %H:%M}"
        f" to {_local(found.end, found):%a %d %b %Y %H:%M} ({found.zone.key})"
    )
    parts: list[RenderableType] = [Text(title, "bold"), Text(_summary(found))]
    if comparison.differences:
        parts += ["", _table(found), "", *_bands(found)]
    parts += ["", *(Text(f"* {each}", QUIET) for each in caveats(found))]
    return Group(*parts)


def caveats(found: Replayed) -> list[str]:
    """What this replay cannot know."""
    comparison = found.comparison
    said = [OTHER_READINGS, ONLY_WANTED]
    if comparison.from_means:
        said.append(
            f"{comparison.from_means} of {comparison.readings} readings are 5-minute means: of"
            " those older than 30 days only ones at which something happened are stored as read."
        )
    unseen = found.end - found.start - comparison.seen
    if unseen > timedelta(minutes=10):
        said.append(f"Of {_length(unseen)} there is no reading; nothing is said of them.")
    return said


def _summary(found: Replayed) -> str:
    comparison = found.comparison
    changes = f"{comparison.changes_was} changes were wanted ({found.writes} writes)"
    would = f"the other rules would have wanted {comparison.changes_would}"
    if not comparison.differences:
        return f"Nothing would have been different in {_length(comparison.seen)}; {changes}."
    return (
        f"Different for {_length(comparison.differed)} of {_length(comparison.seen)}."
        f" {changes}; {would}."
    )


def _table(found: Replayed) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    table.add_column("when", no_wrap=True)
    table.add_column("for", no_wrap=True, justify="right")
    rows = found.comparison.differences
    was = longest_word(_short(each.was, each.was_by) for each in rows[:MOST_ROWS])
    table.add_column("was", ratio=1, min_width=was)
    table.add_column("would have been, and why", ratio=2)
    for each in rows[:MOST_ROWS]:
        table.add_row(
            f"{_local(each.start, found):%d %b %H:%M}",
            _length(each.lasted),
            Text(printable(_short(each.was, each.was_by))),
            Text(printable(_would(each))),
        )
    if len(rows) > MOST_ROWS:
        table.add_row("", "", "", f"and {len(rows) - MOST_ROWS} more; --json has them all")
    return table


def _short(setting: Setting, by: Sequence[str]) -> str:
    winners = ", ".join(f'"{name}"' if name not in {"default", "owner"} else name for name in by)
    return f"{setting}, by {winners}" if winners else str(setting)


def _would(each: Difference) -> str:
    """The reason names the setting and the rule; without one nothing was wanted yet."""
    return each.would_reason or str(each.would)


def _bands(found: Replayed) -> Iterator[RenderableType]:
    """For each day with a difference the two bands, one above the other."""
    bands = found.comparison.bands
    settings = Counter[Setting]()
    for band in bands:
        settings[band.was] += 1
        settings[band.would] += 1
    letters = {
        setting: (chr(ord("A") + place), f"white on {COLOURS[place % len(COLOURS)]}")
        for place, (setting, _) in enumerate(settings.most_common(26))
    }
    different = {_local(band.start, found).date() for band in bands if band.was != band.would}
    ruler = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    yield Text(f"{'':<17}{ruler}", QUIET, no_wrap=True)
    days = sorted(different)
    for day in days[:MOST_DAYS]:
        for label, side in (("was", "was"), ("would", "would")):
            head = f"{day:%a %d %b}" if side == "was" else ""
            line = Text(f"{head:<11}{label:<6}", no_wrap=True)
            for setting in _cells(day, bands, side, found):
                line.append(*letters.get(setting, ("?", "")) if setting else (" ", ""))
            yield line
    if len(days) > MOST_DAYS:
        yield Text(f"and {len(days) - MOST_DAYS} more days", QUIET)
    yield ""
    for setting, (letter, style) in letters.items():
        yield Text.assemble((f" {letter} ", style), f" {setting}")


def _cells(
    day: date, bands: Sequence[Band], side: str, found: Replayed
) -> Iterator[Setting | None]:
    midnight = datetime(day.year, day.month, day.day, tzinfo=found.zone)
    for place in range(48):
        start = (midnight + place * CELL).astimezone(UTC)
        end = start + CELL
        lasted = Counter[Setting]()
        for band in bands:
            if band.end > start and band.start < end:
                share = min(band.end, end) - max(band.start, start)
                lasted[getattr(band, side)] += round(share.total_seconds())
        yield lasted.most_common(1)[0][0] if lasted else None


def _local(at: datetime, found: Replayed) -> datetime:
    return at.astimezone(found.zone)


def _length(took: timedelta) -> str:
    minutes = round(took.total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours // 24} d {hours % 24} h" if hours >= 48 else f"{hours} h {minutes % 60:02} min"
