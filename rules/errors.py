"""What can be wrong with rule, tariff and test files.

    PwschedError            one sentence for the user, with the way out
    └── RuleProblems        every problem found in the files, each with its place

`scheduler.errors` continues the tree with what can go wrong in the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PwschedError(Exception):
    """Root of the tree: a sentence for the user. `exit_code` is what a command ends with."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake at one place. `line` is 1-based; 0 where the file as a whole is meant."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return printable(f"{place}: {self.text}")


class KeyMistake(ValueError):
    """A mistake in one key of a table, which only the whole table shows."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


class RuleProblems(PwschedError):
    """Rule or tariff files that cannot be used: every problem found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def shown(value: object) -> str:
    """A value of a TOML file on one line, much as the file has it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        text = f"[{', '.join(shown(each) for each in value[:20])}]"
    else:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 82 else f"{text[:79]}..."


def printable(text: str) -> str:
    """A text that moves no cursor: control characters as escapes."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )
