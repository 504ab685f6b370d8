"""What requests cost, and how many may be made in how short a time.

Months are of UTC: that they begin on their first day is documented, in which zone is not. An
application over its limit is disabled; that it comes back with the next month is assumed, and so is
that what is refused for it costs nothing.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduler.simulator.cloud.profile import CloudProfile, RequestLimit


class Bill(NamedTuple):
    """What one month has come to."""

    requests: int
    commands: int
    dollars: float


class Meter:
    """What the application has used, by month."""

    def __init__(self, profile: CloudProfile) -> None:
        self._profile = profile
        self._data: Counter[tuple[int, int]] = Counter()
        self._commands: Counter[tuple[int, int]] = Counter()

    def count(self, now: datetime, *, command: bool) -> None:
        """One more."""
        (self._commands if command else self._data)[now.year, now.month] += 1

    def bill(self, now: datetime) -> Bill:
        """The bill of this month so far."""
        month, profile = (now.year, now.month), self._profile
        data, commands = self._data[month], self._commands[month]
        dollars = data / profile.data_for_a_dollar + commands / profile.commands_for_a_dollar
        return Bill(data, commands, dollars)

    def exceeded(self, now: datetime) -> bool:
        """The limit has been passed this month."""
        allowance = self._profile.allowance
        # A sum of two fractions may miss the limit by its last binary digit.
        return allowance is not None and round(self.bill(now).dollars, 9) > allowance


class Pacing:
    """How many requests have been let in lately."""

    def __init__(self, limits: tuple[RequestLimit, ...]) -> None:
        self._limits = limits
        self._let_in: deque[datetime] = deque()

    def wait(self, now: datetime) -> int | None:
        """Let a request in, or say for how many seconds it has to wait."""
        longest = max((limit.seconds for limit in self._limits), default=0.0)
        while self._let_in and now - self._let_in[0] >= timedelta(seconds=longest):
            self._let_in.popleft()
        waits = [
            math.ceil((at + timedelta(seconds=limit.seconds) - now).total_seconds())
            for limit in self._limits
            if len(self._let_in) >= limit.requests
            and (at := self._let_in[-limit.requests]) + timedelta(seconds=limit.seconds) > now
        ]
        if waits:
            return max(1, *waits)
        self._let_in.append(now)
        return None
