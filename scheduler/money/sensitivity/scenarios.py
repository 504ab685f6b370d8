"""A home where one thing is otherwise: its load, what energy costs, what it earns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rules.calendar import Tariff
from rules.engine import RuleSet
from rules.inputs import Inputs, PriceSeries
from rules.terms import BillTariff, Charges
from scheduler.money import IntervalData
from scheduler.money.backtest import Outside, Site
from scheduler.money.bill import Export, ExportCredits, Hourly, Plan

LOAD = 0.2
PRICES = 0.1


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: rules at a site, billed by a plan."""

    site: Site
    plan: Plan
    rules: RuleSet


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case where one thing of the home is otherwise; `change` says what."""

    change: str
    case: Case


def scenarios(case: Case) -> Iterator[Scenario]:
    """More and less load, dearer and cheaper energy, better and worse paid export."""
    for name, by, otherwise in (
        ("load", LOAD, _other_load),
        ("price of what is bought", PRICES, _other_import),
        ("price of what is sold", PRICES, _other_export),
    ):
        for factor in (1 - by, 1 + by):
            found = otherwise(case, factor)
            if found is not None:
                yield Scenario(f"{name} {factor - 1:+.0%}".replace("%", " %"), found)


def scaled_load(data: IntervalData, factor: float) -> IntervalData:
    """The same home with so much more, or less, of a load."""
    return replace(data, load_w=[factor * watts for watts in data.load_w])


def _other_load(case: Case, factor: float) -> Case:
    return replace(case, site=replace(case.site, data=scaled_load(case.site.data, factor)))


def _other_import(case: Case, factor: float) -> Case:
    """Every price of a kWh bought is another: rules that compare prices see the new ones."""
    plan, almanac = case.plan, case.rules.almanac
    bill = plan.tariff
    terms = replace(
        bill.terms, charges=tuple(_charges(each, factor) for each in bill.terms.charges)
    )
    own = almanac.tariff
    return Case(
        _site(case.site, factor, 1.0),
        replace(
            plan,
            tariff=BillTariff(_tariff(bill.tariff, factor), terms),
            prices=_series(plan.prices, factor, 1.0),
            non_bypassable=None if plan.non_bypassable is None else factor * plan.non_bypassable,
        ),
        case.rules
        if own is None
        else replace(case.rules, almanac=replace(almanac, tariff=_tariff(own, factor))),
    )


def _other_export(case: Case, factor: float) -> Case | None:
    """Export earns another price, where it has one of its own; `None` where it has not."""
    plan = case.plan
    if plan.export is Export.FLAT:
        flat = plan.tariff.terms.flat if plan.export_price is None else plan.export_price
        return replace(case, plan=replace(plan, export_price=factor * (flat or 0.0)))
    if plan.export is Export.SERIES:
        prices = _series(plan.prices, 1.0, factor)
        return replace(case, site=_site(case.site, 1.0, factor), plan=replace(plan, prices=prices))
    if plan.export is Export.NBT and plan.credits is not None:
        return replace(case, plan=replace(plan, credits=_credits(plan.credits, factor)))
    return None


def _tariff(tariff: Tariff, factor: float) -> Tariff:
    versions = tuple(
        replace(
            each,
            prices=_by_season(each.prices, factor),
            adders={name: factor * price for name, price in each.adders.items()},
            generation=_by_season(each.generation, factor),
        )
        for each in tariff.versions
    )
    return replace(tariff, versions=versions, _days={})


def _by_season(
    prices: Mapping[str, Mapping[str, float]], factor: float
) -> dict[str, dict[str, float]]:
    return {
        season: {period: factor * price for period, price in of_season.items()}
        for season, of_season in prices.items()
    }


def _charges(charges: Charges, factor: float) -> Charges:
    """What depends on energy only: fixed charges stay what they are."""
    due = charges.non_bypassable
    return replace(
        charges,
        baseline_credit=factor * charges.baseline_credit,
        non_bypassable=None if due is None else {name: factor * due[name] for name in due},
    )


def _credits(table: ExportCredits, factor: float) -> ExportCredits:
    def scaled(hours: Hourly) -> Hourly:
        return tuple((factor * delivery, factor * generation) for delivery, generation in hours)

    years = {
        year: tuple((scaled(weekday), scaled(weekend)) for weekday, weekend in months)
        for year, months in table.years.items()
    }
    return replace(table, years=years)


def _series(series: PriceSeries | None, bought: float, sold: float) -> PriceSeries | None:
    if series is None:
        return None
    return PriceSeries(
        [
            replace(
                slot,
                imported=None if slot.imported is None else bought * slot.imported,
                exported=None if slot.exported is None else sold * slot.exported,
            )
            for slot in series.slots
        ]
    )


def _site(site: Site, bought: float, sold: float) -> Site:
    """The site whose rules are told other dynamic prices."""

    def otherwise(inputs: Inputs) -> Inputs:
        return replace(inputs, prices=_series(inputs.prices, bought, sold))

    known = site.outside
    changes = tuple((at, otherwise(inputs)) for at, inputs in known.changes)
    return replace(site, outside=Outside(otherwise(known.first), changes))
