"""URDB JSON (the U.S. Utility Rate Database, version 8), and the same as a plain data set.

A rate has a matrix of 12 months by 24 hours for weekdays and one for weekends, whose numbers name
periods; a period has tiers with a price each. Two tiers whose prices differ by the same sum in
every period, the first of which ends at so many kWh a day, are a baseline credit. Seasons are
months; holidays, zones and credits by the hour have no place in it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from scheduler.errors import ImportRefused
from scheduler.money.tariff_import.draft import (
    ALL_WEEK,
    WEEKEND,
    WORKING_WEEK,
    Holidays,
    Hours,
    SeasonDraft,
    TariffDraft,
)

MONTHS, HOURS = 12, 24
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PERIODS: Mapping[int, tuple[str, ...]] = {
    1: ("all-day",),
    2: ("on-peak", "off-peak"),
    3: ("on-peak", "mid-peak", "off-peak"),
    4: ("on-peak", "mid-peak", "off-peak", "super-off-peak"),
}
"""What periods of a season are called, the dearest first."""

JULY = 6
DAYS_A_YEAR = 365
PER_DAY = {"$/day": 1.0, "$/month": MONTHS / DAYS_A_YEAR, "$/year": 1 / DAYS_A_YEAR}
NOT_IN_IT = (
    "Not in this format, so not in here: what export earns by the hour, non-bypassable charges, "
    "credits of certain months, prices before and after."
)

Row = tuple[int, ...]


class Period(NamedTuple):
    """The price of a kWh beyond the baseline, and what one within costs less."""

    price: float
    credit: float
    allowance: float | None


def is_urdb(said: Mapping[str, Any]) -> bool:
    """Whether this is a rate of URDB, or of a data set in its manner."""
    return "energyratestructure" in said or _is_data_set(said) or "items" in said


def read_urdb(said: Mapping[str, Any]) -> TariffDraft:
    """The tariff that a rate says. Raises `ImportRefused` for what a tariff file cannot say."""
    if isinstance(items := said.get("items"), list):
        if len(items) != 1:
            raise ImportRefused(f"the file has {len(items)} rates; keep the one that is yours")
        said = items[0]
    if _is_data_set(said):
        said = _as_rate(said)
    for key in ("demandratestructure", "flatdemandstructure"):
        if said.get(key):
            raise ImportRefused(
                f"it has a {key}: write [charges.demand] by hand and leave that out"
            )
    periods = [_period(number, tiers) for number, tiers in enumerate(said["energyratestructure"])]
    weekdays, weekends = (
        _matrix(said[key], len(periods))
        for key in ("energyweekdayschedule", "energyweekendschedule")
    )
    draft = TariffDraft(
        title=f"{said.get('utility', '')} {said.get('name', '')}".strip() or "Imported",
        source=_source(said),
        currency="USD",
        seasons=[
            _season(months, weekdays[months[0]], weekends[months[0]], periods, seasons)
            for seasons in [_runs(list(zip(weekdays, weekends, strict=True)))]
            for months in seasons
        ],
        effective=_effective(said),
        holidays=said.get("holidays"),
        fixed_per_day=_per_day(said, "fixedchargefirstmeter", "fixedchargeunits"),
        minimum_per_day=_per_day(said, "mincharge", "minchargeunits"),
        baseline_credit=_credit(periods),
        untold=[NOT_IN_IT],
    )
    if any("month" in str(said.get(f"{key}units", "")) for key in ("fixedcharge", "mincharge")):
        draft.untold.append("Charges of a month are spread over its days: twelve in 365.")
    _sell(said, draft)
    return draft


def _period(number: int, tiers: Sequence[Mapping[str, Any]]) -> Period:
    priced = [(float(tier.get("rate") or 0) + float(tier.get("adj") or 0), tier) for tier in tiers]
    while len(priced) > 1 and priced[-1][0] == priced[-2][0]:
        # A bound above which nothing changes is none.
        priced = [*priced[:-2], (priced[-1][0], {})]
    if len(priced) == 1:
        return Period(round(priced[0][0], 9), 0.0, None)
    unit = tiers[0].get("unit")
    if len(priced) > 2 or unit != "kWh daily":
        raise ImportRefused(
            f"period {number} has {len(priced)} tiers by {unit or 'month'}; only a first one in "
            '"kWh daily" can be told, as a baseline credit'
        )
    (within, tier), (above, _) = priced
    if within > above:
        raise ImportRefused(f"period {number} costs less the more is used, which cannot be told")
    return Period(round(above, 9), round(above - within, 9), float(tier["max"]))


def _credit(periods: Sequence[Period]) -> float:
    credits_of = {period.credit for period in periods}
    if len(credits_of) != 1:
        raise ImportRefused(
            "its tiers differ by another sum in each period, so they are no baseline credit"
        )
    return credits_of.pop()


def _matrix(said: Any, periods: int) -> list[Row]:  # noqa: ANN401 -- whatever the file holds
    rows = [tuple(int(number) for number in row) for row in said]
    if len(rows) != MONTHS or any(len(row) != HOURS for row in rows):
        raise ImportRefused("a schedule is not 12 months by 24 hours")
    if not {number for row in rows for number in row} <= set(range(periods)):
        raise ImportRefused("a schedule names a period that has no price")
    return rows


def _runs(rows: Sequence[tuple[Row, Row]]) -> list[list[int]]:
    """Months that follow one another and are alike, over the new year too."""
    runs = [list(months) for _, months in groupby(range(MONTHS), key=lambda month: rows[month])]
    if len(runs) > 1 and rows[0] == rows[-1]:
        runs[0] = runs.pop() + runs[0]
    return runs


def _season(
    months: list[int],
    weekday: Row,
    weekend: Row,
    periods: Sequence[Period],
    seasons: Sequence[list[int]],
) -> SeasonDraft:
    used = {periods[number] for number in (*weekday, *weekend)}
    ranked = sorted({period.price for period in used}, reverse=True)
    names = PERIODS.get(len(ranked), tuple(f"price-{rank}" for rank in range(1, len(ranked) + 1)))
    named = dict(zip(ranked, names, strict=True))
    allowances = {period.allowance for period in used}
    if len(allowances) > 1:
        raise ImportRefused("its tiers end at another kWh in each period of a season")
    rows = [(ALL_WEEK, weekday)]
    if weekday != weekend:
        rows = [(WORKING_WEEK, weekday), (WEEKEND, weekend)]
    last = months[-1] + 1
    return SeasonDraft(
        name=_name(months, seasons),
        first=(months[0] + 1, 1),
        # The 29th ends February in leap years, and a season includes it in others as well.
        last=(last, monthrange(2024, last)[1]),
        hours=[
            Hours(named[price], days, start * 60, end * 60)
            for days, row in rows
            for price, start, end in _stretches([periods[number].price for number in row])
        ],
        prices={name: price for price, name in named.items()},
        allowance=allowances.pop(),
    )


def _name(months: list[int], seasons: Sequence[list[int]]) -> str:
    if len(seasons) == 1:
        return "year"
    if len(seasons) == 2:
        return "summer" if JULY in months else "winter"
    first, last = MONTH_NAMES[months[0]], MONTH_NAMES[months[-1]]
    return first if first == last else f"{first}-{last}"


def _stretches(prices: Sequence[float]) -> list[tuple[float, int, int]]:
    found = []
    for price, hours in groupby(range(HOURS), key=lambda hour: prices[hour]):
        listed = list(hours)
        found.append((price, listed[0], listed[-1] + 1))
    return found


def _per_day(said: Mapping[str, Any], key: str, units: str) -> float:
    amount = float(said.get(key) or 0.0)
    unit = said.get(units, "$/month")
    if amount and unit not in PER_DAY:
        raise ImportRefused(f"{key} is in {unit}, which cannot be told; it may be in $/day")
    return round(amount * PER_DAY.get(unit, 0.0), 6)


def _effective(said: Mapping[str, Any]) -> Any:  # noqa: ANN401 -- a date, or nothing
    seconds = said.get("startdate")
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC).date()


def _source(said: Mapping[str, Any]) -> str:
    known = [f"URDB {said['label']}"] if said.get("label") else []
    known += [str(said["source"])] if said.get("source") else []
    return ", ".join(known) or "an imported rate that names no source"


def _sell(said: Mapping[str, Any], draft: TariffDraft) -> None:
    """A price for export is one for all hours, or is told of and left out."""
    sells = {
        float(tier["sell"])
        for tiers in said["energyratestructure"]
        for tier in tiers
        if tier.get("sell") is not None
    }
    if len(sells) == 1:
        draft.flat_export = sells.pop()
    elif sells:
        draft.untold.append("Its prices for export differ by period and are left out.")


def _is_data_set(said: Mapping[str, Any]) -> bool:
    return "periods" in (said.get("energy") or {}) and "weekday" in (said.get("schedule") or {})


def _as_rate(said: Mapping[str, Any]) -> dict[str, Any]:
    """A record of github.com/cbetz/ratebook with URDB's names."""
    schedule, start = said["schedule"], said["effective_range"]["start"]
    fixed = said.get("fixed_charges") or [{}]
    policy = {"as_weekday": Holidays.NONE}
    if len(schedule.get("holidays") or []) == 8:
        policy["as_weekend"] = Holidays.SCE
    if len(fixed) != 1 or said.get("min_charge"):
        raise ImportRefused("it has several fixed charges, or a minimum: write them in by hand")
    return {
        "utility": said["identity"]["utility_id"],
        "name": said["identity"]["plan_name"],
        "source": f"{said['source_documents'][0]['url'].split(' (')[0]}, effective {start}",
        "startdate": datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp(),
        "holidays": policy.get(schedule.get("holiday_policy")),
        "energyratestructure": [
            [{**tier, "unit": tier.get("max_unit")} for tier in period["tiers"]]
            for period in said["energy"]["periods"]
        ],
        "energyweekdayschedule": schedule["weekday"],
        "energyweekendschedule": schedule["weekend"],
        "fixedchargefirstmeter": fixed[0].get("amount"),
        "fixedchargeunits": fixed[0].get("unit", "$/month"),
    }
