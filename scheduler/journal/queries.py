"""What a journal answers to queries about the past; no store in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from rules.domain import Observation, Setting
from scheduler.domain import (
    Cause,
    Content,
    DecisionRecord,
    Effect,
    HoldRecord,
    Kind,
    Outcome,
    OverrideRecord,
)
from scheduler.errors import JournalProblem


class RulesNotStored(JournalProblem):
    """The rule files of that time are not in the journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `fields` are its other columns, ready for JSON; `id` is its number at its site.

    Seals have numbers of their own. `run_id` is `None` for rows about the journal itself.
    """

    at: datetime
    site: str
    kind: Kind
    id: int
    run_id: int | None
    text: str
    fields: dict[str, object]


# --- what happened, row by row ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RunBegan:
    """A run began, with these rules."""

    id: int
    at: datetime
    rules_hash: str


@dataclass(frozen=True, slots=True)
class RowsLost:
    """The journal lost what happened up to an instant."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class RulesChanged:
    """Other rules came into force."""

    id: int
    at: datetime
    rules_hash: str


@dataclass(frozen=True, slots=True)
class InputChanged:
    """An engine input changed; `None`: it is no longer there."""

    id: int
    at: datetime
    name: str
    content: Content | None


@dataclass(frozen=True, slots=True)
class HoldChanged:
    """The owner requested a hold, a release, or to resume."""

    id: int
    at: datetime
    hold: HoldRecord


@dataclass(frozen=True, slots=True)
class PastReading:
    """The gateway was read, and decided for as of `at`; a `mean` stands for thinned readings."""

    id: int
    at: datetime
    observation: Observation
    mean: bool = False


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """Something was decided."""

    id: int
    at: datetime
    record: DecisionRecord


PastEvent = (
    RunBegan | RowsLost | RulesChanged | InputChanged | HoldChanged | PastReading | DecisionMade
)


def filled(last: Observation, mean: Observation) -> Observation:
    """A reading with the state of energy and the powers of a mean, and the rest as read last."""
    return replace(
        last,
        at=mean.at,
        soe=mean.soe,
        site_power=mean.site_power,
        battery_power=mean.battery_power,
        load_power=mean.load_power,
        solar_power=mean.solar_power,
    )


# --- one moment ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """What was so after a row: the last run, decision, hold, and the engine inputs."""

    began: RunBegan | None
    rules_hash: str
    decision: DecisionMade | None
    hold: HoldRecord | None
    engine_inputs: dict[str, Content]


@dataclass(frozen=True, slots=True)
class Write:
    """The last write before a moment, and what became of it, also later."""

    at: datetime
    wanted: Setting
    previous: Setting
    cause: Cause
    would: bool
    outcome: Outcome | None
    ended_at: datetime | None
    detail: str
    effect: Effect | None
    effect_detail: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which a daemon ran and read the gateway.

    `seen` is the last reading; its values are means where `seen.mean`. `raw` is the last reading
    that was not thinned. `before` is what was so just before it was decided on, `decision` what was
    in force at the moment.
    """

    site: str
    at: datetime
    seen: PastReading
    raw: PastReading
    before: Standing
    decision: DecisionMade | None
    decided_since: datetime | None
    write: Write | None
    held_back: tuple[datetime, str] | None
    override: OverrideRecord | None


@dataclass(frozen=True, slots=True)
class Silence:
    """A moment of which the journal knows nothing, from `since` until `until`, and why.

    `reason` is one of: before, gap, stopped, cut off, unread.
    """

    site: str
    at: datetime
    reason: str
    since: datetime | None
    until: datetime | None
    detail: str = ""
