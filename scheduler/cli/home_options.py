"""Options of the commands that count what a home costs: its history, its battery, its owner."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RULES = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="RULES...", help="A base file and any other rule files (default: the site's)."
    ),
]
HISTORY = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", help="The home's history, as `pwsched history` reads it; repeatable."
    ),
]
HOUSEHOLD = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="No history: all-electric, gas-heated, electric-car or works-from-home.",
    ),
]
SEED = Annotated[int, typer.Option(help="Another seed, another household.")]
YEAR = Annotated[int, typer.Option(min=1970, max=2200, help="Its year.")]
POWERWALLS = Annotated[int, typer.Option(metavar="NUMBER", help="How many, 1 to 10.")]
KIND = Annotated[str, typer.Option("--powerwall", metavar="KIND", help="Powerwall 2 or 3.")]
FLOOR = Annotated[int, typer.Option(min=0, max=80, help="The lowest reserve, %.")]
FLOOR_OF_SITE = Annotated[
    int | None,
    typer.Option("--floor", min=0, max=100, help="The lowest reserve (default: the site's)."),
]
GRID_CHARGING = Annotated[
    bool, typer.Option(help="Whether the battery may be charged from the grid.")
]
MAY_SELL = Annotated[
    str, typer.Option(metavar="WHAT", help="What may be sold: never, pv_only or battery_ok.")
]
