"""What comes from outside the gateway: flags, dated values, dynamic prices.

All of it is written by somebody else and may be missing or old. A flag that nobody has set is
false; a value or a price that is missing or too old is unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A number and the instant it was true at."""

    value: float
    at: datetime


@dataclass(frozen=True, slots=True)
class PriceSlot:
    """The price of a kilowatt hour during a half-open span; `None` where it is not known."""

    start: datetime
    end: datetime
    imported: float | None = None
    exported: float | None = None


class PriceSeries:
    """Prices by slot, in order and without overlap; there may be gaps.

    Raises `ValueError` for slots that end before they start, or overlap.
    """

    def __init__(self, slots: Sequence[PriceSlot]) -> None:
        self.slots = tuple(sorted(slots, key=lambda slot: slot.start))
        self._starts = [slot.start for slot in self.slots]
        for slot in self.slots:
            if slot.end <= slot.start:
                raise ValueError(
                    f"the price slot at {slot.start.isoformat()} ends before it starts"
                )
        for before, after in zip(self.slots, self.slots[1:], strict=False):
            if after.start < before.end:
                raise ValueError(f"two price slots overlap at {after.start.isoformat()}")

    def at(self, instant: datetime) -> PriceSlot | None:
        """The slot around an instant."""
        index = bisect_right(self._starts, instant) - 1
        if index >= 0 and instant < self.slots[index].end:
            return self.slots[index]
        return None

    def next_start(self, instant: datetime) -> datetime | None:
        """When the next slot after an instant begins."""
        index = bisect_right(self._starts, instant)
        return self._starts[index] if index < len(self._starts) else None

    def next_dearer(self, instant: datetime) -> datetime:
        """When importing next costs more than at an instant; that instant where it is not known.

        The same time on the next day where nothing known is dearer.
        """
        here = self.at(instant)
        if here is None or here.imported is None:
            return instant
        for index in range(bisect_right(self._starts, instant), len(self.slots)):
            slot = self.slots[index]
            if slot.imported is not None and slot.imported > here.imported:
                return slot.start
        return instant + timedelta(days=1)

    def covering(self, start: datetime, end: datetime) -> tuple[PriceSlot, ...] | None:
        """The slots that make up a span without a gap; `None` where there is one."""
        first = bisect_right(self._starts, start) - 1
        found: list[PriceSlot] = []
        reached = start
        for index in range(max(0, first), len(self.slots)):
            slot = self.slots[index]
            if slot.start > reached or reached >= end:
                break
            if slot.end > reached:
                found.append(slot)
                reached = slot.end
        return tuple(found) if reached >= end else None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything from outside at one moment.

    `flags` maps a flag that is set to its expiry (`None`: until it is taken back); `values` are
    dated numbers by name; `prices` is the dynamic price series, if there is one. Inputs are
    the same only if they are the same object.
    """

    flags: Mapping[str, datetime | None] = field(default_factory=dict)
    values: Mapping[str, DatedValue] = field(default_factory=dict)
    prices: PriceSeries | None = None


NO_INPUTS = Inputs()

OLDEST_VALUE = timedelta(hours=6)
"""How old a dated value may be unless the rule says otherwise."""
