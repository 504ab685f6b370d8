"""`pwsched explain`: the decision at one moment and state, rule by rule, and what is due then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.given import FIRMWARE, FLAGS, PRICES, VALUES
from scheduler.cli.options import CONFIG, SITE


def explain(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RULES...",
            help="A base file and any other rule files (default: the site's).",
        ),
    ] = None,
    *,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='"16:05", "tomorrow 16:05", "3d", ISO (default: now).'),
    ] = None,
    soe: Annotated[float | None, typer.Option(min=0, max=100, help="State of energy, %.")] = None,
    grid: Annotated[str | None, typer.Option(help="up, down, or a word of the gateway.")] = None,
    grid_services: Annotated[bool | None, typer.Option(help="Grid services are active.")] = None,
    solar: Annotated[str | None, typer.Option(metavar="POWER", help='Like "2.5 kW".')] = None,
    load: Annotated[str | None, typer.Option(metavar="POWER", help="What the home uses.")] = None,
    grid_power: Annotated[
        str | None, typer.Option(metavar="POWER", help="From the grid; negative: to it.")
    ] = None,
    battery: Annotated[
        str | None, typer.Option(metavar="POWER", help="From the battery; negative: into it.")
    ] = None,
    flag: FLAGS = None,
    value: VALUES = None,
    prices: PRICES = None,
    firmware: FIRMWARE = None,
    config: CONFIG = None,
    site: SITE = None,
    as_json: Annotated[bool, typer.Option("--json", help="The explanation as JSON.")] = False,
) -> None:
    """Show the decision at a given moment, rule by rule. Values not given are unknown."""
    from rules.domain import AppPercent, Observation
    from rules.engine import Memory, Plan, explain_events
    from rules.engine import explain as explained
    from rules.language import load_rules
    from scheduler.cli.chosen_site import limits_of, rules_and_site
    from scheduler.cli.explain_view import Explained, explained_json, show
    from scheduler.cli.given import (
        grid_of,
        inputs_of,
        power_of,
        route_levers,
        uncovered,
        without_prices,
    )
    from scheduler.cli.moment import any_moment
    from scheduler.clock import SystemClock

    chosen = rules_and_site(rules, config, site)
    found = load_rules(chosen.files)
    now = SystemClock().now()
    if at is not None:
        now = any_moment("--at", at, now, found.almanac.zone)
    observation = Observation(
        now,
        soe=None if soe is None else AppPercent(soe),
        grid=grid_of(grid),
        grid_services=grid_services,
        solar_power=power_of("--solar", solar),
        load_power=power_of("--load", load),
        site_power=power_of("--grid-power", grid_power),
        battery_power=power_of("--battery", battery),
    )
    inputs = inputs_of(flag, value, prices, now)
    plan = Plan.of(found, route_levers(firmware), limits_of(chosen.site))
    explanation = explained(plan, observation, Memory(now), inputs, now)
    events = explain_events(plan, explanation.decision, observation, inputs, now)
    notes, warning = without_prices(found, inputs), uncovered(found, inputs, now)
    told = Explained(explanation, events, now, found.almanac.zone, notes, warning)
    if as_json:
        print(json.dumps(explained_json(told), indent=2))
    else:
        show(told)
