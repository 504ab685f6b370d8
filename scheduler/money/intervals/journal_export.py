"""What `pwsched journal export` wrote, as a history: readings in rows of CSV or lines of JSON.

The readings are those of the journal itself, so they are averaged in the same way. Times are in
UTC; the zone of the home is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.journal.sqlite import PowersRead
from scheduler.money.intervals.findings import Mistake, Places
from scheduler.money.intervals.journal import means_of
from scheduler.money.intervals.notation import LATEST_S
from scheduler.money.intervals.samples import Samples
from scheduler.money.intervals.text import rows_of

CSV_HEAD: Final = "at,site,"
JSON_HEAD: Final = '{"at": '

_POWERS: Final = ("site_power", "battery_power", "load_power", "solar_power")
_NEEDED: Final = ("at", "site", *_POWERS, "readings")
_OTHER_ROWS: Final = (
    "has no {missing}; export the readings with `pwsched journal export --kind observation`"
)

Texts = Mapping[str, str]
"""Text by the name of its file."""


def read_journal_export(texts: Texts, site: str | None, zone: ZoneInfo, step: timedelta) -> Samples:
    """Means of what was exported, by interval. Raises `HistoryProblems`."""
    name, places = next(iter(texts)), Places()
    readings: list[PowersRead] = []
    back, sites = [], set[str]()
    for file, text in texts.items():
        places.begin(file)
        lines = _json_lines(text, file) if text.startswith(JSON_HEAD) else _csv_lines(text, file)
        for line, fields in lines:
            sites.add(fields["site"])
            if site is not None and fields["site"] != site:
                continue
            read = _reading(fields, line, file)
            if readings and read.at < readings[-1].at:
                back.append(len(places.lines))
            places.lines.append(line)
            readings.append(read)
    _check_sites(name, sites, site)
    samples = means_of(name, readings, site or next(iter(sites)), zone, step)
    if back:
        samples.findings.append(
            places.finding(
                Mistake.ORDER,
                "earlier than the row before, so that readings may be there twice",
                back,
                "give each reading once, the oldest file first",
            )
        )
    return samples


def _check_sites(name: str, sites: set[str], site: str | None) -> None:
    known = ", ".join(sorted(sites))
    if not sites:
        raise HistoryProblems(name, "has no row of values")
    if site is not None and site not in sites:
        raise HistoryProblems(name, f'has no site "{site}"; it has {known}')
    if site is None and len(sites) > 1:
        raise HistoryProblems(name, f"has several sites: {known}; say which with --site")


def _csv_lines(text: str, file: str) -> Iterator[tuple[int, Texts]]:
    rows = rows_of(text, file)
    names = next(rows).cells
    _check_names(names, file)
    for line, cells in rows:
        if len(cells) != len(names):
            raise HistoryProblems(
                file, f"row {line} has {len(cells)} cells, not {len(names)}; export it again"
            )
        yield line, dict(zip(names, cells, strict=True))


def _json_lines(text: str, file: str) -> Iterator[tuple[int, Texts]]:
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            fields = json.loads(row)
        except ValueError:
            fields = None
        if not isinstance(fields, dict):
            raise HistoryProblems(file, f"row {line} is no JSON object; export it again")
        _check_names(fields, file)
        yield line, {name: _text(fields[name]) for name in _NEEDED}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _check_names(names: list[str] | Texts, file: str) -> None:
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise HistoryProblems(file, _OTHER_ROWS.format(missing=" and no ".join(missing[:2])))


def _reading(fields: Texts, line: int, file: str) -> PowersRead:
    try:
        at = _instant(fields["at"])
        powers = [_power(fields[name]) for name in _POWERS]
        readings = _count(fields["readings"])
    except ValueError as wrong:
        raise HistoryProblems(
            file, f"row {line} is not as it was written ({wrong}); export it again"
        ) from None
    return PowersRead(at, readings, *powers)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 0 <= at.timestamp() < LATEST_S:
        raise ValueError(text)
    return at


def _count(text: str) -> int:
    readings = int(text)
    if readings < 1:
        raise ValueError(f"{readings} readings")
    return readings


def _power(text: str) -> float | None:
    if not text:
        return None
    watts = float(text)
    if not isfinite(watts):
        raise ValueError(text)
    return watts
