"""What `pwsched explain` shows: a block for each rule and each event, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rules.domain import Part, Setting
from rules.engine import DEFAULT, ClauseTrace, EventTrace, Explanation, RuleTrace
from scheduler.cli.columns import longest_word, page
from scheduler.control.hold import on_the_wall

VERDICTS = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision explained, what events do then, and what else there is to say of single rules."""

    explanation: Explanation
    events: Sequence[EventTrace]
    now: datetime
    zone: ZoneInfo
    notes: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""


def show(told: Explained) -> None:
    """A block for each rule, and for each clause a verdict, its key, what is there, and wanted."""
    explanation, local = told.explanation, told.now.astimezone(told.zone)
    console = page()
    console.print(Text(f"{local:%A %d %B %Y %H:%M} ({local.tzname()})"))
    wanted, written = explanation.decision.setting, explanation.written
    console.print(Text(f"wanted: {wanted}", "bold"))
    if written != wanted:
        why = f": this route cannot set {wanted.mode}" if written.empty else ""
        console.print(Text(f"written: {written}{why}", "bold"))
    until = on_the_wall(explanation.decision.until, told.now, told.zone)
    console.print(Text(f"until: {until} at least, on these readings"))
    if told.warning:
        console.print(Text(told.warning))
    clauses = [each.clauses for each in explanation.rules] + [each.clauses for each in told.events]
    keys = max((len(_short(each.key)) for some in clauses for each in some), default=0)
    got = max(16, longest_word(each.got for some in clauses for each in some))
    for trace in explanation.rules:
        console.print()
        console.print(Text.assemble((trace.name, "bold"), f": {_verdict(trace)}"))
        console.print(_clauses(trace.clauses, keys, got))
        for note in (*_notes(trace), *_of(trace.name, told.notes)):
            console.print(Text(f"  {note}"))
    _show_default(console, explanation)
    for event in told.events:
        console.print()
        console.print(Text.assemble(("event " + event.name, "bold"), f": {_due(event, told)}"))
        console.print(_clauses(event.clauses, keys, got))
        for note in _of(event.name, told.notes):
            console.print(Text(f"  {note}"))


def _show_default(console: Console, explanation: Explanation) -> None:
    winners = explanation.decision.winners
    by_default = [part for part, winner in winners.items() if winner == DEFAULT]
    if by_default or explanation.default_out_of_reach:
        console.print()
        console.print(Text.assemble((DEFAULT, "bold"), f": {_wins(by_default)}"))
        for shortfall in explanation.default_out_of_reach:
            console.print(Text(f"  {shortfall}"))


def _clauses(clauses: Sequence[ClauseTrace], keys: int, got: int) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in (9, keys, got):
        table.add_column(width=width, overflow="fold")
    table.add_column(overflow="fold")
    for clause in clauses:
        key = _short(clause.key)
        mark = f"  {VERDICTS[clause.verdict]}"
        table.add_row(mark, *(Text(each) for each in (key, clause.got, clause.wanted)))
    return table


def _due(event: EventTrace, told: Explained) -> str:
    """Whether an event fires, and when it is due."""
    action = event.action.value
    if event.fires:
        return f"{action}, fires now"
    if not event.timed:
        seen = {True: "they are true now", False: "they are false now", None: "now unknown"}
        return f"{action}, fires when its clauses turn true; {seen[event.verdict]}"
    if event.due is None:
        return f"{action}, not due within 13 months"
    if event.due == told.now:
        waits = event.verdict is None
        return f"{action}, due now, {'waits for a value' if waits else 'does not fire'}"
    return f"{action}, next due {on_the_wall(event.due, told.now, told.zone)}"


def _of(name: str, notes: Mapping[str, str]) -> Iterator[str]:
    if name in notes:
        yield notes[name]


def _verdict(trace: RuleTrace) -> str:
    if not trace.active:
        return "not active"
    if trace.in_vain:
        return "active, and nothing of it can be set here"
    return _wins(trace.won) if trace.won else "active, outranked"


def _short(key: str) -> str:
    """The key without the table it stands in."""
    return key.partition(".")[2] or key


def _wins(parts: Sequence[Part]) -> str:
    if not parts:
        return "wins nothing"
    return f"wins {' and '.join(part.value.replace('_', ' ') for part in parts)}"


def _notes(trace: RuleTrace) -> Iterator[str]:
    """What there is to say of a rule beside its clauses."""
    if trace.active_otherwise:
        yield trace.active_otherwise
    if trace.active:
        here = "left as it is" if trace.setting.empty else str(trace.setting)
        says_more = here != trace.want and (trace.won or not trace.setting.empty)
        yield f"wants: {trace.want}{f'; here: {here}' if says_more else ''}"
        yield from map(str, trace.out_of_reach)
    if trace.why:
        yield f"why: {trace.why}"


def explained_json(told: Explained) -> dict[str, object]:
    """All that `show` shows as JSON values."""
    events = [
        {
            "name": event.name,
            "action": event.action.value,
            "fires": event.fires,
            "due": event.due and event.due.isoformat(),
            "clauses": [_clause_json(each) for each in event.clauses],
            "verdict": event.verdict,
        }
        for event in told.events
    ]
    return explanation_json(told.explanation, told.now) | {
        "events": events,
        "notes": dict(told.notes),
    }


def explanation_json(explanation: Explanation, now: datetime) -> dict[str, object]:
    """An explanation as JSON values."""

    def parts(setting: Setting) -> dict[str, object]:
        return {part.value: getattr(setting, part) for part in Part}

    return {
        "at": now.isoformat(),
        "setting": parts(explanation.decision.setting),
        "written": parts(explanation.written),
        "default_out_of_reach": [str(each) for each in explanation.default_out_of_reach],
        "winners": {part.value: winner for part, winner in explanation.decision.winners.items()},
        "reason": explanation.reason(),
        "until": explanation.decision.until.isoformat(),
        "rules": [
            {
                "name": trace.name,
                "priority": trace.priority,
                "active": trace.active,
                "state": trace.state.value,
                "won": [part.value for part in trace.won],
                "wants": trace.want,
                "because": trace.active_otherwise or None,
                "out_of_reach": [str(each) for each in trace.out_of_reach],
                "clauses": [_clause_json(each) for each in trace.clauses],
            }
            for trace in explanation.rules
        ],
    }


def _clause_json(clause: ClauseTrace) -> dict[str, object]:
    return {
        "key": clause.key,
        "wanted": clause.wanted,
        "got": clause.got,
        "verdict": clause.verdict,
    }
