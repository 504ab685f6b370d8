"""The setting that is wanted, and which rule won each part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rules.domain import Observation, Part, Setting
from rules.engine.events import Occurrence
from rules.engine.validity import Validity
from rules.inputs import Inputs

DEFAULT = "default"
"""The name under which `[default]` wins a part."""

OWNER = "owner"
"""The name under which a manual hold, which is above all rules, wins a part."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The setting wanted now, who won each part, and which events are due.

    A part that nobody claimed, or whose claimant leaves it alone, is missing from the setting.
    `insists`: a winning rule wants it even against a change by hand. `waiting`: an event is due,
    and a value that it tests is missing.

    The validity says nothing about what is wanted, so decisions are equal without it.
    """

    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = ()
    insists: bool = False
    waiting: bool = False
    validity: Validity = field(compare=False, kw_only=True)

    @property
    def until(self) -> datetime:
        """When time alone may change the decision."""
        return self.validity.until

    def wants_as(self, other: Decision) -> bool:
        """The other decision wants the same for the same reasons; events aside."""
        return (
            self.setting == other.setting
            and self.winners == other.winners
            and self.active == other.active
        )

    def stands(self, observation: Observation, inputs: Inputs, now: datetime) -> bool:
        """Deciding again on this would change nothing."""
        if self.occurrences or self.waiting:
            return False
        return self.validity.stands(observation, inputs, now)
