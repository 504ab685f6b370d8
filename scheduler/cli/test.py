"""`pwsched test`: runs the tests of rule files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rules.errors import Problem
    from rules.testing import RuleTestFile, SimulatedHome
    from scheduler.cli.test_view import Ran
    from scheduler.rule_tests import LoadAndSun

BETWEEN_LOOKS = 0.5
"""Seconds between two looks at the files under --watch."""

Wait = Callable[[float], object]
"""Waits for so many seconds."""


def run_tests(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="TESTS...",
            help="Test files, or folders with such (default: this folder).",
        ),
    ] = None,
    *,
    run: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN", help='Only tests with this in their name; "*" is anything.'
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Run them again whenever a file changes.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the results as JUnit XML.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The results as JSON.")] = False,
) -> None:
    """Run the tests of rule files."""
    from rules.errors import RuleProblems
    from scheduler.errors import ConfigProblem

    named = files or [Path()]
    if watch:
        if as_json or junit is not None:
            raise ConfigProblem("--watch: goes without --json and --junit")
        _watch(named, run)
        return
    loaded, problems = _loaded(named)
    if problems:
        raise RuleProblems(problems)
    ran = _run(loaded, run, show=not as_json)
    if not ran.results:
        raise ConfigProblem(f'--run: no test has "{run}" in its name')
    _report(ran, junit, as_json=as_json)
    if ran.failed:
        raise typer.Exit(1)


def _loaded(named: Sequence[Path]) -> tuple[list[RuleTestFile], list[Problem]]:
    """The test files, and what is wrong with those that cannot be used. Raises `ConfigProblem`."""
    from rules.errors import RuleProblems
    from rules.testing import load_rule_tests

    found: list[RuleTestFile] = []
    problems: list[Problem] = []
    for path in _test_files(named):
        try:
            found.append(load_rule_tests(path))
        except RuleProblems as error:
            problems += error.problems
    return found, problems


def _test_files(named: Sequence[Path]) -> list[Path]:
    from rules.testing import ENDING
    from scheduler.errors import ConfigProblem

    found: list[Path] = []
    for path in named:
        inside = sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path]
        if not inside:
            raise ConfigProblem(f"no test file (NAME{ENDING}) is in {path.resolve()}")
        found += inside
    return list(dict.fromkeys(found))


def _run(loaded: Iterable[RuleTestFile], pattern: str | None, *, show: bool) -> Ran:
    """Run the tests whose name fits, and print each as it ends."""
    from scheduler.cli.test_view import Ran, Timed, show_result
    from scheduler.clock import SystemClock
    from scheduler.rule_tests import run

    clock, ran = SystemClock(), Ran(everything=pattern is None)
    for file in loaded:
        chosen = [test for test in file.tests if _fits(test.name, pattern)]
        if chosen and show:
            print(file.path)
        for test in chosen:
            began = clock.monotonic()
            result = run(test, file, _household)
            timed = Timed(file, result, clock.monotonic() - began)
            ran.results.append(timed)
            if show:
                show_result(timed)
    return ran


def _fits(name: str, pattern: str | None) -> bool:
    return pattern is None or fnmatch(name.casefold(), f"*{pattern.casefold()}*")


def _household(home: SimulatedHome, zone: ZoneInfo) -> LoadAndSun:
    from scheduler.household import Household

    return replace(Household.in_zone(home.seed, zone), panels_w=home.panels_w)


def _report(ran: Ran, junit: Path | None, *, as_json: bool) -> None:
    from scheduler.cli.test_view import show_summary, to_json, to_junit
    from scheduler.errors import ConfigProblem

    if junit is not None:
        try:
            junit.write_text(to_junit(ran), encoding="utf-8")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ConfigProblem(f"--junit: {junit} cannot be written: {reason}") from None
    if as_json:
        print(to_json(ran))
    else:
        show_summary(ran)


def _watch(named: Sequence[Path], pattern: str | None) -> None:
    from threading import Event

    try:
        watch_files(named, pattern, Event().wait)
    except KeyboardInterrupt:
        print()


def watch_files(named: Sequence[Path], pattern: str | None, wait: Wait) -> None:
    """Run the tests now, and again whenever one of their files is another; until interrupted."""
    from rules.errors import PwschedError

    before: object = None
    while True:
        watched: list[Path] = []
        try:
            watched = _test_files(named)
            loaded, problems = _loaded(named)
            watched += [rules for file in loaded for rules in file.rule_files]
        except PwschedError as error:
            loaded, problems, said = [], [], f"pwsched: {error}"
        else:
            said = "\n".join(map(str, problems))
        now = said, [(path, _changed_at(path)) for path in watched]
        if now != before:
            if before is not None:
                print()
            before = now
            if said:
                print(said, file=sys.stderr)
            if loaded:
                _report(_run(loaded, pattern, show=True), None, as_json=False)
        wait(BETWEEN_LOOKS)


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
