"""What goes wrong at a gateway and on the way to it, and when.

A plan is a fixed list of faults with instants: scripted for one test, read from a file, or drawn
from a seed. Seeded plans are swarms: each seed takes its own few kinds and lets them last from a
minute to an hour, since long stretches of one trouble find more than single drops of every one.
They disturb at most 30 % of the time and leave the last two hours calm, in which whatever talks to
the gateway must find back to what its rules want.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain
from pathlib import Path
from typing import Final

import tomli
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from rules.domain import GridStatus, Mode, Setting
from scheduler.errors import ConfigProblem
from scheduler.household import unit
from scheduler.simulator.cloud_fault_kinds import CLOUD_KINDS, CloudFaultKind
from scheduler.simulator.fault_kinds import KINDS, At, FaultInfo, FaultKind
from scheduler.simulator.signed_fault_kinds import SIGNED_KINDS, SignedFaultKind

Kind = FaultKind | CloudFaultKind | SignedFaultKind
"""A kind of trouble at a gateway, at the Fleet API, or with what is signed."""

_INFO: Final[Mapping[Kind, FaultInfo]] = dict(
    chain(KINDS.items(), CLOUD_KINDS.items(), SIGNED_KINDS.items())
)

_FULL: Final = Setting(Mode.BACKUP, 100)


@dataclass(frozen=True, slots=True)
class Fault:
    """One trouble from `start` to `end` (aware, half open).

    `path` limits it to the paths that begin so; what happens to the world has no path. `delay_s`
    is by how much an answer or a write comes late, and how long a short session lasts. `setting`
    is what the owner chooses in the app, `grid` the state that the grid takes. `status` is what
    the Fleet API, or signed control, answers in place of its own.
    """

    kind: Kind
    start: datetime
    end: datetime
    path: str | None = None
    delay_s: float = 20.0
    setting: Setting = _FULL
    grid: GridStatus = GridStatus.MICROGRID_FAULTED
    status: int = 503

    def concerns(self, method: str, path: str) -> bool:
        """This request would meet the fault, if it came while the fault lasts."""
        if self.path is not None and not path.startswith(self.path):
            return False
        requests = _about(self.kind).requests
        if requests is None or (method, path) in requests:
            return True
        return (method, path.rpartition("/")[2]) in requests


class FaultPlan:
    """All faults of one run. Where several concern one request, the one that began last wins.

    `world` are those that befall battery, grid and gateway rather than a request.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults = tuple(sorted(faults, key=_start))
        self.world = tuple(f for f in self.faults if _about(f.kind).at is At.WORLD)
        self._wire = tuple(f for f in self.faults if _about(f.kind).at is not At.WORLD)
        self._starts = tuple(f.start for f in self._wire)
        self._latest_ends = tuple(accumulate((f.end for f in self._wire), max))

    @classmethod
    def scripted(cls, entries: Iterable[Fault]) -> FaultPlan:
        """Exactly these faults."""
        return cls(entries)

    @classmethod
    def from_toml(cls, path: Path, begin: datetime) -> FaultPlan:
        """A plan from a file of `[[fault]]` tables; `begin` (aware) is what `after_s` counts from.

        Raises `ConfigProblem`, naming each mistake.
        """
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
        return cls(entry.as_fault(begin.astimezone(UTC)) for entry in entries)

    @classmethod
    def seeded(
        cls,
        seed: int,
        start: datetime,
        end: datetime,
        among: Iterable[FaultKind] = FaultKind,
    ) -> FaultPlan:
        """The plan of this seed between two aware instants, of kinds `among` these.

        The last two hours stay calm.
        """
        kinds = _mix(seed, tuple(among))
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
            setting = _chosen(unit(seed, 9, number), unit(seed, 10, number))
            grid = _STATES[int(unit(seed, 11, number) * len(_STATES))]
            faults.append(Fault(kind, begin, begin + length, path, delay_s, setting, grid))
            cursor = begin + length

    def at(self, now: datetime, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        index = bisect_right(self._starts, now)
        while index and self._latest_ends[index - 1] > now:
            index -= 1
            fault = self._wire[index]
            if fault.end > now and fault.concerns(method, path):
                return fault
        return None


CALM_AT_END: Final = timedelta(hours=2)

_STATES: Final = tuple(state for state in GridStatus if state is not GridStatus.CONNECTED)


def _about(kind: Kind) -> FaultInfo:
    return _INFO[kind]


def _start(fault: Fault) -> datetime:
    return fault.start


def _chosen(mode: float, reserve: float) -> Setting:
    """What an owner may want: any mode, and a reserve in steps of 5 %."""
    modes = (Mode.SELF_CONSUMPTION, Mode.BACKUP, Mode.AUTONOMOUS)
    return Setting(modes[int(mode * len(modes))], 5 * int(reserve * 17))


def _mix(seed: int, kinds: tuple[FaultKind, ...]) -> tuple[FaultKind, ...]:
    """The kinds of this seed: about half of all, and never none."""
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
    start: AwareDatetime | None = None
    after_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    end: AwareDatetime | None = None
    for_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    path: str | None = None
    delay_s: float = Field(default=20.0, gt=0, le=3600, allow_inf_nan=False)
    mode: Mode = Mode.BACKUP
    reserve: int = Field(default=100, ge=0, le=100)
    grid: GridStatus = GridStatus.MICROGRID_FAULTED

    @model_validator(mode="after")
    def _has_one_start_and_one_end(self) -> _FaultEntry:
        if (self.start is None) is (self.after_s is None):
            raise ValueError("give either start or after_s")
        if (self.end is None) is (self.for_s is None):
            raise ValueError("give either end or for_s")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    def as_fault(self, begin: datetime) -> Fault:
        start = (self.start or begin + timedelta(seconds=self.after_s or 0.0)).astimezone(UTC)
        end = self.end or start + timedelta(seconds=self.for_s or 0.0)
        return Fault(
            self.kind,
            start,
            end.astimezone(UTC),
            self.path,
            self.delay_s,
            Setting(self.mode, self.reserve),
            self.grid,
        )


class _FaultFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: list[_FaultEntry]
