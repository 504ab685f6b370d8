"""From what a parser or the model objects to, to problems with file and line.

All of them at once, in the order of the file, each with a way out where one is near.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

import tomli
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.errors import KeyMistake, Problem, RuleProblems, shown
from rules.language.positions import as_written, line_of, positions

MAX_BYTES = 64 * 1024
"""Largest rule or tariff file."""

MOST = 100
"""Mistakes that are told of one file; there are more only where it is no rule file at all."""

MAX_DEPTH = 20
"""Tables and arrays within each other; the deepest that means anything is 5."""


def read_toml(path: Path, most: int = MAX_BYTES) -> tuple[str, dict[str, Any]]:
    """The text and the values of a TOML file of at most so many bytes. Raises `RuleProblems`."""
    text = _read(path, most)
    return text, parse_toml(path, text)


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """The values of a TOML text that was read from `path`. Raises `RuleProblems`."""
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise RuleProblems([Problem(str(path), error.lineno, _syntax(error))]) from None
    except RecursionError:
        raise RuleProblems([Problem(str(path), 0, "nested too deeply")]) from None
    except ValueError:  # what int() says of thousands of digits
        raise RuleProblems([Problem(str(path), 0, "has a number of too many digits")]) from None
    if _depth(values) > MAX_DEPTH:
        raise RuleProblems([Problem(str(path), 0, "nested too deeply")])
    return values


def _syntax(error: tomli.TOMLDecodeError) -> str:
    said = f"{error.msg[:1].lower()}{error.msg[1:]}"
    found = error.doc[error.pos : error.pos + 1]
    if found == "\n" and said.startswith("illegal character"):
        said = "a text in quotes does not end on its line"
    elif not found.isascii():
        said = f'{said}, found "{found}" (U+{ord(found):04X})'
    return f"not valid TOML: {said}"


def _depth(values: Any) -> int:  # noqa: ANN401 -- any TOML value
    """How many tables and arrays lie within each other; without recursion, because of what for."""
    depth, level = 0, [values]
    while level := [each for each in level if isinstance(each, (dict, list))]:
        depth += 1
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _read(path: Path, most: int) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RuleProblems([Problem(str(path), 0, "is not a regular file")])
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RuleProblems([Problem(str(path), 0, f"cannot be read: {reason}")]) from None
    if len(content) > most:
        raise RuleProblems([Problem(str(path), 0, f"is larger than {most // 1024} KiB")])
    try:
        # Some editors begin a file with a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise RuleProblems([Problem(str(path), line, "is not UTF-8 text")]) from None


def problems_of(
    error: ValidationError,
    file: str,
    text: str,
    values: Mapping[str, Any],
    model: type[BaseModel],
) -> list[Problem]:
    """Every objection of the model, with its line and a sentence."""
    lines = positions(text)
    placed = sorted(
        (
            (line_of(present(loc, values), lines), loc, detail)
            for detail in error.errors(include_url=False)
            for loc in [mistaken(detail)]
        ),
        key=lambda each: each[0],
    )
    found = [
        Problem(file, line, f"{place_in_words(loc, values)}{_sentence(dict(detail), model)}")
        for line, loc, detail in placed[:MOST]
    ]
    if more := placed[MOST:]:
        found.append(Problem(file, more[0][0], f"and {len(more)} more mistakes"))
    return sorted(found)


def likely_keys(error: ValidationError, model: type[BaseModel]) -> frozenset[str]:
    """The keys at the top of a file that the unknown keys in it may have been meant for."""
    known = _keys(model)
    unknown = [
        str(detail["loc"][-1])
        for detail in error.errors(include_url=False)
        if detail["type"] == "extra_forbidden"
    ]
    near = {found for key in unknown[:MOST] for found in _near(key, known)}
    return frozenset(near | (known.keys() & unknown))


def mistaken(detail: ErrorDetails) -> tuple[int | str, ...]:
    """The place that an objection is about."""
    error = detail.get("ctx", {}).get("error")
    if isinstance(error, KeyMistake):
        return (*detail["loc"], error.key)
    # Behind the name of a bad key, pydantic says "[key]".
    return tuple(part for part in detail["loc"] if part != "[key]")


def present(loc: tuple[int | str, ...], values: Any) -> tuple[int | str, ...]:  # noqa: ANN401 -- whatever the file holds
    """The part of a model location that stands in the file."""
    path: tuple[int | str, ...] = ()
    for part in loc:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            continue
        path = (*path, part)
    return path


def place_in_words(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """How a person would name the place: `rule "outage": while.soe_below: `."""
    name = ""
    if len(loc) > 1 and loc[0] in {"rule", "test"} and isinstance(loc[1], int):
        table = values[loc[0]][loc[1]]
        said = table.get("name") if isinstance(table, Mapping) else None
        name = f"{loc[0]} {shown(said) if isinstance(said, str) else loc[1] + 1}: "
        loc = loc[2:]
    key = as_written(loc)
    return f"{name}{key}: " if key else name


def _sentence(detail: Mapping[str, Any], model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown_key(detail["loc"], model)
    if detail["type"] == "list_type" and isinstance(detail.get("input"), Mapping):
        key = detail["loc"][-1]
        if len(detail["loc"]) > 1:
            return f"is one table; write {key} = [{{ ... }}, {{ ... }}] for a list of them"
        return f"is one table; write [[{key}]] for each of a list of them"
    got = shown(detail.get("input"))
    template = _SENTENCES.get(detail["type"])
    if template is None:
        said = str(detail["msg"])
        return f"{said[:1].lower()}{said[1:]}, got {got}"
    context = dict(detail.get("ctx", {}))
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", '"')
    context |= {key: f"{each:g}" for key, each in context.items() if isinstance(each, float)}
    return template.format_map({"got": got, **context})


_SENTENCES = {
    "missing": "is missing",
    "value_error": "{error}",
    "greater_than_equal": "must be at least {ge}, got {got}",
    "greater_than": "must be more than {gt}, got {got}",
    "less_than_equal": "must be at most {le}, got {got}",
    "less_than": "must be less than {lt}, got {got}",
    "int_type": "must be a whole number, got {got}",
    "int_from_float": "must be a whole number, got {got}",
    "float_type": "must be a number, got {got}",
    "finite_number": "must be a finite number, got {got}",
    "string_type": "must be text in quotes, got {got}",
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length} characters long, got {got}",
    "bool_type": "must be true or false, got {got}",
    "literal_error": "must be {expected}, got {got}",
    "model_type": "must be a table, got {got}",
    "dict_type": "must be a table, got {got}",
    "list_type": "must be a list, got {got}",
    "too_short": "must not be an empty list",
    "too_long": "has {actual_length} entries, at most {max_length} are allowed",
}


def _unknown_key(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    key = str(loc[-1])
    known = _keys(_model_at(model, [part for part in loc[:-1] if isinstance(part, str)]))
    if homes := [home for home, keys in _tables(model, "") if key in keys]:
        return f"unknown key here; it belongs {' or '.join(homes)}"
    near = _near(key, known)
    return f'unknown key; did you mean "{near[0]}"?' if near else "unknown key"


def _near(key: str, known: Mapping[str, Any]) -> list[str]:
    return get_close_matches(key, known, n=1, cutoff=0.6)


def _tables(model: type[BaseModel], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables that a file may have, in words, with their keys; not the lists inside of those."""
    yield (f"in {name}" if name else "at the top of the file, before any [table]"), _keys(model)
    for key, annotation in _keys(model).items():
        listed = get_origin(annotation) is list
        if (inner := _model_in(annotation)) and not (listed and name):
            table = key if name else f"[{key}]"
            yield from _tables(inner, f"[[{key}]]" if listed else table)


def _keys(model: type[BaseModel] | None) -> Mapping[str, Any]:
    """The keys that a table may have, with their types."""
    fields = model.model_fields if model else {}
    return {field.alias or name: field.annotation for name, field in fields.items()}


def _model_at(model: type[BaseModel] | None, path: list[str]) -> type[BaseModel] | None:
    """What a table at this place may say."""
    for part in path:
        if part in (keys := _keys(model)):
            model = _model_in(keys[part])
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
