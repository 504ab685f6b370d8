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
        return f"{place}: {self.text}"


class RuleProblems(PwschedError):
    """Rule or tariff files that cannot be used: every problem found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
