"""`pwsched backtest`: what rule files would have cost over a year of a home's own data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
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
from scheduler.cli.home_options import (
    FLOOR_OF_SITE,
    GRID_CHARGING,
    HISTORY,
    HOUSEHOLD,
    KIND,
    MAY_SELL,
    POWERWALLS,
    RULES,
    SEED,
    YEAR,
)
from scheduler.cli.options import CONFIG, SITE, TIMEZONE

if TYPE_CHECKING:
    from scheduler.money.report import Report

TESTS = ".test.toml"


def backtest(
    rules: RULES = None,
    *,
    history: HISTORY = None,
    household: HOUSEHOLD = None,
    seed: SEED = 1,
    year: YEAR = 2026,
    timezone: TIMEZONE = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE_OR_FOLDER",
            help="Other rules to compare with, a base file or a folder of one set; repeatable.",
        ),
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
    powerwalls: POWERWALLS = 1,
    kind: KIND = "2",
    soe: Annotated[float, typer.Option(help="What is in it at first, %.")] = 50.0,
    standby: Annotated[
        str | None, typer.Option(metavar="POWER", help="What each draws of itself, like 30 W.")
    ] = None,
    floor: FLOOR_OF_SITE = None,
    grid_charging: GRID_CHARGING = True,
    may_sell: MAY_SELL = "battery_ok",
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
    optimum: Annotated[
        bool, typer.Option("--optimum", help="Say what was attainable with perfect foresight.")
    ] = False,
    sensitivity: Annotated[
        bool,
        typer.Option("--sensitivity", help="Say what each figure of the rules matters, alone."),
    ] = False,
    processes: Annotated[
        int, typer.Option(min=1, max=16, help="Backtests at once, with --sensitivity.")
    ] = 2,
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
    from scheduler.cli.backtest_run import Further, check_first, run
    from scheduler.cli.backtest_site import Asked, site_of
    from scheduler.cli.backtest_summary import as_json as summary
    from scheduler.cli.chosen_site import rules_and_site
    from scheduler.cli.contract import Contract, plan_of
    from scheduler.cli.given import route_levers
    from scheduler.money.comparison import CENT

    further = Further(optimum=optimum, sensitivity=sensitivity, processes=processes)
    check_first(further, report)
    chosen = rules_and_site(rules, config, site)
    files = [chosen.files, *(_set(path) for path in against or [])]
    sets = [load_rules(each) for each in files]
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
    names = _names([chosen.files[0], *(against or [])])
    found = run(home, plan, dict(zip(names, sets, strict=True)), further)
    if as_json:
        print(json.dumps(summary(found)))
    _show(found, picture=picture, quiet=as_json)
    if report is not None:
        _save(report, found)
    # The schedule without rules is the last but one.
    if found.schedules[0].cost > found.schedules[-2].cost + CENT:
        raise typer.Exit(1)


def _set(path: Path) -> tuple[Path, ...]:
    """The files of a rule set: the file itself, or those in a folder but its tests.

    Raises `ConfigProblem` for a folder without any.
    """
    from scheduler.errors import ConfigProblem

    if not path.is_dir():
        return (path,)
    inside = sorted(each for each in path.glob("*.toml") if not each.name.endswith(TESTS))
    if not inside:
        raise ConfigProblem(f"--against: {path} is a folder without rule files (*.toml)")
    return tuple(inside)


def _names(paths: Sequence[Path]) -> list[str]:
    """A name for each rule set: of its file or folder, with the way to it where that is not one."""
    from scheduler.money.comparison import NO_BATTERY, SELF_CONSUMPTION

    short = [each.stem if each.suffix == ".toml" else each.name for each in paths]
    taken = Counter([*short, SELF_CONSUMPTION, NO_BATTERY])
    named = [
        name if taken[name] == 1 else str(path) for name, path in zip(short, paths, strict=True)
    ]
    again = Counter(named)
    return [
        name if again[name] == 1 else f"{name} ({number})" for number, name in enumerate(named, 1)
    ]


def _show(report: Report, *, picture: Path | None, quiet: bool) -> None:
    if quiet and picture is None:
        return
    from rich.console import Console

    from scheduler.cli.backtest_view import WIDTH, backtest_view
    from scheduler.cli.picture import save_picture

    view = backtest_view(report)
    if not quiet:
        console = Console(highlight=False)
        console.width = max(console.width, WIDTH)
        console.print(view)
    if picture is not None:
        save_picture(view, picture, title="pwsched backtest", width=WIDTH)


def _save(path: Path, report: Report) -> None:
    """Write the report. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem
    from scheduler.money.report import page

    try:
        path.write_text(page(report), "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot save the report: {reason}") from None
