"""`pwsched journal export`: rows for scripts, and a house's history for a later backtest."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from scheduler.cli.journal import journal_path
from scheduler.cli.options import CONFIG, JOURNAL, TIMEZONE
from scheduler.words import Kind

if TYPE_CHECKING:
    from scheduler.journal import Entry


class Format(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"


_READ = (
    "soe", "site_power", "battery_power", "load_power", "solar_power", "grid", "grid_services",
    "mode", "reserve", "grid_charging", "export", "running", "unknown_words", "readings",
)  # fmt: skip
"""What is exported of an observation: percent of the app, watts."""


def export(
    *,
    form: Annotated[Format, typer.Option("--format", help="One row or one object a line.")],
    kind: Annotated[Kind, typer.Option(help="Rows of this kind.")] = Kind.OBSERVATION,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help='From then on: "30d", "16:05" or ISO.')
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Before then, written like --since.")
    ] = None,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    timezone: TIMEZONE = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of stdout.")
    ] = None,
    config: CONFIG = None,
    path: JOURNAL = None,
) -> None:
    """Write rows as CSV or JSON lines, times in UTC. `readings` over 1 marks a 5-minute mean."""
    from scheduler.cli.local_times import one_zone, zones_of
    from scheduler.cli.moment import past_moment
    from scheduler.clock import SystemClock
    from scheduler.journal.sqlite import stream

    place, now = journal_path(config, path), SystemClock().now()
    zones = zones_of(place, site, timezone)
    start, end = (
        None if said is None else past_moment(option, said, now, one_zone(zones, option))
        for option, said in (("--since", since), ("--until", until))
    )
    rows = map(_row, stream(place, site, start, end, kind))
    first = next(rows, None)  # before a file is touched, so that a mistake costs nobody an old one
    with _written(output) as file:
        if first is not None:
            _write(chain([first], rows), file, form)


def _row(entry: Entry) -> dict[str, Any]:
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    fields = entry.fields
    if entry.kind is Kind.OBSERVATION:
        fields = {name: fields[name] for name in _READ}
    return {"at": at, "site": entry.site, **fields}


def _write(rows: Iterator[dict[str, Any]], file: TextIO, form: Format) -> None:
    if form is Format.JSONL:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False), file=file)
        return
    writer: csv.DictWriter[str] | None = None
    for row in rows:
        if writer is None:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> object:
    match value:
        case bool():
            return int(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return value


@contextmanager
def _written(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    from scheduler.errors import ConfigProblem

    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{output}: cannot be written: {reason}") from None
