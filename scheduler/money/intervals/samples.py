"""Rows of a history with their instants and values, as they stand in the file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money import DateOrder, LocalClock, Repair, Unit
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.columns import Columns
from scheduler.money.intervals.findings import Finding, Mistake, Places, counted
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.notation import Times, UndecidedDates, times, utc
from scheduler.money.intervals.numbers import UndecidedMark, numbers
from scheduler.money.intervals.wall_clock import Placed, placed, standard_offset, zone_offset

UNCLEAR: Final = frozenset({Mistake.COLUMNS, Mistake.UNIT, Mistake.TIME, Mistake.OFFSET})
"""With these nothing can be said of the values, so reading ends there."""


@dataclass(slots=True)
class Samples:
    """Values by channel in the file's order, NaN where there is none.

    `starts` are seconds since 1970 in UTC, `rows` the numbers by which `places` knows the rows.
    The values of the channels in `readings` are those of a counter at the end of each interval.
    `step_s` is the length of the intervals where the file declares it; `sure_units`: its kind
    of file has no other units than these.
    """

    name: str
    places: Places
    zone: ZoneInfo
    source: str
    rows: array[int] = field(default_factory=lambda: array("q"))
    starts: array[int] = field(default_factory=lambda: array("q"))
    values: dict[Channel, array[float]] = field(default_factory=dict)
    units: dict[Channel, Unit] = field(default_factory=dict)
    readings: frozenset[Channel] = frozenset()
    step_s: int | None = None
    sure_units: bool = False
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)

    def keep(self, indexes: Iterable[int]) -> None:
        """Only these, in this order."""
        kept = list(indexes)
        self.rows = array("q", [self.rows[index] for index in kept])
        self.starts = array("q", [self.starts[index] for index in kept])
        for channel, values in self.values.items():
            self.values[channel] = array("d", [values[index] for index in kept])

    def tell(self, mistake: Mistake, what: str, indexes: Iterable[int], way_out: str) -> None:
        """A finding about these, if there are any."""
        rows = [self.rows[index] for index in indexes]
        if rows:
            self.findings.append(self.places.finding(mistake, what, rows, way_out))

    def repaired(self, what: str) -> None:
        """A repair of the whole."""
        start, end = utc(min(self.starts)), utc(max(self.starts))
        self.repairs.append(Repair(start, end, what))

    def check(self) -> None:
        """Raises `HistoryProblems` where nothing can be said of the values."""
        if any(each.mistake in UNCLEAR for each in self.findings):
            raise HistoryProblems(self.name, *(each.text for each in self.findings))
        if not self.starts:
            raise HistoryProblems(self.name, "has no row of values")


def samples_of(
    columns: Columns,
    name: str,
    zone: ZoneInfo,
    source: str,
    instructions: Instructions,
    order: DateOrder | None = None,
    *,
    sure_units: bool = False,
) -> Samples:
    """Cells as numbers and instants. Raises `HistoryProblems` for what cannot be placed.

    `order` is that of the dates of this kind of file. Numbers that are wrong are in `findings`.
    """
    samples = Samples(name, columns.places, zone, source, sure_units=sure_units)
    samples.rows.extend(range(len(columns.times)))
    samples.readings = columns.readings
    for why in dict.fromkeys(columns.left_out.values()):
        names = ", ".join(f'"{each}"' for each, its in columns.left_out.items() if its == why)
        samples.notes.append(f"left out, because {why}: {names}")
    for channel, cells in columns.cells.items():
        _read_values(samples, channel, cells, columns.units[channel], instructions)
    found = _read_times(samples, columns.times, instructions.dates or order)
    if not columns.times or found is None:
        samples.check()
    else:
        _place(samples, found, instructions.clock)
        samples.check()
        if instructions.unit is not None:
            _tell_of_units(samples, columns, instructions.unit)
    return samples


def _read_values(
    samples: Samples,
    channel: Channel,
    cells: list[str],
    unit: Unit | None,
    instructions: Instructions,
) -> None:
    said = instructions.unit or unit
    if said is None:
        way_out = "name it like load_kW, or say --unit kW, kWh, W or Wh"
        text = f"the column of {channel} does not say its unit; {way_out}"
        samples.findings.append(Finding(Mistake.UNIT, text))
        return
    try:
        found = numbers(cells, instructions.decimal)
    except UndecidedMark as undecided:
        cell, place = cells[undecided.index], samples.places.name(undecided.index)
        text = f'"{cell}" can be two numbers ({place}); say --decimal comma, or point'
        samples.findings.append(Finding(Mistake.TIME, text))
        return
    samples.values[channel] = found.values
    samples.units[channel] = said
    if found.wrong:
        example = f'no number for {channel}, as "{cells[found.wrong[0]]}"'
        samples.tell(Mistake.NUMBER, example, found.wrong, "mend them, or empty the cells")
    samples.tell(
        Mistake.MISSING,
        f"no value for {channel}",
        found.empty,
        "fill them from neighbouring days with --fill-gaps 3h",
    )


def _tell_of_units(samples: Samples, columns: Columns, unit: Unit) -> None:
    others = {each.value for each in columns.units.values() if each not in {None, unit}}
    if others:
        samples.repaired(f"read as {unit}, where the file says {' and '.join(sorted(others))}")


def _read_times(samples: Samples, texts: list[str], order: DateOrder | None) -> Times | None:
    try:
        found = times(texts, order)
    except UndecidedDates as undecided:
        place = samples.places.name(undecided.index)
        text = (
            f'"{texts[undecided.index]}" can be two dates ({place}); say --dates month-first, or'
            " day-first"
        )
        samples.findings.append(Finding(Mistake.TIME, text))
        return None
    if found.wrong:
        example = f'no time that can be read, as "{texts[found.wrong[0]]}"'
        way_out = "write times like 2026-05-31T14:00, or remove what is no interval"
        samples.tell(Mistake.TIME, example, found.wrong, way_out)
        return None
    return found


def _place(samples: Samples, found: Times, clock: LocalClock) -> None:
    naive = [index for index, offset in enumerate(found.offsets) if offset is None]
    if not naive:
        samples.starts = found.seconds
        _check_offsets(samples, found)
    elif len(naive) < len(found.seconds):
        samples.tell(
            Mistake.TIME,
            "times without an offset, where others have one",
            naive,
            "give all of them one, or none",
        )
    else:
        where = placed(found.seconds, samples.zone, clock)
        samples.starts = where.instants
        _tell_of_clock_changes(samples, where)
        _apply_labels(samples, where)


def _check_offsets(samples: Samples, found: Times) -> None:
    zone, known = samples.zone, dict[tuple[int | None, int], bool]()
    wrong = []
    for index, (instant, offset) in enumerate(zip(found.seconds, found.offsets, strict=True)):
        # An offset says nothing of a zone where it is that of UTC.
        if not offset:
            continue
        key = (offset, instant // 3600)
        if key not in known:
            known[key] = offset in {zone_offset(zone, instant), standard_offset(zone, instant)}
        if not known[key]:
            wrong.append(index)
    samples.tell(
        Mistake.OFFSET,
        f"an offset that {zone.key} has not at that time",
        wrong,
        "say the zone of the home with --timezone",
    )


def _tell_of_clock_changes(samples: Samples, where: Placed) -> None:
    way_out = (
        "say --clock labels if every day of the file has 24 hours, or --clock standard if it keeps"
        " standard time all year"
    )
    samples.tell(
        Mistake.CLOCK_CHANGE,
        "the hour that comes twice when clocks go back is there once",
        where.once,
        way_out,
    )
    samples.tell(
        Mistake.CLOCK_CHANGE,
        f"an hour that does not exist in {samples.zone.key}, when clocks go forward",
        where.nowhere,
        way_out,
    )


def _apply_labels(samples: Samples, where: Placed) -> None:
    """What `LocalClock.LABELS` says of the nights on which clocks change."""
    if not where.both and not where.dropped:
        return
    dropped = set(where.dropped)
    kept = [index for index in range(len(samples.starts)) if index not in dropped]
    order = sorted([*kept, *where.both], key=lambda index: samples.starts[index])
    for channel, unit in samples.units.items():
        if unit.is_energy:
            for index in where.both:
                samples.values[channel][index] /= 2
    seen = set[int]()
    instants = array("q")
    for index in order:
        instants.append(where.both[index] if index in seen else where.instants[index])
        seen.add(index)
    samples.keep(order)
    samples.starts = instants
    samples.keep(sorted(range(len(instants)), key=instants.__getitem__))
    said = []
    if where.both:
        stand = "stands" if len(where.both) == 1 else "stand"
        rows = counted(len(where.both), "row")
        said.append(f"{rows} of the hour that comes twice {stand} for both hours")
    if dropped:
        said.append(f"{counted(len(dropped), 'row')} of the hour that does not exist left out")
    samples.repaired(", ".join(said))
