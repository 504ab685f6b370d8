"""What the check is asked about a site's rules, and what it answers; both go through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.inputs import Inputs
from rules.resolve import Limits
from rules.sources import Sources
from scheduler.domain import inputs_from_json, inputs_to_json, limits_from_json, limits_to_json


class CheckUnfinished(Exception):
    """The check came to no end; the text says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """Whether these rules are sound from the day `first` on.

    `limits` are the owner's, `inputs` what is in the site's input folder.
    """

    sources: Sources
    limits: Limits
    inputs: Inputs
    first: date

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "sources": self.sources.to_json(),
            "limits": limits_to_json(self.limits),
            "inputs": inputs_to_json(self.inputs),
            "first": self.first.isoformat(),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Question:
        """What `to_json` wrote."""
        return cls(
            Sources.from_json(said["sources"]),
            limits_from_json(said["limits"]),
            inputs_from_json(said["inputs"]),
            date.fromisoformat(said["first"]),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `file` is the number of the file among the sources, `line` 0: all of it.

    With `is_error` new rules are refused for it.
    """

    file: int
    line: int
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for the time before `until`."""

    until: datetime
    findings: tuple[Found, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        found = [[each.file, each.line, each.text, each.is_error] for each in self.findings]
        return {"until": self.until.isoformat(), "findings": found}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Answer:
        """What `to_json` wrote."""
        findings = tuple(Found(*each) for each in said["findings"])
        return cls(datetime.fromisoformat(said["until"]), findings)
