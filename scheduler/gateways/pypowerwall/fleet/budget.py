"""What the Fleet API costs, and how often it may therefore be asked. Pure.

The published prices are 500 data requests or 1,000 commands a dollar, with ten dollars a month free
(developer.tesla.com, billing and limits). Whether requests about energy sites are charged for is
not settled: home-assistant.io#36184 says they are free, Powerwall-Dashboard#779 that they are not.
So they count as charged for. An application that uses up its limit is disabled, writes included
(vehicle-command#403), hence a share of the month that only writes, and what is read for them, may
use. A month begins on its first day in UTC. An older plan allowed one reading every five minutes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from scheduler.domain import BudgetState


class Charge(Enum):
    """What a request is charged as; the value is dollars."""

    REQUEST = 1 / 500
    COMMAND = 1 / 1000


SHORTEST: Final = 300.0
"""Seconds between two polls of a site, whatever may be spent."""

LIVE_PER_SETTING: Final = 4
"""Polls in one of which the site's setting is read too."""

NEAR: Final = 2.0
"""How many times as long as at an even pace the time between two polls is, near the budget."""

REQUESTS_A_POLL: Final = 1 + 1 / LIVE_PER_SETTING

SPREAD: Final = 0.1
"""The part of the time between two polls by which sites differ, so that they never ask as one."""

_ROUNDED_TO: Final = 10.0


@dataclass(frozen=True, slots=True)
class Budget:
    """Dollars that a month may cost, and the share of them that is reserved for writes."""

    allowance: float = 10.0
    writes_share: float = 0.25

    @property
    def for_polls(self) -> float:
        """Dollars of a month after which there are no more polls."""
        return self.allowance * (1 - self.writes_share)

    def permits(self, dollars: float, charge: Charge) -> bool:
        """One more may be made, with so much used. Nothing is made beyond the allowance."""
        return dollars + charge.value <= self.allowance + _CENT_FRACTION


_CENT_FRACTION: Final = 1e-9  # sums of prices are not exact

DEFAULT: Final = Budget()


@dataclass(frozen=True, slots=True)
class Pace:
    """How the sites of an account are to be polled: seconds between two polls of each."""

    seconds: float
    state: BudgetState


def cost(requests: int, commands: int) -> float:
    """Dollars by the published prices."""
    return requests * Charge.REQUEST.value + commands * Charge.COMMAND.value


def pace(budget: Budget, dollars: float, now: datetime, sites: int = 1) -> Pace:
    """How often `sites` sites may each be polled for the rest of the month."""
    left = seconds_left(now)
    price = REQUESTS_A_POLL * Charge.REQUEST.value * max(sites, 1)
    remaining = budget.for_polls - dollars
    if remaining < price:
        return Pace(left, BudgetState.SPENT)
    seconds = price * left / remaining
    if budget.for_polls <= 0 or seconds > NEAR * max(SHORTEST, _even(budget, price, now)):
        return Pace(min(_rounded(seconds), left), BudgetState.NEAR)
    return Pace(max(SHORTEST, _rounded(seconds)), BudgetState.WITHIN)


def spread(seconds: float, site: str) -> float:
    """The time between two polls of this site: a little longer, and never that of another."""
    digest = hashlib.sha256(site.encode()).digest()
    return seconds * (1 + SPREAD * int.from_bytes(digest[:4]) / 2**32)


def month_of(now: datetime) -> datetime:
    """When the month began, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(now: datetime) -> datetime:
    """When the next month begins, in UTC."""
    began = month_of(now)
    if began.month == 12:
        return began.replace(year=began.year + 1, month=1)
    return began.replace(month=began.month + 1)


def seconds_left(now: datetime) -> float:
    """Seconds of the month that are left."""
    return (next_month(now) - now).total_seconds()


def _even(budget: Budget, price: float, now: datetime) -> float:
    """Seconds between two polls if a whole month's are spread evenly."""
    whole = (next_month(now) - month_of(now)).total_seconds()
    return price * whole / budget.for_polls


def _rounded(seconds: float) -> float:
    """Up: a shorter time would cost more than there is."""
    return -(-seconds // _ROUNDED_TO) * _ROUNDED_TO
