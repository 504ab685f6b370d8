"""What `pwsched check --journal` shows: how often each rule would have won on the readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rules.errors import printable
from scheduler.history import RuleTally, Tally

if TYPE_CHECKING:
    from rules.engine import RuleSet

BY_DEFAULT = "[default]"
WIDEST = 36
"""Columns for a rule's name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A tally, and the readings that it is of."""

    site: str
    start: datetime
    end: datetime
    zone: ZoneInfo
    tally: Tally

    @property
    def unseen(self) -> timedelta:
        """The time without a reading."""
        return self.end - self.start - self.tally.seen

    @property
    def never(self) -> list[str]:
        """The rules that never won, and the events that never fired."""
        return [
            *(name for name, each in self.tally.rules.items() if not each.won),
            *(name for name, each in self.tally.events.items() if not each.fired),
        ]


def counted(
    rules: RuleSet, journal: Path, site: str | None, since: str, until: str | None
) -> Counted:
    """Lead rules along a journal's readings. Raises `JournalProblem` and `ConfigProblem`."""
    from scheduler.cli.replay import WARM_UP, progress, span_of
    from scheduler.history import tallied
    from scheduler.journal.sqlite import Chronicle

    zone = rules.almanac.zone
    start, end = span_of(since, until, zone)
    with Chronicle.opened(journal) as chronicle:
        name = chronicle.site(site)
        first = chronicle.number_before(name, start - WARM_UP)
        last = chronicle.number_before(name, end)
        past = chronicle.happened_with_means(name, first, last + 1)
        before = chronicle.standing(name, first)
        with progress(start - WARM_UP, end) as watched:
            tally = tallied(watched(past), before, rules, start)
    return Counted(name, start, end, zone, tally)


def lines(found: Counted) -> Iterator[str]:
    """The table, and what it cannot tell."""
    tally = found.tally
    start, end = (_local(each, found) for each in (found.start, found.end))
    yield f"On the readings of {printable(found.site)} from {start} to {end}:"
    width = min(WIDEST, max(map(len, (*tally.rules, *tally.events, BY_DEFAULT))))
    yield f"  {'':<{width}}  {'active':>8}  {'won':>8}  first won         last won"
    for name, rule in tally.rules.items():
        yield f"  {printable(name):<{width}}  {_hours(rule.active):>8}  {_won(rule, found)}"
    yield f"  {BY_DEFAULT:<{width}}  {'':>8}  {_won(tally.default, found)}"
    for name, event in tally.events.items():
        missed = f", missed {event.missed}" if event.missed else ""
        times = f"{event.fired} time{'s' * (event.fired != 1)}"
        yield f"  {printable(name):<{width}}  fired {times}{missed}"
    for (mode, reserve), lasted in tally.composed.items():
        yield printable(f"  mode by {mode}, reserve by {reserve}: {_hours(lasted)}")
    if found.never:
        names = ", ".join(f'"{name}"' for name in found.never)
        yield printable(f"Never in these {_hours(tally.seen)}: {names}.")
    if found.unseen > timedelta(minutes=10):
        yield f"Of {_hours(found.unseen)} there is no reading; nothing is said of them."
    if tally.from_means:
        yield (
            f"{tally.from_means} of {tally.readings} readings are 5-minute means: of those older "
            "than 30 days only ones at which something happened are stored as read."
        )


def as_json(found: Counted) -> dict[str, Any]:
    """The same for a script."""
    tally = found.tally
    return {
        "site": found.site,
        "since": found.start.isoformat(),
        "until": found.end.isoformat(),
        "seen_hours": _number(tally.seen),
        "readings": tally.readings,
        "looks_at_means": tally.from_means,
        "rules": [{"rule": name, **_rule(each)} for name, each in tally.rules.items()],
        "default": _rule(tally.default),
        "events": [
            {"rule": name, "fired": each.fired, "missed": each.missed}
            for name, each in tally.events.items()
        ],
        "never": found.never,
        "composed": [
            {"mode_from": mode, "reserve_from": reserve, "hours": _number(lasted)}
            for (mode, reserve), lasted in tally.composed.items()
        ],
    }


def _won(rule: RuleTally, found: Counted) -> str:
    if rule.first is None or rule.last is None:
        return f"{'never':>8}"
    first, last = _local(rule.first, found), _local(rule.last, found)
    return f"{_hours(rule.won):>8}  {first}  {last}"


def _rule(rule: RuleTally) -> dict[str, Any]:
    return {
        "active_hours": _number(rule.active),
        "won_hours": _number(rule.won),
        "first": None if rule.first is None else rule.first.isoformat(),
        "last": None if rule.last is None else rule.last.isoformat(),
    }


def _local(at: datetime, found: Counted) -> str:
    return f"{at.astimezone(found.zone):%Y-%m-%d %H:%M}"


def _hours(span: timedelta) -> str:
    return f"{_number(span):.1f} h"


def _number(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 2)
