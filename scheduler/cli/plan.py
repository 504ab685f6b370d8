"""`pwsched plan`: the coming hours under the rules, as a timeline."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.given import FIRMWARE, FLAGS, PRICES, VALUES
from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from rules.engine import Plan
    from scheduler.cli.plan_start import Start
    from scheduler.cli.planned import Planned
    from scheduler.config import Site
    from scheduler.rule_tests import Forecast

MOST_HOURS = 14 * 24
PANELS = "6 kW"

USUAL_SOE = 50.0
"""What a simulated home begins with where nobody says."""


def plan(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RULES...",
            help="A base file and any other rule files (default: the site's).",
        ),
    ] = None,
    *,
    hours: Annotated[int, typer.Option(min=1, max=MOST_HOURS, help="How far to look.")] = 48,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help='"16:05", "tomorrow 16:05", "3d", ISO (default: now, as the daemon knows it).',
        ),
    ] = None,
    soe: Annotated[
        float | None, typer.Option(min=0, max=100, help="State of energy at the start, %.")
    ] = None,
    grid: Annotated[
        str | None, typer.Option(help="up (unless said), down, or a word of the gateway.")
    ] = None,
    home: Annotated[
        int | None,
        typer.Option(
            metavar="SEED", min=0, help="Simulate a home; another seed is another home and sky."
        ),
    ] = None,
    panels: Annotated[
        str | None,
        typer.Option(metavar="POWER", help=f'Of that home\'s roof (default: "{PANELS}").'),
    ] = None,
    flag: FLAGS = None,
    value: VALUES = None,
    prices: PRICES = None,
    firmware: FIRMWARE = None,
    config: CONFIG = None,
    site: SITE = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save it as a picture.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The timeline as JSON.")] = False,
) -> None:
    """Show what will be set in the coming hours, when and why.

    Nobody knows the state of energy of tomorrow, so what depends on it is shown as a condition;
    with --home it is simulated.
    """
    from rules.engine import Plan
    from rules.language import load_rules
    from scheduler.cli.chosen_site import limits_of, rules_and_site
    from scheduler.cli.given import grid_of, inputs_of, route_levers
    from scheduler.cli.moment import any_moment
    from scheduler.cli.plan_start import start_of, with_given
    from scheduler.cli.planned import planned
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem

    if panels is not None and home is None:
        raise ConfigProblem("--panels: goes with --home")
    chosen = rules_and_site(rules, config, site)
    found = load_rules(chosen.files)
    now = SystemClock().now()
    if start is not None:
        now = any_moment("--from", start, now, found.almanac.zone)
    begin = with_given(
        start_of(chosen, found, now, live=start is None),
        inputs_of(flag, value, prices, now),
        soe,
        grid_of(grid),
    )
    if home is not None and begin.soe is None:
        begin = replace(begin, soe=USUAL_SOE)
    levers = begin.levers if begin.levers and firmware is None else route_levers(firmware)
    compiled = Plan.of(found, levers, limits_of(chosen.site))
    end = now + timedelta(hours=hours)
    simulated = None
    if home is not None:
        simulated = _simulated(compiled, begin, chosen.site, home, panels or PANELS, end)
    told = planned(compiled, begin, end, simulated, [path.name for path in chosen.files])
    if picture is not None:
        _save(told, picture)
    if as_json:
        from scheduler.cli.plan_json import plan_json

        print(json.dumps(plan_json(told), indent=2, ensure_ascii=False))
    else:
        from scheduler.cli.plan_view import show

        show(told)


def _simulated(
    plan: Plan, begin: Start, site: Site | None, seed: int, panels: str, end: datetime
) -> Forecast:
    """How the hours would go at a simulated home."""
    from rules.domain import Mode, Setting
    from rules.testing import SimulatedHome
    from scheduler.cli.given import power_of
    from scheduler.control import Terms
    from scheduler.domain import Past, Safety
    from scheduler.errors import ConfigProblem
    from scheduler.household import Household
    from scheduler.rule_tests import Beginning, forecast

    panels_w = power_of("--panels", panels) or 0.0
    if panels_w < 0:
        raise ConfigProblem(f'--panels: must not be negative, got "{panels}"')
    safety = Safety(0, Setting(Mode.SELF_CONSUMPTION, 20)) if site is None else site.safety
    poll = timedelta(minutes=1) if site is None else site.poll
    home = SimulatedHome(USUAL_SOE if begin.soe is None else begin.soe, seed, panels_w)
    household = replace(Household.in_zone(seed, plan.rules.almanac.zone), panels_w=panels_w)
    beginning = Beginning(
        begin.at,
        Terms(safety, poll),
        plan.route,
        grid=begin.grid,
        setting=begin.setting,
        inputs=begin.inputs,
        past=begin.past or Past(hold=begin.hold),
    )
    return forecast(plan.rules, beginning, home, household, end)


def _save(told: Planned, path: Path) -> None:
    from scheduler.cli.picture import write_picture
    from scheduler.cli.plan_picture import plan_picture

    write_picture(plan_picture(told), path)
