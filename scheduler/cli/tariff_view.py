"""What `pwsched tariff` shows: the hours of a tariff's year, or of each day of a month.

An hour is two cells wide, four where a tariff changes at the quarters and the terminal has room.
A cell in which the period changes is drawn as a slash, and the exact times stand beneath in any
case. Every period has a letter, so that nothing is said by colour alone.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from rules.calendar import DAY, Tariff
from rules.errors import printable
from rules.terms import BillTariff
from scheduler.cli.tariff_terms import ways_to_export
from scheduler.cli.tariff_year import (
    Chapter,
    ClockChange,
    Holiday,
    Hours,
    TariffDay,
    by_price,
    chapters,
    clock_changes,
    days_of,
    holidays_of,
    listed,
)

QUIET = "dim"
LABEL_WIDTH = 21
MIXED = "/"
PEAK_MARK, CHEAPEST_MARK, HOLIDAY_MARK = "▲", "▼", "*"
SHADES = (
    ("#5a120d", "#d9534a"),
    ("#8a4a0b", "#eb9a4b"),
    ("#7d620c", "#ecd06f"),
    ("#35632b", "#86bf7a"),
    ("#1f5250", "#5aa9a6"),
)
"""Letter and ground, from the dearest period to the cheapest."""

_TWO_AN_HOUR, _FOUR_AN_HOUR = 2, 4
_ROOM_FOR_TWO, _ROOM_FOR_FOUR = 80, 132


@dataclass(frozen=True, slots=True)
class Key:
    """How cells are drawn: the letter and the colour of each period, and the cells an hour."""

    letters: Mapping[str, str]
    styles: Mapping[str, Style]
    per_hour: int

    def bar(self, hours: Sequence[Hours]) -> Text:
        """A day as a row of cells."""
        bar = Text(no_wrap=True)
        for (letter, style), run in groupby(map(self._cell, self._cells(hours))):
            bar.append(letter * len(list(run)), style)
        return bar

    def marks(self, hours: Sequence[Hours]) -> Text:
        """Where peak and cheapest are, to stand beneath a bar."""
        marks = Text(no_wrap=True)
        for (mark, style), run in groupby(map(_mark, self._cells(hours))):
            marks.append(mark * len(list(run)), style)
        return marks

    def ruler(self) -> Text:
        """The hours, to stand above bars."""
        every = 3
        ruler = "".join(f"{hour:<{every * self.per_hour}}" for hour in range(0, 24, every))
        return Text(ruler, QUIET, no_wrap=True)

    def sample(self, period: str) -> Text:
        """A cell of a period, for a legend."""
        return Text(f" {self.letters[period]} ", self.styles[period])

    def hides_changes(self, days: Iterable[TariffDay]) -> bool:
        """Whether a period changes within a cell on any of these days."""
        return any(part.start * self.per_hour % 60 for day in days for part in day.hours)

    def _cell(self, parts: Sequence[Hours]) -> tuple[str, Style]:
        period = parts[0].period
        return (self.letters[period] if len(parts) == 1 else MIXED), self.styles[period]

    def _cells(self, hours: Sequence[Hours]) -> Iterator[list[Hours]]:
        size = 60 // self.per_hour
        for start in range(0, DAY, size):
            yield [part for part in hours if part.start < start + size and part.end > start]


def _mark(parts: Sequence[Hours]) -> tuple[str, str]:
    if all(part.peak for part in parts):
        return PEAK_MARK, "bold"
    return (CHEAPEST_MARK if all(part.cheapest for part in parts) else " "), QUIET


def shipped_table(tariffs: Iterable[BillTariff]) -> Table:
    """Tariffs, one a row."""
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("title, zone", no_wrap=True)
    table.add_column("since / last", no_wrap=True)
    table.add_column("periods, dearest first")
    for with_terms in tariffs:
        tariff = with_terms.tariff
        dates = sorted({version.effective for version in tariff.versions})
        dates = [*dates[:1], *dates[1:][-1:]]
        table.add_row(
            printable(tariff.name),
            Text.assemble(printable(tariff.title), "\n", (tariff.zone.key, QUIET)),
            "\n".join(map(str, dates)),
            _periods_and_export(with_terms),
        )
    return table


def _periods_and_export(with_terms: BillTariff) -> Text:
    periods = ", ".join(by_price(with_terms.tariff)) or "prices from a price file"
    ways = ways_to_export(with_terms.terms)
    export = [("\n" + f"export: {', '.join(ways)}", QUIET)] if ways else []
    return Text.assemble(periods, *export)


def picture_width(tariff: Tariff, year: int) -> int:
    """Columns in which the year needs no slashes, if quarters of an hour are enough for that."""
    halves = Key({}, {}, _TWO_AN_HOUR)
    return _ROOM_FOR_FOUR if halves.hides_changes(days_of(tariff, year)) else _ROOM_FOR_TWO


def tariff_view(tariff: Tariff, year: int, month: int | None, width: int) -> RenderableType:
    """A year by kinds of day, or a month day by day, for `width` columns (80 or more)."""
    days = days_of(tariff, year, month)
    key = _key(tariff, days, width)
    when = str(year) if month is None else f"{month_name[month]} {year}"
    title = Text.assemble((printable(tariff.title), "bold"), f"  {when}")
    about = f"{printable(tariff.name)}, {tariff.currency} per kWh, wall time of {tariff.zone.key}"
    draw = _kinds if month is None else _days
    parts: list[RenderableType] = [title, Text(about, QUIET)]
    for chapter in chapters(days):
        parts += ["", _heading(chapter), draw(chapter, key)]
    parts += ["", _explanations(days, key)]
    holidays = "Holidays" if month is None else f"Holidays {HOLIDAY_MARK}"
    parts += _section(holidays, _holidays(holidays_of(tariff, days)))
    changes = clock_changes(days, tariff.zone)
    if changes:
        parts += _section("Clocks", Text("\n".join(_change(change) for change in changes)))
    if month is None:
        parts += _section("Prices", _versions(tariff))
        parts += _section("Source", Text(printable(tariff.source)))
    return Group(*parts)


def span(start: int, end: int) -> str:
    """Wall minutes in short: "8-17", "16:30-21"."""
    return f"{_time(start)}-{_time(end)}"


def _time(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}" if minute % 60 else str(minute // 60)


def _key(tariff: Tariff, days: Sequence[TariffDay], width: int) -> Key:
    periods = by_price(tariff)
    letters: dict[str, str] = {}
    for period in periods:
        taken = set(letters.values())
        wanted = f"{period}abcdefghijklmnopqrstuvwxyz".replace("-", "")
        letters[period] = next((each for each in wanted if each not in taken), "?")
    steps = max(len(periods) - 1, 1)
    styles = {}
    for rank, period in enumerate(periods):
        letter, ground = SHADES[round(rank * (len(SHADES) - 1) / steps)]
        styles[period] = Style(color=letter, bgcolor=ground)
    key = Key(letters, styles, _TWO_AN_HOUR)
    if width >= _ROOM_FOR_FOUR and key.hides_changes(days):
        return Key(letters, styles, _FOUR_AN_HOUR)
    return key


def _heading(chapter: Chapter) -> Text:
    dates = ", ".join(
        _day(first) if first == last else f"{_day(first)} - {_day(last)}"
        for first, last in chapter.ranges()
    )
    prices = f"prices of {chapter.prices.effective}"
    if chapter.borrowed():
        prices += ", the first known, stand in for earlier days"
    return Text.assemble((printable(chapter.season), "bold"), f"  {dates}", (f"  {prices}", QUIET))


def _kinds(chapter: Chapter, key: Key) -> Table:
    table = _labelled()
    table.add_row("", key.ruler())
    for index, kind in enumerate(chapter.kinds):
        if index:
            table.add_row()
        table.add_row(kind.name, key.bar(kind.hours))
        table.add_row("", key.marks(kind.hours))
        table.add_row("", _legend(kind.hours, key))
    return table


def _labelled() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=LABEL_WIDTH)
    table.add_column()
    return table


def _legend(hours: Sequence[Hours], key: Key) -> Table:
    """Price and exact hours of each period of a day, the dearest first."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    by_period: dict[str, list[Hours]] = {}
    for part in sorted(hours, key=lambda part: (-part.price, part.start)):
        by_period.setdefault(part.period, []).append(part)
    for period, parts in by_period.items():
        table.add_row(
            key.sample(period),
            period,
            f"{parts[0].price:.5f}",
            ", ".join(span(part.start, part.end) for part in parts),
            _said(parts[0]),
        )
    return table


def _said(part: Hours) -> Text:
    if part.peak:
        return Text(f"{PEAK_MARK} peak", "bold")
    return Text(f"{CHEAPEST_MARK} cheapest" if part.cheapest else "", QUIET)


def _days(chapter: Chapter, key: Key) -> Group:
    """A row a day, with the exact hours of its peak and its cheapest."""
    table = Table.grid(padding=(0, 1, 0, 0))
    for wraps in (False, False, True, True):
        table.add_column(no_wrap=not wraps, overflow="fold")
    table.add_row("", key.ruler(), Text("peak", QUIET), Text("cheapest", QUIET))
    for day in chapter.days:
        table.add_row(
            f"{day.date:%a} {day.date.day:>2} {HOLIDAY_MARK if day.holiday else ' '}",
            key.bar(day.hours),
            ", ".join(span(part.start, part.end) for part in day.hours if part.peak),
            ", ".join(span(part.start, part.end) for part in day.hours if part.cheapest),
        )
    legends = _labelled()
    for kind in chapter.kinds:
        legends.add_row()
        legends.add_row(kind.name, _legend(kind.hours, key))
    return Group(table, legends)


def _explanations(days: Sequence[TariffDay], key: Key) -> Text:
    said = [f"{PEAK_MARK} peak and {CHEAPEST_MARK} cheapest: the dearest and cheapest of that day"]
    if key.hides_changes(days):
        said.append(f"{MIXED} the period changes within this cell, at the time given")
    return Text("\n".join(said), QUIET)


def _section(title: str, content: RenderableType) -> list[RenderableType]:
    return ["", Text(title, "bold"), Padding(content, (0, 0, 0, 2))]


def _holidays(holidays: Sequence[Holiday]) -> RenderableType:
    if not holidays:
        return Text("none")
    return Columns([Text(_holiday(each)) for each in holidays], padding=(0, 3), column_first=False)


def _holiday(holiday: Holiday) -> str:
    said = f"{holiday.day:%a} {holiday.day.day:>2} {holiday.day:%b}"
    if holiday.instead_of is None:
        return said
    return f"{said} (observed, for Sun {_day(holiday.instead_of)})"


def _change(change: ClockChange) -> str:
    what = "comes twice" if change.twice else "does not exist"
    return f"{change.day:%a} {_day(change.day)}: {span(*change.minutes)} {what}"


def _versions(tariff: Tariff) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        table.add_column()
    order = by_price(tariff)
    for version in tariff.versions:
        since = str(version.effective)
        for season in tariff.seasons:
            if prices := version.prices.get(season):
                said = (f"{each} {prices[each]:.5f}" for each in order if each in prices)
                table.add_row(since, printable(season), ", ".join(said))
                since = ""
    return table


def _day(day: date) -> str:
    return listed([day])
