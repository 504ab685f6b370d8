"""Tariff files: the shipped ones by name, and an owner's own by path.

A file that leaves an hour of any day unpriced, or prices one twice, is refused with the days
it happens on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError

from rules.calendar import (
    Days,
    HolidayRule,
    Season,
    Window,
    parse_days,
    parse_holidays,
    parse_season,
    parse_window,
)
from rules.errors import Problem, RuleProblems
from rules.model import Strict
from rules.problems import problems_of, read_toml
from rules.tariff import CHEAPEST, PEAK, PeriodWindow, PriceVersion, Tariff, unpriced
from rules.zones import parse_zone

EVERY_DAY = Days(frozenset(range(7)))


def _parse_days(value: object) -> Days:
    words = value if isinstance(value, list) else [value]
    return parse_days([str(word) for word in words])


def _prices(value: object) -> object:
    """Season tables stand beside `effective` in the file; the model keeps them apart."""
    if not isinstance(value, list):
        return value
    return [
        {
            "effective": version.get("effective"),
            "seasons": {key: table for key, table in version.items() if key != "effective"},
        }
        if isinstance(version, Mapping)
        else version
        for version in value
    ]


class Holidays(Strict):
    """Days that are priced as holidays."""

    days: list[str]
    sunday_to_monday: bool = False


class Period(Strict):
    """When a named period holds."""

    period: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    days: Annotated[Days, BeforeValidator(_parse_days)] = EVERY_DAY
    time: Annotated[Window, BeforeValidator(lambda value: parse_window(str(value)))]


class Prices(Strict):
    """Import prices per kWh from a date on."""

    effective: Annotated[date, BeforeValidator(lambda value: date.fromisoformat(str(value)))]
    seasons: dict[str, dict[str, float]]


class TariffFile(Strict):
    """A tariff as TOML."""

    title: str
    source: str
    timezone: Annotated[ZoneInfo, BeforeValidator(parse_zone)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    seasons: dict[str, Annotated[Season, BeforeValidator(lambda text: parse_season(str(text)))]]
    holidays: Holidays | None = None
    periods: dict[str, list[Period]]
    prices: Annotated[list[Prices], Field(min_length=1), BeforeValidator(_prices)]


def shipped() -> dict[str, Path]:
    """The tariffs that come with the program, by name."""
    folder = Path(str(files("rules"))) / "tariffs"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_tariff(path: Path) -> Tariff:
    """Read and prove one tariff file. Raises `RuleProblems`."""
    text, values = read_toml(path)
    try:
        file = TariffFile.model_validate(values)
    except ValidationError as error:
        raise RuleProblems(problems_of(error, str(path), text, values, TariffFile)) from None
    try:
        tariff = _tariff(path.stem, file)
    except ValueError as error:
        raise RuleProblems([Problem(str(path), 0, str(error))]) from None
    if wrong := _unsound(tariff):
        raise RuleProblems([Problem(str(path), 0, sentence) for sentence in wrong])
    return tariff


def _tariff(name: str, file: TariffFile) -> Tariff:
    holidays = HolidayRule()
    if file.holidays is not None:
        moved = file.holidays.sunday_to_monday
        holidays = parse_holidays(file.holidays.days, sunday_to_monday=moved)
    return Tariff(
        name=name,
        title=file.title,
        source=file.source,
        currency=file.currency,
        zone=file.timezone,
        seasons=file.seasons,
        holidays=holidays,
        windows={
            season: tuple(PeriodWindow(each.period, each.days, each.time) for each in periods)
            for season, periods in file.periods.items()
        },
        versions=tuple(
            PriceVersion(each.effective, each.seasons)
            for each in sorted(file.prices, key=lambda each: each.effective)
        ),
    )


def _unsound(tariff: Tariff) -> list[str]:
    """What makes a well-formed tariff unusable, one sentence each."""
    wrong = [
        f'a period may not be called "{name}"'
        for name in (PEAK, CHEAPEST)
        if name in tariff.period_names()
    ]
    for season in tariff.seasons:
        if season not in tariff.windows:
            wrong.append(f"periods.{season} is missing")
            continue
        priced = [version.prices[season] for version in tariff.versions if season in version.prices]
        names = {window.period for window in tariff.windows[season]}
        if not priced:
            wrong.append(f"no prices for {season}")
        wrong += [
            f"no price for {name} in {season}"
            for name in sorted(names)
            if any(name not in prices for prices in priced)
        ]
    wrong += [
        f"periods.{season}: there is no such season"
        for season in tariff.windows
        if season not in tariff.seasons
    ]
    return wrong or unpriced(tariff)
