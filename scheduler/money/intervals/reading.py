"""From files to a history: what kind of file it is, its rows, and what they say of a home.

Files of one kind may be given together, as where an app exports each day by itself.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from math import nan
from pathlib import Path
from statistics import fmean
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money import DateOrder, DecimalMark, HistoryFormat
from scheduler.money.intervals import (
    energy_dashboard,
    journal,
    journal_export,
    own_csv,
    plausible,
    statistics,
    statistics_records,
    tesla_app,
    utilities,
)
from scheduler.money.intervals.channels import Channel
from scheduler.money.intervals.columns import Columns, read_columns
from scheduler.money.intervals.findings import Mistake
from scheduler.money.intervals.flows import flows_of
from scheduler.money.intervals.gaps import Grid, fill, finding_of, gaps_of
from scheduler.money.intervals.green_button import read_green_button
from scheduler.money.intervals.history import History
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.notation import utc
from scheduler.money.intervals.samples import Samples, samples_of
from scheduler.money.intervals.text import content_of, head_of, rows_of, text_of
from scheduler.money.intervals.track import Track, put_in_order, step_of, track_of

_HEAD: Final = 8192
_XML: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<")
_TITLES: Final[Mapping[HistoryFormat, str]] = {
    HistoryFormat.CSV: "CSV",
    HistoryFormat.PGE: "PG&E's download of intervals",
    HistoryFormat.SCE: "SCE's download of intervals",
    HistoryFormat.SDGE: "SDG&E's download of intervals",
    HistoryFormat.TESLA_APP: "the Tesla app's export",
    HistoryFormat.HOME_ASSISTANT: "Home Assistant's statistics",
}


def read_history(
    paths: Sequence[Path],
    instructions: Instructions = Instructions(),  # noqa: B008 -- frozen
    solar: Sequence[Path] = (),
) -> History:
    """What files hold, with everything that is wrong with it in `findings`.

    `solar` are files with what the panels gave, where the first have only the meter. Raises
    `HistoryProblems` for what cannot be read or placed in time, and `JournalProblem`.
    """
    of_sun = {key: name for key, name in instructions.columns.items() if key == Channel.SOLAR}
    of_meter = {key: name for key, name in instructions.columns.items() if key not in of_sun}
    meter = replace(instructions, columns=of_meter) if solar else instructions
    samples = _samples(paths, meter)
    track = _track(samples, meter)
    found, notes, repairs = list(samples.findings), list(samples.notes), list(samples.repairs)
    if solar:
        own = replace(instructions, columns=of_sun, form=None, unit=None, zone=samples.zone)
        other = _samples(solar, own)
        _join(track, _track(other, own), other.name)
        found += other.findings
        notes += other.notes
        repairs += other.repairs
    flows = flows_of(track, samples.name, no_solar=instructions.no_solar)
    grid = Grid(track.start_s, track.step_s, track.zone)
    gaps = gaps_of(flows.load, flows.solar)
    if gaps and instructions.fill_gaps:
        filled = fill((flows.load, flows.solar), gaps, grid, instructions.fill_gaps)
        repairs += filled
        gaps = gaps_of(flows.load, flows.solar) if filled else gaps
    if gaps:
        found.append(finding_of(gaps, grid, len(track)))
    # Once they are filled, empty cells are no mistake any more; else the holes tell of them.
    found = [each for each in found if each.mistake is not Mistake.MISSING or gaps]
    return History(
        name=samples.name,
        source=samples.source,
        start=utc(track.start_s),
        step=timedelta(seconds=track.step_s),
        zone=track.zone,
        load_w=flows.load,
        solar_w=flows.solar,
        grid_w=flows.grid,
        battery_w=flows.battery,
        gaps=gaps,
        findings=(*found, *flows.findings),
        notes=(*notes, *flows.notes),
        repairs=tuple(repairs),
    )


def recognised(content: bytes) -> HistoryFormat:
    """What kind of file this is the content of."""
    if content.startswith(journal.MAGIC):
        return HistoryFormat.JOURNAL
    if _XML.match(content):
        return HistoryFormat.GREEN_BUTTON
    text = content[:_HEAD].decode("utf-8-sig", "replace")
    head = text.replace('"', "")
    upper = head.upper()
    if utilities.PGE in upper:
        return HistoryFormat.PGE
    if utilities.SDGE in upper:
        return HistoryFormat.SDGE
    if utilities.SCE.search(head):
        return HistoryFormat.SCE
    if text.startswith((journal_export.CSV_HEAD, journal_export.JSON_HEAD)):
        return HistoryFormat.JOURNAL
    if energy_dashboard.is_download(head) or statistics_records.is_of_statistics(text):
        return HistoryFormat.HOME_ASSISTANT
    if tesla_app.is_export(head):
        return HistoryFormat.TESLA_APP
    return HistoryFormat.CSV


def _samples(paths: Sequence[Path], instructions: Instructions) -> Samples:
    """The rows of files of one kind. Raises `HistoryProblems` and `JournalProblem`."""
    heads = [head_of(path, _HEAD) for path in paths]
    form = instructions.form or recognised(heads[0])
    _refuse_other_kinds(paths, heads, form, instructions)
    if form is HistoryFormat.JOURNAL and heads[0].startswith(journal.MAGIC):
        found = journal.read_journal_powers(
            paths[0], instructions.site, instructions.zone, instructions.step
        )
        found.check()
        return found
    names = [path.name for path in paths]
    several = len(set(names)) < len(names)
    contents = {str(path) if several else path.name: content_of(path) for path in paths}
    if form is HistoryFormat.JOURNAL:
        zone = _needed(instructions.zone, paths[0].name)
        texts = {name: text_of(content, name) for name, content in contents.items()}
        found = journal_export.read_journal_export(
            texts, instructions.site, zone, instructions.step
        )
        found.check()
        return found
    if form is HistoryFormat.GREEN_BUTTON:
        zone = _needed(instructions.zone, paths[0].name)
        return read_green_button(contents, zone, drop_duplicates=instructions.drop_duplicates)
    return _from_text(contents, form, instructions)


def _refuse_other_kinds(
    paths: Sequence[Path], heads: Sequence[bytes], form: HistoryFormat, instructions: Instructions
) -> None:
    """Raises `HistoryProblems` where several files are not of one kind."""
    for path, head in zip(paths, heads, strict=True):
        if len(paths) > 1 and head.startswith(journal.MAGIC):
            raise HistoryProblems(path.name, "is a journal; give it by itself")
        other = instructions.form or recognised(head)
        if other is not form:
            raise HistoryProblems(
                path.name,
                f"is of the kind {other}, and {paths[0].name} of the kind {form}; give files of one"
                " kind at once",
            )


def _from_text(
    contents: Mapping[str, bytes], form: HistoryFormat, instructions: Instructions
) -> Samples:
    columns, head = Columns(), None
    for name, content in contents.items():
        said, text = own_csv.without_head(text_of(content, name), name)
        head = head or said
        rows = rows_of(text, name)
        match form:
            case HistoryFormat.PGE | HistoryFormat.SDGE:
                utilities.read_table(columns, rows, name, form)
            case HistoryFormat.SCE:
                utilities.read_sce(columns, rows, name)
            case HistoryFormat.HOME_ASSISTANT if energy_dashboard.is_download(text):
                energy_dashboard.read_dashboard(columns, rows, name)
            case HistoryFormat.HOME_ASSISTANT:
                statistics.read_statistics(columns, text, name, instructions)
            case HistoryFormat.TESLA_APP:
                tesla_app.read_export(columns, rows, name, instructions)
            case _:
                read_columns(columns, rows, name, instructions)
    name = next(iter(contents))
    zone = _needed(instructions.zone or (head and head.zone), name)
    source = _source(contents, form) if head is None else head.source
    order = (
        DateOrder.MONTH_FIRST
        if form in {HistoryFormat.PGE, HistoryFormat.SCE, HistoryFormat.SDGE}
        else None
    )
    if form is HistoryFormat.HOME_ASSISTANT:
        # Its numbers are read already, and stand there as ours.
        instructions = replace(instructions, decimal=DecimalMark.POINT)
    sure = head is not None or form is not HistoryFormat.CSV
    samples = samples_of(columns, name, zone, source, instructions, order, sure_units=sure)
    if head is not None:
        samples.repairs += head.repairs
    if form is HistoryFormat.TESLA_APP:
        samples.notes.append(tesla_app.TIMES)
    return samples


def _source(contents: Mapping[str, bytes], form: HistoryFormat) -> str:
    names = list(contents)
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{_TITLES[form]}: {names[0]}{others}"


def _needed(zone: ZoneInfo | None, name: str) -> ZoneInfo:
    if zone is None:
        raise HistoryProblems(
            name, "does not say where the home is; give --timezone, like America/Los_Angeles"
        )
    return zone


def _track(samples: Samples, instructions: Instructions) -> Track:
    """Slots of watts. What is implausible or wrong is in the samples' findings."""
    put_in_order(samples, instructions)
    step_s = step_of(samples)
    if samples.readings:
        plausible.difference_readings(samples, step_s)
    elif instructions.counters:
        plausible.difference_counters(samples, step_s)
    elif plausible.tell_of_counters(samples):
        return track_of(samples, step_s)
    if not plausible.tell_of_units(samples, step_s, instructions):
        plausible.look_at_values(samples, step_s, instructions)
    return track_of(samples, step_s)


def _join(track: Track, other: Track, name: str) -> None:
    """Add the sun of another file, where and as long as both have something."""
    sun = other.watts.get(Channel.SOLAR)
    if sun is None:
        raise HistoryProblems(name, "has no sun; name its column with --columns solar=NAME")
    if track.step_s % other.step_s:
        raise HistoryProblems(
            name,
            f"its intervals of {other.step_s // 60} minutes do not fit into those of"
            f" {track.step_s // 60} minutes; give finer ones, or coarser ones of the meter",
        )
    each = track.step_s // other.step_s
    joined = array("d")
    for slot in range(len(track)):
        first, rest = divmod(track.start_s + slot * track.step_s - other.start_s, other.step_s)
        values = sun[first : first + each] if first >= 0 and not rest else ()
        joined.append(fmean(values) if len(values) == each else nan)
    track.watts[Channel.SOLAR] = joined
