"""`pwsched history`: what a file of a home's use holds, before a bill is made of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.home_options import SEED, YEAR
from scheduler.money import DateOrder, DecimalMark, HistoryFormat, LocalClock, Unit

if TYPE_CHECKING:
    from scheduler.money import IntervalData
    from scheduler.money.intervals import History, Instructions

_PAIR = re.compile(r"\s*([a-z]+)\s*=\s*(.*?)\s*", re.DOTALL)
_NEXT = re.compile(r",(?=\s*[a-z]+\s*=)")
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_QUARTER = timedelta(minutes=15)


def history(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILES...", help="A file, or several of one kind; or a journal."),
    ] = None,
    *,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="Where the home is, if no file says it."),
    ] = None,
    form: Annotated[
        HistoryFormat | None,
        typer.Option("--format", help="What kind of file it is (default: by its content)."),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns", metavar="MEANING=NAME,…", help="Which columns are time, load, solar, …"
        ),
    ] = None,
    unit: Annotated[Unit | None, typer.Option(help="The unit of every column.")] = None,
    decimal: Annotated[DecimalMark | None, typer.Option(help="What decimals stand after.")] = None,
    dates: Annotated[
        DateOrder | None, typer.Option(help="What 5/6 means, if no date of the file tells.")
    ] = None,
    clock: Annotated[
        LocalClock,
        typer.Option(help="How times without an offset go through the nights of clock changes."),
    ] = LocalClock.LOCAL,
    solar: Annotated[
        list[Path] | None,
        typer.Option("--solar", metavar="FILE", help="What the panels gave, if it is elsewhere."),
    ] = None,
    no_solar: Annotated[bool, typer.Option("--no-solar", help="There are no panels.")] = False,
    counters: Annotated[
        bool, typer.Option("--counters", help="The values are readings of counters.")
    ] = False,
    sort: Annotated[
        bool, typer.Option("--sort", help="Put the rows in the order of time.")
    ] = False,
    drop_duplicates: Annotated[
        bool, typer.Option("--drop-duplicates", help="Leave out what is there a second time.")
    ] = False,
    drop_negative: Annotated[
        bool, typer.Option("--drop-negative", help="Count negative load and sun as 0.")
    ] = False,
    drop_spikes: Annotated[
        bool, typer.Option("--drop-spikes", help="Leave out what is more than 96 kW.")
    ] = False,
    fill_gaps: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Fill holes as long as this from neighbouring days."),
    ] = None,
    step: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Intervals of this length, as of a journal."),
    ] = None,
    site: Annotated[str | None, typer.Option("--site", help="The site of a journal.")] = None,
    household: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="No file: all-electric, gas-heated, electric-car or works-from-home.",
        ),
    ] = None,
    panels: Annotated[
        str, typer.Option(metavar="POWER", help="The panels of that household.")
    ] = "6 kW",
    seed: SEED = 1,
    year: YEAR = 2026,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write it as our CSV.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save it as a picture, too.")
    ] = None,
) -> None:
    """Show what a file of a home's use and sun holds, and what is wrong with it."""
    from scheduler.cli.moment import zone_named
    from scheduler.errors import ConfigProblem
    from scheduler.money.intervals import Instructions, read_history

    zone = None if timezone is None else zone_named(timezone)
    wanted = None if step is None else _step(step)
    instructions = Instructions(
        form=form,
        zone=zone,
        columns=_columns(columns or []),
        unit=unit,
        decimal=decimal,
        dates=dates,
        clock=clock,
        site=site,
        step=wanted or Instructions().step,
        no_solar=no_solar,
        counters=counters,
        sort=sort,
        drop_duplicates=drop_duplicates,
        drop_negative=drop_negative,
        drop_spikes=drop_spikes,
        fill_gaps=timedelta() if fill_gaps is None else _duration("--fill-gaps", fill_gaps),
    )
    if files and household is not None:
        raise ConfigProblem("give a file or --household, not both")
    if household is not None:
        found = _synthetic(household, instructions, panels, seed, year, wanted)
    elif files:
        found = read_history(files, instructions, solar or [])
    else:
        raise ConfigProblem("give a file, or --household KIND for one that never was")
    _show(found, as_json=as_json, picture=picture)
    if found.findings:
        raise typer.Exit(1)
    if out is not None:
        _write(found, wanted, out)


def _synthetic(
    kind: str,
    instructions: Instructions,
    panels: str,
    seed: int,
    year: int,
    step: timedelta | None,
) -> History:
    """The year of a household that never was. Raises `ConfigProblem`."""
    from dataclasses import replace

    from scheduler.cli.given import power_of
    from scheduler.errors import ConfigProblem
    from scheduler.household import HomeKind, Household
    from scheduler.money.intervals import History, synthetic_year

    if kind not in set(HomeKind):
        known = ", ".join(HomeKind)
        raise ConfigProblem(f'--household: must be one of {known}, got "{kind}"')
    if instructions.zone is None:
        raise ConfigProblem("--household: say where it stands with --timezone")
    panels_w = power_of("--panels", panels) or 0.0
    if panels_w < 0:
        raise ConfigProblem("--panels: must be 0 or more")
    home = Household.in_zone(seed, instructions.zone)
    home = replace(home, kind=HomeKind(kind), panels_w=panels_w)
    data = synthetic_year(home, year, step or _QUARTER)
    return History(
        name=kind,
        source=data.source,
        start=data.start,
        step=data.step,
        zone=data.zone,
        load_w=data.load_w,
        solar_w=data.solar_w,
    )


def _show(found: History, *, as_json: bool, picture: Path | None) -> None:
    if as_json:
        from scheduler.cli.history_summary import as_json as summary

        print(json.dumps(summary(found)))
    if as_json and picture is None:
        return
    from rich.console import Console

    from scheduler.cli.history_view import WIDTH, history_view
    from scheduler.cli.picture import save_picture

    view = history_view(found)
    if not as_json:
        console = Console(highlight=False)
        console.width = max(console.width, WIDTH)
        console.print(view)
    if picture is not None:
        save_picture(view, picture, title=f"pwsched history {found.name}", width=WIDTH)


def _write(found: History, step: timedelta | None, out: Path) -> None:
    """Our CSV of a history, in another step where one is wanted. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem
    from scheduler.money.intervals import csv_lines, resampled

    data: History | IntervalData = found
    if step is not None and step != found.step:
        try:
            data = resampled(found.interval_data(), step)
        except ValueError as error:
            raise ConfigProblem(f"--step: {error}") from None
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_lines(data))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{out}: cannot be written: {reason}") from None


def _columns(said: list[str]) -> Mapping[str, str]:
    """What --columns says, by meaning. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem
    from scheduler.money.intervals import MEANINGS

    found = {}
    for text in said:
        for pair in _NEXT.split(text):
            parts = _PAIR.fullmatch(pair)
            if parts is None or parts[1] not in MEANINGS or not parts[2]:
                known = ", ".join(MEANINGS)
                raise ConfigProblem(
                    f'--columns: must be like "load=Home,solar=PV", got "{pair}"; the meanings'
                    f" are {known}"
                )
            found[parts[1]] = parts[2]
    return found


def _step(text: str) -> timedelta:
    """Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem

    found = _duration("--step", text)
    if not _MINUTE <= found <= _HOUR or found % _MINUTE or _HOUR % found:
        raise ConfigProblem(f'--step: must be 1 to 60 minutes and divide the hour, got "{text}"')
    return found


def _duration(option: str, text: str) -> timedelta:
    """Raises `ConfigProblem`."""
    from rules.language import parse_duration
    from scheduler.errors import ConfigProblem

    try:
        return parse_duration(text)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None
