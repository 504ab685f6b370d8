"""What a tariff file says for bills: charges, baseline allowances, what export earns.

It stands in the same file as hours and prices, under keys of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema

from rules.calendar import HolidayRule, Season, Tariff, parse_zone
from rules.errors import Problem, RuleProblems
from rules.language import (
    OF_A_BILL,
    SERIES,
    TEXT,
    Currency,
    Duration,
    Holidays,
    Strict,
    parse_effective,
    problems_of,
    read_toml,
    tariff_of,
)
from rules.terms.model import (
    BillTariff,
    Charges,
    DemandCharge,
    MonthlyCredit,
    NetBilling,
    Series,
    Terms,
)

Month = Annotated[int, Field(ge=1, le=12)]
Amount = Annotated[float, Field(ge=0, le=10_000)]
Year = Annotated[str, Field(pattern=r"^20\d\d$")]

ALL_YEAR = {"year": Season((1, 1), (12, 31))}
"""The seasons of a tariff whose file has none."""


class CreditTable(Strict):
    """A sum that is taken off the bill in certain months."""

    name: str
    """What the bill calls it."""
    months: Annotated[list[Month], Field(min_length=1)]
    """The months, 1 to 12; it is on the bill with the first of that month in it."""
    amount: Amount
    """The sum, once in each of these months."""


class DemandTable(Strict):
    """What the highest quarter of an hour of a month costs."""

    price_per_kw: Amount
    """For each kW of its mean power."""
    periods: list[str] = Field(default_factory=list)
    """The periods in which it is looked for; all, where it is left out."""

    def charge(self) -> DemandCharge:
        """The same, as bills know it."""
        return DemandCharge(self.price_per_kw, frozenset(self.periods))


class ChargesTable(Strict):
    """What is charged from a date on beside the prices; replaces the table before as a whole."""

    effective: Annotated[date, BeforeValidator(parse_effective), WithJsonSchema(TEXT)]
    """The first day on which it applies."""
    fixed_per_day: Amount = 0.0
    """What each day costs, whatever is used."""
    minimum_per_day: Amount = 0.0
    """What energy and fixed charges of a month come to at least, for each of its days."""
    baseline_credit: Amount = 0.0
    """What each kWh within the month's baseline allowance costs less."""
    non_bypassable: dict[str, float] | None = None
    """The parts of every price that credits for export cannot pay, by name."""
    credits: list[CreditTable] = Field(default_factory=list)
    """Sums that are taken off in certain months."""
    demand: DemandTable | None = None
    """A charge on the highest quarter of an hour of the month."""

    def charges(self) -> Charges:
        """The same, as bills know it."""
        return Charges(
            effective=self.effective,
            fixed_per_day=self.fixed_per_day,
            minimum_per_day=self.minimum_per_day,
            baseline_credit=self.baseline_credit,
            non_bypassable=self.non_bypassable,
            credits=tuple(
                MonthlyCredit(each.name, frozenset(each.months), each.amount)
                for each in self.credits
            ),
            demand=self.demand.charge() if self.demand else None,
        )


class NetMeteringTable(Strict):
    """Net metering: exported energy is worth what imported energy costs."""

    source: str
    """Where the rule is from, with the date."""


class NetBillingTable(Strict):
    """Net billing: a credit for each exported kWh by month, kind of day and hour."""

    source: str
    """Where the rules are from, with the date."""
    unused: Literal["ends", "carries over"]
    """What becomes of a credit that is left at the end of the 12-month relevant period."""
    buckets: Literal["together", "apart"] = "together"
    """Whether a credit for delivery pays delivery only, and one for generation generation."""
    holidays: Holidays | None = None
    """Days on which the credits of weekends hold."""
    acc_plus: dict[Year, Amount] = Field(default_factory=dict)
    """An adder for each exported kWh by year of interconnection; it may pay anything."""
    acc_plus_unused: Literal["ends", "carries over"] | None = None
    """What becomes of the rest of it at the end of the relevant period."""
    credits: str | None = None
    """The file of the hourly credits, relative to this one."""

    def rules(self, folder: Path) -> NetBilling:
        """The same, as bills know it; a file of credits is looked for from `folder`."""
        kept = self.acc_plus_unused
        return NetBilling(
            source=self.source,
            keeps=self.unused == "carries over",
            apart=self.buckets == "apart",
            acc_plus={int(year): price for year, price in self.acc_plus.items()},
            acc_plus_keeps=None if kept is None else kept == "carries over",
            holidays=self.holidays.rule() if self.holidays else HolidayRule(),
            credits=None if self.credits is None else folder / self.credits,
        )


class FlatTable(Strict):
    """One price for every exported kWh."""

    source: str
    """Where the price is from, with the date."""
    price: Amount
    """What each exported kWh earns."""


class ExportTable(Strict):
    """The ways in which export can be paid under this tariff."""

    nem1: NetMeteringTable | None = None
    """Net metering at the full price."""
    nem2: NetMeteringTable | None = None
    """Net metering at the price less its non-bypassable parts."""
    nbt: NetBillingTable | None = None
    """Net billing with hourly credits."""
    flat: FlatTable | None = None
    """One price."""


class SeriesTable(Strict):
    """Prices that change from day to day and come from a price file."""

    step: Duration
    """How long a price holds."""
    prices_from: str
    """Where they are published; a price file is filled with them."""


class FormFile(Strict):
    """A tariff whose prices come from a price file."""

    title: str
    """The tariff's name as people say it."""
    source: str
    """Where its form is from, with the date."""
    timezone: Annotated[ZoneInfo, BeforeValidator(parse_zone), WithJsonSchema(TEXT)]
    """The zone of its days."""
    currency: Currency
    """Three capital letters; prices are in it, a kWh."""
    series: SeriesTable
    """In place of seasons, periods and prices."""


class TermsFile(Strict):
    """What a tariff file says for bills only."""

    charges: list[ChargesTable] = Field(default_factory=list)
    """A table for each date on which a charge changed."""
    baseline: dict[str, dict[str, Amount]] = Field(default_factory=dict)
    """For each region its allowance in each season, in kWh a day."""
    export: ExportTable = Field(default_factory=ExportTable)
    """What export earns, in each way that the tariff has."""


def load_bill_tariff(path: Path) -> BillTariff:
    """Read and prove all of a tariff file. Raises `RuleProblems`."""
    return bill_tariff_of(path, *read_toml(path))


def bill_tariff_of(path: Path, text: str, values: Mapping[str, Any]) -> BillTariff:
    """All that a tariff file says, by its text and its values. Raises `RuleProblems`."""
    if SERIES in values:
        tariff, series = _form(path, text, values)
    else:
        tariff, series = tariff_of(path, text, values), None
    said = {key: value for key, value in values.items() if key in OF_A_BILL}
    try:
        file = TermsFile.model_validate(said)
    except ValidationError as error:
        raise RuleProblems(problems_of(error, str(path), text, values, TermsFile)) from None
    if wrong := _unsound(tariff, file):
        raise RuleProblems([Problem(str(path), 0, sentence) for sentence in wrong])
    return BillTariff(tariff, _terms(file, path.parent, series))


def _form(path: Path, text: str, values: Mapping[str, Any]) -> tuple[Tariff, Series]:
    """A tariff without hours and prices."""
    said = {key: value for key, value in values.items() if key not in OF_A_BILL}
    try:
        file = FormFile.model_validate(said)
    except ValidationError as error:
        raise RuleProblems(problems_of(error, str(path), text, values, FormFile)) from None
    tariff = Tariff(
        name=path.stem,
        title=file.title,
        source=file.source,
        currency=file.currency,
        zone=file.timezone,
        seasons=ALL_YEAR,
        holidays=HolidayRule(),
        windows={},
        versions=(),
    )
    return tariff, Series(file.series.step, file.series.prices_from)


def _terms(file: TermsFile, folder: Path, series: Series | None) -> Terms:
    export = file.export
    return Terms(
        charges=tuple(
            sorted((each.charges() for each in file.charges), key=lambda each: each.effective)
        ),
        baseline=file.baseline,
        nem1=export.nem1.source if export.nem1 else None,
        nem2=export.nem2.source if export.nem2 else None,
        nbt=export.nbt.rules(folder) if export.nbt else None,
        flat=export.flat.price if export.flat else None,
        series=series,
    )


def _unsound(tariff: Tariff, file: TermsFile) -> list[str]:
    """What fits no hour or season of the tariff, one sentence each."""
    seasons: Mapping[str, object] = tariff.seasons
    wrong = [
        f"baseline.{region}: must have an allowance for each of {', '.join(seasons)}"
        for region, allowances in file.baseline.items()
        if allowances.keys() != seasons.keys()
    ]
    periods = tariff.period_names()
    wrong += [
        f'charges of {each.effective}: demand looks for a period "{period}" that does not exist'
        for each in file.charges
        if each.demand is not None
        for period in each.demand.periods
        if period not in periods
    ]
    dates = [each.effective for each in file.charges]
    wrong += [
        f"charges: two begin on {day}" for day in sorted({d for d in dates if dates.count(d) > 1})
    ]
    if any(each.baseline_credit for each in file.charges) and not file.baseline:
        wrong.append("charges: there is a baseline_credit, but [baseline] has no region")
    nbt = file.export.nbt
    if nbt is not None and nbt.buckets == "apart":
        wrong += [
            f"export.nbt: buckets apart need the generation part of the prices of {each.effective}"
            for each in tariff.versions
            if each.generation.keys() != each.prices.keys()
        ]
    return wrong
