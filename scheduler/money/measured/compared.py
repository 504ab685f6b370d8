"""The bills of measured days, and of the same days under other control.

Every stretch is billed by itself. What the tariff settles over months or years cannot be known for
a few weeks: a credit that is left counts as money. What is left in the battery does not count, and
is told: in kWh, and what it would be worth at the lowest and the highest price of those days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from scheduler.money import MeteredEnergy
from scheduler.money.backtest import Flows, Site
from scheduler.money.bill import Bill, BillCalculator, Plan
from scheduler.money.measured.stretches import Stretch

SiteOf = Callable[[Stretch], Site]
"""The site of a stretch, which begins with its state of energy."""

MEASURED: Final = "measured"


class Control(NamedTuple):
    """Something that could have governed the same days; `run` says what would have flowed."""

    name: str
    run: Callable[[Site, Stretch], Flows]
    has_battery: bool = True


@dataclass(frozen=True, slots=True)
class Sums:
    """One control over all stretches, in dollars and kWh.

    `stored_kwh` is what the battery holds more at the end of the stretches than at their beginning.
    `worth` is what it holds more than was measured there, in dollars at the lowest and at the
    highest price of the days; it is not in `dollars`.
    """

    name: str
    dollars: float
    imported_kwh: float
    exported_kwh: float
    stored_kwh: float = 0.0
    worth: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Compared:
    """What was measured, and then each control; `notes` are what the bills have to say."""

    currency: str
    days: int
    sums: tuple[Sums, ...]
    notes: tuple[str, ...]


def compared(
    stretches: Sequence[Stretch], site_of: SiteOf, plan: Plan, controls: Sequence[Control]
) -> Compared:
    """Bill what was measured, and what each control makes of the same days.

    Raises `BillRefused`.
    """
    parts: list[list[Sums]] = [[] for _ in (MEASURED, *controls)]
    notes: dict[str, None] = {}
    for stretch in stretches:
        data, site = stretch.data, site_of(stretch)
        calculator = BillCalculator(plan, data.start, data.step, len(data))
        prices = calculator.prices().imported
        bill = calculator.bill(stretch.metered)
        begin, end = (site.battery.energy(soe) for soe in stretch.soe)
        parts[0].append(_sums(MEASURED, bill, stretch.metered, end - begin))
        notes |= dict.fromkeys(_notes(bill))
        for control, found in zip(controls, parts[1:], strict=True):
            flows = control.run(site, stretch)
            bill = calculator.bill(flows.metered)
            left = flows.energies.stored[-1] if control.has_battery else end
            given = (left - end) / 1000 * site.battery.efficiency
            low, high = sorted((given * min(prices), given * max(prices)))
            stored = left - begin if control.has_battery else 0.0
            found.append(_sums(control.name, bill, flows.metered, stored, (low, high)))
            notes |= dict.fromkeys(_notes(bill))
    return Compared(
        plan.tariff.tariff.currency,
        sum(each.days for each in stretches),
        tuple(_added(each) for each in parts),
        tuple(notes),
    )


def _notes(bill: Bill) -> list[str]:
    """What a bill has to say, but for what it leaves: that is counted here."""
    return [each for each in bill.notes if not (bill.credit_left and "is left" in each)]


def _sums(
    name: str,
    bill: Bill,
    metered: MeteredEnergy,
    stored_wh: float,
    worth: tuple[float, float] = (0.0, 0.0),
) -> Sums:
    bought, sold = sum(metered.imported_wh), sum(metered.exported_wh)
    dollars = bill.total - bill.credit_left
    return Sums(name, dollars, bought / 1000, sold / 1000, stored_wh / 1000, worth)


def _added(parts: Sequence[Sums]) -> Sums:
    return Sums(
        parts[0].name,
        sum(each.dollars for each in parts),
        sum(each.imported_kwh for each in parts),
        sum(each.exported_kwh for each in parts),
        sum(each.stored_kwh for each in parts),
        (sum(each.worth[0] for each in parts), sum(each.worth[1] for each in parts)),
    )
