"""What `pwsched plan` shows on a terminal: day by day, what is set, until when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rules.calendar import ONE_DAY, midnight
from rules.errors import printable
from rules.timeline import Case, Due, Entry, Priced
from scheduler.cli.columns import page
from scheduler.cli.local_times import in_zone
from scheduler.cli.planned import Now, Planned, due_in_words, in_minutes
from scheduler.cli.sparkline import sparkline

if TYPE_CHECKING:
    from scheduler.rule_tests import Wanted

MOST_LISTED = 6
"""Prices of a day that are listed; more are drawn."""

QUIET = "dim"
EVENT = "cyan"
HALF_HOUR = timedelta(minutes=30)
LABELS = 17
"""The width of the first column: "21:00-Sun 06:00", and a space or two."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the timeline: when it begins, a label, and what is told."""

    at: datetime
    label: str
    text: Text


def show(told: Planned) -> None:
    """Print the plan, as wide as the terminal and at most 80 columns."""
    page().print(plan_view(told, page().width))


def plan_view(told: Planned, width: int) -> RenderableType:
    """The whole plan, for so many columns."""
    parts: list[RenderableType] = [Text(_title(told), "bold"), Text(_assumed(told), QUIET)]
    parts += [Text(printable(each)) for each in told.begin.told]
    if told.now is not None:
        parts += [Text(), *_now(told, told.now)]
    if told.forecast is not None:
        parts += [Text(), _chart(told, width - LABELS - 12)]
    rows = sorted(_rows(told), key=lambda row: row.at)
    for day, found in groupby(rows, key=lambda row: _local(row.at, told).date()):
        parts += [Text(), Text(_day(day, told), "bold")]
        parts.append(_table([*_prices(day, told, width), *found]))
    parts += _at_any_time(told)
    if told.notes:
        parts += [Text(), *(Text(printable(each)) for each in told.notes)]
    return Group(*parts)


def _title(told: Planned) -> str:
    start, end = _local(told.begin.at, told), _local(told.end, told)
    return f"{start:%a %d %b %Y %H:%M} to {end:%a %d %b %Y %H:%M} ({told.zone.key})"


def _assumed(told: Planned) -> str:
    """By which rules, and what is taken for granted."""
    begin, inputs = told.begin, told.begin.inputs
    grid = "up" if begin.grid.up else "down" if begin.grid.down else begin.grid.value
    said = [f"grid {grid}"]
    said += [f'flag "{printable(name)}" set' for name in sorted(inputs.flags)]
    said += [f'"{printable(name)}" {each.value:g}' for name, each in sorted(inputs.values.items())]
    if told.forecast is not None:
        said.append("load and sun of a simulated home")
    return f"{', '.join(map(printable, told.files))}, as long as: {', '.join(said)}"


def _now(told: Planned, now: Now) -> Iterator[Text]:
    yield Text(f"at the start, SOE {now.soe:.0f} %: {now.setting}", "bold")
    yield Text(f"  {in_zone(now.reason, told.begin.at, told.zone)}")
    until = _clock(now.until, told)
    if _local(now.until, told).date() != _local(told.begin.at, told).date():
        until = f"{_local(now.until, told):%a} {until}"
    between = []
    if now.soe_range is not None:
        low, high = now.soe_range
        between += [f"above {low:g} %"] if low > 0 else []
        between += [f"below {high:g} %"] if high <= 100 else []
    while_ = f", while the SOE stays {' and '.join(between)}" if between else ""
    yield Text(f"  until {until} at least{while_}")


def _rows(told: Planned) -> Iterator[Row]:
    if told.forecast is not None:
        for wanted in told.forecast.wanted:
            yield from _simulated(wanted, told)
        for at, name, happened in told.forecast.events:
            event = told.plan.event(name)
            what = event.action.value if event is not None else "event"
            text = Text.assemble((what, EVENT), f' {happened.value}: "{printable(name)}"')
            yield Row(at, _clock(at, told), text)
        return
    for entry in told.entries:
        yield from _entry(entry, told)
    for due in told.events:
        if due.at is not None:
            yield Row(due.at, _clock(due.at, told), _due(due))


def _entry(entry: Entry, told: Planned) -> Iterator[Row]:
    """The time of an entry, its cases, and what else could win in it."""
    label = _span(entry.start, entry.end, told)
    if len(entry.cases) > 1:
        yield Row(entry.start, label, Text("by the state of energy", QUIET))
    for case in entry.cases:
        head = label if len(entry.cases) == 1 else f"  {between(case)}"
        for step in case.steps:
            if step.after:
                head = f"  after {in_minutes(step.after)}"
            yield Row(entry.start, head, Text(told.written(step.outcome), "bold"))
            yield Row(entry.start, "", Text(printable(told.by(step.outcome.winners)), QUIET))
    for also in entry.also:
        if also not in told.always:
            yield Row(entry.start, "  or", Text(printable(told.waits_for(also))))


def between(case: Case) -> str:
    """The range of a case in words: "below 30 %"."""
    if case.high > 100:
        return f"from {case.low:g} %" if case.low else "at any SOE"
    return f"{case.low:g} to {case.high:g} %" if case.low else f"below {case.high:g} %"


def _simulated(wanted: Wanted, told: Planned) -> Iterator[Row]:
    label = _span(wanted.start, wanted.end, told)
    yield Row(wanted.start, label, Text(str(wanted.setting), "bold"))
    reason = printable(in_zone(wanted.reason, wanted.start, told.zone))
    yield Row(wanted.start, "", Text(reason, QUIET))
    if wanted.waits:
        waits = in_zone(wanted.waits, wanted.start, told.zone)
        yield Row(wanted.start, "", Text(f"{wanted.wanted} waits: {waits}"))


def _due(due: Due) -> Text:
    return Text.assemble((due.event.action.value, EVENT), " ", printable(due_in_words(due)))


def _at_any_time(told: Planned) -> Iterator[RenderableType]:
    """Rules and events that no time of these hours brings about."""
    if told.forecast is not None:
        return
    waiting = [Row(told.end, "  or", Text(printable(told.waits_for(each)))) for each in told.always]
    waiting += [Row(told.end, "  event", _due(each)) for each in told.events if each.at is None]
    if waiting:
        yield Text()
        yield Text("At any time", "bold")
        yield _table(waiting)


def _table(rows: Iterable[Row]) -> Table:
    table = Table.grid(padding=0)
    table.add_column(width=LABELS)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(row.label, row.text)
    return table


# --- days and prices ---------------------------------------------------------------------------


def _day(day: date, told: Planned) -> str:
    start, end = midnight(day, told.zone), midnight(day + ONE_DAY, told.zone)
    hours = (end - start).total_seconds() / 3600
    change = "" if hours == 24 else f", {hours:g} hours: the clocks change"
    return f"{day:%A} {day.day} {day:%B %Y}{change}"


def _prices(day: date, told: Planned, width: int) -> Iterator[Row]:
    """What a kilowatt hour costs on a day: listed, or drawn half hour by half hour."""
    start, end = midnight(day, told.zone), midnight(day + ONE_DAY, told.zone)
    found = [each for each in told.prices if each.start < end and each.end > start]
    known = [each.imported for each in found if each.imported is not None]
    if not known:
        return
    tariff = told.plan.rules.almanac.tariff
    unit = f"{tariff.currency}/kWh" if tariff is not None and found[0].period else "a kWh"
    if len(found) <= MOST_LISTED:
        said = ", ".join(f"{_clock(max(each.start, start), told)} {_price(each)}" for each in found)
        yield Row(start, "prices", Text(f"{said} {unit}", QUIET))
        return
    yield Row(start, "prices", Text(f"{min(known):g} to {max(known):g} {unit}", QUIET))
    slots = [start + number * HALF_HOUR for number in range(int((end - start) / HALF_HOUR))]
    if len(slots) + LABELS <= width:
        low = min(0.0, *known)
        low -= (max(known) - low) / 8 if low < 0 else 0.0  # the lowest one is to be seen
        heights = [None if (at := _at(found, slot)) is None else at - low for slot in slots]
        yield Row(start, "", Text(sparkline(heights, max(known) - low, len(heights))))
        hours = "".join(f"{_local(at, told):%H}".ljust(6) for at in slots[::6])
        yield Row(start, "", Text(hours, QUIET))


def _price(priced: Priced) -> str:
    price = "unknown" if priced.imported is None else f"{priced.imported:.2f}"
    return f"{priced.period} {price}".strip()


def _at(prices: Sequence[Priced], instant: datetime) -> float | None:
    found = (each for each in prices if each.start <= instant < each.end)
    return next((each.imported for each in found), None)


# --- the simulated home --------------------------------------------------------------------------


def _chart(told: Planned, blocks: int) -> RenderableType:
    """How energy and powers would go, over the whole time."""
    seen = told.forecast.seen if told.forecast is not None else ()
    blocks = max(20, blocks)
    powers: dict[str, list[float | None]] = {
        "sun": [each.solar_power for each in seen],
        "home": [each.load_power for each in seen],
        "from the grid": [each.site_power for each in seen],
        "to the grid": [-each.site_power if each.site_power else 0.0 for each in seen],
        "battery gives": [each.battery_power for each in seen],
        "battery takes": [-each.battery_power if each.battery_power else 0.0 for each in seen],
    }
    top = max([1.0, *(value or 0.0 for values in powers.values() for value in values)])
    table = Table.grid(padding=0)
    table.add_column(width=LABELS)
    table.add_column(width=blocks + 1)
    table.add_column(no_wrap=True)
    table.add_row("", Text(_hours(told, blocks), QUIET), "")
    energy = sparkline([each.soe for each in seen], 100.0, blocks)
    table.add_row("energy", Text(energy, "green"), "0-100 %")
    for name, values in powers.items():
        table.add_row(name, sparkline(values, top, blocks), f"0-{top / 1000:.1f} kW")
    return table


def _hours(told: Planned, blocks: int) -> str:
    """The hours over a chart, where there is room: midnight is the day."""
    length = (told.end - told.begin.at) / blocks
    line = ""
    for number in range(blocks):
        at = told.begin.at + number * length
        before, here = _local(at - length, told), _local(at, told)
        if len(line) <= number and (before.hour // 6, before.date()) != (
            here.hour // 6,
            here.date(),
        ):
            name = f"{here:%a}" if here.date() != before.date() else f"{here:%H}"
            line = line.ljust(number) + name + " "
    return line[:blocks]


# --- times ---------------------------------------------------------------------------------------


def _local(at: datetime, told: Planned) -> datetime:
    return at.astimezone(told.zone)


def _clock(at: datetime, told: Planned) -> str:
    """The wall clock; with the zone's name where it shows that time twice."""
    local = _local(at, told)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    seconds = ":%S" if local.second else ""
    return f"{local:%H:%M{seconds}}{f' {local.tzname()}' if twice else ''}"


def _span(start: datetime, end: datetime, told: Planned) -> str:
    first, last = _local(start, told), _local(end, told)
    if last.date() == first.date():
        return f"{_clock(start, told)}-{_clock(end, told)}"
    if last.date() - first.date() == ONE_DAY and last.hour == last.minute == 0:
        return f"{_clock(start, told)}-24:00"
    return f"{_clock(start, told)}-{last:%a} {_clock(end, told)}"
