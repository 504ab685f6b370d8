"""All that a controller knows of its site, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rules.domain import Observation, Setting
from rules.engine import Plan
from rules.inputs import NO_INPUTS, Inputs
from scheduler.control.actions import Action
from scheduler.control.deciding import DecisionState
from scheduler.control.effect import Effects
from scheduler.control.events import Notes
from scheduler.control.firmware import Job
from scheduler.control.hold import in_force
from scheduler.control.override import Ownership
from scheduler.control.polling import Silence
from scheduler.control.route import Route
from scheduler.control.watchdog import Watchdog
from scheduler.control.writing import Writing
from scheduler.domain import Capabilities, Endpoint, HoldRecord, Row, Safety


@dataclass(frozen=True, slots=True)
class Terms:
    """What a site is run under, for the length of a run.

    `poll` is the time between two ticks. In a dry run nothing is written, and no battery requested
    to run. `version` and `process` tell the run from others in the journal. Unless
    it is `journaled` nobody reads its rows, and those of decisions have neither reason nor memory:
    they are a third of their work.
    """

    safety: Safety
    poll: timedelta
    dry_run: bool = False
    version: str = ""
    process: str = ""
    journaled: bool = True


@dataclass(frozen=True, slots=True)
class State:
    """A site between two steps.

    `run` is the number of the run's first row, `next_number` that of the next row. `last_hold` is
    the hold, release or resume that was requested last. `observation` is the last one, `recorded`
    whether a row has it, `requested_at` is when each endpoint was requested last, `read_at` when
    anything was read last, by this run or an earlier one. `inputs` are the last ones, and
    `engine_inputs` what the journal has of them and of what `engine_plan` may set; `out_of_reach`
    is what the rules set and this route cannot, in sentences. `clock` is the wall clock and the
    monotonic one at the last wake-up, `unnoted_step` how far the one was moved against the other
    since the last note of it. `occurred` are occurrences that the journal turned out to have
    already. `pending_notes` wait for a journal that takes rows again; while `unrecorded`, the
    answers are to an attempt to reach the safe state without a row.
    """

    terms: Terms
    capabilities: Capabilities
    decisions: DecisionState
    run: int = 0
    next_number: int = 1
    last_hold: HoldRecord | None = None
    observation: Observation | None = None
    recorded: bool = False
    requested_at: Mapping[Endpoint, datetime] = field(default_factory=dict)
    read_at: datetime | None = None
    silence: Silence | None = None
    inputs: Inputs = field(default=NO_INPUTS, compare=False)
    engine_inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    engine_plan: Plan | None = field(default=None, compare=False)
    out_of_reach: tuple[str, ...] = ()
    writing: Writing = field(default_factory=Writing)
    ownership: Ownership = field(default_factory=Ownership)
    effects: Effects = field(default_factory=Effects)
    job: Job = field(default_factory=Job)
    watchdog: Watchdog = field(default_factory=Watchdog)
    route: Route = field(default_factory=Route)
    grid_up_since: datetime | None = None
    clock: tuple[datetime, float] | None = None
    unnoted_step: timedelta = timedelta(0)
    occurred: frozenset[tuple[str, datetime]] = frozenset()
    pending_notes: Notes = ()
    unrecorded: bool = False

    @property
    def hold(self) -> HoldRecord | None:
        """The owner's hold or release that is in force."""
        return in_force(self.last_hold)

    @property
    def advising(self) -> bool:
        """Nothing is written; rows say what would be."""
        return self.terms.dry_run or self.capabilities.may_write is False

    @property
    def shadow(self) -> Setting | None:
        """While advising, the setting that would be in effect."""
        return self.writing.shadow if self.advising else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request is not carried out."""

    text: str


Reply = HoldRecord | tuple[str, ...] | Refusal | str | None
"""The answer to a request: the hold that is in force now, what a resume has ended, a
refusal, or a sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an event came to.

    `state` is true once `rows` are committed, all in one transaction; only then `actions` may be
    carried out, in order.
    """

    state: State
    rows: tuple[Row, ...] = ()
    actions: tuple[Action, ...] = ()
    reply: Reply = None
