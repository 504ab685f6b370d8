"""What happens to a site, as its controller gets it.

`at` is the wall clock's instant of the tick, the same for all that follows from one wake-up, so
that a reading taken in the tick can be told from an older one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.domain import Export, Mode, Observation
from rules.engine import RuleSet
from rules.inputs import NO_INPUTS, Inputs
from scheduler.domain import Capabilities, Endpoint, FirmwareStatus, NoteKind, RuleCheck

Notes = tuple[tuple[NoteKind, str], ...]
"""Kinds and sentences, in order."""


class FailureKind(StrEnum):
    """How a request to the gateway failed."""

    UNREACHABLE = "unreachable"
    """No usable answer, or none was requested; nothing has changed there."""

    UNCERTAIN = "uncertain"
    """It may or may not have happened."""

    NOT_PERMITTED = "not permitted"
    """This account may not do that."""

    REFUSED = "refused"
    """The gateway understood and said no."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that failed, with a sentence for people."""

    kind: FailureKind
    text: str


@dataclass(frozen=True, slots=True)
class Connected:
    """The first contact was tried; with `failure` the gateway did not answer."""

    at: datetime
    capabilities: Capabilities
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Woke:
    """A tick begins. `monotonic` is in seconds, on a clock that nobody sets."""

    at: datetime
    monotonic: float


@dataclass(frozen=True, slots=True)
class Seen:
    """These endpoints were read; `inputs` are what is in the input folder now."""

    at: datetime
    endpoints: frozenset[Endpoint]
    observation: Observation
    capabilities: Capabilities
    failure: Failure | None = None
    inputs: Inputs = NO_INPUTS


@dataclass(frozen=True, slots=True)
class Written:
    """A write, or a write back, has come to its end; the gateway accepted it by `sent_at`."""

    at: datetime
    sent_at: datetime
    capabilities: Capabilities
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class BatteryRunRequested:
    """The stopped battery was requested to run."""

    at: datetime
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """The gateway was requested to look for an update."""

    at: datetime
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class FirmwareRead:
    """The state of the update was requested of the gateway."""

    at: datetime
    status: FirmwareStatus | None
    capabilities: Capabilities
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class InstallRequested:
    """The gateway was requested to install the staged update."""

    at: datetime
    capabilities: Capabilities
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """An adapter or the input folder has reported this of its own accord."""

    at: datetime
    notes: Notes


@dataclass(frozen=True, slots=True)
class Hold:
    """A request to hold a setting above the rules, with the times as they were typed.

    `reserve` is app percent; `until` a local time like "22:00" or an ISO instant, `lasting` a
    duration like "3h"; with neither it holds until `Resume`. `by` is who requests it.
    """

    at: datetime
    by: str
    mode: Mode | None = None
    reserve: int | None = None
    grid_charging: bool | None = None
    export: Export | None = None
    until: str | None = None
    lasting: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A request for the safe state, until `Resume`."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Resume:
    """A request to go on by the rules, whatever was held or changed by others."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The rule files were read again and are sound.

    `certificate` is that of the gateway, where the configuration names another than before.
    `check` is what was found of the rules, where they had to be checked for it.
    """

    at: datetime
    rules: RuleSet
    certificate: str | None = None
    check: RuleCheck | None = None


@dataclass(frozen=True, slots=True)
class ReloadFailed:
    """The rule files were read again and are not sound; `text` says what is wrong."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class RulesChecked:
    """Rules that are accepted were checked for the months to come."""

    at: datetime
    check: RuleCheck


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run ends in order."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A step's rows could not be committed, or it is not known whether they were.

    `reading` is what the gateway has answered since the last step that was, `failure` why it has
    not.
    """

    at: datetime
    reading: Observation | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class OccurredBefore:
    """The last step was not committed: these occurrences of event rules are journaled already."""

    occurrences: frozenset[tuple[str, datetime]]


Event = (
    Connected
    | Woke
    | Seen
    | Written
    | BatteryRunRequested
    | CheckStarted
    | FirmwareRead
    | InstallRequested
    | Reported
    | Hold
    | Release
    | Resume
    | Reloaded
    | ReloadFailed
    | RulesChecked
    | Stopped
    | Unrecorded
)
