"""From rule files to a rule set, or to every problem in them at once.

One base file says what the set is about (`language`, `timezone`, `tariff`, `[default]`); any
number of others hold rules, or replace some of that. No file is ever included by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.calendar import Almanac, Tariff, parse_zone, public_holidays
from rules.domain import Part
from rules.engine import EventRule, RuleSet, StateRule
from rules.errors import Problem, RuleProblems
from rules.language.compiler import Definitions, RuleCompiler, want_of
from rules.language.layers import OF_THE_SET, Layers, layers_of
from rules.language.model import Default, export_of, mode_of
from rules.language.problems import parse_toml, read_toml
from rules.language.source import ReadToml, Source, read_sources
from rules.language.tariff_file import find_tariff, tariff_of
from rules.resolve import Want
from rules.sources import SourceFile, Sources

FindTariff = Callable[[str, Path], tuple[Path, ReadToml]]
"""Finds the tariff of this name that the file at this path names. Raises `ValueError`."""

NO_ZONE = ZoneInfo("UTC")
"""Stands for a zone that is not known, while the rest of the files is looked at."""


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Read a base file and any number of rule files into one rule set.

    Raises `RuleProblems` with everything that is wrong, in the order of the files.
    """

    def find(name: str, base: Path) -> tuple[Path, ReadToml]:
        path = find_tariff(name, base.parent)
        return path, partial(read_toml, path)

    return _rule_set([(path, partial(read_toml, path)) for path in paths], find)


def load_kept(kept: Sources) -> RuleSet:
    """Make a rule set again of what was kept of its files. Raises `RuleProblems`."""

    def find(name: str, base: Path) -> tuple[Path, ReadToml]:
        if kept.tariff is None:
            raise ValueError(f"{name} was not kept with {base}")
        return _kept(kept.tariff)

    return _rule_set([_kept(file) for file in kept.rules], find)


def _kept(file: SourceFile) -> tuple[Path, ReadToml]:
    path = Path(file.name)
    return path, lambda: (file.text, parse_toml(path, file.text))


def _rule_set(files: Sequence[tuple[Path, ReadToml]], find: FindTariff) -> RuleSet:
    if not files:
        raise RuleProblems([Problem("rules", 0, "no rule file is named")])
    problems: list[Problem] = []
    sources, complete = read_sources(files, problems)
    layers = layers_of(sources, complete=complete, problems=problems)
    problems += [*_missing(sources, layers), *_not_restored(layers)]
    definitions, tariff = _definitions_of(layers, find, problems)
    state_rules, event_rules = _compiled(layers, definitions, problems)
    if problems:
        raise RuleProblems(sorted(set(problems), key=lambda each: _order(each, files)))
    texts = (SourceFile(source.path.name, source.text) for source in sources)
    kept = Sources(tuple(texts), tariff)
    return RuleSet(
        definitions.almanac,
        _default(layers.given["default"].file.default),
        tuple(sorted(state_rules, key=lambda rule: -rule.priority)),
        tuple(event_rules),
        kept.digest,
        kept,
    )


def _order(problem: Problem, files: Sequence[tuple[Path, ReadToml]]) -> tuple[int, int, str]:
    names = [str(path) for path, _ in files]
    at = names.index(problem.file) if problem.file in names else len(names)
    return at, problem.line, problem.text


def _missing(sources: Sequence[Source], layers: Layers) -> Iterable[Problem]:
    """What some file has to say, and none does."""
    if not sources:
        return
    base = next((each for each in sources if each.values.keys() & set(OF_THE_SET)), sources[0])
    if layers.lacks("language"):
        yield base.problem((), "language is missing; say language = 1")
    if layers.lacks("default"):
        text = "[default] is missing; say what applies when no rule is active, or leave = true"
        yield base.problem((), text)
    if layers.lacks("timezone", "tariff"):
        text = 'timezone is missing; say one like "America/Los_Angeles", or name a tariff'
        yield base.problem((), text)


def _definitions_of(
    layers: Layers, find: FindTariff, problems: list[Problem]
) -> tuple[Definitions, SourceFile | None]:
    """Zone, tariff, holidays and named dates, and the file that the tariff stands in.

    What cannot be used is unknown to the definitions; why goes to `problems`.
    """
    tariff, tariff_file = _tariff_of(layers, find, problems)
    zone = _zone_of(layers, tariff, problems)
    # Looked up only where one of them is missing although a file says it.
    unknown = layers.unknown | (layers.given.keys() & {"tariff", "country"})
    holidays, by = None, layers.given.get("country")
    if by is not None and by.file.country is not None:
        of = layers.given.get("subdivision", by)
        try:
            holidays = public_holidays(by.file.country, of.file.subdivision)
        except ValueError as error:
            problems.append(by.problem(("country",), f"country: {error}"))
    elif layers.lacks("country") and "subdivision" in layers.given:
        of = layers.given["subdivision"]
        problems.append(of.problem(("subdivision",), "subdivision: goes with country"))
    almanac = Almanac(zone or NO_ZONE, tariff, holidays)
    return Definitions(almanac, layers.dates, unknown), tariff_file


def _tariff_of(
    layers: Layers, find: FindTariff, problems: list[Problem]
) -> tuple[Tariff | None, SourceFile | None]:
    by = layers.given.get("tariff")
    if by is None or by.file.tariff is None:
        return None, None
    try:
        path, read = find(by.file.tariff, by.path)
        text, values = read()
        return tariff_of(path, text, values), SourceFile(path.name, text)
    except RuleProblems as error:
        # Where the file has no place to name, the one that asks for it has.
        problems += [
            each if each.line else by.problem(("tariff",), f"tariff: {each}")
            for each in error.problems
        ]
    except ValueError as error:
        problems.append(by.problem(("tariff",), f"tariff: {error}"))
    return None, None


def _zone_of(layers: Layers, tariff: Tariff | None, problems: list[Problem]) -> ZoneInfo | None:
    """The zone that a file names, which must be the tariff's; or the tariff's."""
    by = layers.given.get("timezone")
    if by is None:
        return tariff.zone if tariff else None
    if by.file.timezone is None:
        return None
    try:
        zone = parse_zone(by.file.timezone)
    except ValueError as error:
        problems.append(by.problem(("timezone",), f"timezone: {error}"))
        return None
    if tariff is not None and zone.key != tariff.zone.key:
        text = f'timezone: is "{zone.key}", but tariff {tariff.name} is in "{tariff.zone.key}"'
        problems.append(by.problem(("timezone",), f"{text}{_by_another(layers)}"))
    return zone


def _by_another(layers: Layers) -> str:
    """Where the tariff is named, if it is another file that names it."""
    zone_by, tariff_by = layers.given["timezone"], layers.given["tariff"]
    if zone_by is tariff_by:
        return ""
    line = tariff_by.line(("tariff",))
    return f" ({tariff_by.path}:{line}, which can replace the timezone, too)"


def _compiled(
    layers: Layers, definitions: Definitions, problems: list[Problem]
) -> tuple[list[StateRule], list[EventRule]]:
    """The rules that are enabled; what is wrong with any goes to `problems`."""
    state_rules: list[StateRule] = []
    event_rules: list[EventRule] = []
    for source, read in layers.rules:
        rule = read.rule
        if rule is None:
            continue
        report = source.reporter(read.number, problems)
        compiler = RuleCompiler(rule, read.written, definitions, report, whole=read.whole)
        if rule.when is None:
            state_rule = compiler.state_rule()
            state_rules += [state_rule] if rule.enabled else []
        else:
            event_rule = compiler.event_rule()
            event_rules += [event_rule] if rule.enabled else []
    return state_rules, event_rules


def _not_restored(layers: Layers) -> Iterable[Problem]:
    """A part that a rule sets and `[default]` does not name would never be restored."""
    by = layers.given.get("default")
    named = None if by is None else _named_in_default(by)
    if by is None or named is None:
        return
    line = f"{by.path}:{by.line(('default',))}"
    where = f"; [default] is that of {line}" if "default" in by.file.replaces else ""
    for source, read in layers.rules:
        said = read.sets
        if said is None:
            continue
        # What an intent does to grid charging is left undone where [default] does not name it.
        claimed = set(want_of(said).claims) - {Part.GRID_CHARGING, Part.EXPORT}
        claimed |= {part for part in Part if getattr(said, part) is not None}
        if said.reserve_at_least is not None:
            claimed.add(Part.RESERVE)
        for part in sorted(claimed - named):
            text = f"sets {part.value}, but [default] does not, so nothing would restore it{where}"
            yield source.rule_problem(read.number, ("set",), text)


def _named_in_default(by: Source) -> set[Part] | None:
    """The parts that `[default]` says, rightly or wrongly; `None` where that cannot be told.

    Nor where everything is left alone.
    """
    written = by.values["default"]
    if not isinstance(written, Mapping) or not written:
        return None
    if written.get("leave") or not written.keys() <= Default.model_fields.keys():
        return None
    return {part for part in Part if part.value in written}


def _default(default: Default | None) -> Want:
    if default is None or default.leave:
        return Want()
    return Want(
        mode_of(default.mode),
        default.reserve,
        grid_charging=default.grid_charging,
        export=export_of(default.export),
    )
