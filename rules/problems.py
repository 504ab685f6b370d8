"""From what a parser or the model objects to, to problems with file and line.

All of them at once, in the order of the file, each with a way out where one is near.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

import tomli
from pydantic import BaseModel, ValidationError

from rules.errors import Problem, RuleProblems
from rules.positions import line_of, positions

MAX_BYTES = 64 * 1024
"""Largest rule or tariff file."""


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """The text and the values of a TOML file of at most 64 KiB. Raises `RuleProblems`."""
    text = _read(path)
    try:
        return text, tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        match = re.search(r"^(.*?) \(at line (\d+), column (\d+)\)$", str(error), re.DOTALL)
        said, line = (match[1], int(match[2])) if match else (str(error), 0)
        what = f"not valid TOML: {said[:1].lower()}{said[1:]}"
        raise RuleProblems([Problem(str(path), line, what)]) from None
    except RecursionError:
        raise RuleProblems([Problem(str(path), 0, "nested too deeply")]) from None
    except ValueError as error:
        raise RuleProblems([Problem(str(path), 0, f"not valid TOML: {error}")]) from None


def _read(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise RuleProblems([Problem(str(path), 0, "is not a regular file")])
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RuleProblems([Problem(str(path), 0, f"cannot be read: {reason}")]) from None
    if len(content) > MAX_BYTES:
        raise RuleProblems([Problem(str(path), 0, "is larger than 64 KiB")])
    try:
        return content.decode("utf-8")
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
    found = []
    for detail in error.errors(include_url=False):
        path = _present(detail["loc"], values)
        sentence = f"{_place(detail['loc'], values)}{_sentence(dict(detail), model)}"
        found.append(Problem(file, line_of(path, lines), sentence))
    return sorted(found)


def _present(loc: tuple[int | str, ...], values: Any) -> tuple[int | str, ...]:  # noqa: ANN401
    """The part of a model location that stands in the file."""
    path: tuple[int | str, ...] = ()
    for part in loc:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            continue
        path = (*path, part)
    return path


def _place(loc: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """How a person would name the place: `rule "outage": while.soe_below: `."""
    name = ""
    if len(loc) > 1 and loc[0] == "rule" and isinstance(loc[1], int):
        rule = values["rule"][loc[1]]
        said = rule.get("name") if isinstance(rule, Mapping) else None
        name = f'rule "{said}": ' if isinstance(said, str) else f"rule {loc[1] + 1}: "
        loc = loc[2:]
    key = ".".join(str(part) for part in loc if isinstance(part, str))
    return f"{name}{key}: " if key else name


def _sentence(detail: Mapping[str, Any], model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown_key(detail["loc"], model)
    got = _shown(detail.get("input"))
    template = _SENTENCES.get(detail["type"])
    if template is None:
        said = str(detail["msg"])
        return f"{said[:1].lower()}{said[1:]}, got {got}"
    context = dict(detail.get("ctx", {}))
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace("'", '"')
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
    "bool_type": "must be true or false, got {got}",
    "literal_error": "must be {expected}, got {got}",
    "model_type": "must be a table, got {got}",
    "dict_type": "must be a table, got {got}",
    "list_type": "must be a list, got {got}",
    "too_long": "has {actual_length} entries, at most {max_length} are allowed",
}


def _shown(value: object) -> str:
    """A value as the file would have it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _unknown_key(loc: tuple[int | str, ...], model: type[BaseModel]) -> str:
    known = _keys(model, [part for part in loc[:-1] if isinstance(part, str)])
    near = get_close_matches(str(loc[-1]), known, n=1, cutoff=0.6)
    return f'unknown key; did you mean "{near[0]}"?' if near else "unknown key"


def _keys(model: type[BaseModel], path: list[str]) -> list[str]:
    """The keys that a table at this place may have."""
    for part in path:
        for name, field in model.model_fields.items():
            if (field.alias or name) == part:
                inner = _model_in(field.annotation)
                if inner is None:
                    return []
                model = inner
                break
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 -- any annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)
