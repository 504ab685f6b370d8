"""`pwsched tune`: from a home's year and its tariff to a rule file, and what it is worth."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    POWERWALLS,
    SEED,
    YEAR,
)
from scheduler.cli.options import TIMEZONE

if TYPE_CHECKING:
    from scheduler.cli.home_year import HomeYear
    from scheduler.money.tuning import Progress, Tuned


def tune(
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
    forecast: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="The sun that was forecast: date, and kWh of that day."
        ),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Searches at once.")] = 2,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write the rules there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Look for rules that save money on a home's own data, and write them as a rule file."""
    from scheduler.cli.home_year import home_year, needs_money, source_of

    needs_money()
    asked = Asked(
        history or (), household, seed, year, timezone, "1h", powerwalls, kind,
        floor=floor, grid_charging=grid_charging, prices=prices,
    )  # fmt: skip
    contract = Contract(
        tariff, export, export_price, vintage, credits_file, credits_of, prices, prices_of,
        baseline, fixed_per_day, non_bypassable,
    )  # fmt: skip
    home = home_year(asked, contract)
    tuned = _tuned(home, None if forecast is None else _forecast(forecast), processes)
    text = _text(home, tuned, source_of(contract))
    alone, billed = _rescored(home, text)
    currency = home.plan.tariff.tariff.currency
    recommended = tuned.recommended and billed < alone
    if as_json:
        print(json.dumps(_as_json(tuned, alone, billed, currency, text if recommended else None)))
    else:
        _say(tuned, alone, billed, currency)
    if not recommended:
        print("Not recommended: leave the battery to itself.", file=sys.stderr)
        raise typer.Exit(1)
    if out is not None:
        _write(out, text)
    elif not as_json:
        print(text, end="")


def _as_json(
    tuned: Tuned, alone: float, billed: float, currency: str, text: str | None
) -> dict[str, Any]:
    """Bills in the tariff's currency; `rules` is the file, null where none is recommended."""
    from scheduler.money.tuning import name_of

    return {
        "currency": currency,
        "recommended": text is not None,
        "self_consumption": round(alone, 2),
        "tuned": round(billed, 2),
        "saved_out_of_sample": round(tuned.saving, 2),
        "months": [
            {
                "first": each.first.isoformat(),
                "self_consumption": round(each.self_consumption, 2),
                "out_of_sample": round(each.out_of_sample, 2),
            }
            for each in tuned.months
        ],
        "saved_by_rule": [
            {"rule": name_of(rule), "saved": round(saved, 2)}
            for rule, saved in zip(tuned.policy, tuned.savings, strict=True)
        ],
        "rules": text,
    }


def _tuned(home: HomeYear, forecast: dict[date, float] | None, processes: int) -> Tuned:
    from dataclasses import replace

    from scheduler.errors import BillRefused
    from scheduler.money.optimum import Costs
    from scheduler.money.tuning import tune as search

    costs = replace(Costs.of(home.calculator), due=None, allowances=(), fixed=0.0)
    if costs.netted:
        raise BillRefused(
            "tuning needs a price for every interval, and nem2-by-month nets them by month:"
            " say nem2-by-interval"
        )
    with _progress() as progress:
        return search(
            home.site.data,
            costs,
            home.plan.tariff.tariff,
            home.site.battery,
            home.limits,
            forecast,
            processes,
            progress,
        )


def _text(home: HomeYear, tuned: Tuned, source: Mapping[str, str]) -> str:
    from scheduler.money.tuning import rule_file

    currency, data = home.plan.tariff.tariff.currency, home.site.data
    local = (data.start.astimezone(data.zone).date(), data.end.astimezone(data.zone).date())
    said = [
        f"Tuned on hours from {local[0]:%d %B %Y} to {local[1]:%d %B %Y}.",
        f"Rules like these saved {currency} {tuned.saving:.0f} over self-consumption in the same",
        "months when they were tuned on others.",
        "What a rule saves is what the same months would have cost more without it.",
        "",
    ]
    return rule_file(
        tuned.policy,
        tuned.savings,
        source=source,
        floor=home.floor,
        currency=currency,
        said=said,
        dear_from=tuned.dear_from,
    )


def _rescored(home: HomeYear, text: str) -> tuple[float, float]:
    """The bills of self-consumption and of the rules, by the daemon's own engine."""
    from scheduler.cli.home_year import rules_of
    from scheduler.money.backtest import backtest, self_consumption

    site = home.site
    alone = home.bill(self_consumption(site, home.floor).metered).total
    return alone, home.bill(backtest(site, rules_of(text)).flows.metered).total


def _say(tuned: Tuned, alone: float, billed: float, currency: str) -> None:
    print(
        f"Self-consumption costs {currency} {alone:.2f}; these rules {currency} {billed:.2f} on the"
        " months that they were tuned on,\n"
        f"and save {currency} {tuned.saving:.2f} in months that rules like them were not tuned on.",
        file=sys.stderr,
    )


def _forecast(path: Path) -> dict[date, float]:
    """The kWh that were forecast, by date. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeError, csv.Error) as error:
        raise ConfigProblem(f"{path}: cannot be read: {error}") from None
    found = {}
    for number, row in enumerate(rows, 2):
        try:
            found[date.fromisoformat(row["date"])] = float(row["kwh"])
        except (KeyError, TypeError, ValueError):
            raise ConfigProblem(
                f'{path}:{number}: must have the columns date, like "2026-07-15", and kwh'
            ) from None
    if not found:
        raise ConfigProblem(f"{path}: has no dates")
    return found


def _write(out: Path, text: str) -> None:
    from scheduler.errors import ConfigProblem

    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{out}: cannot be written: {reason}") from None


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr, where a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("looking for rules", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
