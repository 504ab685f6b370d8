"""`pwsched journal`: what was decided and done, as sentences or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG, JOURNAL, TIMEZONE
from scheduler.words import Kind

if TYPE_CHECKING:
    from scheduler.journal import Entry

LEAST = 40
"""Columns that a sentence needs beside time, site and kind; with fewer it stands beneath them."""

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})


@app.callback(invoke_without_command=True)
def journal(
    context: typer.Context,
    config: CONFIG = None,
    path: JOURNAL = None,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help='From then on: "3d", "yesterday 16:05", ISO.')
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Before then, written like --since.")
    ] = None,
    kind: Annotated[
        list[Kind] | None, typer.Option(help="Only rows of this kind; repeatable.")
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="Show at most this many rows, the newest.")
    ] = 50,
    observations: Annotated[
        bool, typer.Option("--observations", help="Polls of the gateway, too.")
    ] = False,
    timezone: TIMEZONE = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, times in UTC.")
    ] = False,
) -> None:
    """Show what was decided and done, newest last; or verify the journal."""
    if context.invoked_subcommand is not None:
        return
    from rules.errors import PwschedError
    from scheduler.cli.local_times import one_zone, zones_of
    from scheduler.cli.moment import past_moment
    from scheduler.clock import SystemClock

    try:
        place = journal_path(config, path)
        zones = zones_of(place, site, timezone)
        now = SystemClock().now()
        start, end = (
            None if said is None else past_moment(option, said, now, one_zone(zones, option))
            for option, said in (("--since", since), ("--until", until))
        )
        entries = _entries(place, site, start, end, _kinds(kind, observations), limit)
    except PwschedError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(problem.exit_code) from None
    if as_json:
        for entry in entries:
            print(_json_line(entry))
    else:
        _print_table(entries, zones)


def journal_path(config: Path | None, path: Path | None) -> Path:
    """The journal that the options name. Raises `ConfigProblem` unless it is just one."""
    if path is not None and config is None:
        return path
    from scheduler.config import find_config, load_config
    from scheduler.errors import ConfigProblem

    if path is not None:
        raise ConfigProblem("say which journal: either --config FILE or --journal FILE")
    return load_config(find_config(config, or_else="--journal FILE")).journal


def _entries(
    path: Path,
    site: str | None,
    since: datetime | None,
    until: datetime | None,
    kinds: frozenset[Kind],
    limit: int,
) -> list[Entry]:
    from scheduler.journal.sqlite import read_journal

    return read_journal(path, site=site, since=since, until=until, kinds=kinds, limit=limit)


def _kinds(chosen: Sequence[Kind] | None, observations: bool) -> frozenset[Kind]:
    from scheduler.domain import AUDIT_KINDS

    kinds = frozenset(chosen) if chosen else AUDIT_KINDS
    return kinds | {Kind.OBSERVATION} if observations else kinds


def _json_line(entry: Entry) -> str:
    return json.dumps(
        {
            "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "site": entry.site,
            "kind": entry.kind.value,
            "id": entry.id,
            "run_id": entry.run_id,
            "text": entry.text,
            "fields": entry.fields,
        },
        ensure_ascii=False,
    )


def _print_table(entries: Sequence[Entry], zones: Mapping[str, ZoneInfo]) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from rules.errors import printable
    from scheduler.cli.local_times import in_zone

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("time", "site", "kind"):
        table.add_column(heading, no_wrap=True)
    table.add_column("what", overflow="fold")
    heads, texts = [], []
    for each in entries:
        zone = zones[each.site]
        at = f"{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
        heads.append((at, printable(each.site), each.kind.value))
        texts.append(Text(printable(in_zone(each.text, each.at, zone))))
    if not entries:
        console.print("nothing in the journal for these options")
    elif console.width - max(sum(map(len, head)) for head in heads) >= LEAST:
        for head, text in zip(heads, texts, strict=True):
            table.add_row(*map(Text, head), text)
        console.print(table)
    else:
        for head, text in zip(heads, texts, strict=True):
            console.print(Text(" ".join(head), "bold"))
            console.print(Padding(text, (0, 0, 0, 2)))
