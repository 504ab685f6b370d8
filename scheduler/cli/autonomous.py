"""`pwsched autonomous`: whether rules would have been better than Tesla's own control was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
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
    KIND,
    MAY_SELL,
    POWERWALLS,
    RULES,
)
from scheduler.cli.options import CONFIG, JOURNAL, SITE

if TYPE_CHECKING:
    from rules.battery import Battery
    from rules.engine import RuleSet
    from scheduler.cli.autonomous_view import Answer
    from scheduler.money.backtest import Flows, Outside, Site
    from scheduler.money.bill import Plan
    from scheduler.money.intervals import History
    from scheduler.money.measured import Compared, Day, SiteOf, Stretch

_ANY_POWER = 1.1
"""So much more than its battery's power may a site's meter show: meters have their own errors."""


def autonomous(
    rules: RULES = None,
    *,
    path: JOURNAL = None,
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
    prices: PRICES = None,
    powerwalls: POWERWALLS = 1,
    kind: KIND = "2",
    floor: FLOOR_OF_SITE = None,
    grid_charging: GRID_CHARGING = True,
    may_sell: MAY_SELL = "battery_ok",
    drop_negative: Annotated[
        bool, typer.Option("--drop-negative", help="Count a negative load as 0.")
    ] = False,
    firmware: FIRMWARE = None,
    config: CONFIG = None,
    site: SITE = None,
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Compare rules with Tesla's own control, on the days that a journal holds of it."""
    from rules.domain import Mode
    from rules.language import load_rules
    from scheduler.cli.autonomous_view import Answer, as_json_of
    from scheduler.cli.backtest_site import Asked, standing
    from scheduler.cli.chosen_site import rules_and_site
    from scheduler.cli.contract import Contract, plan_of
    from scheduler.cli.given import route_levers
    from scheduler.cli.journal import journal_path
    from scheduler.money.backtest import Site
    from scheduler.money.comparison import CENT
    from scheduler.money.measured import stretches

    chosen = rules_and_site(rules, config, site)
    ours = load_rules(chosen.files)
    contract = Contract(
        tariff, export, export_price, vintage, credits_file, credits_of, prices, prices_of,
        baseline, fixed_per_day, non_bypassable, billing_day, true_up,
    )  # fmt: skip
    plan = plan_of(contract, ours, chosen.files[0])
    asked = Asked(
        powerwalls=powerwalls, kind=kind, floor=floor, grid_charging=grid_charging,
        may_sell=may_sell,
    )  # fmt: skip
    safety = None if chosen.site is None else chosen.site.safety
    battery, permitted = standing(asked, safety)
    levers, outside = route_levers(firmware), _outside(prices)
    history, found = _days(journal_path(config, path), site, ours, drop_negative=drop_negative)
    theirs = stretches(history, found, Mode.AUTONOMOUS)
    _check(history, found, theirs, battery)

    def site_of(stretch: Stretch) -> Site:
        return Site(stretch.data, battery, stretch.soe[0], permitted, levers, (), outside)

    name = chosen.files[0].stem
    answer = Answer(
        history,
        found,
        theirs,
        name,
        _beside(theirs, site_of, plan, name, ours),
        _modelled(stretches(history, found, Mode.SELF_CONSUMPTION), site_of, plan),
    )
    if as_json:
        print(json.dumps(as_json_of(answer)))
    else:
        _show(answer)
    if answer.ours.dollars > answer.measured.dollars + CENT:
        raise typer.Exit(1)


def _outside(prices: Path | None) -> Outside:
    from scheduler.inputs import read_prices
    from scheduler.money.backtest import Outside

    return Outside.of({}, {}, None if prices is None else read_prices(prices))


def _days(
    path: Path, site: str | None, rules: RuleSet, *, drop_negative: bool
) -> tuple[History, tuple[Day, ...]]:
    """What a journal read, and its days. Raises `HistoryProblems`, `JournalProblem`."""
    from scheduler.errors import HistoryProblems
    from scheduler.journal.sqlite import Chronicle, states_read
    from scheduler.money.intervals import Instructions, Mistake, read_history
    from scheduler.money.measured import days

    with Chronicle.opened(path) as chronicle:
        name = chronicle.site(site)
    instructions = Instructions(
        zone=rules.almanac.zone, site=name, drop_negative=drop_negative, drop_spikes=True
    )
    history = read_history([path], instructions)
    # Days with holes are left out and told; everything else is wrong all the time.
    wrong = [each.text for each in history.findings if each.mistake is not Mistake.GAP]
    if wrong:
        raise HistoryProblems(path.name, *wrong)
    return history, days(history, states_read(path, name))


def _check(
    history: History, found: Sequence[Day], theirs: Sequence[Stretch], battery: Battery
) -> None:
    """Raises `HistoryProblems`: nothing to compare, or another battery than was said."""
    from rules.domain import Mode
    from scheduler.cli.autonomous_view import left_out
    from scheduler.errors import HistoryProblems

    if not theirs:
        others = sum(each.left_out is None for each in found)
        raise HistoryProblems(
            history.name,
            f"has no whole day in the mode {Mode.AUTONOMOUS}: of {len(found)} whole days {others}"
            f" had another mode{left_out(found)}; run the daemon with --dry-run while Tesla's"
            " control decides",
        )
    highest = max(each.highest_w for each in theirs)
    if highest > _ANY_POWER * max(battery.power_w, battery.charge_power_w):
        raise HistoryProblems(
            history.name,
            f"has {highest / 1000:.1f} kW of the battery, and the one that is meant has"
            f" {battery.power_w / 1000:g} kW; say how many there are with --powerwalls",
        )


def _beside(
    theirs: Sequence[Stretch], site_of: SiteOf, plan: Plan, name: str, rules: RuleSet
) -> Compared:
    """What was measured beside the rules, the battery left to itself, and none."""
    from scheduler.money.backtest import (
        backtest,
        reserve_of,
        self_consumption,
        without_battery,
    )
    from scheduler.money.comparison import NO_BATTERY, SELF_CONSUMPTION
    from scheduler.money.measured import Control, compared

    reserve = reserve_of(rules)

    def by_rules(site: Site, _: Stretch) -> Flows:
        return backtest(site, rules).flows

    return compared(
        theirs,
        site_of,
        plan,
        [
            Control(name, by_rules),
            Control(SELF_CONSUMPTION, lambda site, _: self_consumption(site, reserve)),
            Control(NO_BATTERY, lambda site, _: without_battery(site), has_battery=False),
        ],
    )


def _modelled(alone: Sequence[Stretch], site_of: SiteOf, plan: Plan) -> Compared | None:
    """What was measured in self-consumption beside what the model makes of those days."""
    from scheduler.money.backtest import self_consumption
    from scheduler.money.measured import Control, compared

    steady = [each for each in alone if each.reserves[0] == each.reserves[1]]

    def as_set(site: Site, stretch: Stretch) -> Flows:
        free = replace(site, safety=replace(site.safety, reserve_floor=0))
        return self_consumption(free, round(stretch.reserves[0]))

    return compared(steady, site_of, plan, [Control("model", as_set)]) if steady else None


def _show(answer: Answer) -> None:
    from rich.console import Console

    from scheduler.cli.autonomous_view import WIDTH, answer_view

    console = Console(highlight=False)
    console.width = max(console.width, WIDTH)
    console.print(answer_view(answer))
