"""`pwsched backtest`: what rule files would have cost over a year of a home's own data."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.contract import (
    BASELINE,
    BILLING_DAY,
    CREDITS,
    CREDITS_OF,
    EXPORT,
    EXPORT_PRICE,
    FIXED,
    NON_BYPASSABLE,
    PRICES_OF,
    RELEVANT_PERIOD,
    TARIFF,
    VINTAGE,
)
from scheduler.cli.given import FIRMWARE, PRICES
from scheduler.cli.options import CONFIG, SITE, TIMEZONE

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from scheduler.money.backtest import Progress, Site
    from scheduler.money.bill import BillCalculator
    from scheduler.money.report import Schedule

CENT = 0.005


def backtest(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RULES...",
            help="A base file and any other rule files (default: the site's).",
        ),
    ] = None,
    *,
    history: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="The home's history, as `pwsched history` reads it."),
    ] = None,
    household: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="No history: all-electric, gas-heated, electric-car or works-from-home.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another household.")] = 1,
    year: Annotated[int, typer.Option(min=1970, max=2200, help="Its year.")] = 2026,
    timezone: TIMEZONE = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Other rules to compare with, one base file each."),
    ] = None,
    tariff: TARIFF = None,
    export: EXPORT = "none",
    export_price: EXPORT_PRICE = None,
    vintage: VINTAGE = None,
    credits_file: CREDITS = None,
    credits_of: CREDITS_OF = None,
    prices_of: PRICES_OF = None,
    baseline: BASELINE = None,
    fixed_per_day: FIXED = None,
    non_bypassable: NON_BYPASSABLE = None,
    billing_day: BILLING_DAY = 1,
    true_up: RELEVANT_PERIOD = None,
    powerwalls: Annotated[int, typer.Option(help="How many, 1 to 10.")] = 1,
    kind: Annotated[str, typer.Option("--powerwall", help="Powerwall 2 or 3.")] = "2",
    soe: Annotated[float, typer.Option(help="What is in it at first, %.")] = 50.0,
    standby: Annotated[
        str | None, typer.Option(metavar="POWER", help="What each draws of itself, like 30 W.")
    ] = None,
    floor: Annotated[
        int | None, typer.Option(min=0, max=100, help="The lowest reserve (default: the site's).")
    ] = None,
    grid_charging: Annotated[
        bool, typer.Option(help="Whether the battery may be charged from the grid.")
    ] = True,
    may_sell: Annotated[
        str, typer.Option(metavar="WHAT", help="never, pv_only or battery_ok.")
    ] = "battery_ok",
    outage: Annotated[
        list[str] | None,
        typer.Option(metavar="START/LENGTH", help="Like 2026-08-14T17:00/3h; repeatable."),
    ] = None,
    flag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@START/LENGTH]", help="A flag, all the time or then; repeatable."
        ),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=NUMBER|FILE.csv",
            help="An input, always the same or by time and value; repeatable.",
        ),
    ] = None,
    prices: PRICES = None,
    step: Annotated[
        str, typer.Option(metavar="DURATION", help="From one look to the next.")
    ] = "5m",
    firmware: FIRMWARE = None,
    config: CONFIG = None,
    site: SITE = None,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save it as a picture, too.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Save a report with charts, too: one file."),
    ] = None,
) -> None:
    """Say what rules would have cost on a home's own data, and what it costs without them."""
    from rules.language import load_rules
    from scheduler.cli.backtest_site import Asked, site_of
    from scheduler.cli.backtest_summary import as_json as summary
    from scheduler.cli.chosen_site import rules_and_site
    from scheduler.cli.contract import Contract, plan_of
    from scheduler.cli.given import route_levers
    from scheduler.money.bill import BillCalculator
    from scheduler.money.report import chart_script

    if report is not None:
        chart_script()  # that it is missing is said before the long run
    chosen = rules_and_site(rules, config, site)
    sets = [load_rules(chosen.files), *(load_rules([path]) for path in against or [])]
    names = [each.stem for each in (chosen.files[0], *(against or []))]
    asked = Asked(
        history or (), household, seed, year, timezone, step, powerwalls, kind, soe, standby,
        floor, grid_charging, may_sell, outage or (), flag or (), value or (), prices,
    )  # fmt: skip
    safety = None if chosen.site is None else chosen.site.safety
    home = site_of(asked, sets[0], safety, route_levers(firmware))
    contract = Contract(
        tariff, export, export_price, vintage, credits_file, credits_of, prices, prices_of,
        baseline, fixed_per_day, non_bypassable, billing_day, true_up,
    )  # fmt: skip
    plan = plan_of(contract, sets[0], chosen.files[0])
    data = home.data
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    schedules = _schedules(home, calculator, names, sets)
    if as_json:
        print(json.dumps(summary(home, schedules)))
    _show(home, schedules, picture=picture, quiet=as_json)
    if report is not None:
        _save_report(report, home, schedules, calculator)
    # The bill without rules is the last but one.
    if schedules[0].bill.total > schedules[-2].bill.total + CENT:
        raise typer.Exit(1)


def _schedules(
    site: Site, calculator: BillCalculator, names: Sequence[str], sets: Sequence[RuleSet]
) -> list[Schedule]:
    """Each rule set, then the battery left to itself, then no battery at all, with their bills."""
    from scheduler.money.backtest import backtest as run
    from scheduler.money.backtest import self_consumption, without_battery
    from scheduler.money.report import NO_BATTERY, SELF_CONSUMPTION, Schedule

    found = []
    for name, rules in zip(names, sets, strict=True):
        with _progress(site, name) as progress:
            result = run(site, rules, progress)
        found.append(Schedule(name, result.flows, calculator.bill(result.flows.metered), result))
    reserve = sets[0].default.reserve
    alone = self_consumption(site, 20 if reserve is None else reserve)
    bare = without_battery(site)
    return [
        *found,
        Schedule(SELF_CONSUMPTION, alone, calculator.bill(alone.metered)),
        Schedule(NO_BATTERY, bare, calculator.bill(bare.metered)),
    ]


def _show(site: Site, schedules: Sequence[Schedule], *, picture: Path | None, quiet: bool) -> None:
    if quiet and picture is None:
        return
    from rich.console import Console

    from scheduler.cli.backtest_view import WIDTH, backtest_view
    from scheduler.cli.picture import save_picture

    view = backtest_view(site, schedules)
    if not quiet:
        console = Console(highlight=False)
        console.width = max(console.width, WIDTH)
        console.print(view)
    if picture is not None:
        save_picture(view, picture, title="pwsched backtest", width=WIDTH)


def _save_report(
    path: Path, site: Site, schedules: Sequence[Schedule], calculator: BillCalculator
) -> None:
    """Write the report. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem
    from scheduler.money.report import Report, page

    tariff = calculator.plan.tariff.tariff
    written = page(Report(site, schedules, tariff, calculator.prices()))
    try:
        path.write_text(written, "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot save the report: {reason}") from None


@contextmanager
def _progress(site: Site, name: str) -> Iterator[Progress | None]:
    """A bar on stderr, where a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    start, end = site.data.start, site.data.end
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=(end - start).total_seconds())
        yield lambda at: bar.update(task, completed=(at - start).total_seconds())
