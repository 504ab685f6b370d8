"""What `pwsched history` shows: what a file holds, its year as a map, and what is wrong with it.

A cell of the map is an hour of the day in a month; its digit is the tenth of the highest mean, so
that nothing is said by colour alone.
"""

from __future__ import annotations

from calendar import month_abbr
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from rules.errors import printable
from scheduler.cli.history_summary import Map, amounts, hour_map, oddities

if TYPE_CHECKING:
    from scheduler.money.intervals import History

WIDTH = 80
_QUIET = "dim"
_DIGITS = 10
_SUN = ("#1c1c14", "#f2d14b")
_LOAD = ("#14181c", "#4ba3f2")
"""The colours of nothing and of the most."""


def history_view(history: History) -> RenderableType:
    """A history for a terminal of 80 columns or more."""
    parts: list[RenderableType] = [
        Text.assemble((printable(history.name), "bold"), f"  {printable(history.source)}"),
        Text(_span(history), _QUIET),
        "",
        _flows(history),
        "",
        _map("load", hour_map(history, history.load_w), _LOAD),
    ]
    if any(watts > 0 for watts in history.solar_w):
        parts += ["", _map("sun", hour_map(history, history.solar_w), _SUN)]
    parts += _section("Repaired, as asked", [_repair(history, n) for n in range(_shown(history))])
    parts += _section("Told", [*history.notes, *oddities(history)])
    parts += _section("Must be mended before it is used", [each.text for each in history.findings])
    return Group(*parts)


def _span(history: History) -> str:
    start, end = (each.astimezone(history.zone) for each in (history.start, history.end))
    minutes = history.step / timedelta(minutes=1)
    days = (history.end - history.start) / timedelta(days=1)
    return (
        f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, {history.zone.key}: {days:,.4g} days,"
        f" {len(history):,} intervals of {minutes:g} minutes"
    )


def _flows(history: History) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("")
    for name in ("kWh", "kWh a year", "mean W", "highest W", "lowest W"):
        table.add_column(name, justify="right")
    for each in amounts(history):
        figures = (each.kwh, each.kwh_a_year, each.mean_w, each.highest_w, each.lowest_w)
        table.add_row(each.name, *(f"{figure:,.0f}" for figure in figures))
    return table


def _map(name: str, means: Map, colours: tuple[str, str]) -> Text:
    highest = max((watts for row in means for watts in row if watts is not None), default=0.0)
    drawn = Text(f"{name}: mean by hour and month; 9 is about {highest / 1000:.2f} kW\n", _QUIET)
    drawn.append("    " + "".join(f"{hour:<6}" for hour in range(0, 24, 3)), _QUIET)
    for month, row in enumerate(means, 1):
        if all(watts is None for watts in row):
            continue
        drawn.append(f"\n{month_abbr[month]} ", _QUIET)
        for watts in row:
            drawn.append(*_cell(watts, highest, colours))
    return drawn


def _cell(watts: float | None, highest: float, colours: tuple[str, str]) -> tuple[str, Style]:
    if watts is None:
        return "  ", Style()
    share = watts / highest if highest else 0.0
    digit = min(_DIGITS - 1, max(0, int(share * _DIGITS)))
    ground = _between(*colours, share)
    letter = "#000000" if share > 0.5 else "#d8d8d8"
    return f"{digit} ", Style(color=letter, bgcolor=ground)


def _between(low: str, high: str, share: float) -> str:
    """A colour between two, as "#rrggbb"."""
    pairs = ((int(low[at : at + 2], 16), int(high[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * min(1.0, max(0.0, share))):02x}" for a, b in pairs)


def _shown(history: History) -> int:
    return min(len(history.repairs), 20)


def _repair(history: History, number: int) -> str:
    start, _, what = history.repairs[number]
    said = f"{start.astimezone(history.zone):%Y-%m-%d %H:%M}: {what}"
    rest = len(history.repairs) - _shown(history)
    return f"{said}, and {rest:,} more" if rest and number == _shown(history) - 1 else said


def _section(title: str, lines: list[str]) -> list[RenderableType]:
    if not lines:
        return []
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        table.add_row("-", Text(printable(line), overflow="fold"))
    return ["", Text(title, "bold"), Padding(table, (0, 0, 0, 2))]
