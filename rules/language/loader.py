"""From rule files to a rule set, or to every problem in them at once.

One base file says what the set is about (`language`, `timezone`, `tariff`, `[default]`); any
number of others hold rules only. No file is ever included by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from rules.calendar import Almanac, Dates, Tariff, parse_zone, public_holidays
from rules.domain import Part
from rules.engine import EventRule, RuleSet, StateRule
from rules.errors import Problem, RuleProblems
from rules.language.compiler import Definitions, ReportMistake, RuleCompiler, want_of
from rules.language.model import Default, Rule, RuleFile, export_of, mode_of
from rules.language.parsing import parse_dates
from rules.language.positions import Path as Place
from rules.language.positions import as_written, line_of, positions
from rules.language.problems import parse_toml, problems_of, read_toml
from rules.language.tariff_file import find_tariff, tariff_of
from rules.resolve import Want
from rules.sources import SourceFile, Sources


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

    def reporter(self, index: int, problems: list[Problem]) -> ReportMistake:
        """Where to say what is wrong with one rule."""
        return lambda place, text: problems.append(self.rule_problem(index, place, text))

    def rule_problem(self, index: int, place: Place, text: str) -> Problem:
        key = as_written(place)
        where = f"{key}: " if key else ""
        name = self.file.rule[index].name
        return self.problem(("rule", index, *place), f'rule "{name}": {where}{text}')


_ReadToml = Callable[[], tuple[str, dict[str, Any]]]
"""Gives the text and the values of a file. Raises `RuleProblems`."""

_FindTariff = Callable[[str, Path], tuple[Path, _ReadToml]]
"""Finds the tariff of this name that the base file at this path names. Raises `ValueError`."""

_Placed = tuple[_Source, int, Rule]
"""A rule with the file it stands in and its number there."""


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Read a base file and any number of rule files into one rule set.

    Raises `RuleProblems` with everything that is wrong, in the order of the files.
    """

    def find(name: str, base: Path) -> tuple[Path, _ReadToml]:
        path = find_tariff(name, base.parent)
        return path, partial(read_toml, path)

    return _rule_set([(path, partial(read_toml, path)) for path in paths], find)


def load_kept(kept: Sources) -> RuleSet:
    """Make a rule set again of what was kept of its files. Raises `RuleProblems`."""

    def find(name: str, base: Path) -> tuple[Path, _ReadToml]:
        if kept.tariff is None:
            raise ValueError(f"{name} was not kept with {base}")
        return _kept(kept.tariff)

    return _rule_set([_kept(file) for file in kept.rules], find)


def _kept(file: SourceFile) -> tuple[Path, _ReadToml]:
    path = Path(file.name)
    return path, lambda: (file.text, parse_toml(path, file.text))


def _rule_set(files: Iterable[tuple[Path, _ReadToml]], find: _FindTariff) -> RuleSet:
    sources, problems = _read(files)
    if problems:
        raise RuleProblems(problems)
    base, problems = _base(sources)
    if base is None:
        raise RuleProblems(problems)
    definitions, tariff, said = _definitions_of(base, sources, find)
    left, layered = _layered(sources)
    problems += said + layered + _restored(base, left)
    if not any(source.file.rule for source in sources):
        problems.append(base.problem((), "has no rules; add at least one [[rule]]"))
    state_rules: list[StateRule] = []
    event_rules: list[EventRule] = []
    for source, index, rule in left:
        if definitions is None:
            break
        written, report = source.values["rule"][index], source.reporter(index, problems)
        compiler = RuleCompiler(rule, written, definitions, report)
        if rule.when is None:
            state_rule = compiler.state_rule()
            state_rules += [state_rule] if rule.enabled else []
        else:
            event_rule = compiler.event_rule()
            event_rules += [event_rule] if rule.enabled else []
    if problems or definitions is None:
        raise RuleProblems(sorted(set(problems), key=lambda each: _order(each, sources)))
    texts = (SourceFile(source.path.name, source.text) for source in sources)
    kept = Sources(tuple(texts), tariff)
    return RuleSet(
        definitions.almanac,
        _default(base.file.default),
        tuple(sorted(state_rules, key=lambda rule: -rule.priority)),
        tuple(event_rules),
        kept.digest,
        kept,
    )


def _order(problem: Problem, sources: Sequence[_Source]) -> tuple[int, int]:
    files = [str(source.path) for source in sources]
    at = files.index(problem.file) if problem.file in files else len(files)
    return at, problem.line


def _read(files: Iterable[tuple[Path, _ReadToml]]) -> tuple[list[_Source], list[Problem]]:
    sources: list[_Source] = []
    problems: list[Problem] = []
    for path, read in files:
        try:
            text, values = read()
            file = RuleFile.model_validate(values)
        except RuleProblems as error:
            problems += error.problems
        except ValidationError as error:
            problems += problems_of(error, str(path), text, values, RuleFile)
        else:
            sources.append(_Source(path, text, values, file, positions(text)))
    if not sources and not problems:
        problems.append(Problem("rules", 0, "no rule file is named"))
    return sources, problems


def _base(sources: Sequence[_Source]) -> tuple[_Source | None, list[Problem]]:
    bases = [source for source in sources if source.file.base]
    if not bases:
        names = ", ".join(str(source.path) for source in sources)
        text = "not a base file: one file must have language = 1 and a [default]"
        return None, [Problem(names, 0, text)]
    first, *others = bases
    problems = [
        other.problem((key,), f"{key}: only the base file may have this, and that is {first.path}")
        for other in others
        for key in other.values
        if key not in {"rule", "off", "dates"}
    ]
    if first.file.language is None:
        problems.append(first.problem((), "language is missing; say language = 1"))
    if first.file.default is None:
        text = "[default] is missing; say what applies when no rule is active, or leave = true"
        problems.append(first.problem((), text))
    return first, problems


def _definitions_of(
    base: _Source, sources: Sequence[_Source], find: _FindTariff
) -> tuple[Definitions | None, SourceFile | None, list[Problem]]:
    """Zone, tariff, holidays and named dates; `None` where one of them is unusable.

    And the file that the tariff stands in.
    """
    file = base.file
    problems: list[Problem] = []
    tariff, tariff_file = _tariff_of(base, find, problems)
    zone = _zone_of(base, tariff, problems)
    holidays = None
    if file.country is not None:
        try:
            holidays = public_holidays(file.country, file.subdivision)
        except ValueError as error:
            problems.append(base.problem(("country",), f"country: {error}"))
    elif file.subdivision is not None:
        problems.append(base.problem(("subdivision",), "subdivision: goes with country"))
    dates, said = _named_dates(sources)
    problems += said
    if zone is None or problems:
        return None, tariff_file, problems
    return Definitions(Almanac(zone, tariff, holidays), dates), tariff_file, problems


def _tariff_of(
    base: _Source, find: _FindTariff, problems: list[Problem]
) -> tuple[Tariff | None, SourceFile | None]:
    if base.file.tariff is None:
        return None, None
    try:
        path, read = find(base.file.tariff, base.path)
        text, values = read()
        return tariff_of(path, text, values), SourceFile(path.name, text)
    except RuleProblems as error:
        problems += error.problems
    except ValueError as error:
        problems.append(base.problem(("tariff",), f"tariff: {error}"))
    return None, None


def _zone_of(base: _Source, tariff: Tariff | None, problems: list[Problem]) -> ZoneInfo | None:
    """The zone that the file names, which must be the tariff's; or the tariff's."""
    file = base.file
    if file.timezone is None:
        if file.tariff is None:
            text = 'timezone is missing; say one like "America/Los_Angeles", or name a tariff'
            problems.append(base.problem((), text))
        return tariff.zone if tariff else None
    try:
        zone = parse_zone(file.timezone)
    except ValueError as error:
        problems.append(base.problem(("timezone",), f"timezone: {error}"))
        return None
    if tariff is not None and zone.key != tariff.zone.key:
        text = f'timezone: is "{zone.key}", but tariff {tariff.name} is in "{tariff.zone.key}"'
        problems.append(base.problem(("timezone",), text))
    return zone


def _named_dates(sources: Sequence[_Source]) -> tuple[dict[str, Dates], list[Problem]]:
    """The lists in [dates] of all files; a later file's list stands in for an earlier one's."""
    found: dict[str, Dates] = {}
    problems: list[Problem] = []
    for source in sources:
        for name, words in source.file.dates.items():
            try:
                found[name] = parse_dates(words)
            except ValueError as error:
                problems.append(source.problem(("dates", name), f"dates.{name}: {error}"))
    return found, problems


def _layered(sources: Sequence[_Source]) -> tuple[list[_Placed], list[Problem]]:
    """The rules that count, after later files have switched off or replaced earlier ones."""
    left: dict[str, _Placed] = {}
    problems: list[Problem] = []
    for source in sources:
        for index, name in enumerate(source.file.off):
            if left.pop(name, None) is None:
                text = f'off: no earlier file has a rule "{name}"{_meant(name, left)}'
                problems.append(source.problem(("off", index), text))
        for index, rule in enumerate(source.file.rule):
            if rule.replaces is not None and left.pop(rule.replaces, None) is None:
                text = f'there is no earlier rule "{rule.replaces}"{_meant(rule.replaces, left)}'
                problems.append(source.rule_problem(index, ("replaces",), text))
            if rule.name in left:
                first, at, _ = left[rule.name]
                line = line_of(("rule", at, "name"), first.lines)
                text = f"there is a rule of this name already, at {first.path}:{line}"
                problems.append(source.rule_problem(index, ("name",), text))
            left.setdefault(rule.name, (source, index, rule))
    return list(left.values()), problems


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _restored(base: _Source, rules: Sequence[_Placed]) -> list[Problem]:
    """A part that a rule sets and `[default]` does not name would never be restored."""
    default = base.file.default
    if default is None or default.leave:
        return []
    problems: list[Problem] = []
    named = {part for part in Part if getattr(default, part) is not None}
    for source, index, rule in rules:
        if rule.set_ is None:
            continue
        said = rule.set_
        # What an intent does to grid charging is left undone where [default] does not name it.
        claimed = set(want_of(said).claims) - {Part.GRID_CHARGING, Part.EXPORT}
        claimed |= {part for part in Part if getattr(said, part) is not None}
        if said.reserve_at_least is not None:
            claimed.add(Part.RESERVE)
        for part in sorted(claimed - named):
            text = f"sets {part.value}, but [default] does not, so nothing would restore it"
            problems.append(source.rule_problem(index, ("set",), text))
    return problems


def _default(default: Default | None) -> Want:
    if default is None or default.leave:
        return Want()
    return Want(
        mode_of(default.mode),
        default.reserve,
        grid_charging=default.grid_charging,
        export=export_of(default.export),
    )
