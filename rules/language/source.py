"""One rule file as it was read: what it says, and what is left of it beside its mistakes.

What is left is looked at like the rest, so that an owner is told of everything at once: the unknown
zone as well as the misspelt key. Nothing of such a file is ever put in force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rules.errors import Problem, RuleProblems
from rules.language.compiler import ReportMistake
from rules.language.model import Rule, RuleFile, Set
from rules.language.positions import Path as Place
from rules.language.positions import line_of, positions
from rules.language.problems import (
    MAX_DEPTH,
    likely_keys,
    mistaken,
    place_in_words,
    present,
    problems_of,
)

ReadToml = Callable[[], tuple[str, dict[str, Any]]]
"""Gives the text and the values of a file. Raises `RuleProblems`."""

STAND_IN: Mapping[str, Any] = {"name": "rule", "set": {"battery": "leave"}, "do": "firmware-check"}
"""What a rule needs beside its clause; for one of which only that can be looked at."""

ANY_CLAUSE: Mapping[str, Any] = {"flag": "any"}
"""Stands for a mistaken member of a list, so that the others keep their numbers."""

IN_A_RULE = 2
"""Parts of the place of a list member at the top of a file; in a rule there are more."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ReadRule:
    """One rule of a file by its number there, as far as it can be read.

    `rule` is missing where nothing of it can be looked at, `name` where even that cannot be told.
    It is `whole` where nothing was left out; `written` is what was not. `sets` is what a state rule
    sets, if that can be told.
    """

    number: int
    name: str | None
    replaces: str | None
    written: Mapping[str, Any]
    rule: Rule | None
    sets: Set | None
    whole: bool


@dataclass(frozen=True)
class Source:
    """One parsed file, and the way back from a value to its line.

    `file` has what could be read of it, apart from the rules. `likely` are the keys of a file that
    its unknown keys may have been meant for.
    """

    path: Path
    text: str
    values: Mapping[str, Any]
    lines: Mapping[Place, int]
    file: RuleFile
    rules: tuple[ReadRule, ...]
    likely: frozenset[str] = frozenset()

    def line(self, place: Place) -> int:
        """The line of a value, or of what is around it."""
        return line_of(place, self.lines)

    def problem(self, place: Place, text: str) -> Problem:
        """What is wrong at a place, which the text names as the owner wrote it."""
        return Problem(str(self.path), self.line(place), text)

    def reporter(self, number: int, problems: list[Problem]) -> ReportMistake:
        """Where to say what is wrong with one rule."""
        return lambda place, text: problems.append(self.rule_problem(number, place, text))

    def rule_problem(self, number: int, place: Place, text: str) -> Problem:
        """What is wrong at a place in one rule."""
        where = ("rule", number, *place)
        return self.problem(where, f"{place_in_words(where, self.values)}{text}")

    @property
    def names_all_rules(self) -> bool:
        """The name of each of its rules can be told."""
        return "rule" not in self.likely and all(rule.name is not None for rule in self.rules)


def read_sources(
    files: Iterable[tuple[Path, ReadToml]], problems: list[Problem]
) -> tuple[list[Source], bool]:
    """The files that can be parsed, and whether that is all of them; mistakes go to `problems`."""
    sources: list[Source] = []
    complete = True
    for path, read in files:
        try:
            text, values = read()
        except RuleProblems as error:
            problems += error.problems
            complete = False
        else:
            sources.append(_source(path, text, values, problems))
    return sources, complete


def _source(path: Path, text: str, values: Mapping[str, Any], problems: list[Problem]) -> Source:
    try:
        file = RuleFile.model_validate(values)
    except ValidationError as error:
        problems += problems_of(error, str(path), text, values, RuleFile)
        return _what_is_left(path, text, values, likely_keys(error, RuleFile))
    rules = (_sound(number, values["rule"][number], rule) for number, rule in enumerate(file.rule))
    return Source(path, text, values, positions(text), file, tuple(rules))


def _sound(number: int, written: Mapping[str, Any], rule: Rule) -> ReadRule:
    return ReadRule(number, rule.name, rule.replaces, written, rule, rule.set_, whole=True)


def _what_is_left(
    path: Path, text: str, values: Mapping[str, Any], likely: frozenset[str]
) -> Source:
    top = {key: value for key, value in values.items() if key != "rule"}
    _, file = _left_of(RuleFile, top)
    listed = values.get("rule", [])
    if not isinstance(listed, list):
        listed, likely = [], likely | {"rule"}
    rules = tuple(_rule(number, written) for number, written in enumerate(listed))
    return Source(path, text, values, positions(text), file or RuleFile(), rules, likely)


def _rule(number: int, written: Any) -> ReadRule:  # noqa: ANN401 -- any TOML value
    if not isinstance(written, Mapping):
        return ReadRule(number, None, None, {}, None, None, whole=False)
    name, replaces = (
        value if isinstance(value := written.get(key), str) else None
        for key in ("name", "replaces")
    )
    try:
        rule = Rule.model_validate(written)
    except ValidationError:
        left, found = _left_of(Rule, {**written, "name": STAND_IN["name"]})
        sets = None if found is None else found.set_
        if found is None:
            left, found = _left_of(Rule, _clause_of(written))
        return ReadRule(number, name, replaces, left, found, sets, whole=False)
    return _sound(number, written, rule)


def _clause_of(written: Mapping[str, Any]) -> Mapping[str, Any]:
    """A rule with the same clause, and with nothing else of its own."""
    clause, acts = ("when", "do") if "when" in written else ("while", "set")
    said = {clause: written[clause]} if clause in written else {}
    return {**said, "name": STAND_IN["name"], acts: STAND_IN[acts]}


def _left_of(
    model: type[Model], table: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Model | None]:
    """A table without what the model objects to, and what the model makes of it.

    Taking something out may bring up objections that are only consequences: they are not told of,
    and what they are about is taken out as well.
    """
    left = deepcopy(dict(table))
    for _ in range(MAX_DEPTH):
        try:
            return left, model.model_validate(left)
        except ValidationError as error:
            places = {present(mistaken(each), left) for each in error.errors(include_url=False)}
        if () in places:
            break
        # What lies deeper, or later in a list, goes first: the other places stay right.
        for place in sorted(places, key=_depth_and_number, reverse=True):
            _take_out(left, place)
    return left, None


def _depth_and_number(place: Place) -> tuple[int, int]:
    last = place[-1]
    return len(place), last if isinstance(last, int) else 0


def _take_out(left: dict[str, Any], place: Place) -> None:
    inner: Any = left
    last: Any = place[-1]
    for part in place[:-1]:
        inner = inner[part]
    if isinstance(inner, list) and len(place) > IN_A_RULE:
        inner[last] = dict(ANY_CLAUSE)
    else:
        del inner[last]
