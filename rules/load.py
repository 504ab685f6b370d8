"""From rule files to a rule set, or to every problem in them at once.

One base file says what the set is about (`language`, `timezone`, `tariff`, `[default]`); any
number of others hold rules only. No file is ever included by another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rules.calendar import Days, Season
from rules.conditions import Condition, GridIs, Threshold
from rules.domain import Quantity
from rules.errors import Problem, RuleProblems
from rules.model import Clause, Default, Rule, RuleFile, Set, mode_of
from rules.plan import Action, EventRule, RuleSet, StateRule
from rules.positions import Path as Place
from rules.positions import line_of, positions
from rules.problems import problems_of, read_toml
from rules.resolve import Intent, Want
from rules.schedule import Almanac, Calendar, Moments
from rules.tariff import CHEAPEST, PEAK, Tariff
from rules.tariff_file import load_tariff, shipped
from rules.zones import parse_zone

LONGEST_LEAD = timedelta(hours=24)


@dataclass(frozen=True)
class _Source:
    """One parsed file and the way back from a value to its line."""

    path: Path
    text: str
    values: Mapping[str, Any]
    file: RuleFile
    lines: Mapping[Place, int]

    def problem(self, place: Place, text: str) -> Problem:
        return Problem(str(self.path), line_of(place, self.lines), text)

    def rule_problem(self, index: int, place: Place, text: str) -> Problem:
        key = ".".join(str(part) for part in place)
        where = f"{key}: " if key else ""
        name = self.file.rule[index].name
        return self.problem(("rule", index, *place), f'rule "{name}": {where}{text}')


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Read a base file and any number of rule files into one rule set.

    Raises `RuleProblems` with everything that is wrong, in the order of the files.
    """
    sources, problems = _read(paths)
    if problems:
        raise RuleProblems(problems)
    base, problems = _base(sources)
    if base is None:
        raise RuleProblems(problems)
    almanac, said = _almanac(base)
    problems += said
    problems += _names(sources)
    problems += _restored(base, sources)
    state_rules: list[StateRule] = []
    event_rules: list[EventRule] = []
    for source in sources:
        for index, rule in enumerate(source.file.rule):
            reader = _RuleReader(source, index, rule, almanac)
            if rule.while_ is not None:
                state_rules.append(reader.state_rule())
            else:
                event_rules.append(reader.event_rule())
            problems += reader.problems
    if not state_rules and not event_rules:
        problems.append(base.problem((), "has no rules; add at least one [[rule]]"))
    if problems or almanac is None:
        raise RuleProblems(sorted(problems, key=lambda each: _order(each, sources)))
    return RuleSet(
        almanac,
        _default(base.file.default),
        tuple(sorted(state_rules, key=lambda rule: -rule.priority)),
        tuple(event_rules),
        _digest(sources),
    )


def _digest(sources: Sequence[_Source]) -> str:
    """SHA-256 over the names and contents of the files, as hexadecimal."""
    found = hashlib.sha256()
    for source in sources:
        found.update(f"{source.path.name}\0{len(source.text)}\0{source.text}".encode())
    return found.hexdigest()


def _order(problem: Problem, sources: Sequence[_Source]) -> tuple[int, int]:
    files = [str(source.path) for source in sources]
    at = files.index(problem.file) if problem.file in files else len(files)
    return at, problem.line


def _read(paths: Sequence[Path]) -> tuple[list[_Source], list[Problem]]:
    sources: list[_Source] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            text, values = read_toml(path)
            file = RuleFile.model_validate(values)
        except RuleProblems as error:
            problems += error.problems
        except ValidationError as error:
            problems += problems_of(error, str(path), text, values, RuleFile)
        else:
            sources.append(_Source(path, text, values, file, positions(text)))
    if not paths:
        problems.append(Problem("rules", 0, "no rule file is named"))
    return sources, problems


def _base(sources: Sequence[_Source]) -> tuple[_Source | None, list[Problem]]:
    bases = [source for source in sources if source.file.base]
    if not bases:
        names = ", ".join(str(source.path) for source in sources)
        text = "is no base file: one file must say language = 1 and have a [default]"
        return None, [Problem(names, 0, text)]
    first, *others = bases
    problems = [
        other.problem((key,), f"{key}: belongs in the base file, and that is {first.path}")
        for other in others
        for key in other.values
        if key != "rule"
    ]
    if first.file.language is None:
        problems.append(first.problem((), "language is missing; say language = 1"))
    if first.file.default is None:
        text = "[default] is missing; say what holds when no rule does, or leave = true"
        problems.append(first.problem((), text))
    return first, problems


def _almanac(base: _Source) -> tuple[Almanac | None, list[Problem]]:
    """The zone and the tariff of the base file; `None` where one is unusable."""
    file = base.file
    problems: list[Problem] = []
    tariff, zone = None, None
    if file.tariff is not None:
        try:
            tariff = _tariff(file.tariff, base.path.parent)
        except RuleProblems as error:
            problems += error.problems
        except ValueError as error:
            problems.append(base.problem(("tariff",), f"tariff: {error}"))
    if file.timezone is not None:
        try:
            zone = parse_zone(file.timezone)
        except ValueError as error:
            problems.append(base.problem(("timezone",), f"timezone: {error}"))
    if tariff is not None and zone is not None and zone.key != tariff.zone.key:
        text = f'timezone: is "{zone.key}", but tariff {tariff.name} is in "{tariff.zone.key}"'
        problems.append(base.problem(("timezone",), text))
    if file.tariff is None and file.timezone is None:
        text = 'timezone is missing; say one like "America/Los_Angeles", or name a tariff'
        problems.append(base.problem((), text))
    found = zone or (tariff.zone if tariff else None)
    return (Almanac(found, tariff) if found and not problems else None), problems


def _tariff(name: str, folder: Path) -> Tariff:
    known = shipped()
    if name in known:
        return load_tariff(known[name])
    if name.endswith(".toml"):
        return load_tariff(folder / name)
    near = get_close_matches(name.lower(), known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"shipped are {', '.join(known)}"
    raise ValueError(f'unknown tariff "{name}"; {hint} (a file of your own ends in .toml)')


def _names(sources: Sequence[_Source]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for source in sources:
        for index, rule in enumerate(source.file.rule):
            line = line_of(("rule", index, "name"), source.lines)
            if rule.name in seen:
                text = f"there is a rule of this name already, at {seen[rule.name]}"
                problems.append(source.rule_problem(index, ("name",), text))
            seen.setdefault(rule.name, f"{source.path}:{line}")
    return problems


def _restored(base: _Source, sources: Sequence[_Source]) -> list[Problem]:
    """A part that a rule sets and `[default]` does not name would never be restored."""
    default = base.file.default
    if default is None or default.leave:
        return []
    problems: list[Problem] = []
    for source in sources:
        for index, rule in enumerate(source.file.rule):
            if rule.set_ is None:
                continue
            want = _want(rule.set_)
            for claimed, value, part in (
                (want.claims_mode, default.mode, "mode"),
                (want.claims_reserve, default.reserve, "reserve"),
            ):
                if claimed and value is None:
                    text = f"changes the {part}, and [default] has none to go back to"
                    problems.append(source.rule_problem(index, ("set",), text))
    return problems


def _default(default: Default | None) -> Want:
    if default is None or default.leave:
        return Want()
    return Want(mode_of(default.mode), default.reserve)


def _want(said: Set) -> Want:
    battery = Intent(said.battery) if said.battery else None
    return Want(mode_of(said.mode), said.reserve, battery, said.to or 100)


class _RuleReader:
    """One rule of a file, made into what the engine evaluates; collects what is wrong with it."""

    def __init__(self, source: _Source, index: int, rule: Rule, almanac: Almanac | None) -> None:
        self._source = source
        self._index = index
        self._rule = rule
        self._almanac = almanac
        self.problems: list[Problem] = []

    def state_rule(self) -> StateRule:
        """The state rule; unusable if there are problems."""
        rule, clause = self._rule, self._rule.while_
        if clause is None or rule.set_ is None:
            raise ValueError("a state rule has while and set")
        for name in clause.period:
            self._known_period(("while", "period"), name)
        return StateRule(
            rule.name,
            rule.priority,
            Calendar(
                clause.time,
                self._days("while", clause),
                self._season("while", clause),
                clause.period,
                rule.inset,
            ),
            _conditions("while", clause, rule.margin),
            _want(rule.set_),
            rule.stale,
            self._said(),
        )

    def event_rule(self) -> EventRule:
        """The event rule; unusable if there are problems."""
        rule, clause = self._rule, self._rule.when
        if clause is None or rule.do is None:
            raise ValueError("an event rule has when and do")
        if clause.before is not None:
            self._known_period(("when", "before"), clause.before)
        if clause.lead > LONGEST_LEAD:
            self._object(("when", "lead"), "must be at most 24h")
        moments = Moments(
            clause.at,
            clause.before,
            clause.lead,
            self._days("when", clause),
            self._season("when", clause),
        )
        # A margin is for what held at the last look, and an event is looked at once.
        conditions = _conditions("when", clause, margin=0.0)
        return EventRule(rule.name, moments, conditions, Action(rule.do), rule.catch_up)

    def _object(self, place: Place, text: str) -> None:
        self.problems.append(self._source.rule_problem(self._index, place, text))

    def _days(self, kind: str, clause: Clause) -> Days | None:
        days = clause.days
        if days is not None and days.holidays and self._almanac and not self._almanac.tariff:
            self._object((kind, "days"), '"holidays" needs a tariff that says which days they are')
        return days

    def _season(self, kind: str, clause: Clause) -> Season | None:
        if clause.season is None or self._almanac is None:
            return None
        if self._almanac.tariff is None:
            self._object((kind, "season"), "needs a tariff that has seasons")
            return None
        seasons = self._almanac.tariff.seasons
        if clause.season not in seasons:
            known = " or ".join(f'"{name}"' for name in seasons)
            self._object((kind, "season"), f'must be {known}, got "{clause.season}"')
        return seasons.get(clause.season)

    def _known_period(self, place: Place, name: str) -> None:
        if self._almanac is None:
            return
        tariff = self._almanac.tariff
        if tariff is None:
            self._object(place, "needs a tariff that has periods")
        elif name not in {PEAK, CHEAPEST, *tariff.period_names()}:
            known = [PEAK, CHEAPEST, *sorted(tariff.period_names())]
            near = get_close_matches(name, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"say one of {', '.join(known)}"
            self._object(place, f'{tariff.name} has no period "{name}"; {hint}')

    def _said(self) -> Mapping[str, str]:
        """The calendar keys as the owner wrote them, for explanations."""
        written = self._source.values["rule"][self._index]
        said = {**written["while"], **({"inset": written["inset"]} if "inset" in written else {})}
        return {
            key: ", ".join(value) if isinstance(value, list) else str(value)
            for key, value in said.items()
        }


def _conditions(kind: str, clause: Clause, margin: float) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for key, above in (("soe_above", True), ("soe_below", False)):
        limit = getattr(clause, key)
        if limit is not None:
            found.append(Threshold(f"{kind}.{key}", Quantity.SOE, above, limit, margin))
    if clause.grid is not None:
        found.append(GridIs(f"{kind}.grid", clause.grid))
    return tuple(found)
