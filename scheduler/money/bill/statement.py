"""The bill itself: months, and in each the items that come to its total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from math import fsum


class Kind(StrEnum):
    """What an item is for."""

    ENERGY = "energy"
    """Imported energy at the price of the sheet."""
    ADDER = "adder"
    """What every imported kWh bears on top."""
    BASELINE = "baseline credit"
    EXPORT = "export credit"
    """What exported energy earned in the month, as a negative sum."""
    NON_BYPASSABLE = "non-bypassable"
    """Parts of the price that a credit for exported energy does not have."""
    CARRY_OVER = "carry-over"
    """Credit that goes on into another month (positive) or comes from one (negative)."""
    TRUE_UP = "true-up"
    """Credit that ends unused with the relevant period."""
    DEMAND = "demand"
    FIXED = "fixed"
    MINIMUM = "minimum"
    """What lifts a month to the minimum."""
    CREDIT = "credit"
    """A sum taken off in certain months, such as a climate credit."""


OF_ENERGY = frozenset(
    {
        Kind.ENERGY,
        Kind.ADDER,
        Kind.BASELINE,
        Kind.EXPORT,
        Kind.NON_BYPASSABLE,
        Kind.CARRY_OVER,
        Kind.TRUE_UP,
    }
)
"""The kinds that depend on how much energy went through the meter, and when."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line: `dollars` is its sum in the tariff's currency, negative where it is a credit.

    `quantity` is in `unit` (kWh, kW, days); `price` is per unit, and `None` where the line has
    several.
    """

    kind: Kind
    name: str
    dollars: float
    quantity: float = 0.0
    unit: str = ""
    price: float | None = None


@dataclass(frozen=True)
class BillMonth:
    """A billing month from `start` until the day before `end`.

    A month that the data cover in part only is not `complete`; it has the charges of the `days`
    that they cover.
    """

    start: date
    end: date
    days: float
    complete: bool
    imported_kwh: float
    exported_kwh: float
    items: tuple[Item, ...]

    @cached_property
    def total(self) -> float:
        """What the month comes to."""
        return fsum(item.dollars for item in self.items)


@dataclass(frozen=True)
class Bill:
    """The months of a bill in their order, and what has to be told with it.

    `credit_left` is what was earned and not used by the end of the data, and has not ended.
    """

    currency: str
    months: tuple[BillMonth, ...]
    credit_left: float
    notes: tuple[str, ...]

    @cached_property
    def total(self) -> float:
        """What all months come to."""
        return fsum(month.total for month in self.months)

    @cached_property
    def energy(self) -> float:
        """The part that depends on how much energy went through the meter, and when."""
        return fsum(self.by_kind.get(kind, 0.0) for kind in OF_ENERGY)

    @cached_property
    def by_kind(self) -> dict[Kind, float]:
        """The sum of each kind of item, in the order of `Kind`."""
        found: dict[Kind, list[float]] = {}
        for month in self.months:
            for item in month.items:
                found.setdefault(item.kind, []).append(item.dollars)
        return {kind: fsum(found[kind]) for kind in Kind if kind in found}
