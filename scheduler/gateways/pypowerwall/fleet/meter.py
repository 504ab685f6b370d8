"""What an application has used of the Fleet API, counted over restarts.

Policy:

* A request is counted before it is sent, and given back where it was not charged for: never sent,
  or answered with a server's error (developer.tesla.com, billing and limits). So what several sites
  do at the same time cannot go beyond the budget together, and a crash loses nothing.
* Days and months are those of UTC. A clock that is set back begins no new month.
* The file is written at each command, at the end, and else at most once a minute. One that is
  damaged counts as an evenly used month so far: a budget must not begin anew for it.
* Pauses are in it too, so that a process that crashes and starts again respects them.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scheduler.clock import Clock
from scheduler.domain import BudgetState, Usage
from scheduler.errors import ConfigProblem
from scheduler.gateways import StoredPause, strict_object
from scheduler.gateways.pypowerwall.fleet.budget import (
    Budget,
    Charge,
    cost,
    month_of,
    seconds_left,
)
from scheduler.private_files import read_private, replace_private

BETWEEN_WRITES: Final = 60.0
LONGEST_FILE: Final = 16 * 1024
VERSION: Final = 1
NO_PAUSE: Final = StoredPause()

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """What was used in the day and the month of `day`, an ISO date in UTC."""

    day: str
    requests_today: int = 0
    commands_today: int = 0
    requests_this_month: int = 0
    commands_this_month: int = 0

    @property
    def dollars(self) -> float:
        """What the month would cost so far."""
        return cost(self.requests_this_month, self.commands_this_month)

    def at(self, day: str) -> Counts:
        """The same on this day: a later day or month begins at nothing."""
        if day == self.day:
            return self
        if day[:7] > self.day[:7]:
            return Counts(day)
        if day < self.day:
            return replace(self, day=day)
        return replace(self, day=day, requests_today=0, commands_today=0)

    def plus(self, charge: Charge, number: int) -> Counts:
        """So many more, or fewer."""
        if charge is Charge.COMMAND:
            return replace(
                self,
                commands_today=max(0, self.commands_today + number),
                commands_this_month=max(0, self.commands_this_month + number),
            )
        return replace(
            self,
            requests_today=max(0, self.requests_today + number),
            requests_this_month=max(0, self.requests_this_month + number),
        )


@dataclass(frozen=True, slots=True)
class Left:
    """What one process leaves to the next: counts, pauses, and what the owner was told."""

    counts: Counts
    requests: StoredPause = NO_PAUSE
    renewals: StoredPause = NO_PAUSE
    told: BudgetState = BudgetState.WITHIN


class Meter:
    """The meter of one application. Several threads share it safely."""

    def __init__(self, path: Path, clock: Clock, budget: Budget) -> None:
        self._path = path
        self._clock = clock
        self._budget = budget
        self._lock = threading.Lock()
        self._written_at: float | None = None
        self._failing = False
        self._left = self._load()

    @classmethod
    def beside(cls, journal: Path, client_id: str, clock: Clock, budget: Budget) -> Meter:
        """The meter of an application, in the folder of the journal."""
        name = f"{journal.stem}-fleet-usage-{quote(client_id, safe='')}.json"
        return cls(journal.with_name(name), clock, budget)

    @property
    def counts(self) -> Counts:
        """What is used so far."""
        return self._left.counts.at(self._today())

    @property
    def told(self) -> BudgetState:
        """What the owner was told of this month."""
        same_month = self._left.counts.day[:7] == self._today()[:7]
        return self._left.told if same_month else BudgetState.WITHIN

    @property
    def left(self) -> Left:
        """What an earlier process left, as far as it still counts."""
        return self._left

    def usage(self, state: BudgetState) -> Usage:
        """The same for people."""
        counts = self.counts
        return Usage(
            counts.requests_today,
            counts.commands_today,
            counts.requests_this_month,
            counts.commands_this_month,
            round(counts.dollars, 6),
            self._budget.allowance,
            state,
        )

    def take(self, charge: Charge) -> bool:
        """Count one more, if the budget permits it; False if not."""
        with self._lock:
            counts = self.counts
            if not self._budget.permits(counts.dollars, charge):
                return False
            self._left = replace(self._left, counts=counts.plus(charge, 1), told=self.told)
            self._write(at_once=charge is Charge.COMMAND)
        return True

    def give_back(self, charge: Charge) -> None:
        """One that was counted is not charged for."""
        with self._lock:
            counts = self.counts.plus(charge, -1)
            self._left = replace(self._left, counts=counts, told=self.told)

    def keep(
        self,
        *,
        requests: StoredPause | None = None,
        renewals: StoredPause | None = None,
        told: BudgetState | None = None,
    ) -> None:
        """Leave this, too, to the next process."""
        with self._lock:
            self._left = Left(
                self.counts,
                requests=requests or self._left.requests,
                renewals=renewals or self._left.renewals,
                told=told or self.told,
            )
            self._write(at_once=True)

    def close(self) -> None:
        """Write what is counted."""
        with self._lock:
            self._write(at_once=True)

    def _today(self) -> str:
        return self._clock.now().astimezone(UTC).date().isoformat()

    def _write(self, *, at_once: bool) -> None:
        now = self._clock.monotonic()
        lately = self._written_at is not None and now - self._written_at < BETWEEN_WRITES
        if lately and not at_once:
            return
        self._written_at = now
        try:
            replace_private(self._path, _to_bytes(self._left))
        except OSError as error:
            if not self._failing:
                _log.warning(
                    "what the Fleet API has been used for is not stored: %s: %s",
                    self._path,
                    (error.strerror or str(error)).lower(),
                )
            self._failing = True
        else:
            self._failing = False

    def _load(self) -> Left:
        try:
            document = strict_object(read_private(self._path, "usage", LONGEST_FILE, ours=True))
        except FileNotFoundError:
            return Left(Counts(self._today()))
        except ConfigProblem as problem:
            document, why = {}, str(problem)
        else:
            why = f"{self._path}: is damaged"
        left = _from_document(document)
        if left is not None:
            return left
        _log.warning("%s; counting this month's use of the Fleet API as even so far", why)
        return Left(_even(self._budget, self._clock.now(), self._today()))


def _even(budget: Budget, now: datetime, day: str) -> Counts:
    """As if the month's polls had been made evenly so far."""
    gone = (now - month_of(now)).total_seconds()
    part = gone / (gone + seconds_left(now))
    return Counts(day, requests_this_month=int(part * budget.for_polls / Charge.REQUEST.value))


def _to_bytes(left: Left) -> bytes:
    document = {
        "version": VERSION,
        **asdict(left.counts),
        "requests": left.requests.to_json(),
        "renewals": left.renewals.to_json(),
        "told": left.told.name,
    }
    return json.dumps(document, indent=1).encode()


def _from_document(document: Mapping[str, object]) -> Left | None:
    """What was left, or `None` for nonsense."""
    day = document.get("day")
    numbers = {
        key: value
        for key in asdict(Counts(""))
        if key != "day" and type(value := document.get(key)) is int and value >= 0
    }
    if document.get("version") != VERSION or len(numbers) != 4 or not _is_day(day):
        return None
    requests = StoredPause.from_json(document.get("requests"))
    renewals = StoredPause.from_json(document.get("renewals"))
    told = document.get("told")
    if requests is None or renewals is None or told not in BudgetState.__members__:
        return None
    return Left(Counts(str(day), **numbers), requests, renewals, BudgetState[str(told)])


def _is_day(value: object) -> bool:
    try:
        return datetime.fromisoformat(str(value)).date().isoformat() == value
    except ValueError:
        return False
