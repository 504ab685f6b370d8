"""From a test file to tests, or to every problem in it at once.

The rules that it is about are read first: their time zone gives its times a meaning, and a rule
that a test names has to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from rules.domain import Export, Mode, Part, Setting
from rules.engine import DEFAULT, RuleSet, RuleState
from rules.errors import Problem, RuleProblems
from rules.language import Path as Place
from rules.language import (
    as_written,
    line_of,
    load_rules,
    parse_span,
    positions,
    problems_of,
    read_toml,
)
from rules.resolve import Levers
from rules.testing import model
from rules.testing.house import house_of, points_of, setting_of
from rules.testing.house_model import SettingOf
from rules.testing.rule_test import Count, Expectation, Holds, RuleTest, RuleTestFile
from rules.testing.times import Report, Times, full_time, time_from

ENDING = ".test.toml"
"""How the name of a test file ends."""

MAX_BYTES = 1024 * 1024
"""Largest test file: counterexamples are written into one, with their prices."""

LONGEST = timedelta(days=400)
"""The longest test: a year and whatever comes before and after it."""

_UNITS = frozenset("smhdw")


def load_rule_tests(path: Path) -> RuleTestFile:
    """Read a test file and the rules that it is about. Raises `RuleProblems`."""
    text, values = read_toml(path, MAX_BYTES)
    problems: list[Problem] = []
    file: model.TestFile | None = None
    try:
        file = model.TestFile.model_validate(values)
    except ValidationError as error:
        problems += problems_of(error, str(path), text, values, model.TestFile)
    rule_files = _rule_files(path, values)
    try:
        rules = load_rules(rule_files)
    except RuleProblems as error:
        raise RuleProblems([*problems, *error.problems]) from None
    if file is None:
        raise RuleProblems(problems)
    levers = Levers(
        modes=frozenset(Mode),
        reserve_ceiling=file.reserve_ceiling,
        grid_charging=frozenset({False, True} if "grid_charging" in file.can_set else ()),
        export=frozenset(Export if "export" in file.can_set else ()),
    )
    reader = _Reader(str(path), positions(text), rules, levers)
    tests = tuple(reader.test(index, each) for index, each in enumerate(file.test))
    reader.names_differ(file.test)
    if reader.problems:
        raise RuleProblems(sorted(set(reader.problems)))
    return RuleTestFile(path, rule_files, rules, levers, file.reserve_floor, tests)


def _rule_files(path: Path, values: Mapping[str, Any]) -> tuple[Path, ...]:
    said = values.get("rules")
    if isinstance(said, str):
        said = [said]
    if isinstance(said, list) and said and all(isinstance(each, str) for each in said):
        return tuple(path.parent / each for each in said)
    return (path.with_name(path.name.removesuffix(ENDING).removesuffix(".toml") + ".toml"),)


@dataclass
class _Reader:
    """Makes values of what the model has let through; `problems` are what it cannot."""

    path: str
    lines: Mapping[Place, int]
    rules: RuleSet
    levers: Levers
    problems: list[Problem] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return self.rules.almanac.zone

    def test(self, index: int, said: model.Test) -> RuleTest:
        """One test; a test of some kind even where there are problems."""
        place: Place = ("test", index)

        def report(inner: Place, text: str) -> None:
            where = as_written(inner)
            line = line_of((*place, *inner), self.lines)
            self.problems.append(
                Problem(
                    self.path, line, f'test "{said.name}": {where}{": " if where else ""}{text}'
                )
            )

        start = self._start(said, report)
        end = self._end(said, start, report)
        times = Times(self.zone, start, end, report)
        step = said.step if isinstance(said.step, timedelta) else None
        points = points_of(said, times)
        return RuleTest(
            said.name,
            line_of(place, self.lines),
            start,
            end,
            step,
            tuple(at for at, _ in points),
            house_of(said, points, self.rules, times),
            tuple(
                self._expectation(
                    number, each, times, line_of((*place, "expect", number), self.lines)
                )
                for number, each in enumerate(said.expect)
            ),
        )

    def names_differ(self, tests: Sequence[model.Test]) -> None:
        """Report tests of one name."""
        first: dict[str, int] = {}
        for index, test in enumerate(tests):
            line = line_of(("test", index, "name"), self.lines)
            if test.name in first:
                already = f"there is a test of this name already, at line {first[test.name]}"
                text = f'test "{test.name}": {already}'
                self.problems.append(Problem(self.path, line, text))
            first.setdefault(test.name, line)

    def _start(self, said: model.Test, report: Report) -> datetime:
        try:
            return full_time(said.start, self.zone)
        except ValueError as error:
            report(("start",), str(error))
            return _SOME_DAY.replace(tzinfo=self.zone)

    def _end(self, said: model.Test, start: datetime, report: Report) -> datetime:
        try:
            if said.end[-1:] in _UNITS:
                end = start + parse_span(said.end)
            else:
                end = time_from(said.end, self.zone, start)
        except ValueError as error:
            report(("end",), str(error))
            return start + timedelta(days=1)
        if not timedelta(0) < end - start <= LONGEST:
            report(("end",), f"must be after the start, and at most {LONGEST.days} days")
            return start + timedelta(days=1)
        return end

    def _expectation(self, number: int, said: model.Expect, times: Times, line: int) -> Expectation:
        place: Place = ("expect", number)
        start, end = times.start, times.end
        moment = None
        if said.at is not None:
            start = moment = times.read(said.at, (*place, "at"))
        if said.from_ is not None:
            start = times.read(said.from_, (*place, "from"))
        if said.to is not None:
            end = times.read(said.to, (*place, "to"))
        if moment is None and end <= start:
            times.report((*place, "to"), "must be after from")
        holds = Holds.NEVER if said.never else Holds.ALWAYS if said.always else Holds.SOMETIME
        winner, winners = self._winners(said.winner, (*place, "winner"), times.report)
        self._known(said.active, self._state_rules(), (*place, "active"), times.report)
        self._known(said.state, self._state_rules(), (*place, "state"), times.report)
        events = [event.name for event in self.rules.event_rules]
        self._known(said.fired, events, (*place, "fired"), times.report)
        self._known(said.missed, events, (*place, "missed"), times.report)
        counted = _none if said.never else _count
        return Expectation(
            line,
            start,
            end if moment is None else None,
            holds,
            self._setting(said.setting, (*place, "setting"), times.report),
            self._setting(said.wanted, (*place, "wanted"), times.report),
            winner,
            winners,
            {name: RuleState(word) for name, word in said.state.items()},
            said.active,
            {name: counted(times) for name, times in said.fired.items()},
            {name: counted(times) for name, times in said.missed.items()},
            None if said.writes is None else _count(said.writes),
        )

    def _setting(self, said: SettingOf | None, place: Place, report: Report) -> Setting:
        setting = setting_of(said)
        for part in setting.present:
            if part not in self.levers.parts:
                report(
                    (*place, part.value),
                    f'this route cannot set it; say can_set = ["{part.value}"] at the top',
                )
        return setting

    def _winners(
        self, said: model.PartWinners | None, place: Place, report: Report
    ) -> tuple[str | None, dict[Part, str]]:
        if said is None:
            return None, {}
        winners = {part: name for part in Part if (name := getattr(said, part.value)) is not None}
        names = [*winners.values(), *([said.any_] if said.any_ is not None else [])]
        self._known(names, [*self._state_rules(), DEFAULT], place, report)
        return said.any_, winners

    def _state_rules(self) -> list[str]:
        return [rule.name for rule in self.rules.state_rules]

    def _known(
        self, names: Iterable[str], known: Sequence[str], place: Place, report: Report
    ) -> None:
        for name in names:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                kind = "event rule" if place[-1] in {"fired", "missed"} else "state rule"
                hint = f'; did you mean "{near[0]}"?' if near else ""
                report(place, f'there is no {kind} "{name}"{hint}')


_SOME_DAY = datetime(2026, 1, 1)  # noqa: DTZ001 -- gets its zone where it is used


def _count(said: model.HowOften) -> Count:
    return Count(said.at_least, said.at_most)


def _none(said: model.HowOften) -> Count:  # noqa: ARG001 -- as _count
    return Count(0, 0)
