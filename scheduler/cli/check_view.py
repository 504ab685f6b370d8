"""What `pwsched check` shows of a report: each finding with its place, its moment and a repair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from rules.check import Comparison, Finding, Located, Place, Places, Report, moment_in_words
from rules.errors import printable
from scheduler.cli.columns import PAGE


class View:
    """Shows findings against the files that they are about."""

    def __init__(self, places: Places, files: Sequence[Path], zone: ZoneInfo) -> None:
        self._places = places
        self._files = tuple(files)
        self._zone = zone

    def lines(self, finding: Finding) -> Iterator[str]:
        """A finding as a person reads it."""
        kind = "error" if finding.is_error else "warning"
        located = [self._places.find(each) for each in finding.places]
        where = self._where(located[0]) if located else None
        head = f"{kind}[{finding.code}]: {finding.text}"
        yield from _wrapped(f"{where}: {head}" if where else head, "")
        shown: set[tuple[int, int, int]] = set()
        for each in located:
            if (
                each is not None
                and (key := (each.file, each.span.line, each.span.start)) not in shown
            ):
                shown.add(key)
                yield from self._caret(each, named=where != self._where(each))
        if finding.history is not None:
            yield from _wrapped(f"when: {moment_in_words(finding.history, self._zone)}", "  ")
        if finding.a_year:
            yield f"  how long: up to {hours(finding.a_year)} a year"
        if finding.repair is not None:
            yield from _wrapped(f"repair, proved: {finding.repair}", "  ")

    def _where(self, located: Located | None) -> str | None:
        if located is None:
            return None
        return f"{self._files[located.file]}:{located.span.line}"

    def _caret(self, located: Located, *, named: bool) -> Iterator[str]:
        span = located.span
        number = str(span.line)
        if named:
            yield f"  {self._where(located)}"
        yield f"  {number} | {printable(span.text.replace(chr(9), ' '))}"
        yield f"  {' ' * len(number)} | {' ' * span.start}{'^' * max(1, span.end - span.start)}"

    def as_json(self, finding: Finding) -> dict[str, Any]:
        """A finding for a script."""
        history, repair = finding.history, finding.repair
        return {
            "code": finding.code.value,
            "error": finding.is_error,
            "text": finding.text,
            "places": [self._place_as_json(each) for each in finding.places],
            "moment": None if history is None else history.at.isoformat(),
            "shown_by": None if history is None else list(history.said),
            "hours_a_year": _hours(finding.a_year) if finding.a_year else None,
            "repair": None
            if repair is None
            else {
                "rule": repair.place.rule,
                "key": ".".join(map(str, repair.place.keys)),
                "value": repair.value,
            },
        }

    def _place_as_json(self, place: Place) -> dict[str, Any]:
        located = self._places.find(place)
        found: dict[str, Any] = {"rule": place.rule, "key": ".".join(map(str, place.keys))}
        if located is not None:
            found |= {
                "file": str(self._files[located.file]),
                "line": located.span.line,
                "column": located.span.start + 1,
            }
        return found


def facts(report: Report) -> Iterator[str]:
    """What is no finding: composed settings, what is left to the default, how often events come."""
    if report.composed:
        yield "Mode and reserve from two rules, for up to so long a year:"
        rows = [(each.mode_from, each.reserve_from, hours(each.a_year)) for each in report.composed]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        for mode, reserve, a_year in rows:
            yield f"  mode by {mode:<{widths[0]}}  reserve by {reserve:<{widths[1]}}  {a_year:>9}"
    default = report.default
    if default is not None:
        yield from _wrapped(
            f"Left to [default]: {hours(default.always)} a year in which no rule is open, and up "
            f"to {hours(default.at_times)} in which the open rules may all be inactive.",
            "",
        )
    for event in report.events:
        silence = event.silence
        longest = f"; never from {silence[0]:%d %b} to {silence[1]:%d %b %Y}" if silence else ""
        yield f'"{event.rule}" comes on {event.days} days a year{longest}.'


def compared(comparison: Comparison, old: str, zone: ZoneInfo) -> Iterator[str]:
    """What the comparison with older rules came to."""
    difference = comparison.difference
    if comparison.equal:
        yield f"Compared with {old}: proved to want the same at every moment."
    elif difference is None:
        yield f"Compared with {old}: not proved to want the same: {comparison.undecided}."
    else:
        moment = moment_in_words(difference.history, zone)
        yield from _wrapped(f"Compared with {old}: first different on {moment}:", "")
        for word, each in (("before", difference.before), ("now", difference.after)):
            yield from _wrapped(f"{word}: {each.reason()}", "  ")
        yield f"  for up to {hours(difference.a_year)} a year"


def comparison_as_json(comparison: Comparison | None) -> dict[str, Any] | None:
    """The same for a script; `None` where there was none."""
    if comparison is None:
        return None
    difference = comparison.difference
    found: dict[str, Any] = {"equal": comparison.equal, "undecided": comparison.undecided or None}
    if difference is not None:
        found |= {
            "moment": difference.history.at.isoformat(),
            "shown_by": list(difference.history.said),
            "before": difference.before.reason(),
            "now": difference.after.reason(),
            "hours_a_year": _hours(difference.a_year),
        }
    return found


def facts_as_json(report: Report) -> dict[str, Any]:
    """The same for a script."""
    return {
        "composed": [
            {
                "mode_from": each.mode_from,
                "reserve_from": each.reserve_from,
                "hours_a_year": _hours(each.a_year),
            }
            for each in report.composed
        ],
        "left_to_default": None
        if report.default is None
        else {
            "always_hours": _hours(report.default.always),
            "at_times_hours": _hours(report.default.at_times),
        },
        "events": [{"rule": each.rule, "days_a_year": each.days} for each in report.events],
    }


def hours(span: timedelta) -> str:
    """Whole hours, with minutes where there are few."""
    found = _hours(span)
    return f"{found:g} h" if found < 10 else f"{found:,.0f} h"


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 1)


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(
        printable(text),
        PAGE,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
