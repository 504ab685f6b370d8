"""A tariff on its way from another format into a tariff file, and what had to be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import tomli

from rules.errors import RuleProblems
from rules.language import WEEKDAYS
from rules.terms import bill_tariff_of
from scheduler.errors import ImportRefused

DAY = 1440
ALL_WEEK, WORKING_WEEK, WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})


class Holidays(StrEnum):
    """Which holidays are priced as weekends."""

    SCE = "sce"
    """The eight of the Californian utilities; a Sunday moves to Monday, a Saturday stays."""
    US = "us"
    """The eleven federal ones, observed on Monday or Friday if they are at a weekend."""
    NONE = "none"


_EIGHT = ["01-01", "3rd-mon-feb", "last-mon-may", "07-04", "1st-mon-sep", "11-11", "4th-thu-nov"]
_EIGHT.append("12-25")
HOLIDAY_TABLES: Mapping[Holidays, dict[str, Any]] = {
    Holidays.SCE: {"days": _EIGHT, "sunday_to_monday": True},
    Holidays.US: {
        "days": [*_EIGHT, "3rd-mon-jan", "06-19", "2nd-mon-oct"],
        "sunday_to_monday": True,
        "saturday_to_friday": True,
    },
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What neither format says, as the owner gave it; `None` where it was not asked for yet."""

    timezone: str | None = None
    holidays: Holidays | None = None
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When a period holds: wall minutes of days of the week, 0 is Monday."""

    period: str
    days: frozenset[int]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SeasonDraft:
    """A season with both ends, its hours, and the price of each of its periods."""

    name: str
    first: tuple[int, int]
    last: tuple[int, int]
    hours: Sequence[Hours]
    prices: Mapping[str, float]
    allowance: float | None = None


@dataclass(slots=True)
class TariffDraft:
    """What a file of another format says, and in `untold` what it cannot say or was left out."""

    title: str
    source: str
    currency: str
    seasons: Sequence[SeasonDraft]
    effective: date | None = None
    holidays: Holidays | None = None
    fixed_per_day: float = 0.0
    minimum_per_day: float = 0.0
    baseline_credit: float = 0.0
    flat_export: float | None = None
    untold: list[str] = field(default_factory=list)


def written(draft: TariffDraft, answers: Answers, place: Path) -> str:
    """The text of a tariff file that loads. Raises `ImportRefused` for what is to be said still."""
    _ask(draft, answers)
    try:
        import tomli_w
    except ImportError:
        raise ImportRefused(
            'to write a tariff file needs tomli-w: pip install "powerwall-scheduler[money]"'
        ) from None
    head = "".join(f"# {line}\n" for line in draft.untold)
    text = head + tomli_w.dumps(_table(draft, answers))
    try:
        bill_tariff_of(place, text, tomli.loads(text))
    except RuleProblems as error:
        said = "; ".join(problem.text for problem in error.problems[:3])
        raise ImportRefused(f"{place}: does not make a tariff: {said}") from None
    return text


def _ask(draft: TariffDraft, answers: Answers) -> None:
    missing = []
    if answers.timezone is None:
        missing.append('the zone of its hours (--timezone, as "America/Los_Angeles")')
    if _day_matters(draft) and (answers.holidays or draft.holidays) is None:
        known = ", ".join(Holidays)
        missing.append(f"which holidays are priced as weekends (--holidays, one of {known})")
    if (answers.effective or draft.effective) is None:
        missing.append("since when its prices hold (--effective)")
    if missing:
        raise ImportRefused(f"the file does not say {'; nor '.join(missing)}")


def _day_matters(draft: TariffDraft) -> bool:
    return any(hours.days != ALL_WEEK for season in draft.seasons for hours in season.hours)


def _table(draft: TariffDraft, answers: Answers) -> dict[str, Any]:
    holidays = answers.holidays or draft.holidays or Holidays.NONE
    moved = _day_matters(draft) and holidays is not Holidays.NONE
    effective = (answers.effective or draft.effective or date.min).isoformat()
    table: dict[str, Any] = {
        "title": draft.title,
        "source": draft.source,
        "timezone": answers.timezone,
        "currency": draft.currency,
        "seasons": {
            season.name: f"{_month_day(season.first)}..{_month_day(season.last)}"
            for season in draft.seasons
        },
    }
    if moved:
        table["holidays"] = HOLIDAY_TABLES[holidays]
    table["periods"] = {
        season.name: [_period(hours, moved=moved) for hours in season.hours]
        for season in draft.seasons
    }
    prices = {season.name: dict(season.prices) for season in draft.seasons}
    table["prices"] = [{"effective": effective, **prices}]
    charges = {
        "fixed_per_day": draft.fixed_per_day,
        "minimum_per_day": draft.minimum_per_day,
        "baseline_credit": draft.baseline_credit,
    }
    table["charges"] = [
        {"effective": effective, **{key: value for key, value in charges.items() if value}}
    ]
    if draft.baseline_credit:
        table["baseline"] = {
            "imported": {season.name: season.allowance or 0.0 for season in draft.seasons}
        }
    if draft.flat_export is not None:
        table["export"] = {"flat": {"source": draft.source, "price": draft.flat_export}}
    return table


def _period(hours: Hours, *, moved: bool) -> dict[str, Any]:
    period: dict[str, Any] = {"period": hours.period}
    if hours.days != ALL_WEEK:
        period["days"] = _days(hours.days, moved=moved)
    period["time"] = f"{_clock(hours.start)}-{_clock(hours.end)}"
    return period


def _days(days: frozenset[int], *, moved: bool) -> list[str]:
    """Weekdays by name; the working week and the weekend with the holidays where they count."""
    if not moved:
        return [WEEKDAYS[day] for day in sorted(days)]
    if days == WORKING_WEEK:
        return ["workdays"]
    if days == WEEKEND:
        return ["weekends", "holidays"]
    raise ImportRefused(
        f"its hours differ on {', '.join(WEEKDAYS[day] for day in sorted(days))}, which leaves "
        "open what holds on a holiday: say --holidays none, and write them in by hand"
    )


def _month_day(day: tuple[int, int]) -> str:
    return f"{day[0]:02}-{day[1]:02}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
