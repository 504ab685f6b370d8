"""Green Button XML: the meter's energy in intervals, by the direction in which it flowed.

ESPI (NAESB REQ.21) is a feed of entries. A `ReadingType` says unit (`uom` 72 is the watt hour),
`powerOfTenMultiplier` and `flowDirection` (1: delivered to the home, 19: received from it, 4: the
net of both); a `MeterReading` names its type by a link, and the links of an `IntervalBlock` begin
with its meter reading's. Times are seconds since 1970 in UTC. What the sun gave is not in it.
"""

from __future__ import annotations

import io
import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money import Unit
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.findings import Places, counted, doubled, doubled_and_different
from scheduler.money.intervals.notation import LATEST_S
from scheduler.money.intervals.samples import Samples

_WATT_HOUR: Final = "72"
_METER: Final = re.compile(r"/UsagePoint/([^/]+)")
_LARGEST_POWER: Final = 12
_DIRECTIONS: Final = {"1": Channel.IMPORTED, "19": Channel.EXPORTED, "4": Channel.GRID}


@dataclass(slots=True)
class _Type:
    """A `ReadingType`: its unit, direction and multiplier, as written."""

    uom: str = ""
    direction: str = ""
    multiplier: int = 0


@dataclass(slots=True)
class _Block:
    """Readings of one `IntervalBlock`: start and length in seconds, and the value."""

    links: list[str]
    type_before: str

    @property
    def meter(self) -> str:
        """The usage point that it is of; empty where no link says it."""
        found = (_METER.search(link) for link in self.links)
        return next((each[1] for each in found if each), "")

    readings: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Feed:
    """What was found in a file, by links."""

    types: dict[str, _Type] = field(default_factory=dict)
    type_of_reading: dict[str, list[str]] = field(default_factory=dict)
    blocks: list[_Block] = field(default_factory=list)
    last_type: str = ""


def read_green_button(
    contents: Mapping[str, bytes], zone: ZoneInfo, *, drop_duplicates: bool
) -> Samples:
    """The intervals of the meter, from files by name. Raises `HistoryProblems`.

    Several meters of a home are added up. The place of an interval is the number of its block.
    """
    name = next(iter(contents))
    energy = _Energy()
    for each, content in contents.items():
        feed = _parsed(content, each)
        for number, block in enumerate(feed.blocks, 1):
            _add(energy, block, _type_of(feed, block, each), f"block {number} of {each}")
    if not energy.values:
        raise HistoryProblems(name, "has no interval of electricity in watt hours")
    return _samples(energy, name, zone, drop_duplicates=drop_duplicates)


@dataclass(slots=True)
class _Energy:
    """Watt hours by channel, meter and beginning, and where each was read."""

    values: dict[tuple[Channel, str], dict[int, float]] = field(default_factory=dict)
    lengths: Counter[int] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    twice: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    places: dict[int, str] = field(default_factory=dict)


def _add(energy: _Energy, block: _Block, kind: _Type, place: str) -> None:
    if kind.uom != _WATT_HOUR:
        energy.left_out[f"uom {kind.uom}"] += len(block.readings)
        return
    channel = _DIRECTIONS.get(kind.direction)
    if channel is None:
        said = kind.direction or "missing"
        raise HistoryProblems(
            place, f"flowDirection is {said}; it must be 1, 19 or 4, or nobody knows who sold"
        )
    if abs(kind.multiplier) > _LARGEST_POWER:
        raise HistoryProblems(
            place, f"powerOfTenMultiplier is {kind.multiplier}; no meter has that"
        )
    known = energy.values.setdefault((channel, block.meter), {})
    for start, length, value in block.readings:
        watt_hours = value * 10.0**kind.multiplier
        if start in known:
            (energy.twice if known[start] == watt_hours else energy.differ).append(place)
            continue
        known[start] = watt_hours
        energy.lengths[length] += 1
        energy.places.setdefault(start, place)


def _samples(energy: _Energy, name: str, zone: ZoneInfo, *, drop_duplicates: bool) -> Samples:
    samples = Samples(name, Places(), zone, "Green Button XML", sure_units=True)
    samples.starts.extend(sorted(energy.places))
    samples.rows.extend(range(len(samples.starts)))
    samples.places = Places(names=[energy.places[start] for start in samples.starts])
    for channel in dict.fromkeys(channel for channel, _ in sorted(energy.values)):
        meters = [each for (one, _), each in energy.values.items() if one == channel]
        column = array("d")
        for start in samples.starts:
            values = [each[start] for each in meters if start in each]
            column.append(sum(values) if len(values) == len(meters) else nan)
        samples.values[channel], samples.units[channel] = column, Unit.WATT_HOUR
    samples.step_s = energy.lengths.most_common(1)[0][0]
    if energy.left_out:
        others = ", ".join(f"{count:,} of {what}" for what, count in energy.left_out.items())
        samples.notes.append(f"left out readings that are not in watt hours: {others}")
    meters_of = {meter for _, meter in energy.values}
    if len(meters_of) > 1:
        samples.notes.append(f"{len(meters_of)} meters are added up")
    _tell_of_doubles(samples, energy, drop_duplicates=drop_duplicates)
    return samples


def _tell_of_doubles(samples: Samples, energy: _Energy, *, drop_duplicates: bool) -> None:
    if energy.twice and drop_duplicates:
        samples.repaired(f"{counted(len(energy.twice), 'interval')} given twice, counted once")
    elif energy.twice:
        samples.findings.append(doubled(energy.twice, "interval"))
    if energy.differ:
        samples.findings.append(doubled_and_different(energy.differ, "interval"))


def _parsed(content: bytes, name: str) -> _Feed:
    # A feed has no use for a document type, and entities of one can be made to fill the memory.
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise HistoryProblems(name, "has a document type, which no Green Button file has")
    feed = _Feed()
    try:
        for _, element in ET.iterparse(io.BytesIO(content)):  # noqa: S314 -- see above
            if _plain(element.tag) == "entry":
                _take(feed, element, name)
                element.clear()
    except ET.ParseError as error:
        raise HistoryProblems(name, f"is no XML that can be read: {error}") from None
    return feed


def _take(feed: _Feed, entry: ET.Element, name: str) -> None:
    links = {"self": "", "up": ""}
    related = []
    for element in entry.iter():
        if _plain(element.tag) == "link":
            kind, address = element.get("rel", ""), element.get("href", "")
            if kind == "related":
                related.append(address)
            else:
                links[kind] = address
    for element in entry.iter():
        match _plain(element.tag):
            case "ReadingType":
                feed.types[links["self"]] = _reading_type(element, name)
                feed.last_type = links["self"]
            case "MeterReading":
                feed.type_of_reading[links["self"]] = related
            case "IntervalBlock":
                block = _Block([links["self"], links["up"], *related], feed.last_type)
                block.readings = _readings(element, name)
                feed.blocks.append(block)


def _type_of(feed: _Feed, block: _Block, name: str) -> _Type:
    """The type of a block's readings, by the links, or the only one, or the one before it."""
    for reading, related in feed.type_of_reading.items():
        if reading and any(f"{link}/".startswith(f"{reading}/") for link in block.links):
            for address in related:
                if address in feed.types:
                    return feed.types[address]
    named = [feed.types[link] for link in block.links if link in feed.types]
    if named:
        return named[0]
    if len(feed.types) == 1:
        return next(iter(feed.types.values()))
    if block.type_before in feed.types and not feed.type_of_reading:
        return feed.types[block.type_before]
    raise HistoryProblems(name, "an IntervalBlock names no ReadingType; download the file anew")


def _reading_type(element: ET.Element, name: str) -> _Type:
    texts = {_plain(each.tag): (each.text or "").strip() for each in element.iter()}
    return _Type(
        texts.get("uom", ""),
        texts.get("flowDirection", ""),
        _whole(texts.get("powerOfTenMultiplier", "0") or "0", name),
    )


def _readings(block: ET.Element, name: str) -> list[tuple[int, int, int]]:
    found = []
    for reading in block.iter():
        if _plain(reading.tag) != "IntervalReading":
            continue
        texts = {_plain(each.tag): (each.text or "").strip() for each in reading.iter()}
        start, length, value = (
            _whole(texts.get(key, ""), name) for key in ("start", "duration", "value")
        )
        if not 0 <= start < LATEST_S:
            raise HistoryProblems(name, f"an interval begins {start} s after 1970; that is no time")
        found.append((start, length, value))
    return found


def _plain(tag: str) -> str:
    """A name without its namespace."""
    return tag.rpartition("}")[2]


def _whole(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise HistoryProblems(
            name, f'has "{text[:20]}" where a whole number must be; download the file anew'
        ) from None
