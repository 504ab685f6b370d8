"""Which prices and charges hold on a date, and a clear refusal where none are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rules.calendar import PriceVersion
from rules.terms import Charges, NetBilling
from scheduler.errors import BillRefused
from scheduler.money.bill.export_credits import ExportCredits
from scheduler.money.bill.plan import NO_BASELINE, Export, Plan

ACC_PLUS_YEARS = 9
"""An ACC Plus adder is kept for nine years from interconnection (Schedule NBT of SCE and PG&E)."""


def check(plan: Plan) -> None:
    """Refuse a plan that its tariff cannot bill. Raises `BillRefused`."""
    name, terms = plan.tariff.tariff.name, plan.tariff.terms
    if not 1 <= plan.billing_day <= 28:
        raise BillRefused(f"a billing month begins on day 1 to 28, got {plan.billing_day}")
    if not plan.tariff.has_prices:
        if plan.prices is None:
            raise BillRefused(
                f"{name} has no prices of its own: name a price file for it (--prices)"
            )
        if not terms.charges and plan.fixed_per_day is None:
            raise BillRefused(
                f"{name} does not know the standing charge: say it, per day (--fixed-per-day)"
            )
    has_baseline = any(each.baseline_credit for each in terms.charges)
    if has_baseline and plan.baseline_region is None:
        known = ", ".join(terms.baseline)
        raise BillRefused(
            f"{name} has a baseline credit: say the region ({known}), or "
            f'"{NO_BASELINE}" (--baseline)'
        )
    if plan.baseline_region not in {None, NO_BASELINE, *terms.baseline}:
        known = ", ".join(terms.baseline) or "none"
        raise BillRefused(
            f'{name} knows no baseline region "{plan.baseline_region}"; it has {known}'
        )
    _check_export(plan)


def _check_export(plan: Plan) -> None:
    name, terms = plan.tariff.tariff.name, plan.tariff.terms
    missing = {
        Export.NEM1: terms.nem1 is None,
        Export.NEM2_BY_INTERVAL: terms.nem2 is None,
        Export.NEM2_BY_MONTH: terms.nem2 is None,
        Export.NBT: terms.nbt is None,
    }
    if missing.get(plan.export):
        table = "nem2" if plan.export.is_nem2 else plan.export
        raise BillRefused(
            f"{name} does not say what {plan.export} pays: it has no [export.{table}] table"
        )
    if plan.export is Export.FLAT and flat_price(plan) is None:
        raise BillRefused(
            f"{name} knows no flat price for export: say one per kWh (--export-price)"
        )
    if plan.export is Export.SERIES and plan.prices is None:
        raise BillRefused("export at the prices of a price file: name the file (--prices)")
    if (plan.export.is_net_metering or plan.export is Export.NBT) and not plan.tariff.has_prices:
        raise BillRefused(f"{plan.export} needs the prices of a tariff, and {name} has none")
    if terms.nbt is not None and plan.export is Export.NBT:
        _check_net_billing(plan, terms.nbt)


def _check_net_billing(plan: Plan, rules: NetBilling) -> None:
    name = plan.tariff.tariff.name
    if plan.vintage is None:
        raise BillRefused("net billing depends on the year of interconnection: say it (--vintage)")
    if plan.credits is None:
        raise BillRefused(
            f"{name} has the rules of net billing but not the hourly credits: name the file of "
            f"your utility's export credits for vintage {plan.vintage} (--credits)"
        )
    if plan.credits.vintage not in {None, plan.vintage}:
        raise BillRefused(
            f"{plan.credits.source} is of vintage {plan.credits.vintage}, and the home is of "
            f"{plan.vintage}"
        )
    if rules.acc_plus and plan.vintage < min(rules.acc_plus):
        raise BillRefused(
            f"{name}: net billing began in {min(rules.acc_plus)}, so no home is of {plan.vintage}"
        )


def version_on(plan: Plan, day: date, season: str) -> PriceVersion:
    """The prices of a day. Raises `BillRefused` for one before the first of its season."""
    tariff, as_of = plan.tariff.tariff, plan.prices_of or day
    version = tariff.version(as_of, season)
    if version.effective > as_of:
        raise BillRefused(
            f"{tariff.name} knows no {season} prices before {version.effective}, and {as_of} is to "
            "be billed; say a date whose prices hold for all days (--prices-of)"
        )
    return version


def charges_on(plan: Plan, day: date) -> Charges:
    """The charges of a day. Raises `BillRefused` for one before the first."""
    known, as_of = plan.tariff.terms.charges, plan.prices_of or day
    in_force = [each for each in known if each.effective <= as_of]
    if known and not in_force:
        raise BillRefused(
            f"{plan.tariff.tariff.name} knows no charges before {known[0].effective}, and {as_of} "
            "is to be billed; say a date whose prices hold for all days (--prices-of)"
        )
    found = in_force[-1] if in_force else Charges(day)
    if plan.fixed_per_day is not None:
        found = replace(found, fixed_per_day=plan.fixed_per_day)
    if plan.non_bypassable is not None:
        found = replace(found, non_bypassable={"non-bypassable": plan.non_bypassable})
    if found.non_bypassable is None and plan.export.leaves_some_due:
        raise BillRefused(
            f"{plan.tariff.tariff.name} does not know the non-bypassable charges of {as_of}, which "
            f"{plan.export} needs: say their sum per kWh (--non-bypassable){_day_with_them(known)}"
        )
    return found


def _day_with_them(known: Sequence[Charges]) -> str:
    """The other way out, where some charges of the tariff have non-bypassable ones."""
    days = [each.effective for each in known if each.non_bypassable is not None]
    if not days:
        return ""
    return f", or bill every date as of a day with them, like {days[-1]} (--prices-of)"


def allowance_on(plan: Plan, season: str) -> float:
    """The baseline allowance of a day in kWh."""
    region = plan.baseline_region
    if region in {None, NO_BASELINE}:
        return 0.0
    return plan.tariff.terms.baseline[str(region)][season]


def flat_price(plan: Plan) -> float | None:
    """What every exported kWh earns under a flat arrangement."""
    return plan.tariff.terms.flat if plan.export_price is None else plan.export_price


def acc_plus(plan: Plan, rules: NetBilling, year: int) -> float:
    """The adder per exported kWh. Raises `BillRefused` once it may have ended."""
    vintage = plan.vintage or 0
    adder = rules.acc_plus.get(vintage, 0.0)
    if adder and year >= vintage + ACC_PLUS_YEARS:
        raise BillRefused(
            f"the ACC Plus adder of vintage {vintage} ends in {vintage + ACC_PLUS_YEARS}, on a day "
            "that the tariff leaves open"
        )
    return adder


def credits_on(
    plan: Plan, table: ExportCredits, rules: NetBilling, day: date
) -> tuple[tuple[float, float], ...]:
    """Delivery and generation credit of each hour of a day. Raises `BillRefused`."""
    year = plan.credits_of or day.year
    months = table.years.get(year)
    if months is None:
        known = f"{min(table.years)} to {max(table.years)}"
        raise BillRefused(
            f"{table.source} has no credits of {year}, only of {known}; say a year whose credits "
            "hold for all dates (--credits-of)"
        )
    return months[day.month - 1][day.weekday() >= 5 or day in rules.holidays]
