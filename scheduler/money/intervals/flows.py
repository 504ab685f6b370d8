"""The home's own use from what was measured around it, and whether the measurements agree.

In the gateway's signs the flows add up: load = grid + battery + sun. Where the load is measured it
counts; where it is not, it follows from the other three.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from math import isnan, nan
from typing import Final

from scheduler.errors import HistoryProblems
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.findings import SHOWN, Finding, Mistake, counted, first_of
from scheduler.money.intervals.plausible import NIGHT_W
from scheduler.money.intervals.track import Track

_APART_W: Final = 250.0
_APART: Final = 0.05
"""Flows that add up to within these, the larger of the two, agree: meters have their own errors."""


@dataclass(slots=True)
class Flows:
    """Load and sun, and the grid and the battery where the history has them; NaN is unknown."""

    load: array[float]
    solar: array[float]
    grid: array[float] | None
    battery: array[float] | None
    findings: list[Finding]
    notes: list[str]


def flows_of(track: Track, name: str, *, no_solar: bool) -> Flows:
    """Raises `HistoryProblems` where load or sun is neither measured nor follows."""
    watts, notes = track.watts, list[str]()
    grid = watts.get(Channel.GRID) or _net(track, Channel.IMPORTED, Channel.EXPORTED)
    battery = watts.get(Channel.BATTERY) or _net(track, Channel.DISCHARGED, Channel.CHARGED)
    half = {Channel.CHARGED, Channel.DISCHARGED} & watts.keys()
    if battery is None and half:
        notes.append("the battery is left out: it needs what it was charged and discharged")
    solar = watts.get(Channel.SOLAR)
    if solar is None and no_solar:
        solar = array("d", [0.0]) * len(track)
    load = watts.get(Channel.LOAD)
    if solar is None:
        raise HistoryProblems(name, _without_sun(has_load=load is not None))
    flows = Flows(array("d"), solar, grid, battery, [], notes)
    if load is not None:
        flows.load = load
        _tell_of_balance(flows, track)
    elif grid is None:
        raise HistoryProblems(
            name, "has no load, and no grid from which it would follow; give one with --columns"
        )
    else:
        _follow(flows, grid, track)
    return flows


def _without_sun(*, has_load: bool) -> str:
    way_out = "give what the panels gave as a file with --solar FILE, or say --no-solar"
    if has_load:
        return f"has no sun; {way_out}"
    return (
        "has only what went through the meter, and the home's own use does not follow from that"
        f" alone: load = import - export + sun; {way_out}"
    )


def _net(track: Track, plus: Channel, minus: Channel) -> array[float] | None:
    one, other = track.watts.get(plus), track.watts.get(minus)
    if one is None:
        return None
    if other is None:
        # A home that never sells has no column for it; a battery is both or nothing.
        return one if plus is Channel.IMPORTED else None
    return array("d", [into - out for into, out in zip(one, other, strict=True)])


def _follow(flows: Flows, grid: array[float], track: Track) -> None:
    """The load as the sum of the other flows."""
    battery = flows.battery
    flows.load = array("d", [one + two for one, two in zip(grid, flows.solar, strict=True)])
    if battery is not None:
        flows.load = array("d", [one + two for one, two in zip(flows.load, battery, strict=True)])
    flows.notes.append(
        "the load follows from grid, sun and battery"
        if battery is not None
        else "the load follows from grid and sun; what a battery took and gave would be in it"
    )
    negative = [slot for slot, watts in enumerate(flows.load) if watts < 0]
    wrong = [slot for slot in negative if flows.load[slot] < -NIGHT_W]
    for slot in negative:
        flows.load[slot] = nan if flows.load[slot] < -NIGHT_W else 0.0
    if len(negative) > len(wrong):
        flows.notes.append(
            f"{len(negative) - len(wrong):,} loads down to -{NIGHT_W:g} W, which rounding of the"
            " others makes, are counted as 0"
        )
    if wrong:
        names = tuple(track.place(slot) for slot in wrong[:SHOWN])
        flows.findings.append(
            Finding(
                Mistake.BALANCE,
                f"the load that follows is negative: {counted(len(wrong), 'interval')}"
                f" ({first_of(names, len(wrong))}); the meters disagree, or their times do: check"
                " the zone of each file",
                len(wrong),
                names,
            )
        )


def _tell_of_balance(flows: Flows, track: Track) -> None:
    """A note of where measured flows do not add up; it changes nothing, as the load counts."""
    grid, battery = flows.grid, flows.battery
    if grid is None or (battery is None and Channel.DISCHARGED in track.watts):
        return
    apart = []
    compared = 0
    for slot, (load, sun, net) in enumerate(zip(flows.load, flows.solar, grid, strict=True)):
        others = net + sun + (0.0 if battery is None else battery[slot])
        if isnan(others) or isnan(load):
            continue
        compared += 1
        if abs(load - others) > max(_APART_W, _APART * abs(load)):
            apart.append(slot)
    if apart:
        names = [track.place(slot) for slot in apart[:SHOWN]]
        flows.notes.append(
            f"load is not grid + battery + sun in {len(apart):,} of {compared:,} intervals"
            f" ({first_of(names, len(apart))}); the load counts as it was measured"
        )
    elif compared:
        flows.notes.append("load, grid, battery and sun add up in every interval")
