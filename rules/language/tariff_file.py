"""Tariff files: the shipped ones by name, and an owner's own by path.

A file that leaves an hour of any day unpriced, or prices one twice, is refused with the days
it happens on. What only a bill needs is left to `terms_file`: rules and the daemon start without
looking at it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from rules.calendar import (
    CHEAPEST,
    PEAK,
    Days,
    HolidayRule,
    PeriodWindow,
    PriceVersion,
    Season,
    Tariff,
    Window,
    parse_zone,
    unpriced,
)
from rules.errors import Problem, RuleProblems
from rules.language.field_types import TEXT, TEXTS, Strict, text, texts
from rules.language.parsing import parse_days, parse_holidays, parse_season, parse_window
from rules.language.problems import problems_of, read_toml

EVERY_DAY = Days(frozenset(range(7)))

TARIFFS = Path(__file__).parents[1] / "calendar" / "tariffs"

OF_A_BILL = frozenset({"charges", "baseline", "export"})
"""The keys of a tariff file that only bills look at."""

SERIES = "series"
"""The key of a tariff whose prices come from a price file."""

NO_PRICES = (
    "has no prices of its own: rules read them from a price file, so name the timezone in place "
    "of this tariff"
)


def parse_effective(value: object) -> date:
    """The date from which something applies. Raises `ValueError`."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'must be a date like "2026-06-01", got "{value}"') from None


def _period_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f'must be small letters and digits like "off-peak", got "{name}"')
    return name


def _currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError(f'must be three capital letters like "USD", got "{code}"')
    return code


Currency = Annotated[str, text(_currency)]


class Holidays(Strict):
    """Days that are priced as holidays."""

    days: Annotated[list[str], BeforeValidator(texts), WithJsonSchema(TEXTS)]
    """Dates of every year: "12-25", "4th-thu-nov", "last-mon-may"."""
    sunday_to_monday: bool = False
    """A holiday on a Sunday makes the Monday after it one as well."""
    saturday_to_friday: bool = False
    """A holiday on a Saturday makes the Friday before it one as well."""

    @model_validator(mode="after")
    def _are_days(self) -> Self:
        self.rule()
        return self

    def rule(self) -> HolidayRule:
        """The days as a rule. Raises `ValueError`."""
        return parse_holidays(
            self.days,
            sunday_to_monday=self.sunday_to_monday,
            saturday_to_friday=self.saturday_to_friday,
        )


class Period(Strict):
    """When a named period holds."""

    period: Annotated[str, text(_period_name)]
    """A name of your choice in small letters; rules test it."""
    days: Annotated[
        Days, BeforeValidator(lambda value: parse_days(texts(value))), WithJsonSchema(TEXTS)
    ] = EVERY_DAY
    """The days on which the window starts, as in rules; every day, where it is left out."""
    time: Annotated[Window, text(parse_window), WithJsonSchema(TEXT)]
    """A window of local time; "21:00-16:00" runs across midnight."""


class Prices(Strict):
    """Import prices per kWh from a date on: a table of periods for each season."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, float]]

    effective: Annotated[date, BeforeValidator(parse_effective), WithJsonSchema(TEXT)]
    """The first day on which these prices apply; before the first date of all, the first do."""
    adders: dict[str, float] = Field(default_factory=dict)
    """What is charged on top for every kWh in every period, by name; a bill shows it apart."""
    generation: dict[str, dict[str, float]] = Field(default_factory=dict)
    """The part of each price that is for generation, by season and period; some bills need it."""

    @property
    def seasons(self) -> Mapping[str, Mapping[str, float]]:
        """The prices of each season that this version has."""
        return self.__pydantic_extra__


class TariffFile(Strict):
    """A tariff as TOML."""

    title: str
    """The tariff's name as people say it."""
    source: str
    """Where the hours and prices are from, with the date."""
    timezone: Annotated[ZoneInfo, BeforeValidator(parse_zone), WithJsonSchema(TEXT)]
    """The zone in which the hours are meant."""
    currency: Currency
    """Three capital letters; prices are in it, a kWh."""
    seasons: dict[str, Annotated[Season, text(parse_season), WithJsonSchema(TEXT)]]
    """Dates of each season, both ends included; together they cover the year."""
    holidays: Holidays | None = None
    """Days that are priced as holidays, if any are."""
    periods: dict[str, list[Period]]
    """For each season its periods; together they cover every hour of every day once."""
    prices: Annotated[list[Prices], Field(min_length=1)]
    """A table for each date on which prices changed."""


def shipped() -> dict[str, Path]:
    """The tariffs that come with the program, by name."""
    return {path.stem: path for path in sorted(TARIFFS.glob("*.toml"))}


def forms() -> dict[str, Path]:
    """Tariffs that come with the program without prices, which a price file fills, by name."""
    return {path.stem: path for path in sorted(TARIFFS.glob("forms/*.toml"))}


def find_tariff(name: str, folder: Path) -> Path:
    """The file of a tariff by its shipped name, or by a path from `folder` that ends in .toml.

    Raises `ValueError` where nothing has this name.
    """
    known = shipped() | forms()
    if name in known:
        return known[name]
    if name.endswith(".toml"):
        return folder / name
    near = get_close_matches(name.lower(), known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"shipped are {', '.join(known)}"
    raise ValueError(f'unknown tariff "{name}"; {hint} (a file of your own ends in .toml)')


def load_tariff(path: Path) -> Tariff:
    """Read and prove one tariff file. Raises `RuleProblems`."""
    return tariff_of(path, *read_toml(path))


def tariff_of(path: Path, text: str, values: Mapping[str, Any]) -> Tariff:
    """The tariff that a file says, by its text and its values. Raises `RuleProblems`.

    What only a bill needs is not looked at; a tariff without prices is of use to bills alone.
    """
    if SERIES in values:
        raise RuleProblems([Problem(str(path), 0, NO_PRICES)])
    looked_at = {key: value for key, value in values.items() if key not in OF_A_BILL}
    try:
        file = TariffFile.model_validate(looked_at)
    except ValidationError as error:
        raise RuleProblems(problems_of(error, str(path), text, values, TariffFile)) from None
    tariff = _tariff(path.stem, file)
    if wrong := _unsound(tariff):
        raise RuleProblems([Problem(str(path), 0, sentence) for sentence in wrong])
    return tariff


def _version(prices: Prices) -> PriceVersion:
    added = sum(prices.adders.values())
    return PriceVersion(
        prices.effective,
        {
            # A sum of decimals is a decimal; the digits that floats add beyond it mean nothing.
            season: {period: round(price + added, 9) for period, price in of.items()}
            for season, of in prices.seasons.items()
        },
        prices.adders,
        prices.generation,
    )


def _tariff(name: str, file: TariffFile) -> Tariff:
    return Tariff(
        name=name,
        title=file.title,
        source=file.source,
        currency=file.currency,
        zone=file.timezone,
        seasons=file.seasons,
        holidays=file.holidays.rule() if file.holidays else HolidayRule(),
        windows={
            season: tuple(PeriodWindow(each.period, each.days, each.time) for each in periods)
            for season, periods in file.periods.items()
        },
        versions=tuple(
            _version(each) for each in sorted(file.prices, key=lambda each: each.effective)
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
    said = [("periods", season) for season in tariff.windows]
    said += [("prices", season) for version in tariff.versions for season in version.prices]
    wrong += [
        f"{key}.{season}: there is no such season"
        for key, season in dict.fromkeys(said)
        if season not in tariff.seasons
    ]
    wrong += [
        f"generation.{season}: names other periods than the prices of {version.effective}"
        for version in tariff.versions
        for season, parts in version.generation.items()
        if parts.keys() != version.prices.get(season, {}).keys()
    ]
    return wrong or unpriced(tariff)
