"""What goes wrong at a gateway and on the way to it, and when.

A plan is a fixed list of faults with instants: scripted for one test, read from a file, or drawn
from a seed. Seeded plans are swarms: each seed takes its own few kinds and lets them last from a
minute to an hour, since long stretches of one trouble find more than single drops of every one.
They disturb at most 30 % of the time and leave the last two hours calm, in which whatever talks to
the gateway must find back to what its rules want.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from typing import Final

import tomli
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scheduler.errors import ConfigProblem
from scheduler.simulator.noise import unit


class FaultKind(StrEnum):
    """Kinds of trouble."""

    NO_ANSWER = "no_answer"
    """The connection stands, nothing comes, nothing is carried out."""
    LATE_ANSWER = "late_answer"
    """The request is carried out at once, its answer comes `delay_s` late."""
    UNCERTAIN_WRITE = "uncertain_write"
    """A step of a write is carried out, and its answer is lost."""
    LOST_WRITE = "lost_write"
    """A step of a write is lost before it is carried out; the client cannot tell the two apart."""
    IGNORED_WRITE = "ignored_write"
    """Every step of a write is answered well, and the setting stays as it was."""
    UNACTED_WRITE = "unacted_write"
    """The written setting reads back, and the battery goes on as before."""
    UNAUTHORIZED = "unauthorized"
    """The session is dropped at each request that needs one: 401."""
    RATE_LIMITED = "rate_limited"
    """429 to everything."""
    BAD_GATEWAY = "bad_gateway"
    """502 without a body to everything."""
    REBOOT = "reboot"
    """For the first half nothing answers, for the second the battery stands; sessions are lost."""


_WRITE: Final = ("POST", "/api/operation")
_COMMIT: Final = ("GET", "/api/config/completed")
_CONCERNS: Final = {
    FaultKind.UNCERTAIN_WRITE: frozenset({_WRITE, _COMMIT}),
    FaultKind.LOST_WRITE: frozenset({_WRITE, _COMMIT}),
    FaultKind.IGNORED_WRITE: frozenset({_COMMIT}),
    FaultKind.UNACTED_WRITE: frozenset({_COMMIT}),
}
"""Kinds that touch only these requests; all others touch every request."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble from `start` to `end` (aware, half open).

    `path` limits it to the paths that begin so; a reboot takes everything down in any case.
    """

    kind: FaultKind
    start: datetime
    end: datetime
    path: str | None = None
    delay_s: float = 20.0

    def concerns(self, method: str, path: str) -> bool:
        """This request would meet the fault, if it came while the fault lasts."""
        if self.path is not None and not path.startswith(self.path):
            return False
        requests = _CONCERNS.get(self.kind)
        return requests is None or (method, path) in requests


class FaultPlan:
    """All faults of one run. Where several concern one request, the one that began last wins."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(sorted(faults, key=_start))
        self.reboots = tuple(f for f in self.faults if f.kind is FaultKind.REBOOT)
        self._wire = tuple(f for f in self.faults if f.kind is not FaultKind.REBOOT)
        self._starts = tuple(f.start for f in self._wire)
        self._latest_ends = tuple(accumulate((f.end for f in self._wire), max))

    @classmethod
    def scripted(cls, entries: Iterable[Fault]) -> FaultPlan:
        """Exactly these faults."""
        return cls(entries)

    @classmethod
    def from_toml(cls, path: Path) -> FaultPlan:
        """A plan from a file of `[[fault]]` tables. Raises `ConfigProblem`, naming each mistake."""
        try:
            content = tomli.loads(path.read_text("utf-8"))
            entries = _FaultFile.model_validate(content).fault
        except ValidationError as problem:
            mistakes = (
                f"{path}: {'.'.join(map(str, error['loc']))}: {error['msg']}"
                for error in problem.errors()
            )
            raise ConfigProblem("\n".join(mistakes)) from None
        except (OSError, ValueError, RecursionError) as problem:
            raise ConfigProblem(f"{path}: cannot be read as a fault plan: {problem}") from None
        return cls(entry.as_fault() for entry in entries)

    @classmethod
    def seeded(cls, seed: int, start: datetime, end: datetime) -> FaultPlan:
        """The plan of this seed between two aware instants; the last two hours stay calm."""
        kinds = _mix(seed)
        calm_per_trouble = 1.0 / (0.05 + 0.24 * unit(seed, 1)) - 1.0
        faults: list[Fault] = []
        cursor = start
        while True:
            number = len(faults)
            length = timedelta(seconds=round(60 * 60 ** unit(seed, 2, number)))
            # Half to one and a half times the mean gap; the 30 % hold at every moment of the plan
            # because the shortest gap still leaves room for the trouble that follows it.
            stretch = max(0.7 / 0.3, calm_per_trouble * (0.5 + unit(seed, 3, number)))
            begin = cursor + length * stretch
            if begin + length > end - CALM_AT_END:
                return cls(faults)
            kind = kinds[int(unit(seed, 4, number) * len(kinds))]
            delay_s = 1.0 + 39.0 * unit(seed, 5, number)
            path = _narrow(kind, unit(seed, 6, number))
            faults.append(Fault(kind, begin, begin + length, path, delay_s))
            cursor = begin + length

    def at(self, now: datetime, method: str, path: str) -> Fault | None:
        """The fault that this request meets, reboots aside."""
        index = bisect_right(self._starts, now)
        while index and self._latest_ends[index - 1] > now:
            index -= 1
            fault = self._wire[index]
            if fault.end > now and fault.concerns(method, path):
                return fault
        return None


CALM_AT_END: Final = timedelta(hours=2)


def _start(fault: Fault) -> datetime:
    return fault.start


def _mix(seed: int) -> tuple[FaultKind, ...]:
    """The kinds of this seed: about half of all, and never none."""
    kinds = tuple(FaultKind)
    chosen = tuple(kind for index, kind in enumerate(kinds) if unit(seed, 7, index) < 0.5)
    return chosen or (kinds[int(unit(seed, 8) * len(kinds))],)


def _narrow(kind: FaultKind, chance: float) -> str | None:
    """Some troubles sit at one path: half the lost reads, and most limits, which are on logins."""
    if kind is FaultKind.RATE_LIMITED and chance < 0.8:
        return "/api/login"
    if kind in {FaultKind.NO_ANSWER, FaultKind.LATE_ANSWER} and chance < 0.5:
        paths = ("/api/operation", "/api/config", "/api/system_status", "/api/meters")
        return paths[int(chance * 2 * len(paths))]
    return None


class _FaultEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    start: AwareDatetime
    end: AwareDatetime
    path: str | None = None
    delay_s: float = Field(default=20.0, gt=0, le=600, allow_inf_nan=False)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> _FaultEntry:
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    def as_fault(self) -> Fault:
        return Fault(
            self.kind,
            self.start.astimezone(UTC),
            self.end.astimezone(UTC),
            self.path,
            self.delay_s,
        )


class _FaultFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: list[_FaultEntry]
