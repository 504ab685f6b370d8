"""`pwsched tariff`: the shipped tariffs, and any tariff's hours and prices as a calendar."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rules.calendar import Tariff
    from scheduler.cli.tariff_year import TariffDay

app = typer.Typer(no_args_is_help=True)

NARROWEST = 80


@app.callback()
def tariff() -> None:
    """What electricity costs in which hours."""


@app.command("list")
def list_shipped(
    *, as_json: Annotated[bool, typer.Option("--json", help="The list as JSON.")] = False
) -> None:
    """List the tariffs that come with the program."""
    from rich.console import Console

    from rules.language import load_tariff, shipped
    from scheduler.cli.tariff_view import shipped_table

    tariffs = [load_tariff(path) for path in shipped().values()]
    if as_json:
        print(json.dumps([_summary(each) for each in tariffs]))
    else:
        Console(highlight=False).print(shipped_table(tariffs))


@app.command("show")
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME_OR_FILE", help="A shipped tariff, or a TOML file.")
    ],
    *,
    year: Annotated[
        int | None, typer.Option(min=1970, max=2200, help="The year to show (default: this year).")
    ] = None,
    month: Annotated[
        int | None, typer.Option(min=1, max=12, help="Only this month of it, day by day.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Every day and its priced periods as JSON.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save it as a picture, too.")
    ] = None,
) -> None:
    """Show which hours cost what, on which days, under which prices."""
    from rich.console import Console

    from scheduler.cli.picture import save_picture
    from scheduler.cli.tariff_view import picture_width, tariff_view
    from scheduler.clock import SystemClock

    found = _found(name)
    shown_year = year or SystemClock().now().astimezone(found.zone).year
    if as_json:
        print(json.dumps(_calendar(found, shown_year, month)))
    else:
        console = Console(highlight=False)
        # Bars cut off at the edge would lie about the evening.
        console.width = max(console.width, NARROWEST)
        console.print(tariff_view(found, shown_year, month, console.width))
    if picture is not None:
        width = picture_width(found, shown_year)
        view = tariff_view(found, shown_year, month, width)
        save_picture(view, picture, title=f"pwsched tariff show {found.name}", width=width)


def _found(name: str) -> Tariff:
    """A tariff as rule files name it. Raises `ConfigProblem` and `RuleProblems`."""
    from rules.language import find_tariff, load_tariff
    from scheduler.errors import ConfigProblem

    try:
        return load_tariff(find_tariff(name, Path()))
    except ValueError as error:
        raise ConfigProblem(str(error)) from None


def _summary(found: Tariff) -> dict[str, Any]:
    from scheduler.cli.tariff_year import by_price

    return {
        "name": found.name,
        "title": found.title,
        "timezone": found.zone.key,
        "currency": found.currency,
        "since": found.versions[0].effective.isoformat(),
        "last": found.versions[-1].effective.isoformat(),
        "periods": by_price(found),
    }


def _calendar(found: Tariff, year: int, month: int | None) -> dict[str, Any]:
    from scheduler.cli.tariff_year import clock_changes, days_of, holidays_of

    days = days_of(found, year, month)
    return {
        **_summary(found),
        "source": found.source,
        "year": year,
        "month": month,
        "versions": [
            {
                "effective": version.effective.isoformat(),
                "prices": {season: dict(prices) for season, prices in version.prices.items()},
            }
            for version in found.versions
        ],
        "holidays": [
            {
                "date": holiday.day.isoformat(),
                "instead_of": holiday.instead_of and holiday.instead_of.isoformat(),
            }
            for holiday in holidays_of(found, days)
        ],
        "clock_changes": [
            {
                "date": change.day.isoformat(),
                "start": _clock(change.minutes[0]),
                "end": _clock(change.minutes[1]),
                "twice": change.twice,
            }
            for change in clock_changes(days, found.zone)
        ],
        "days": _days(days),
    }


def _days(days: Sequence[TariffDay]) -> list[dict[str, Any]]:
    return [
        {
            "date": day.date.isoformat(),
            "season": day.season,
            "holiday": day.holiday,
            "prices_of": day.prices.effective.isoformat(),
            "periods": [
                {
                    "start": _clock(part.start),
                    "end": _clock(part.end),
                    "period": part.period,
                    "price": part.price,
                    "peak": part.peak,
                    "cheapest": part.cheapest,
                }
                for part in day.hours
            ],
        }
        for day in days
    ]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
