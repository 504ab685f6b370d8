"""What the loop notifies its listeners of.

They hear of a row after it is committed, and of what cannot be in a row: that a tick is finished,
that the journal fails. The demo's view, systemd, log lines: whatever wants to know hangs here and
nowhere else. A listener must not block and must not fail; the loop does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rules.domain import Observation, Setting
from rules.engine import Decision, Plan
from scheduler.control import Blocker, Override
from scheduler.domain import HoldRecord, Record, Usage


@dataclass(frozen=True, slots=True)
class SiteStarted:
    """A site's loop begins its run."""

    site: str
    at: datetime
    plan: Plan
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Recorded:
    """A row is in the journal. Of decisions, only those that want something else."""

    site: str
    record: Record


@dataclass(frozen=True, slots=True)
class Ticked:
    """A tick is finished. `setting` is the shadow setting where nothing is written.

    `reason` says why the decision is what it is, `hold` is the manual hold in force, `override`
    the change of somebody else's that is respected. `out_of_reach` are sentences of what the rules
    in force set and this route cannot. `stopped_since` is since when the battery was seen stopped,
    `blockers` are in the way of what is wanted. `silence` says why nothing can be read, since
    `read_at` (`None`: nothing ever was). `shortest_poll` are the seconds between two polls that the
    route needs at present, `usage` is what a metered route has used.
    """

    site: str
    at: datetime
    observation: Observation
    decision: Decision
    setting: Setting | None
    advising: bool
    reason: str
    hold: HoldRecord | None
    override: Override | None
    out_of_reach: tuple[str, ...] = ()
    stopped_since: datetime | None = None
    blockers: tuple[Blocker, ...] = ()
    silence: str | None = None
    read_at: datetime | None = None
    shortest_poll: float = 0.0
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """The loop lives and has nothing to do: its next tick is some time away."""

    site: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """A tick was broken off because the journal failed; the loop goes on."""

    site: str
    at: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class Reloading:
    """The rule files are being read again."""

    site: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SiteStopped:
    """A site's loop has ended in order."""

    site: str
    at: datetime
    reason: str


Notification = SiteStarted | Recorded | Ticked | Resting | CommitFailed | Reloading | SiteStopped
Listener = Callable[[Notification], None]
