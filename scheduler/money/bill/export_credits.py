"""Hourly credits for export, as utilities publish them by vintage: two formats of files.

A CSV with the columns year, month, day_type (weekday or weekend_holiday), hour, delivery and
generation; or JSON, gzipped or not, with `data[year][delivery | generation][month][day type][hour]`
and the weekday first. Prices are per kWh, hours and months local.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler.errors import BillRefused

DAY_TYPES = ("weekday", "weekend_holiday")
MOST_BYTES = 8 * 1024 * 1024
HOURS, MONTHS = 24, 12
COLUMNS = ("year", "month", "day_type", "hour", "delivery", "generation")

Hourly = tuple[tuple[float, float], ...]
"""Delivery and generation credit of each hour of a kind of day."""


@dataclass(frozen=True, slots=True)
class ExportCredits:
    """A table of credits: year -> 12 months -> weekday, weekend -> 24 hours.

    `vintage` is the year of interconnection that it is for, where the file tells.
    """

    source: str
    years: Mapping[int, tuple[tuple[Hourly, Hourly], ...]]
    vintage: int | None = None


def read_export_credits(path: Path) -> ExportCredits:
    """The table in a file. Raises `BillRefused` with what is wrong and where."""
    content = _content(path)
    try:
        if path.name.endswith((".json", ".json.gz")):
            return _of_json(path, json.loads(content))
        return _of_csv(path, content)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise BillRefused(
            f"{path}: no table of export credits: {error}; a CSV has the columns "
            f"{', '.join(COLUMNS)}, a JSON file data[year][delivery | generation][month][day][hour]"
        ) from None


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            packed = file.read(MOST_BYTES + 1)
        if packed[:2] == b"\x1f\x8b":
            with gzip.open(io.BytesIO(packed)) as file:
                packed = file.read(MOST_BYTES + 1)
        if len(packed) > MOST_BYTES:
            raise BillRefused(f"{path}: is larger than {MOST_BYTES // 1024 // 1024} MiB")
        return packed.decode("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise BillRefused(f"{path}: cannot be read: {reason}") from None
    except (EOFError, UnicodeDecodeError):
        raise BillRefused(f"{path}: is neither text nor a gzipped text") from None


def _of_json(path: Path, said: Any) -> ExportCredits:  # noqa: ANN401 -- whatever the file holds
    years = {}
    for year, parts in said["data"].items():
        months = zip(parts["delivery"], parts["generation"], strict=True)
        found = tuple(
            (_hourly(delivery, generation, 0), _hourly(delivery, generation, 1))
            for delivery, generation in months
        )
        if len(found) != MONTHS:
            raise ValueError(f"{year} has not 12 months")
        years[int(year)] = found
    vintage = str(said.get("vintage", ""))
    known = vintage.startswith("NBT") and vintage[3:].isdigit() and vintage != "NBT00"
    return ExportCredits(str(path), years, 2000 + int(vintage[3:]) if known else None)


def _hourly(delivery: Any, generation: Any, kind: int) -> Hourly:  # noqa: ANN401 -- as above
    if len(delivery[kind]) != HOURS:
        raise ValueError("a day has not 24 hours")
    pairs = zip(delivery[kind], generation[kind], strict=True)
    return tuple((_price(first), _price(second)) for first, second in pairs)


def _of_csv(path: Path, content: str) -> ExportCredits:
    found: dict[tuple[int, int, int, int], tuple[float, float]] = {}
    for row in csv.DictReader(content.splitlines()):
        key = (
            int(row["year"]),
            int(row["month"]),
            DAY_TYPES.index(row["day_type"]),
            int(row["hour"]),
        )
        if key in found:
            raise ValueError(f"{row['year']}-{row['month']} hour {row['hour']} stands there twice")
        found[key] = (_price(row["delivery"]), _price(row["generation"]))
    years = {}
    for year in sorted({key[0] for key in found}):
        years[year] = tuple(
            (_day(found, year, month, 0), _day(found, year, month, 1))
            for month in range(1, MONTHS + 1)
        )
    if not years:
        raise ValueError("it has no rows")
    return ExportCredits(str(path), years)


def _day(
    found: Mapping[tuple[int, int, int, int], tuple[float, float]], year: int, month: int, kind: int
) -> Hourly:
    hours = [found.get((year, month, kind, hour)) for hour in range(HOURS)]
    if None in hours:
        raise ValueError(
            f"{year}-{month:02} {DAY_TYPES[kind]}: hour {hours.index(None)} is missing"
        )
    return tuple(each for each in hours if each is not None)


def _price(said: Any) -> float:  # noqa: ANN401 -- whatever the file holds
    price = float(said)
    if not math.isfinite(price) or abs(price) > 100:
        raise ValueError(f"{said} is no price of a kWh")
    return price
