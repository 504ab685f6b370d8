"""From the energy in each cell to the items of a month, before credit goes from month to month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

from scheduler.money.bill.layout import Cell, CreditCell, MonthLayout
from scheduler.money.bill.plan import Export
from scheduler.money.bill.statement import Item, Kind

KWH, KW, DAYS = "kWh", "kW", "days"
DELIVERY, GENERATION, ACC_PLUS = "delivery", "generation", "ACC Plus"


@dataclass(slots=True)
class Flow:
    """The energy of a month under one cell, in kWh."""

    cell: Cell
    imported: float
    exported: float


@dataclass(slots=True)
class Draft:
    """A month in the making.

    `due` is what energy costs that no credit may pay, and `earned` the credits of the month by
    name, in net billing.
    """

    layout: MonthLayout
    flows: Sequence[Flow]
    items: list[Item] = field(default_factory=list)
    due: float = 0.0
    earned: dict[str, float] = field(default_factory=dict)

    def sum_of(self, *kinds: Kind) -> float:
        """What the items of these kinds come to."""
        return fsum(item.dollars for item in self.items if item.kind in kinds)


def energy_items(draft: Draft, export: Export, flat: float) -> None:
    """What was imported, and what export earns without a table of credits."""
    for flow in _by_price(draft.flows):
        _imported(draft, flow, net=export is Export.NEM2_BY_MONTH)
        if export.is_net_metering:
            _exported(draft, flow, export)
    if not export.leaves_some_due:
        draft.due = 0.0
    baseline(draft, net=export.is_net_metering)
    if export is Export.FLAT:
        sold = fsum(flow.exported for flow in draft.flows)
        draft.items.append(Item(Kind.EXPORT, "export", -sold * flat, sold, KWH, flat))


def _by_price(flows: Iterable[Flow]) -> list[Flow]:
    """Flows of slots of a price file as one."""
    listed = list(flows)
    return listed if not any(flow.cell.of_series for flow in listed) else [_merged(listed)]


def _merged(flows: list[Flow]) -> Flow:
    """All slots of a month as one flow at their mean price."""
    kwh = fsum(flow.imported for flow in flows)
    money = fsum(flow.imported * flow.cell.price for flow in flows)
    price = money / kwh if kwh else 0.0
    first = flows[0].cell
    cell = Cell(first.month, first.name, price, price, {}, {}, of_series=True)
    return Flow(cell, kwh, fsum(flow.exported for flow in flows))


def _imported(draft: Draft, flow: Flow, *, net: bool) -> None:
    cell, kwh = flow.cell, flow.imported
    price = None if cell.of_series else cell.sheet
    draft.items.append(Item(Kind.ENERGY, cell.name, kwh * cell.sheet, kwh, KWH, price))
    charged = max(0.0, kwh - flow.exported) if net else kwh
    for name, rate in cell.adders.items():
        _add(draft, Item(Kind.ADDER, name, charged * rate, charged, KWH, rate))
    draft.due += charged * (fsum(cell.adders.values()) + fsum(cell.non_bypassable.values()))


def _exported(draft: Draft, flow: Flow, export: Export) -> None:
    """Net metering: the price of the sheet, less what a credit does not have.

    Under the first kind meters run backwards, so adders are credited, too.
    """
    cell, kwh = flow.cell, flow.exported
    if not kwh:
        return
    price = cell.price if export is Export.NEM1 else cell.sheet
    draft.items.append(Item(Kind.EXPORT, cell.name, -kwh * price, kwh, KWH, price))
    if export.is_nem2:
        lacks = max(0.0, kwh - flow.imported) if export is Export.NEM2_BY_MONTH else kwh
        for name, rate in cell.non_bypassable.items():
            _add(draft, Item(Kind.NON_BYPASSABLE, name, lacks * rate, lacks, KWH, rate))


def baseline(draft: Draft, *, net: bool) -> None:
    """The credit on the first kWh of the month, whichever period they are in."""
    month = draft.layout
    if not month.allowance:
        return
    used = fsum(flow.imported for flow in draft.flows)
    if net:
        used = max(0.0, used - fsum(flow.exported for flow in draft.flows))
    kwh, rate = min(used, month.allowance), month.baseline_credit
    draft.items.append(Item(Kind.BASELINE, "baseline", -kwh * rate, kwh, KWH, rate))


def credit_items(draft: Draft, cells: Iterable[tuple[CreditCell, float]], *, named: bool) -> None:
    """What export earns by the hour: credits by name in net billing, else one line."""
    sold, earned = 0.0, {DELIVERY: 0.0, GENERATION: 0.0, ACC_PLUS: 0.0}
    for cell, kwh in cells:
        sold += kwh
        earned[DELIVERY] += kwh * cell.delivery
        earned[GENERATION] += kwh * cell.generation
        earned[ACC_PLUS] += kwh * cell.acc_plus
    for name, dollars in earned.items():
        if dollars:
            said = name if named else "export"
            draft.items.append(Item(Kind.EXPORT, said, -dollars, sold, KWH))
    draft.earned = earned if named else {}


def monthly_items(draft: Draft, demand_kw: float | None) -> None:
    """Fixed charges, demand and credits; the minimum follows once all else is known."""
    month = draft.layout
    for rate, days in month.fixed.items():
        if rate:
            draft.items.append(Item(Kind.FIXED, "fixed charge", rate * days, days, DAYS, rate))
    if demand_kw is not None and month.demand_per_kw:
        price = month.demand_per_kw
        draft.items.append(
            Item(Kind.DEMAND, "highest quarter of an hour", demand_kw * price, demand_kw, KW, price)
        )
    draft.items += [Item(Kind.CREDIT, name, -amount) for name, amount in month.credits]


def minimum_item(draft: Draft, energy: float) -> None:
    """What lifts fixed charges and the month's energy, as far as it is due, to the minimum."""
    lacking = draft.layout.minimum - draft.sum_of(Kind.FIXED) - max(0.0, energy)
    if lacking > 0.0:
        draft.items.append(Item(Kind.MINIMUM, "minimum charge", lacking))


def _add(draft: Draft, item: Item) -> None:
    """An item, or more of one that has its kind, name and price."""
    for index, other in enumerate(draft.items):
        if (other.kind, other.name, other.price) == (item.kind, item.name, item.price):
            draft.items[index] = Item(
                item.kind,
                item.name,
                other.dollars + item.dollars,
                other.quantity + item.quantity,
                item.unit,
                item.price,
            )
            return
    draft.items.append(item)
