"""Home Assistant's long-term statistics as a history: which statistic is which flow, is said.

The names of entities are their owner's, so none is guessed. A statistic is of energy, by `change`
(its energy in the interval) or by `sum`, the reading of its counter at the interval's end, or of
power, by `mean`. `state` is a counter that may restart; it counts where there is nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money import DateOrder, Unit
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.columns import Columns
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.notation import UndecidedDates, times
from scheduler.money.intervals.numbers import UndecidedMark, numbers
from scheduler.money.intervals.statistics_records import FIELDS, Record, records_of

_UNITS: Final[Mapping[str, tuple[Unit, float]]] = {
    "Wh": (Unit.WATT_HOUR, 1.0),
    "kWh": (Unit.KILOWATT_HOUR, 1.0),
    "MWh": (Unit.KILOWATT_HOUR, 1000.0),
    "W": (Unit.WATT, 1.0),
    "kW": (Unit.KILOWATT, 1.0),
    "MW": (Unit.KILOWATT, 1000.0),
}
"""The units that Home Assistant's energy and power sensors have, and what they are to ours."""

_READINGS: Final = frozenset({"sum", "state"})
_OF_POWER: Final = ("mean",)
_OF_ENERGY: Final = tuple(each for each in FIELDS if each != "mean")
_SHOWN: Final = 12


@dataclass(slots=True)
class _Statistic:
    """One statistic: its records in the order of the file."""

    id: str
    unit: str
    records: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class _Flow:
    """What the statistics of one channel say together: a value by time, and how it counts."""

    unit: Unit
    readings: bool
    values: dict[tuple[str, int], float] = field(default_factory=dict)


def read_statistics(columns: Columns, text: str, name: str, instructions: Instructions) -> None:
    """Add the statistics of a file. Raises `HistoryProblems`."""
    found, what = _statistics(text, name)
    said = {
        Channel(meaning): [each.strip() for each in ids.split("+")]
        for meaning, ids in instructions.columns.items()
        if meaning in set(Channel)
    }
    if not said:
        raise HistoryProblems(
            name,
            f"has the statistics {_listed(found.values())}; say what they are with --columns"
            " load=NAME,solar=NAME, and with + between two that are added up",
        )
    named = [each for ids in said.values() for each in ids]
    if missing := [each for each in named if each not in found]:
        raise HistoryProblems(
            name, f'has no statistic "{missing[0]}"; it has {_listed(found.values())}'
        )
    flows = {
        channel: _flow([found[each] for each in ids], name, instructions)
        for channel, ids in said.items()
    }
    columns.begin(name, {channel: flow.unit for channel, flow in flows.items()}, what)
    columns.readings = frozenset(channel for channel, flow in flows.items() if flow.readings)
    columns.leave_out(set(found) - set(named), "--columns does not say what they are")
    lines = {
        key: record.line
        for each in reversed(named)
        for key, record in _by_time(found[each].records)
    }
    for key in _in_order(lines, instructions.dates):
        columns.times.append(key[0])
        columns.places.lines.append(lines[key])
        for channel, flow in flows.items():
            value = flow.values.get(key)
            columns.cells[channel].append("" if value is None else repr(value))


def _statistics(text: str, name: str) -> tuple[dict[str, _Statistic], str]:
    what, records = records_of(text, name)
    found: dict[str, _Statistic] = {}
    for record in records:
        one = found.setdefault(record.id, _Statistic(record.id, record.unit))
        if record.unit != one.unit:
            raise HistoryProblems(
                name,
                f"{what} {record.line} has {record.id} in {record.unit or 'no unit'}, and the first"
                f" in {one.unit or 'none'}; export it in one unit",
            )
        one.records.append(record)
    if not found:
        raise HistoryProblems(name, "has no statistics; export at least load and sun, or grid")
    return found, what


def _listed(found: Iterable[_Statistic]) -> str:
    names = [f"{each.id} ({each.unit})" if each.unit else each.id for each in found]
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _by_time(records: Iterable[Record]) -> Iterable[tuple[tuple[str, int], Record]]:
    """Records by their time, and by how often it came before, as when clocks go back."""
    seen: dict[str, int] = {}
    for record in records:
        seen[record.start] = count = seen.get(record.start, 0) + 1
        yield (record.start, count), record


def _in_order(
    keys: Iterable[tuple[str, int]], order: DateOrder | None
) -> Sequence[tuple[str, int]]:
    """Times in their order, which no statistic has to have; as they stand if it is not known."""
    there = list(keys)
    try:
        found = times([text for text, _ in there], order)
    except UndecidedDates:
        return there
    instants = found.seconds
    return [
        there[at] for at in sorted(range(len(there)), key=lambda at: (instants[at], there[at][1]))
    ]


def _flow(statistics: Sequence[_Statistic], name: str, instructions: Instructions) -> _Flow:
    """The sum of these statistics where all of them have a value."""
    flow, *others = [_one_flow(each, name, instructions) for each in statistics]
    for one in others:
        if (flow.unit, flow.readings) != (one.unit, one.readings):
            ids = " and ".join(each.id for each in statistics)
            raise HistoryProblems(
                name,
                f"{ids} cannot be added up: they have different units or values; export the same"
                " type, such as change, of both",
            )
        both = flow.values.keys() & one.values.keys()
        flow.values = {key: flow.values[key] + one.values[key] for key in both}
    return flow


def _one_flow(statistic: _Statistic, name: str, instructions: Instructions) -> _Flow:
    unit, factor = _unit_of(statistic, name, instructions)
    wanted = _OF_ENERGY if unit.is_energy else _OF_POWER
    there = {key for record in statistic.records for key, cell in record.values.items() if cell}
    used = next((each for each in wanted if each in there), None)
    if used is None:
        raise HistoryProblems(
            name,
            f"{statistic.id} in {unit} has no {' or '.join(wanted)}; export it with the type"
            f" {wanted[0]}",
        )
    cells = [record.values.get(used, "") for record in statistic.records]
    try:
        values, _, wrong = numbers(cells, instructions.decimal)
    except UndecidedMark as undecided:
        record = statistic.records[undecided.index]
        raise HistoryProblems(
            name,
            f'"{cells[undecided.index]}" can be two numbers (row {record.line}); say --decimal'
            " comma, or point",
        ) from None
    if wrong:
        record = statistic.records[wrong[0]]
        raise HistoryProblems(
            name,
            f'{used} of {statistic.id} is "{cells[wrong[0]]}" (row {record.line}), which is'
            " no number; mend it, or leave it empty",
        )
    flow = _Flow(unit, used in _READINGS)
    for (key, _), value in zip(_by_time(statistic.records), values, strict=True):
        if not isnan(value):
            flow.values[key] = value * factor
    return flow


def _unit_of(statistic: _Statistic, name: str, instructions: Instructions) -> tuple[Unit, float]:
    if not statistic.unit:
        if instructions.unit is None:
            raise HistoryProblems(
                name,
                f"does not say the unit of {statistic.id}; say --unit kWh, or Wh, W or kW, as"
                " Home Assistant shows it",
            )
        return instructions.unit, 1.0
    found = _UNITS.get(statistic.unit)
    if found is None:
        raise HistoryProblems(
            name,
            f'{statistic.id} is in "{statistic.unit}", which is no unit of energy or power here;'
            f" its statistics must be in one of {', '.join(_UNITS)}",
        )
    return found
