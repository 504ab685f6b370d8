"""Records as rows of their tables, and rows as records.

Which column a field goes to follows from its name and type alone (see `tables`), so a new kind of
record needs no code here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from operator import attrgetter
from types import UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from sqlalchemy import RowMapping, Table, insert
from sqlalchemy.dialects.sqlite import dialect

from rules.domain import Export, Mode, Observation, Part, Setting
from scheduler.domain import ObservationRecord, Row
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import RowForm, Stored
from scheduler.journal.sqlite.column_types import instant_from_text, instant_text, json_text

Values = list[Stored]
"""A row's values in the order of its codec's columns."""

Selected = Mapping[str, Any] | RowMapping
"""A row that was selected, by the names of its columns."""

_Bind = Callable[[Any], Stored]
_Read = Callable[[Any], Any]
_Readers = dict[str, Callable[[Selected], Any]]
_QMARKS = dialect(paramstyle="qmark")
_RENAMED: dict[tuple[type, str], str] = {(ObservationRecord, "at"): "tick_at"}
"""Fields whose column has another name: a row of `observation` is as old as the reading in it."""


class _StoredField(NamedTuple):
    """A value that is stored: its column, where it stands in the record, and what binds it."""

    column: str
    path: str
    bind: _Bind | None


_OF_ROW = (_StoredField("id", "number", None), _StoredField("run_id", "run", None))


class Codec:
    """How one kind of record is stored.

    `columns` are those of its table but for `chain`. `insert_sql` takes their values in that order,
    and `chain` after them where the table has it. Raises `TypeError` where a column is filled by
    nothing in the record, or a field has no column.
    """

    def __init__(self, table: Table, record: type) -> None:
        self.chained = "chain" in table.c
        self._record = record
        stored, self._readers = _plan(table, record, "record.")
        by_column = {each.column: each for each in (*_OF_ROW, *stored)}
        self.columns = tuple(name for name in table.c.keys() if name != "chain")  # noqa: SIM118 -- a collection of columns, not of names
        amiss = {"site", *by_column} ^ {*self.columns, "run_id"}
        if amiss:
            raise TypeError(f"{table.name} and {record.__name__} differ in {sorted(amiss)}")
        self._getter = attrgetter(*(by_column[name].path for name in self.columns[1:]))
        self._binds = [
            (place, bind)
            for place, name in enumerate(self.columns[1:], 1)
            if (bind := by_column[name].bind) is not None
        ]
        self.form = RowForm(table.name, self.columns)
        self.insert_sql = str(insert(table).compile(dialect=_QMARKS))

    def values(self, site: str, row: Row) -> Values:
        """A row's values as SQLite stores them.

        Raises `ValueError` for a naive instant and for what is no JSON.
        """
        values: Values = [site, *self._getter(row)]
        for place, bind in self._binds:
            value = values[place]
            if value is not None:
                values[place] = bind(value)
        return values

    def record(self, row: Selected) -> Any:  # noqa: ANN401 -- of the kind that was asked for
        """The record in a row that was selected from the table.

        Fields that have no column must be in the row under the names that their columns would have.
        """
        return self._record(**{name: read(row) for name, read in self._readers.items()})


def of_setting(field: str, row: Selected) -> Setting:
    """The setting of this field in a selected row."""
    return _setting(tables.setting_columns(field), row)


def _plan(table: Table, kind: type, path: str = "") -> tuple[list[_StoredField], _Readers]:
    """What is stored of a record or of an observation in it, and how each of its fields is read."""
    hints = get_type_hints(kind)
    stored: list[_StoredField] = []
    readers: _Readers = {}
    for name in (field.name for field in fields(kind)):
        hint, here = _not_none(hints[name]), path + name
        column = _RENAMED.get((kind, name), name)
        if hint is Observation:
            inner, reads = _plan(table, Observation, f"{here}.")
            stored += inner
            readers[name] = partial(_nested, Observation, reads)
        elif hint is Setting:
            columns = tables.setting_columns(name)
            readers[name] = partial(_setting, columns)
            inner, _ = _plan(table, Setting, f"{here}.")
            named = zip(columns.values(), inner, strict=True)
            stored += [each._replace(column=part) for part, each in named if part in table.c]
        else:
            stored.append(_StoredField(column, here, _bind_of(hint)))
            readers[name] = partial(_column, column, _read_of(hint))
    return stored, readers


def _bind_of(hint: Any) -> _Bind | None:  # noqa: ANN401 -- whatever stands in an annotation
    """What makes a value of this type one of SQLite's; `None`: it is one."""
    if hint is datetime:
        return instant_text
    if hint in (bool, int):
        return int
    if _is_word(hint):
        return attrgetter("value")
    if get_origin(hint) is Mapping:
        return _instants_text if get_args(hint)[1] is datetime else json_text
    return None


def _read_of(hint: Any) -> _Read | None:  # noqa: ANN401 -- whatever stands in an annotation
    """What makes the field's value of what a column's type gives; `None`: it is that."""
    if _is_word(hint):
        word: _Read = hint
        return word
    if get_origin(hint) is Mapping:
        key, value = get_args(hint)
        if _is_word(key):
            return partial(_by_word, key, instant_from_text if value is datetime else None)
    return None


def _is_word(hint: Any) -> bool:  # noqa: ANN401 -- whatever stands in an annotation
    return isinstance(hint, type) and issubclass(hint, StrEnum)


def _not_none(hint: Any) -> Any:  # noqa: ANN401 -- whatever stands in an annotation
    """The type of a field that may be missing."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (each for each in get_args(hint) if each is not type(None))
    return hint


def _instants_text(instants: Mapping[str, datetime]) -> str:
    return json_text({name: instant_text(at) for name, at in instants.items()})


def _by_word(word: _Read, read: _Read | None, found: Mapping[str, Any]) -> dict[Any, Any]:
    return {word(key): value if read is None else read(value) for key, value in found.items()}


def _column(name: str, read: _Read | None, row: Selected) -> Any:  # noqa: ANN401 -- of the field's type
    value = row[name]
    return value if value is None or read is None else read(value)


def _setting(columns: Mapping[Part, str], row: Selected) -> Setting:
    mode, reserve, grid_charging, export = (row[column] for column in columns.values())
    return Setting(
        None if mode is None else Mode(mode),
        reserve,
        grid_charging,
        None if export is None else Export(export),
    )


def _nested(kind: type, readers: _Readers, row: Selected) -> Any:  # noqa: ANN401 -- of that kind
    return kind(**{name: read(row) for name, read in readers.items()})


CODECS: dict[type, Codec] = {
    table.info["record"]: Codec(table, table.info["record"])
    for table in tables.metadata.tables.values()
    if table.info.get("record") is not None
}
"""The codec of each kind of record."""
