"""`pwsched optimum`: the best that a home's year could have cost, and what levers reach of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.backtest_site import Asked
from scheduler.cli.contract import (
    BASELINE,
    CREDITS,
    CREDITS_OF,
    EXPORT,
    EXPORT_PRICE,
    FIXED,
    NON_BYPASSABLE,
    PRICES_OF,
    TARIFF,
    VINTAGE,
    Contract,
)
from scheduler.cli.given import PRICES
from scheduler.cli.home_options import (
    FLOOR,
    GRID_CHARGING,
    HISTORY,
    HOUSEHOLD,
    KIND,
    MAY_SELL,
    POWERWALLS,
    SEED,
    YEAR,
)
from scheduler.cli.options import TIMEZONE

if TYPE_CHECKING:
    from scheduler.cli.home_year import HomeYear


def optimum(
    *,
    history: HISTORY = None,
    household: HOUSEHOLD = None,
    seed: SEED = 1,
    year: YEAR = 2026,
    timezone: TIMEZONE = None,
    tariff: TARIFF = None,
    export: EXPORT = "none",
    export_price: EXPORT_PRICE = None,
    vintage: VINTAGE = None,
    credits_file: CREDITS = None,
    credits_of: CREDITS_OF = None,
    prices: PRICES = None,
    prices_of: PRICES_OF = None,
    baseline: BASELINE = None,
    fixed_per_day: FIXED = None,
    non_bypassable: NON_BYPASSABLE = None,
    powerwalls: POWERWALLS = 1,
    kind: KIND = "2",
    floor: FLOOR = 20,
    grid_charging: GRID_CHARGING = True,
    may_sell: MAY_SELL = "battery_ok",
    step: Annotated[str, typer.Option(metavar="DURATION", help="Intervals this long.")] = "1h",
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Say what the best schedule would have cost that knew the whole year ahead."""
    from scheduler.cli.home_year import home_year, needs_money

    needs_money()
    asked = Asked(
        history or (), household, seed, year, timezone, step, powerwalls, kind,
        floor=floor, grid_charging=grid_charging, may_sell=may_sell, prices=prices,
    )  # fmt: skip
    contract = Contract(
        tariff, export, export_price, vintage, credits_file, credits_of, prices, prices_of,
        baseline, fixed_per_day, non_bypassable,
    )  # fmt: skip
    home = home_year(asked, contract)
    found = _found(home)
    if as_json:
        shown = {name: round(dollars, 2) for name, dollars in found.items()}
        print(json.dumps({"currency": home.plan.tariff.tariff.currency, **shown}))
        return
    _show(home, found)


def _found(home: HomeYear) -> dict[str, float]:
    from scheduler.money.backtest import self_consumption, without_battery
    from scheduler.money.optimum import Costs, lever_optimum, optimum, optimum_selling_sun

    site, costs = home.site, Costs.of(home.calculator)
    given = (site.data, costs, site.battery, home.limits, float(home.floor))
    levers, least = lever_optimum(*given), optimum(*given).dollars
    return {
        "no_battery": home.bill(without_battery(site).metered).total,
        "self_consumption": home.bill(self_consumption(site, home.floor).metered).total,
        "lever_optimum": home.bill(levers.metered).total,
        # What levers reach is not below the optimum either.
        "tolerance": max(0.0, min(levers.tolerance, levers.dollars - least)),
        "optimum": least,
        "optimum_selling_sun": optimum_selling_sun(*given).dollars,
    }


def _show(home: HomeYear, found: dict[str, float]) -> None:
    from rich.console import Console
    from rich.table import Table

    data = home.site.data
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    table.add_column(home.plan.tariff.tariff.currency, justify="right")
    table.add_column("")
    lines = {
        "no_battery": ("no battery", ""),
        "self_consumption": ("self-consumption", "the battery left to itself"),
        "lever_optimum": (
            "lever optimum",
            f"the best that a Powerwall can be told, to within {found['tolerance']:.2f}",
        ),
        "optimum": ("optimum", "any power at any time: no schedule is below it"),
        "optimum_selling_sun": (
            "with all sun sold",
            "a looser bound: the battery covers the home while the sun is sold",
        ),
    }
    for key, (name, what) in lines.items():
        table.add_row(name, f"{found[key]:,.2f}", what)
    console = Console(highlight=False)
    days = (data.end - data.start) / timedelta(days=1)
    said = "1 day" if days == 1 else f"{days:.4g} days"
    console.print(f"{said} of {data.source or 'a home'}, every hour known ahead\n")
    console.print(table)
