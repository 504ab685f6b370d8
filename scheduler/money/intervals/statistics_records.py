"""The long-term statistics of Home Assistant, record by record, in each of the forms it gives them.

* What the action `recorder.get_statistics` answers, as the developer tools show it (YAML) or the
  API returns it (JSON): lists by statistic, under `statistics`, times in ISO 8601.
* What the WebSocket command `recorder/statistics_during_period` answers: lists by statistic, times
  in milliseconds since 1970.
* Tables with a row for each statistic and time, `statistic_id`, `unit`, `start` and values, as
  exports of the database have them (klausj1/homeassistant-statistics: CSV, TSV, and JSON with a
  list of `entities`).

Nobody's own files were at hand: the shapes are those of the documentation and of public code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from scheduler.errors import HistoryProblems
from scheduler.money.intervals.text import rows_of

_WRAPPERS: Final = ("service_response", "response", "result", "statistics")
"""What answers are wrapped in."""

_IDS: Final = ("statistic_id", "id", "entity_id")
_TIMES: Final = ("start", "start_ts", "datetime")
FIELDS: Final[tuple[str, ...]] = ("change", "delta", "sum", "mean", "state")
"""The values that say something of energy, the surest first."""

_MILLISECONDS: Final = 10**11
"""Seconds since 1970 have fewer digits, and milliseconds as many."""

_STATES: Final = "entity_id,state,last_changed"
_YAML: Final = re.compile(r"(?P<indent>\s*)(?P<item>- )?(?P<key>[^\s:][^\s]*?):(?: (?P<value>.*))?")
_ID: Final = re.compile(r"[a-z0-9_]+[.:][a-z0-9_]+")


class Record(NamedTuple):
    """A statistic in one interval: what it is of, when it begins, and its values as texts.

    `line` is the row of a table or the place in its statistic's list; `unit` may not be said.
    """

    line: int
    id: str
    unit: str
    start: str
    values: Mapping[str, str]


class Form(NamedTuple):
    """The records of a file, and what one of them is called."""

    what: str
    records: Iterator[Record]


def is_of_statistics(head: str) -> bool:
    """Whether the beginning of a text is that of such a file, or of what is mistaken for one."""
    start = head.lstrip()
    first = start.partition("\n")[0].lower()
    return (
        start.startswith(("{", "[", "statistics:"))
        or _STATES in first
        or ("statistic_id" in first and "start" in first)
    )


def records_of(text: str, name: str) -> Form:
    """The records of a file. Raises `HistoryProblems`, also as they are read."""
    start = text.lstrip()
    if start.startswith(("{", "[")):
        return Form("entry", _from_json(text, name))
    if start.startswith("statistics:"):
        return Form("row", _from_yaml(text, name))
    return Form("row", _from_table(text, name))


# --- tables ----------------------------------------------------------------------------------


def _from_table(text: str, name: str) -> Iterator[Record]:
    rows = rows_of(text, name)
    names = [cell.strip().lower() for cell in next(rows).cells]
    if ",".join(names) == _STATES:
        raise HistoryProblems(
            name,
            "has changes of state, as Home Assistant's history page downloads them, which are no"
            " intervals; give its statistics: the action recorder.get_statistics with the period"
            " hour and the type change",
        )
    id_at, time_at = _place(names, _IDS, name), _place(names, _TIMES, name)
    unit_at = names.index("unit") if "unit" in names else None
    values_at = {field: names.index(field) for field in FIELDS if field in names}
    for line, cells in rows:
        if len(cells) < len(names):
            cells.extend([""] * (len(names) - len(cells)))
        values = {field: cells[at].strip() for field, at in values_at.items()}
        unit = "" if unit_at is None else cells[unit_at].strip()
        yield Record(line, cells[id_at].strip(), unit, _start(cells[time_at]), values)


def _place(names: list[str], wanted: tuple[str, ...], name: str) -> int:
    for each in wanted:
        if each in names:
            return names.index(each)
    raise HistoryProblems(name, f'has no column "{wanted[0]}"; export the statistics again')


def _start(text: str) -> str:
    """A time as it stands there; seconds or milliseconds since 1970 as ISO 8601."""
    try:
        return _instant(float(text))
    except ValueError:
        return text.strip()


def _instant(number: float) -> str:
    seconds = number / 1000 if number >= _MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError) as error:
        raise ValueError(number) from error


# --- JSON ------------------------------------------------------------------------------------


def _from_json(text: str, name: str) -> Iterator[Record]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise HistoryProblems(
            name, f"line {line} is no JSON; save the whole answer of Home Assistant"
        ) from None
    for id_, unit, entries in _lists(_unwrapped(found), name):
        for number, entry in enumerate(entries, 1):
            yield _entry(number, id_, unit, entry, name)


def _unwrapped(found: Any) -> Any:  # noqa: ANN401 -- JSON
    for _ in _WRAPPERS:
        inner = next((key for key in _WRAPPERS if isinstance(found, dict) and key in found), None)
        if inner is None:
            break
        found = found[inner]
    return found["entities"] if isinstance(found, dict) and "entities" in found else found


def _lists(found: Any, name: str) -> Iterator[tuple[str, str, list[Any]]]:  # noqa: ANN401 -- JSON
    """Each statistic with its unit and its entries."""
    if isinstance(found, dict) and all(isinstance(each, list) for each in found.values()):
        yield from ((id_, "", entries) for id_, entries in found.items())
        return
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise HistoryProblems(
            name, "has no statistics; save the answer of the action recorder.get_statistics"
        )
    rows: dict[tuple[str, str], list[Any]] = {}
    for each in found:
        id_ = next((str(each[key]) for key in _IDS if key in each), "")
        inner = each.get("values", [each])
        entries = rows.setdefault((id_, _said(each.get("unit"))), [])
        entries += inner if isinstance(inner, list) else [inner]
    yield from ((id_, unit, entries) for (id_, unit), entries in rows.items())


def _entry(number: int, id_: str, unit: str, entry: Any, name: str) -> Record:  # noqa: ANN401 -- JSON
    start = None
    if isinstance(entry, dict):
        start = next((entry[key] for key in _TIMES if entry.get(key) is not None), None)
    if start is None:
        raise HistoryProblems(name, f"entry {number} of {id_ or 'it'} does not say its start")
    values = {field: _said(entry[field]) for field in FIELDS if field in entry}
    return Record(number, id_, unit, _start(_said(start)), values)


def _said(value: object) -> str:
    return "" if value is None else str(value)


# --- YAML ------------------------------------------------------------------------------------


def _from_yaml(text: str, name: str) -> Iterator[Record]:
    """The one shape of YAML that the developer tools show: no general one is read."""
    id_, first = "", 0
    entry: dict[str, str] = {}
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip() or row.startswith("statistics:"):
            continue
        found = _YAML.fullmatch(row.rstrip())
        if found is None:
            raise HistoryProblems(
                name, f"row {line} is not as the developer tools show an answer; copy all of it"
            )
        key, value = found["key"].strip("\"'"), (found["value"] or "").strip().strip("\"'")
        if (found["item"] or _ID.fullmatch(key)) and entry:
            yield _of_yaml(first, id_, entry, name)
            entry = {}
        if _ID.fullmatch(key) and not value:
            id_ = key
            continue
        first = line if not entry else first
        entry[key] = "" if value == "null" else value
    if entry:
        yield _of_yaml(first, id_, entry, name)


def _of_yaml(line: int, id_: str, entry: Mapping[str, str], name: str) -> Record:
    start = next((entry[key] for key in _TIMES if entry.get(key)), None)
    if start is None:
        raise HistoryProblems(name, f"row {line} begins an entry that does not say its start")
    values = {field: entry[field] for field in FIELDS if field in entry}
    return Record(line, id_, "", _start(start), values)
