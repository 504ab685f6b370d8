"""What the check of a rule set came to, as the controller records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rules.errors import Problem


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One thing that a check found: where it stands, and the sentence with its moment and repair.

    With `is_error` new rules are refused for it.
    """

    problem: Problem
    is_error: bool


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What was found of the rules of this digest, for the time before `until`.

    `until` is `None` where the check came to no end; a finding says why.
    """

    rules_hash: str
    until: datetime | None
    findings: tuple[RuleFinding, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """For these new rules are refused."""
        return tuple(each.problem for each in self.findings if each.is_error)
