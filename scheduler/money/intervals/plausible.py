"""Whether values can be those of a home; what cannot is asked, and nothing is changed unasked.

No service to a home carries more than 400 A at 240 V, which is 96 kW. A home uses 1 to 130 MWh a
year (the measured ones of Fontana 9 to 15, the average one of the United States 10.8, after the
Residential Energy Consumption Survey of 2020): beyond that, the unit is likely another.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import pairwise
from math import isnan, nan
from statistics import fmean
from typing import Final

from scheduler.money import Unit
from scheduler.money.intervals.channels import NEVER_NEGATIVE, Channel
from scheduler.money.intervals.findings import Finding, Mistake, counted
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.samples import Samples

SERVICE_W: Final = 96_000.0
HOURS_A_YEAR: Final = 8766
_HOUR_S: Final = 3600
NIGHT_W: Final = 100.0
"""What an inverter draws at night, and a meter's last digit, make readings of less than nothing."""

_SURE_MWH: Final = (1.0, 130.0)
_LIKELY_MWH: Final = (2.5, 40.0)
"""Outside of these another unit is asked about if it gives a likelier home."""

_LIKELY_PEAK_W: Final = (2_500.0, 24_000.0)
"""The highest mean of a quarter of an hour in a week of a home: an oven, or 100 A at 240 V."""

_PEAK_AFTER_S: Final = 7 * 86_400
_ROWS_FOR_COUNTER: Final = 24
_USES: Final = (Channel.LOAD, Channel.IMPORTED)


def difference_counters(samples: Samples, step_s: int) -> None:
    """Energy of each interval from readings of counters at its beginning and at the next one's.

    A counter that went back leaves the interval unknown, and is a finding.
    """
    restarted = set[int]()
    for channel, values in samples.values.items():
        if not samples.units[channel].is_energy:
            continue
        used = array("d", [nan]) * len(values)
        for index, (one, two) in enumerate(pairwise(values)):
            follows = samples.starts[index + 1] - samples.starts[index] == step_s
            if follows and two >= one:
                used[index] = two - one
            elif follows and two < one:
                restarted.add(index + 1)
        samples.values[channel] = used
    samples.repaired("readings of counters taken as their differences")
    samples.tell(
        Mistake.COUNTER,
        "a counter that went back",
        sorted(restarted),
        "fill the interval before with --fill-gaps",
    )
    samples.keep(range(len(samples.starts) - 1))


def difference_readings(samples: Samples, step_s: int) -> None:
    """Energy of each interval from readings of counters at its end and at the one's before.

    So Home Assistant's statistics have their sums. Of the first interval nothing is known. One
    that went back leaves the interval unknown, and is a finding, unless it counts both ways.
    """
    restarted = set[int]()
    for channel in samples.readings:
        values = samples.values[channel]
        used = array("d", [nan]) * len(values)
        for index, (one, two) in enumerate(pairwise(values), 1):
            if samples.starts[index] - samples.starts[index - 1] != step_s:
                continue
            if channel in NEVER_NEGATIVE and two < one:
                restarted.add(index)
            else:
                used[index] = two - one
        samples.values[channel] = used
    samples.tell(
        Mistake.COUNTER, "a counter that went back", sorted(restarted), "fill it with --fill-gaps"
    )
    samples.keep(range(1, len(samples.starts)))


def tell_of_counters(samples: Samples) -> bool:
    """Whether a channel only ever grows, so that it is a counter and not the use of intervals."""
    found = False
    for channel, values in samples.values.items():
        steps = [two - one for one, two in pairwise(values) if not (isnan(one) or isnan(two))]
        grown = sum(each > 0 for each in steps)
        back = sum(each < 0 for each in steps)
        if len(steps) < _ROWS_FOR_COUNTER or grown < len(steps) / 2 or back > len(steps) / 500:
            continue
        found = True
        text = (
            f"{channel} only ever grows, from {values[0]:g} to {values[-1]:g}"
            f" {samples.units[channel]}: these are readings of a counter; say --counters"
        )
        samples.findings.append(Finding(Mistake.COUNTER, text))
    return found


def tell_of_units(samples: Samples, step_s: int, instructions: Instructions) -> bool:
    """Whether the unit makes a home that is none, while another makes a likely one."""
    if instructions.unit is not None or samples.sure_units:
        return False
    for channel in _USES:
        values = [each for each in samples.values.get(channel, ()) if not isnan(each)]
        if not values:
            continue
        said, mean = samples.units[channel], fmean(values)
        low, high = _LIKELY_MWH if said.is_energy or step_s < _HOUR_S else _SURE_MWH
        likely = low <= _mwh(mean, said, step_s) <= high
        if likely and _has_likely_peak(values, said, step_s):
            continue
        # In steps of an hour kW and kWh are the same.
        different = {unit.in_watts(step_s): unit for unit in reversed(Unit)}
        different.pop(said.in_watts(step_s))
        fitting = [
            unit
            for unit in different.values()
            if _LIKELY_MWH[0] <= _mwh(mean, unit, step_s) <= _LIKELY_MWH[1]
            and (not likely or _has_likely_peak(values, unit, step_s))
        ]
        surely = not _SURE_MWH[0] <= _mwh(mean, said, step_s) <= _SURE_MWH[1]
        if fitting or (surely and mean > 0):
            samples.findings.append(_unit_asked(channel, mean, said, fitting, step_s))
            return True
    return False


def _has_likely_peak(values: Sequence[float], unit: Unit, step_s: int) -> bool:
    """Whether the highest value is that of a home; not asked of hours, and of a few days."""
    if step_s >= _HOUR_S or len(values) * step_s < _PEAK_AFTER_S:
        return True
    return _LIKELY_PEAK_W[0] <= max(values) * unit.in_watts(step_s) <= _LIKELY_PEAK_W[1]


def _unit_asked(
    channel: Channel, mean: float, said: Unit, fitting: Sequence[Unit], step_s: int
) -> Finding:
    shown = f"a mean of {mean:.3g} in steps of {step_s // 60} minutes"
    reads = f"{_shown(_mwh(mean, said, step_s))} a year in {said}"
    others = "".join(f", {_shown(_mwh(mean, unit, step_s))} in {unit}" for unit in fitting)
    ways = " or ".join(f"--unit {unit}" for unit in [*fitting, said])
    return Finding(Mistake.UNIT, f"{channel} has {shown}: {reads}{others}; say {ways}")


def _shown(mwh: float) -> str:
    return f"{mwh:,.0f} MWh" if mwh >= 100 else f"{mwh:.3g} MWh"


def _mwh(mean: float, unit: Unit, step_s: int) -> float:
    """Energy of a year in megawatt hours."""
    return mean * unit.in_watts(step_s) * HOURS_A_YEAR / 1e6


def look_at_values(samples: Samples, step_s: int, instructions: Instructions) -> None:
    """Values less than nothing, and more than a home can draw; they are mended if asked."""
    for channel, values in samples.values.items():
        factor = samples.units[channel].in_watts(step_s)
        most, least = SERVICE_W / factor, -NIGHT_W / factor
        spikes = [index for index, value in enumerate(values) if not -most <= value <= most]
        _mend_spikes(samples, channel, [i for i in spikes if not isnan(values[i])], instructions)
        if channel not in NEVER_NEGATIVE:
            continue
        negative = [index for index, value in enumerate(values) if value < 0]
        slight = [index for index in negative if values[index] >= least]
        if slight and channel is not Channel.LOAD:
            for index in slight:
                values[index] = 0.0
            intervals = counted(len(slight), "interval")
            samples.notes.append(
                f"{channel} is slightly less than nothing in {intervals}, as meters read at night;"
                f" counted as 0 down to -{NIGHT_W:g} W"
            )
            negative = [index for index in negative if values[index] < 0]
        _mend_negative(samples, channel, negative, instructions)


def _mend_spikes(
    samples: Samples, channel: Channel, spikes: list[int], instructions: Instructions
) -> None:
    values = samples.values[channel]
    if spikes and instructions.drop_spikes:
        for index in spikes:
            values[index] = nan
        samples.repaired(f"{counted(len(spikes), 'value')} of {channel} over 96 kW left out")
        return
    samples.tell(
        Mistake.SPIKE,
        f"more {channel} than 96 kW, as where a counter restarted",
        spikes,
        "leave them out with --drop-spikes",
    )


def _mend_negative(
    samples: Samples, channel: Channel, negative: list[int], instructions: Instructions
) -> None:
    values = samples.values[channel]
    if negative and instructions.drop_negative:
        for index in negative:
            values[index] = 0.0
        samples.repaired(f"{counted(len(negative), 'negative value')} of {channel} counted as 0")
        return
    samples.tell(
        Mistake.NEGATIVE,
        f"a negative {channel}",
        negative,
        "count them as 0 with --drop-negative, or say with --columns that it is the grid",
    )
