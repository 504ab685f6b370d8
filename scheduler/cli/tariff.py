"""`pwsched tariff`: what is shipped, what a tariff says of hours, prices and bills, and imports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rules.terms import BillTariff
    from scheduler.cli.tariff_year import TariffDay

app = typer.Typer(no_args_is_help=True)

NARROWEST = 80


class HolidayWord(StrEnum):
    """The words of `--holidays`, apart from what they mean: `--help` needs them only."""

    SCE = "sce"
    US = "us"
    NONE = "none"


@app.callback()
def tariff() -> None:
    """What electricity costs in which hours."""


@app.command("list")
def list_shipped(
    *, as_json: Annotated[bool, typer.Option("--json", help="The list as JSON.")] = False
) -> None:
    """List the tariffs that come with the program."""
    from rich.console import Console

    from rules.language import forms, shipped
    from rules.terms import load_bill_tariff
    from scheduler.cli.tariff_view import shipped_table

    tariffs = [load_bill_tariff(path) for path in (shipped() | forms()).values()]
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
    from scheduler.cli.tariff_terms import form_view, terms_json, terms_view
    from scheduler.cli.tariff_view import picture_width, tariff_view
    from scheduler.clock import SystemClock

    with_terms = _found(name)
    found = with_terms.tariff
    if not with_terms.has_prices:
        said = {**_summary(with_terms), "source": found.source, **terms_json(with_terms)}
        view = json.dumps(said) if as_json else form_view(with_terms)
        Console(highlight=False).print(view, soft_wrap=as_json)
        return
    shown_year = year or SystemClock().now().astimezone(found.zone).year
    if as_json:
        print(json.dumps(_calendar(with_terms, shown_year, month) | terms_json(with_terms)))
    else:
        console = Console(highlight=False)
        # Bars cut off at the edge would lie about the evening.
        console.width = max(console.width, NARROWEST)
        console.print(tariff_view(found, shown_year, month, console.width))
        if month is None:
            console.print(terms_view(with_terms))
    if picture is not None:
        width = picture_width(found, shown_year)
        drawn = tariff_view(found, shown_year, month, width)
        save_picture(drawn, picture, title=f"pwsched tariff show {found.name}", width=width)


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="A rate of URDB (JSON), or Tesla's tariff_content_v2.")
    ],
    *,
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of its hours.")
    ] = None,
    holidays: Annotated[
        HolidayWord | None,
        typer.Option(
            help="Which holidays are priced as weekends: the eight of the Californian utilities, "
            "the eleven federal ones, or none."
        ),
    ] = None,
    effective: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], help="The first day on which its prices hold."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.toml", help="Where to write the tariff file.")
    ] = None,
) -> None:
    """Turn a tariff of another format into a tariff file.

    What the format cannot say is asked for: holidays and the zone. A baseline credit, what export
    earns by the hour and further dates are to be added to the file by hand.
    """
    from scheduler.money.tariff_import import Answers, Holidays, import_tariff

    answers = Answers(
        timezone,
        Holidays(holidays.value) if holidays else None,
        effective.date() if effective else None,
    )
    text = import_tariff(file, answers)
    if out is None:
        print(text, end="")
        return
    _save(out, text)
    print(f"{out}: look at it with pwsched tariff show {out}")


def _save(path: Path, text: str) -> None:
    """Write a new file. Raises `ConfigProblem`, where there is one already as well."""
    from scheduler.errors import ConfigProblem

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot be written: {reason}") from None


def _found(name: str) -> BillTariff:
    """A tariff as rule files name it. Raises `ConfigProblem` and `RuleProblems`."""
    from rules.language import find_tariff
    from rules.terms import load_bill_tariff
    from scheduler.errors import ConfigProblem

    try:
        return load_bill_tariff(find_tariff(name, Path()))
    except ValueError as error:
        raise ConfigProblem(str(error)) from None


def _summary(with_terms: BillTariff) -> dict[str, Any]:
    from scheduler.cli.tariff_terms import ways_to_export
    from scheduler.cli.tariff_year import by_price

    found = with_terms.tariff
    dates = [version.effective.isoformat() for version in found.versions]
    return {
        "name": found.name,
        "title": found.title,
        "timezone": found.zone.key,
        "currency": found.currency,
        "since": dates[0] if dates else None,
        "last": dates[-1] if dates else None,
        "periods": by_price(found),
        "regions": list(with_terms.terms.baseline),
        "export": ways_to_export(with_terms.terms),
    }


def _calendar(with_terms: BillTariff, year: int, month: int | None) -> dict[str, Any]:
    from scheduler.cli.tariff_year import clock_changes, days_of, holidays_of

    found = with_terms.tariff
    days = days_of(found, year, month)
    return {
        **_summary(with_terms),
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
