"""Several files as one: what is given once, what later files replace, and the rules that count."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from rules.calendar import Dates
from rules.errors import Problem
from rules.language.model import RuleFile
from rules.language.parsing import parse_dates
from rules.language.source import ReadRule, Source

REPLACEABLE = ("default", "timezone", "tariff", "country", "subdivision")
"""What the files say once; a later one may say it in place of an earlier."""

OF_THE_SET = ("language", *REPLACEABLE)

KEYS = frozenset(RuleFile.model_fields)


@dataclass(frozen=True)
class Layers:
    """What some files say together.

    `given` has the file that says each of `OF_THE_SET`. `unknown` are the keys that may have been
    said where something is mistaken, or in a file that could not be read.
    """

    given: Mapping[str, Source]
    dates: Mapping[str, Dates]
    rules: Sequence[tuple[Source, ReadRule]]
    unknown: frozenset[str]

    def lacks(self, *keys: str) -> bool:
        """None of these is said, as far as that can be told."""
        return not any(key in self.given or key in self.unknown for key in keys)


def layers_of(sources: Sequence[Source], *, complete: bool, problems: list[Problem]) -> Layers:
    """What these files say together; with `complete` there are no others.

    What is wrong with it goes to `problems`.
    """
    unknown = frozenset[str]().union(*(source.likely for source in sources))
    based = any(source.values.keys() & set(OF_THE_SET) for source in sources)
    if complete and not based and not unknown & set(OF_THE_SET):
        names = ", ".join(str(source.path) for source in sources)
        text = "not a base file: one file must have language = 1 and a [default]"
        problems.append(Problem(names, 0, text))
    if not complete or not based:
        unknown = KEYS
    return Layers(
        _given(sources, unknown, problems),
        _dates(sources, problems),
        _rules(sources, unknown, problems),
        unknown | _unusable(sources),
    )


def _unusable(sources: Iterable[Source]) -> frozenset[str]:
    """Lists of dates that are no table at all."""
    bad = any(not isinstance(source.values.get("dates", {}), Mapping) for source in sources)
    return frozenset({"dates"} if bad else ())


def _given(
    sources: Sequence[Source], unknown: Collection[str], problems: list[Problem]
) -> dict[str, Source]:
    given: dict[str, Source] = {}
    for source in sources:
        for number, key in enumerate(source.file.replaces):
            text = _not_replaced(key, source, given)
            if text and key not in unknown:
                problems.append(source.problem(("replaces", number), f"replaces: {text}"))
            if key in source.values:
                given.pop(key, None)
            if key == "country":
                given.pop("subdivision", None)
        for said in OF_THE_SET:
            first = given.setdefault(said, source) if said in source.values else source
            if first is not source and not _replaces_badly(source):
                problems.append(source.problem((said,), _twice(said, first)))
    return given


def _not_replaced(key: str, source: Source, given: Collection[str]) -> str:
    """Why a file does not replace what it says it does; empty where it does."""
    if key not in source.values:
        return f"this file has no {key} of its own to replace the earlier with"
    return "" if key in given else f'no earlier file has a {key}; leave "{key}" out of this list'


def _replaces_badly(source: Source) -> bool:
    """What it replaces cannot be told: there is a mistake in just that."""
    written = source.values.get("replaces", [])
    return "replaces" in source.likely or written != source.file.replaces


def _twice(key: str, earlier: Source) -> str:
    first = f"{earlier.path}:{earlier.line((key,))}"
    if key not in REPLACEABLE:
        return f"{key}: {first} has this already; leave it out here"
    return (
        f"{key}: {first} has this already; to replace it, say"
        f' replaces = ["{key}"] at the top of this file'
    )


def _dates(sources: Sequence[Source], problems: list[Problem]) -> dict[str, Dates]:
    """The lists in [dates] of all files; a later file's list stands in for an earlier one's.

    One that is mistaken is there, and empty: that it exists is known.
    """
    found: dict[str, Dates] = {}
    for source in sources:
        written = source.values.get("dates", {})
        found |= dict.fromkeys(written if isinstance(written, Mapping) else (), Dates())
        for name, words in source.file.dates.items():
            try:
                found[name] = parse_dates(words)
            except ValueError as error:
                problems.append(source.problem(("dates", name), f"dates.{name}: {error}"))
    return found


def _rules(
    sources: Sequence[Source], unknown: Collection[str], problems: list[Problem]
) -> list[tuple[Source, ReadRule]]:
    """The rules that count, after later files have switched off or replaced earlier ones."""
    left: dict[str, tuple[Source, ReadRule]] = {}
    others: list[tuple[Source, ReadRule]] = []
    all_named = "rule" not in unknown
    for source in sources:
        for number, name in enumerate(source.file.off):
            if left.pop(name, None) is None and all_named:
                text = f'off: no earlier file has a rule "{name}"{_meant(name, left)}'
                problems.append(source.problem(("off", number), text))
        all_named = all_named and source.names_all_rules
        for rule in source.rules:
            replaced = rule.replaces
            if replaced is not None and left.pop(replaced, None) is None and all_named:
                text = f'there is no earlier rule "{replaced}"{_meant(replaced, left)}'
                problems.append(source.rule_problem(rule.number, ("replaces",), text))
            if rule.name is None:
                others.append((source, rule))
                continue
            first, earlier = left.setdefault(rule.name, (source, rule))
            if earlier is not rule:
                others.append((source, rule))
                if not source.likely & {"off", "replaces"}:
                    line = first.line(("rule", earlier.number, "name"))
                    text = f"there is a rule of this name already, at {first.path}:{line}"
                    problems.append(source.rule_problem(rule.number, ("name",), text))
    return [*left.values(), *others]


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
