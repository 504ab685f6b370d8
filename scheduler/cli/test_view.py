"""What `pwsched test` shows: each result, what failed side by side, and what nothing tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rules.engine import Plan
from rules.errors import printable
from rules.testing import Holds, RuleTestFile
from scheduler.rule_tests import Failure, Result

WIDTH, INDENT = 100, 8
_PASSED, _FAILED, _ASIDE = "green", "bold red", "dim"


class Timed(NamedTuple):
    """One result, and how many seconds it took."""

    file: RuleTestFile
    result: Result
    seconds: float


class Untested(NamedTuple):
    """What no test of some rule files shows: rules that never win, events that never fire."""

    rule_files: tuple[Path, ...]
    rules: tuple[str, ...]
    events: tuple[str, ...]


@dataclass
class Ran:
    """All results of a call. Without `everything` they are only of some tests."""

    everything: bool
    results: list[Timed] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many tests failed."""
        return sum(not each.result.passed for each in self.results)

    def untested(self) -> Iterator[Untested]:
        """What the tests leave out, by the rule files that they are about."""
        if not self.everything:
            return
        for rule_files in dict.fromkeys(each.file.rule_files for each in self.results):
            about = [each for each in self.results if each.file.rule_files == rule_files]
            won = {name for each in about for name in each.result.won}
            fired = {name for each in about for name in each.result.fired}
            rules = tuple(name for name in _can_win(about[0].file) if name not in won)
            events = about[0].file.rules.event_rules
            silent = tuple(event.name for event in events if event.name not in fired)
            if rules or silent:
                yield Untested(rule_files, rules, silent)


def _can_win(file: RuleTestFile) -> Iterator[str]:
    """The rules of which the route of the tests can set something."""
    plan = Plan.of(file.rules, file.levers)
    for rule in file.rules.state_rules:
        if plan.claims[rule.name] or rule.want.reserve_at_least is not None:
            yield rule.name


def show_result(timed: Timed) -> None:
    """One line for a test that passed, and for one that failed all that there is to say."""
    console, result = _console(), timed.result
    mark = Text("  ok    ", _PASSED) if result.passed else Text("  FAIL  ", _FAILED)
    console.print(Text.assemble(mark, printable(result.test.name)))
    for failure in result.failures:
        for each in _told(failure, timed.file):
            console.print(Padding(each, (0, 0, 0, INDENT)))


def show_summary(ran: Ran) -> None:
    """The last lines: what nothing tests, how many passed and failed."""
    console = _console()
    print()
    for each in ran.untested():
        named = ", ".join(path.name for path in each.rule_files)
        for what, names in (("makes this rule win", each.rules), ("fires this event", each.events)):
            for name in names:
                console.print(Text(f'{named}: no test {what}: "{printable(name)}"'))
    passed, failed = len(ran.results) - ran.failed, ran.failed
    said = f"{passed} passed" + (f", {failed} failed" if failed else "")
    console.print(Text(said, _FAILED if failed else _PASSED))


def to_json(ran: Ran) -> str:
    """The results as JSON."""
    return json.dumps(
        {
            "passed": not ran.failed,
            "tests": [
                {
                    "file": str(file.path),
                    "line": result.test.line,
                    "name": result.test.name,
                    "passed": result.passed,
                    "seconds": round(seconds, 6),
                    "failures": [_failure_json(each, file) for each in result.failures],
                }
                for file, result, seconds in ran.results
            ],
            "untested": [
                {
                    "rule_files": [str(path) for path in each.rule_files],
                    "rules": each.rules,
                    "events": each.events,
                }
                for each in ran.untested()
            ],
        },
        indent=2,
    )


def to_junit(ran: Ran) -> str:
    """The results as JUnit XML: a suite for each file."""
    root = ET.Element("testsuites", name="pwsched test")
    for path in dict.fromkeys(each.file.path for each in ran.results):
        results = [each for each in ran.results if each.file.path == path]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=str(path),
            tests=str(len(results)),
            failures=str(sum(not each.result.passed for each in results)),
            errors="0",
            time=f"{sum(each.seconds for each in results):.3f}",
        )
        for file, result, seconds in results:
            case = ET.SubElement(
                suite,
                "testcase",
                name=result.test.name,
                classname=path.name,
                file=str(path),
                line=str(result.test.line),
                time=f"{seconds:.3f}",
            )
            for failure in result.failures:
                differences = [
                    f"{each.what}: expected {each.expected}, got {each.got}"
                    for each in failure.differences
                ]
                told = [_place(failure, file), *differences, *failure.reasons]
                message = "; ".join(differences)
                ET.SubElement(case, "failure", message=message).text = "\n".join(told)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _console() -> Console:
    return Console(highlight=False, width=WIDTH, soft_wrap=False)


def _told(failure: Failure, file: RuleTestFile) -> Iterator[RenderableType]:
    """Where and when, expected and got side by side, and why."""
    yield _place(failure, file)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=_ASIDE)
    for title in ("", "expected", "got"):
        table.add_column(title, overflow="fold")
    for each in failure.differences:
        table.add_row(*(Text(printable(said)) for said in (each.what, each.expected, each.got)))
    yield table
    for reason in failure.reasons:
        yield Text(printable(reason), _ASIDE)


def _place(failure: Failure, file: RuleTestFile) -> str:
    """Where an expectation stands, and the moment at which it was not met."""
    local = failure.at.astimezone(file.rules.almanac.zone)
    held = "" if failure.holds is Holds.ALWAYS else f", {failure.holds.value}"
    return f"{file.path}:{failure.line}{held}: {local:%A %-d %B %Y %H:%M:%S}"


def _failure_json(failure: Failure, file: RuleTestFile) -> dict[str, object]:
    return {
        "line": failure.line,
        "at": failure.at.astimezone(file.rules.almanac.zone).isoformat(),
        "holds": failure.holds.value,
        "differences": [
            {"what": each.what, "expected": each.expected, "got": each.got}
            for each in failure.differences
        ],
        "reasons": list(failure.reasons),
    }
