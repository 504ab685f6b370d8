"""From the place of a finding to the file, the line and the columns where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.check.findings import Place
from rules.language import Path as Keys
from rules.language import TextSpan, parse_toml, positions, span_of
from rules.sources import SourceFile, Sources


@dataclass(frozen=True, slots=True)
class Located:
    """A place in the files: the number of the file among the sources, and the span in it."""

    file: int
    span: TextSpan


class Places:
    """Finds places in the texts that a rule set was made of."""

    def __init__(self, sources: Sources) -> None:
        self._files = tuple(map(_File.of, sources.rules))
        # A later file's rule may replace one of the same name.
        self._rules = {
            rule["name"]: (number, index)
            for number, file in enumerate(self._files)
            for index, rule in enumerate(file.values.get("rule", ()))
        }

    def find(self, place: Place) -> Located | None:
        """Where it stands; `None` for what stands nowhere, such as a default that is left out."""
        if not place.rule:
            numbers = [n for n, file in enumerate(self._files) if place.keys[:1] in file.lines]
            return self._in_file(numbers[-1] if numbers else 0, place.keys)
        number, index = self._rules[place.rule]
        return self._in_file(number, ("rule", index, *(place.keys or ("name",))))

    def _in_file(self, number: int, keys: Keys) -> Located | None:
        file = self._files[number]
        span = span_of(file.text, keys, file.lines)
        return None if span is None else Located(number, span)


@dataclass(frozen=True, slots=True)
class _File:
    """A parsed source, and the line of each of its values."""

    text: str
    values: Mapping[str, Any]
    lines: Mapping[Keys, int]

    @classmethod
    def of(cls, source: SourceFile) -> _File:
        values = parse_toml(Path(source.name), source.text)
        return cls(source.text, values, positions(source.text))
