"""How a home is billed, by the options of a call: its tariff, and what its export earns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from scheduler.money.bill import Plan

TARIFF = Annotated[
    str | None,
    typer.Option(
        "--tariff", metavar="NAME_OR_FILE", help="The tariff of the bill (default: the rules')."
    ),
]
EXPORT = Annotated[
    str,
    typer.Option(
        "--export",
        metavar="HOW",
        help="What export earns: none, flat, series (of --prices), nem1, nem2-by-interval, "
        "nem2-by-month, nbt.",
    ),
]
EXPORT_PRICE = Annotated[
    float | None, typer.Option("--export-price", metavar="PRICE", help="Of a kWh, with flat.")
]
VINTAGE = Annotated[
    int | None, typer.Option("--vintage", metavar="YEAR", help="Of interconnection, with nbt.")
]
CREDITS = Annotated[
    Path | None,
    typer.Option("--credits", metavar="FILE", help="Your utility's hourly credits, with nbt."),
]
CREDITS_OF = Annotated[
    int | None,
    typer.Option("--credits-of", metavar="YEAR", help="The credits of that year on every date."),
]
PRICES_OF = Annotated[
    str | None,
    typer.Option(
        "--prices-of", metavar="DATE", help="Bill every date with the prices in force on that day."
    ),
]
BASELINE = Annotated[
    str | None,
    typer.Option("--baseline", metavar="REGION", help='The baseline region, or "none".'),
]

FIXED = Annotated[
    float | None,
    typer.Option(
        "--fixed-per-day", metavar="PRICE", help="The standing charge, if the tariff has none."
    ),
]
NON_BYPASSABLE = Annotated[
    float | None,
    typer.Option(
        "--non-bypassable",
        metavar="PRICE",
        help="The charges per kWh that no credit pays, if the tariff has none.",
    ),
]
BILLING_DAY = Annotated[
    int, typer.Option("--billing-day", help="The day on which a billing month begins, 1 to 28.")
]
RELEVANT_PERIOD = Annotated[
    str | None,
    typer.Option("--true-up", metavar="DATE", help="A day on which 12 months of credit begin."),
]


@dataclass(frozen=True, slots=True)
class Contract:
    """What was said of it."""

    tariff: str | None
    export: str
    export_price: float | None = None
    vintage: int | None = None
    credits: Path | None = None
    credits_of: int | None = None
    prices: Path | None = None
    prices_of: str | None = None
    baseline: str | None = None
    fixed_per_day: float | None = None
    non_bypassable: float | None = None
    billing_day: int = 1
    relevant_period: str | None = None


def plan_of(said: Contract, rules: RuleSet, base: Path) -> Plan:
    """The plan of a bill. Raises `ConfigProblem`, `RuleProblems`, `BillRefused`."""
    from rules.terms import load_bill_tariff
    from scheduler.errors import ConfigProblem
    from scheduler.inputs import read_prices
    from scheduler.money.bill import Export, Plan, read_export_credits, with_credits

    if said.export not in set(Export):
        raise ConfigProblem(f'--export: must be one of {", ".join(Export)}, got "{said.export}"')
    _check(said)
    plan = Plan(
        load_bill_tariff(_tariff_file(said.tariff, rules, base)),
        Export(said.export),
        baseline_region=said.baseline,
        vintage=said.vintage,
        credits=None if said.credits is None else read_export_credits(said.credits),
        credits_of=said.credits_of,
        export_price=said.export_price,
        prices=None if said.prices is None else read_prices(said.prices),
        prices_of=_date("--prices-of", said.prices_of),
        fixed_per_day=said.fixed_per_day,
        non_bypassable=said.non_bypassable,
        billing_day=said.billing_day,
        relevant_period=_date("--true-up", said.relevant_period),
    )
    return with_credits(plan)


def _check(said: Contract) -> None:
    """Raises `ConfigProblem` for a number that is none, and for what another export would need."""
    from math import isfinite

    from scheduler.errors import ConfigProblem
    from scheduler.money.bill import Export

    numbers = {
        "--export-price": said.export_price,
        "--fixed-per-day": said.fixed_per_day,
        "--non-bypassable": said.non_bypassable,
    }
    for option, number in numbers.items():
        if number is not None and not isfinite(number):
            raise ConfigProblem(f"{option}: must be a number, got {number}")
    needs = {
        "--export-price": (said.export_price, Export.FLAT),
        "--vintage": (said.vintage, Export.NBT),
        "--credits": (said.credits, Export.NBT),
        "--credits-of": (said.credits_of, Export.NBT),
    }
    for option, (value, export) in needs.items():
        if value is not None and said.export != export:
            raise ConfigProblem(f"{option} is for --export {export}, not for {said.export}")


def named_tariff(said: str) -> Path:
    """The file that --tariff names. Raises `ConfigProblem`."""
    from rules.language import find_tariff
    from scheduler.errors import ConfigProblem

    try:
        return find_tariff(said, Path())
    except ValueError as error:
        raise ConfigProblem(f"--tariff: {error}") from None


def _tariff_file(said: str | None, rules: RuleSet, base: Path) -> Path:
    from rules.language import find_tariff
    from scheduler.errors import ConfigProblem

    if said is not None:
        return named_tariff(said)
    tariff = rules.almanac.tariff
    if tariff is None:
        raise ConfigProblem("the rules name no tariff; say that of the bill with --tariff")
    beside = base.parent / f"{tariff.name}.toml"
    try:
        return beside if beside.exists() else find_tariff(tariff.name, base.parent)
    except ValueError:
        raise ConfigProblem(
            "the file of the rules' tariff is not beside them; say it with --tariff"
        ) from None


def _date(option: str, text: str | None) -> date | None:
    from scheduler.errors import ConfigProblem

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigProblem(f'{option}: must be like "2026-06-01", got "{text}"') from None
