"""What a tariff says for bills, beside its hours and prices: as text and as JSON."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rules.calendar import Tariff
from rules.errors import printable
from rules.terms import BillTariff, Charges, NetBilling, Terms

QUIET = "dim"
MOST_REGIONS = 24


def terms_view(found: BillTariff) -> RenderableType:
    """Adders, charges, baseline and export, each under a heading; nothing where there is none."""
    parts: list[RenderableType] = []
    for heading, said in _sections(found):
        parts += ["", Text(heading, "bold"), Padding(said, (0, 0, 0, 2))]
    return Group(*parts)


def form_view(found: BillTariff) -> RenderableType:
    """A tariff whose prices come from a price file."""
    tariff, series = found.tariff, found.terms.series
    about = f"{printable(tariff.name)}, {tariff.currency} per kWh, zone {tariff.zone.key}"
    return Group(
        Text(printable(tariff.title), "bold"),
        Text(about, QUIET),
        "",
        Text("Its prices come from a price file; rules read them there and name no tariff."),
        *([Text(printable(f"Published: {series.prices_from}"))] if series else []),
        terms_view(found),
        "",
        Text("Source", "bold"),
        Padding(Text(printable(tariff.source)), (0, 0, 0, 2)),
    )


def ways_to_export(terms: Terms) -> list[str]:
    """The ways in which the tariff can pay for export."""
    known = {"nem1": terms.nem1, "nem2": terms.nem2, "nbt": terms.nbt, "flat": terms.flat}
    return [name for name, said in known.items() if said is not None]


def terms_json(found: BillTariff) -> dict[str, Any]:
    """The same for a program."""
    terms = found.terms
    return {
        "series": terms.series
        and {
            "step_s": terms.series.step.total_seconds(),
            "prices_from": terms.series.prices_from,
        },
        "adders": [
            {"effective": version.effective.isoformat(), "adders": dict(version.adders)}
            for version in found.tariff.versions
            if version.adders
        ],
        "charges": [_charges_json(each) for each in terms.charges],
        "baseline": {region: dict(kwh) for region, kwh in terms.baseline.items()},
        "export": {
            "nem1": terms.nem1,
            "nem2": terms.nem2,
            "flat": terms.flat,
            "nbt": terms.nbt and _net_billing_json(terms.nbt),
        },
    }


def _charges_json(charges: Charges) -> dict[str, Any]:
    demand = charges.demand
    return {
        "effective": charges.effective.isoformat(),
        "fixed_per_day": charges.fixed_per_day,
        "minimum_per_day": charges.minimum_per_day,
        "baseline_credit": charges.baseline_credit,
        "non_bypassable": charges.non_bypassable and dict(charges.non_bypassable),
        "credits": [
            {"name": each.name, "months": sorted(each.months), "amount": each.amount}
            for each in charges.credits
        ],
        "demand": demand
        and {"price_per_kw": demand.price_per_kw, "periods": sorted(demand.periods)},
    }


def _net_billing_json(rules: NetBilling) -> dict[str, Any]:
    return {
        "source": rules.source,
        "unused": "carries over" if rules.keeps else "ends",
        "buckets": "apart" if rules.apart else "together",
        "acc_plus": {str(year): price for year, price in rules.acc_plus.items()},
    }


def _sections(found: BillTariff) -> Iterator[tuple[str, RenderableType]]:
    terms = found.terms
    if any(version.adders for version in found.tariff.versions):
        yield "Adders in every price", _adders(found.tariff)
    if terms.charges:
        yield "Charges", _charges(terms)
    if terms.baseline:
        yield "Baseline, kWh a day", _baseline(terms.baseline)
    if ways := list(_export(terms)):
        table = _table(2)
        for name, said in ways:
            table.add_row(name, Text(printable(said)))
        yield "Export", table


def _adders(tariff: Tariff) -> Table:
    table = _table(2)
    for version in tariff.versions:
        table.add_row(str(version.effective), _named(version.adders))
    return table


def _named(parts: Mapping[str, float]) -> str:
    return ", ".join(f"{printable(name)} {price:.5f}" for name, price in parts.items())


def _charges(terms: Terms) -> Table:
    table = _table(2)
    for charges in terms.charges:
        for index, said in enumerate(_said(charges)):
            table.add_row("" if index else str(charges.effective), said)
    return table


def _said(charges: Charges) -> list[str]:
    said = [f"{charges.fixed_per_day:.5f} a day"]
    if charges.minimum_per_day:
        said[0] += f", at least {charges.minimum_per_day:.5f}"
    if charges.baseline_credit:
        said.append(f"baseline credit {charges.baseline_credit:.5f} a kWh")
    if charges.demand:
        periods = ", ".join(sorted(charges.demand.periods)) or "all periods"
        said.append(f"demand {charges.demand.price_per_kw:.2f} a kW in {printable(periods)}")
    for credit in charges.credits:
        months = ", ".join(month_abbr[month] for month in sorted(credit.months))
        said.append(f"{printable(credit.name)} {credit.amount:.2f} in {months}")
    if charges.non_bypassable is not None:
        said.append(f"non-bypassable a kWh: {_named(charges.non_bypassable)}")
    return said


def _baseline(baseline: Mapping[str, Mapping[str, float]]) -> Table:
    table = _table(2)
    for region, allowances in list(baseline.items())[:MOST_REGIONS]:
        said = ", ".join(f"{printable(season)} {kwh:g}" for season, kwh in allowances.items())
        table.add_row(printable(region), said)
    if len(baseline) > MOST_REGIONS:
        table.add_row("", f"and {len(baseline) - MOST_REGIONS} more")
    return table


def _export(terms: Terms) -> Iterator[tuple[str, str]]:
    if terms.nem1 is not None:
        yield "nem1", terms.nem1
    if terms.nem2 is not None:
        yield "nem2", terms.nem2
    if terms.nbt is not None:
        unused = "carry over" if terms.nbt.keeps else "end"
        yield "nbt", f"{terms.nbt.source}; unused credits {unused} after 12 months"
    if terms.flat is not None:
        yield "flat", f"{terms.flat:.5f} a kWh"


def _table(columns: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(columns):
        table.add_column(overflow="fold")
    return table
