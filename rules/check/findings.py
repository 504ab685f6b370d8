"""What a check may find, and how a finding names its place and its moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from rules.check.history import History
from rules.domain import Part


class Code(StrEnum):
    """The kinds of finding; each has a page of its name in docs/checks."""

    CONFLICT = "conflict"
    OUT_OF_REACH = "out-of-reach"
    NEVER_ACTIVE = "never-active"
    NEVER_FIRES = "never-fires"
    UNDECIDED = "undecided"
    DATES_PASSED = "dates-passed"
    NEVER_WINS = "never-wins"
    ALWAYS_TRUE = "always-true"
    LONG_SILENCE = "long-silence"
    FLAPPING = "flapping"
    BUYS_AT_PEAK = "buys-at-peak"
    SEASON_EDGE = "season-edge"
    NO_EFFECT = "no-effect"
    UNDER_RESERVE = "under-reserve"
    NOT_RESTORED = "not-restored"
    LEFT_ON = "left-on"
    MISSING_INPUT = "missing-input"
    SIMILAR_FLAG = "similar-flag"

    @property
    def is_error(self) -> bool:
        """Rules with it are refused; otherwise it is told as a warning."""
        return self in _ERRORS


_ERRORS = frozenset(
    {Code.CONFLICT, Code.OUT_OF_REACH, Code.NEVER_ACTIVE, Code.NEVER_FIRES, Code.UNDECIDED}
)


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a rule: `rule` is its name, `keys` the way to the key, empty for the whole rule.

    Without a rule it is a key of the base file.
    """

    rule: str
    keys: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """A change to one key that was proved: with it the finding is gone and there is no new one."""

    place: Place
    value: str

    def __str__(self) -> str:
        key = ".".join(map(str, self.place.keys))
        return f'{key} = {self.value} in rule "{self.place.rule}"'


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    `text` is a sentence, `places` are where it comes from. `history` leads to the moment that shows
    it; `a_year` is for how long it may last within 365 days. `part` is what a conflict is about.
    """

    code: Code
    text: str
    places: tuple[Place, ...]
    history: History | None = None
    a_year: timedelta | None = None
    repair: Repair | None = None
    part: Part | None = None

    @property
    def is_error(self) -> bool:
        """Rules with it are refused."""
        return self.code.is_error


def since(before: Iterable[Finding], now: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is found now and was not before, whatever the moment that shows it."""
    known = {(each.code, each.places) for each in before}
    return tuple(each for each in now if (each.code, each.places) not in known)


def moment_in_words(history: History, zone: ZoneInfo) -> str:
    """When it happens and what matters then: "Monday 6 July 2026 16:00, SOE 18 %, grid up"."""
    local = history.at.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    when = f"{local:%A} {local.day} {local:%B %Y %H:%M}{seconds}"
    return ", ".join((when, *history.said))
