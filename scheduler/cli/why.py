"""`pwsched why`: why things were as they were at a moment of the past."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG, JOURNAL, SITE

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from rules.engine import ClauseTrace, RuleTrace
    from scheduler.history import Why
    from scheduler.journal import Moment, Silence, Write


def why(
    *,
    at: Annotated[
        str, typer.Option(metavar="TIME", help='"16:05", "yesterday 16:05", "2h ago" or ISO.')
    ] = "0m ago",
    site: SITE = None,
    config: CONFIG = None,
    path: JOURNAL = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, times in UTC.")] = False,
) -> None:
    """Explain a past setting, rule by rule."""
    from scheduler.cli.journal import journal_path
    from scheduler.cli.moment import past_moment
    from scheduler.clock import SystemClock
    from scheduler.history import why as reasons
    from scheduler.journal import Silence
    from scheduler.journal.sqlite import Chronicle

    place, now = journal_path(config, path), SystemClock().now()
    with Chronicle.opened(place) as chronicle:
        name = chronicle.site(site)
        zone = chronicle.zone(name)
        moment = chronicle.moment(name, past_moment("--at", at, now, zone))
        found = moment if isinstance(moment, Silence) else reasons(chronicle, moment)
    if as_json:
        print(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
    elif isinstance(found, Silence):
        _print_lines([_silence(found, zone)])
    else:
        _print(found, zone)
    if isinstance(found, Silence):
        raise typer.Exit(1)


def _silence(silence: Silence, zone: ZoneInfo) -> str:
    """A sentence about a moment of which nothing is known."""
    since, until = (
        None if each is None else _wall(each, silence.at, zone)
        for each in (silence.since, silence.until)
    )
    again = f"; it started again at {until}" if until else " and has not started since"
    match silence.reason:
        case "before":
            start = f"begins at {until}" if until else "has nothing of this site yet"
            return f"Nothing is known of {_full(silence.at, zone)}: the journal {start}."
        case "gap":
            lost = f"from {since} to {until}" if since else f"before {until}"
            return f"What happened {lost} is lost: {silence.detail}."
        case "stopped":
            return f"pwsched did not run then: it was stopped at {since} ({silence.detail}){again}."
        case "cut off":
            return f"pwsched did not run then: it was cut off after {since}{again}."
    resumed = f"; the next is of {until}" if until else ", and there is none since"
    return f"The journal has no reading of that time: the last before is of {since}{resumed}."


def _print(found: Why, zone: ZoneInfo) -> None:
    from rich.text import Text

    from rules.errors import printable
    from scheduler.cli.columns import page
    from scheduler.cli.local_times import in_zone

    moment = found.moment
    console = page()

    console.print(Text(f"{printable(moment.site)}, {_full(moment.at, zone)}", "bold"), "\n")
    lines = [_wanted(found, zone), *_written(moment, zone), *_hindered(found, zone)]
    lines.append(_house(found, zone))
    _print_lines([in_zone(line, moment.at, zone) for line in lines])
    if found.explanation is None:
        _print_lines([f"Rule by rule it cannot be told: {found.trouble}."])
        return
    console.print(Text("Rule by rule, the strongest first", "bold"))
    for trace in found.explanation.rules:
        _print_indented(
            console, Text.assemble((printable(trace.name), "bold"), f": {_verdict(trace)}"), 2
        )
        for line in (*_short_of(trace), *_clauses(trace)):
            _print_indented(console, Text(printable(line)), 6)


def _wanted(found: Why, zone: ZoneInfo) -> str:
    moment = found.moment
    if moment.decision is None:
        return "Nothing had been decided yet."
    record = moment.decision.record
    since = _wall(moment.decided_since or record.at, moment.at, zone)
    if record.setting.empty:
        return f"Since {since} nothing was wanted of the battery: {record.reason}."
    return f"Wanted since {since}: {record.setting}. {_capital(record.reason)}."


def _written(moment: Moment, zone: ZoneInfo) -> Iterator[str]:
    """The last write before, and what became of it."""
    write = moment.write
    if write is None:
        yield "Until then nothing had been written."
        return
    when = _wall(write.at, moment.at, zone)
    instead = "" if write.previous.empty else f" instead of {write.previous}"
    if write.would:
        yield f"Last, at {when}, {write.wanted} would have been written{instead}: {write.detail}."
        return
    yield f"Last written at {when}: {write.wanted}{instead}. {_became(write)}"


def _became(write: Write) -> str:
    if write.outcome is None or write.ended_at is None:
        return "What became of it is not known yet."
    took = round((write.ended_at - write.at).total_seconds())
    told = {
        "held": f"It was read back and held {took} s later.",
        "unverified": f"As far as it can be read back it held {took} s later: {write.detail}.",
        "superseded": f"It was given up for a newer decision after {took} s.",
        "recovered_applied": "After a restart it was found applied.",
        "recovered_not_applied": "After a restart it was found not applied.",
    }
    said = told.get(write.outcome, f"It ended as {write.outcome}: {write.detail}.")
    if write.effect is not None:
        said += f" The power flows {write.effect} it: {write.effect_detail}."
    return said


def _hindered(found: Why, zone: ZoneInfo) -> Iterator[str]:
    """What the owner, somebody else or a guard changed."""
    from scheduler.control.hold import in_a_sentence

    moment = found.moment
    if found.hold is not None:
        said = in_a_sentence(found.hold, moment.at, zone)
        yield f"Above the rules stood: {said} ({found.hold.by})."
    if moment.override is not None:
        began = _wall(moment.override.at, moment.at, zone)
        yield f"Somebody else's change was respected since {began}: {moment.override.detail}."
    if moment.held_back is not None:
        when, text = moment.held_back
        yield f"No write was made, at {_wall(when, moment.at, zone)}: {text}."


def _house(found: Why, zone: ZoneInfo) -> str:
    """What was there."""
    from scheduler.journal import sentences

    seen = found.seen
    where = (
        "5-minute means around then"
        if seen.mean
        else "read at " + _wall(seen.observation.at, found.moment.at, zone, seconds=True)
    )
    return f"There was ({where}): {sentences.observation(seen.observation)}."


def _verdict(trace: RuleTrace) -> str:
    if not trace.active:
        return "inactive"
    parts = " and ".join(part.value.replace("_", " ") for part in trace.won)
    if trace.in_vain:
        return f"asked for {trace.want}, of which nothing could be set"
    here = "" if str(trace.setting) == trace.want else f" (here: {trace.setting})"
    won = f"and decided the {parts}" if parts else "and was outranked"
    return f"asked for {trace.want}{here} {won}"


def _short_of(trace: RuleTrace) -> Iterator[str]:
    """What an active rule asked for in vain."""
    if trace.active:
        yield from map(str, trace.out_of_reach)


def _clauses(trace: RuleTrace) -> Iterator[str]:
    """The clauses that tell: all of an active rule, of another those in its way."""
    if trace.active_otherwise:
        yield trace.active_otherwise
    for clause in trace.clauses:
        if trace.active or clause.verdict is not True:
            yield _clause(clause)


def _clause(clause: ClauseTrace) -> str:
    key = clause.key.partition(".")[2] or clause.key
    name = key.partition(".")[0].removesuffix("_above").removesuffix("_below").replace("_", " ")
    name = {"soe": "SOE"}.get(name, name)
    got = _GRID.get(clause.got, clause.got)
    if clause.verdict:
        return f"{name} was {got}, as needed: {clause.wanted}"
    doubt = "which cannot be told" if clause.verdict is None else "needed"
    return f"{name} was {got}, {doubt}: {clause.wanted}"


_GRID = {"SystemGridConnected": "up", "SystemIslandedActive": "down"}


def _as_json(found: Why | Silence) -> dict[str, Any]:
    from rules.domain import Quantity
    from scheduler.cli.explain_view import explanation_json
    from scheduler.journal import Silence

    if isinstance(found, Silence):
        return {
            "at": _iso(found.at),
            "site": found.site,
            "known": False,
            "reason": found.reason,
            "since": _iso(found.since),
            "until": _iso(found.until),
            "detail": found.detail,
        }
    moment, write = found.moment, found.moment.write
    decided = None if moment.decision is None else moment.decision.record
    seen = found.seen.observation
    return {
        "at": _iso(moment.at),
        "site": moment.site,
        "known": True,
        "decided": decided
        and {
            "at": _iso(decided.at),
            "mode": decided.setting.mode,
            "reserve": decided.setting.reserve,
            "winners": dict(decided.winners),
            "reason": decided.reason,
            "rules": decided.rules_hash,
        },
        "observation": {
            "at": _iso(seen.at),
            **{each.value: getattr(seen, each.value) for each in Quantity},
            "unknown_words": dict(seen.unknown_words or {}),
            "earlier": {each.value: _iso(at) for each, at in seen.earlier.items()},
            "tick_at": _iso(found.seen.at),
            "means": found.seen.mean,
        },
        "write": write
        and {
            "at": _iso(write.at),
            "mode": write.wanted.mode,
            "reserve": write.wanted.reserve,
            "cause": write.cause,
            "would": write.would,
            "outcome": write.outcome,
            "ended_at": _iso(write.ended_at),
            "detail": write.detail,
            "effect": write.effect,
            "effect_detail": write.effect_detail,
        },
        "owner": found.hold
        and {
            "by": found.hold.by,
            "word": found.hold.word,
            "mode": found.hold.setting.mode,
            "reserve": found.hold.setting.reserve,
            "until": _iso(found.hold.until),
        },
        "override": moment.override and moment.override.detail,
        "held_back": moment.held_back and moment.held_back[1],
        "explanation": found.explanation and explanation_json(found.explanation, found.seen.at),
        "trouble": found.trouble,
    }


def _iso(at: datetime | None) -> str | None:
    from scheduler.journal.sqlite import instant_text

    return None if at is None else instant_text(at)


def _full(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%A %d %B %Y, %H:%M} ({local.tzname()})"


def _wall(at: datetime, moment: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """The clock on the wall, with the day where it is not that of the moment."""
    local = at.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    there = moment.astimezone(zone).date()
    if local.date() == there:
        return clock
    year = "" if local.year == there.year else f" {local.year}"
    return f"{local:%a %d %b}{year} {clock}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _print_lines(lines: list[str]) -> None:
    from rich.text import Text

    from rules.errors import printable
    from scheduler.cli.columns import page

    console = page()
    for line in lines:
        console.print(Text(printable(line)))
    if len(lines) > 1:
        console.print()


def _print_indented(console: Console, line: Text, by: int) -> None:
    from rich.padding import Padding

    console.print(Padding(line, (0, 0, 0, by), expand=False))
