"""What the energy of a simulated day cost, and would have cost without the battery."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scheduler.simulator import Meters

_QUIET = "dim"


class Price(NamedTuple):
    """Of a kWh that is bought, under the name of its period, and of one sold where it is known."""

    period: str
    bought: float
    sold: float | None = None


@dataclass(slots=True)
class Energy:
    """Energy bought, by price period, and sold, in kWh, with what it cost and earned."""

    bought: dict[str, float] = field(default_factory=dict)
    paid: dict[str, float] = field(default_factory=dict)
    sold: float = 0.0
    earned: float = 0.0

    def count(self, price: Price, bought: float, sold: float) -> None:
        """Add what flowed while this was the price."""
        self.bought[price.period] = self.bought.get(price.period, 0.0) + bought
        self.paid[price.period] = self.paid.get(price.period, 0.0) + bought * price.bought
        self.sold += sold
        self.earned += sold * (price.sold or 0.0)

    @property
    def cost(self) -> float:
        """What was paid less what was earned."""
        return sum(self.paid.values()) - self.earned


@dataclass(slots=True)
class DayCost:
    """The cost of a day by its meters, beside that of the same home and sun without a battery.

    Without one, what the sun does not give in each stretch between two looks is bought, and what
    the home does not use is sold.
    """

    ours: Energy = field(default_factory=Energy)
    bare: Energy = field(default_factory=Energy)
    export_known: bool = False

    def count(self, price: Price, before: Meters, after: Meters) -> None:
        """Add what flowed between two readings of the home's meters, at the price of then."""
        bought = (after.site_imported - before.site_imported) / 1000
        sold = (after.site_exported - before.site_exported) / 1000
        net = (after.load - before.load - after.solar + before.solar) / 1000
        self.ours.count(price, bought, sold)
        self.bare.count(price, max(0.0, net), max(0.0, -net))
        self.export_known = self.export_known or price.sold is not None

    def shown(self, currency: str, soe: tuple[float, float]) -> RenderableType:
        """A table, and the day's sum; `soe` is what was in the battery at first and at last."""
        table = Table(box=None, pad_edge=False, header_style=_QUIET)
        for column in ("period", "kWh", "cost", "kWh without battery", "cost without"):
            table.add_column(column, justify="left" if column == "period" else "right")
        for name in sorted(self.ours.bought):
            cells = (
                text
                for each in (self.ours, self.bare)
                for text in (f"{each.bought[name]:.1f}", f"{each.paid[name]:.2f}{currency}")
            )
            table.add_row(name, *cells)
        sold = (
            text
            for each in (self.ours, self.bare)
            for text in (
                f"{each.sold:.1f}",
                f"{-each.earned:.2f}{currency}" if self.export_known else "",
            )
        )
        table.add_row("sold to the grid", *sold)
        return Group(
            table,
            Text(
                f"\nThe day cost {self.ours.cost:.2f}{currency}; without the battery it would have"
                f" cost {self.bare.cost:.2f}{currency}.",
                "bold",
            ),
            Text(
                f"Energy only, without fixed charges{self._sold_said()}. The battery began with"
                f" {soe[0]:.0f} % and ended with {soe[1]:.0f} %.",
                _QUIET,
            ),
        )

    def _sold_said(self) -> str:
        if self.export_known:
            return ", and less what was sold"
        return "; what was sold is not counted, as no price for it is known"
