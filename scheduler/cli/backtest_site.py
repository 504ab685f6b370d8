"""The site of a backtest by the options of a call: home, battery, permissions, outages, outside."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from rules.battery import Battery
    from rules.engine import RuleSet
    from rules.inputs import DatedValue
    from rules.resolve import Levers
    from scheduler.domain import Safety
    from scheduler.money import IntervalData
    from scheduler.money.backtest import Outage, Outside, Raised, Site

T = TypeVar("T")
KINDS = ("2", "3")
SELLING = ("never", "pv_only", "battery_ok")
_SPAN = re.compile(r"([^/]+)/([^/]+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said of a site."""

    history: Sequence[Path] = ()
    household: str | None = None
    seed: int = 1
    year: int = 2026
    timezone: str | None = None
    step: str = "5m"
    powerwalls: int = 1
    kind: str = "2"
    soe: float = 50.0
    standby: str | None = None
    floor: int | None = None
    grid_charging: bool = True
    may_sell: str = "battery_ok"
    outages: Sequence[str] = ()
    flags: Sequence[str] = ()
    values: Sequence[str] = ()
    prices: Path | None = None


def site_of(asked: Asked, rules: RuleSet, safety: Safety | None, levers: Levers) -> Site:
    """The site. Raises `ConfigProblem`, `HistoryProblems`."""
    from scheduler.errors import ConfigProblem
    from scheduler.money.backtest import Site

    data = _data(asked, rules.almanac.zone)
    try:
        return Site(
            data,
            _battery(asked),
            asked.soe,
            _safety(asked, safety),
            levers,
            tuple(sorted(_outage(each, data.zone) for each in asked.outages)),
            _outside(asked, rules, data),
        )
    except ValueError as error:
        raise ConfigProblem(str(error)) from None


def standing(asked: Asked, safety: Safety | None) -> tuple[Battery, Safety]:
    """The battery and the owner's permissions alone. Raises `ConfigProblem`."""
    return _battery(asked), _safety(asked, safety)


def _data(asked: Asked, zone: ZoneInfo) -> IntervalData:
    from scheduler.cli.moment import zone_named
    from scheduler.errors import ConfigProblem, HistoryProblems
    from scheduler.money.intervals import Instructions, read_history, resampled

    step = _duration("--step", asked.step)
    if asked.timezone is not None:
        zone = zone_named(asked.timezone)
    if asked.history and asked.household:
        raise ConfigProblem("give --history or --household, not both")
    if asked.history:
        try:
            data = read_history(asked.history, Instructions(zone=zone)).interval_data()
        except HistoryProblems as error:
            raise ConfigProblem(
                f"{error}\nsay what it needs to `pwsched history`, and give what its --out writes"
            ) from None
        try:
            return resampled(data, step)
        except ValueError as error:
            raise ConfigProblem(f"--step: {error}") from None
    if asked.household:
        return _synthetic(asked, zone, step)
    raise ConfigProblem("give --history FILE, or --household KIND for a home that never was")


def _synthetic(asked: Asked, zone: ZoneInfo, step: timedelta) -> IntervalData:
    from scheduler.errors import ConfigProblem
    from scheduler.household import HomeKind, Household
    from scheduler.money.intervals import synthetic_year

    if asked.household not in set(HomeKind):
        known = ", ".join(HomeKind)
        raise ConfigProblem(f'--household: must be one of {known}, got "{asked.household}"')
    home = replace(Household.in_zone(asked.seed, zone), kind=HomeKind(asked.household))
    try:
        return synthetic_year(home, asked.year, step)
    except ValueError as error:
        raise ConfigProblem(f"--step: {error}") from None


def _battery(asked: Asked) -> Battery:
    from rules.battery import POWERWALL_2, POWERWALL_3
    from scheduler.cli.given import power_of
    from scheduler.errors import ConfigProblem

    if asked.kind not in KINDS:
        raise ConfigProblem(f'--powerwall: must be 2 or 3, got "{asked.kind}"')
    kind = dict(zip(KINDS, (POWERWALL_2, POWERWALL_3), strict=True))[asked.kind]
    standby = power_of("--standby", asked.standby) or 0.0
    if standby < 0:
        raise ConfigProblem("--standby: must be 0 or more")
    try:
        return replace(kind, standby_w=standby).scaled(asked.powerwalls)
    except ValueError as error:
        raise ConfigProblem(f"--powerwalls: {error}") from None


def _safety(asked: Asked, safety: Safety | None) -> Safety:
    """The owner's permissions: those of the configuration, narrowed by the call."""
    from rules.domain import Export
    from scheduler.errors import ConfigProblem
    from scheduler.money.backtest import ORDINARY

    if asked.may_sell not in SELLING:
        raise ConfigProblem(
            f'--may-sell: must be one of {", ".join(SELLING)}, got "{asked.may_sell}"'
        )
    found = safety or ORDINARY
    selling = min(found.export, Export(asked.may_sell), key=lambda each: each.rank)
    floor = found.reserve_floor if asked.floor is None else asked.floor
    reserve = max(floor, found.safe.reserve or 0)
    return replace(
        found,
        reserve_floor=floor,
        safe=replace(found.safe, reserve=reserve),
        grid_charging=found.grid_charging and asked.grid_charging,
        export=selling,
    )


def _outage(text: str, zone: ZoneInfo) -> Outage:
    from scheduler.money.backtest import Outage

    start, length = _span("--outage", text, zone)
    return Outage(start, length)


def _outside(asked: Asked, rules: RuleSet, data: IntervalData) -> Outside:
    from scheduler.inputs import read_prices
    from scheduler.money.backtest import Outside

    flags: dict[str, list[Raised]] = {}
    for text in asked.flags:
        name, raised = _flag(text, data)
        flags.setdefault(name, []).append(raised)
    values = dict(_value(text, rules, data) for text in asked.values)
    prices = None if asked.prices is None else read_prices(asked.prices)
    return Outside.of(flags, values, prices)


def _flag(text: str, data: IntervalData) -> tuple[str, Raised]:
    from scheduler.cli.given import named
    from scheduler.money.backtest import Raised

    name, at, span = text.partition("@")
    name = named("--flag", name)
    if not at:
        return name, Raised(data.start)
    start, length = _span("--flag", span, data.zone)
    return name, Raised(start, start + length)


def _value(text: str, rules: RuleSet, data: IntervalData) -> tuple[str, Sequence[DatedValue]]:
    from scheduler.cli.given import named, value_of
    from scheduler.money.backtest import kept_fresh

    name, _, said = text.partition("=")
    if said.endswith(".csv"):
        return named("--input", name), _series(Path(said), data.zone)
    name, number = value_of(text)
    return name, kept_fresh(rules, name, number, data.start, data.end)


def _series(path: Path, zone: ZoneInfo) -> list[DatedValue]:
    """The dated values of a CSV with the columns time and value."""
    from rules.inputs import DatedValue
    from scheduler.errors import ConfigProblem

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot be read: {reason}") from None
    except (UnicodeError, csv.Error) as error:
        raise ConfigProblem(f"{path}: cannot be read: {error}") from None
    found = []
    for number, row in enumerate(rows, 2):
        try:
            at = datetime.fromisoformat(row["time"])
            value = float(row["value"])
        except (KeyError, TypeError, ValueError):
            raise ConfigProblem(
                f'{path}:{number}: must have the columns time, like "2026-07-15T06:00", and value'
            ) from None
        found.append(DatedValue(value, at if at.tzinfo else at.replace(tzinfo=zone)))
    return found


def _span(option: str, text: str, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    from scheduler.errors import ConfigProblem

    said = _SPAN.fullmatch(text)
    if said is None:
        raise ConfigProblem(f'{option}: must be like "2026-08-14T17:00/3h", got "{text}"')
    start = _told(option, datetime.fromisoformat, said[1])
    aware = start if start.tzinfo else start.replace(tzinfo=zone)
    return aware, _duration(option, said[2])


def _duration(option: str, text: str) -> timedelta:
    from rules.language import parse_duration

    return _told(option, parse_duration, text)


def _told(option: str, parse: Callable[[str], T], text: str) -> T:
    """What a parser makes of a text. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem

    try:
        return parse(text)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None
