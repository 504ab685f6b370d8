"""A set of rules as the engine evaluates it: state rules, event rules, what is known of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from rules.calendar import Almanac, Calendar, Moments
from rules.domain import Quantity
from rules.engine.conditions import Condition, FlagSet, leaves
from rules.resolve import Want
from rules.sources import Sources

NO_TIME = timedelta(0)


class Action(StrEnum):
    """What an event rule does."""

    FIRMWARE_CHECK = "firmware-check"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class StateRule:
    """Holds as long as its clause holds, and lets go by itself.

    `hold_for` and `keep` delay its beginning and its end, `stale` is how long it keeps its verdict
    while that is unknown. `said` is its calendar part in the words of the file, key by key; `why`
    is the owner's own reason. With `insists` it wins against a change that somebody made by hand.
    """

    name: str
    priority: int
    calendar: Calendar
    conditions: tuple[Condition, ...]
    want: Want
    stale: timedelta
    hold_for: timedelta = NO_TIME
    keep: timedelta = NO_TIME
    insists: bool = False
    why: str = ""
    said: Mapping[str, str] = field(default_factory=dict, compare=False)
    timeless: bool = field(init=False, compare=False)
    """Open means active: nothing of it depends on an observation or a memory."""
    settled: bool = field(init=False, compare=False)
    """It is active while it holds, and sets the same: without a timer or a captured reserve."""
    reads: frozenset[Quantity] = field(init=False, compare=False)
    """What it reads of an observation."""

    def __post_init__(self) -> None:
        settled = not (self.hold_for or self.keep or self.want.looks_at_soe)
        object.__setattr__(self, "settled", settled)
        object.__setattr__(self, "timeless", settled and not self.conditions)
        read = {each for condition in self.conditions for each in condition.quantities()}
        soe = {Quantity.SOE} if self.want.looks_at_soe else set()
        object.__setattr__(self, "reads", frozenset(read | soe))


@dataclass(frozen=True, slots=True)
class AtMost:
    """No more than `count` times in any span of this length."""

    count: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class EventRule:
    """Acts once at each of its moments, if its conditions hold then.

    Without `moments` it acts each time its conditions turn true (and stay so for `hold_for`) after
    they were known to be false. `message` is what a notification says; with `or_notify` one is sent
    when the action fails, with `install` an update that a firmware check finds is installed.
    """

    name: str
    moments: Moments | None
    conditions: tuple[Condition, ...]
    action: Action
    catch_up: timedelta
    hold_for: timedelta = NO_TIME
    message: str = ""
    at_most: AtMost | None = None
    or_notify: bool = False
    install: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a set of rule files says, proved sound as files.

    `digest` is the SHA-256 over its `sources`; `state_rules` are ordered by priority, highest
    first, and among equals in the order of the files.
    """

    almanac: Almanac
    default: Want
    state_rules: tuple[StateRule, ...]
    event_rules: tuple[EventRule, ...]
    digest: str
    sources: Sources = field(compare=False, repr=False)

    def flags(self) -> frozenset[str]:
        """The flags that a rule asks for."""
        rules: tuple[StateRule | EventRule, ...] = (*self.state_rules, *self.event_rules)
        asked = (each for rule in rules for each in leaves(rule.conditions))
        return frozenset(each.name for each in asked if isinstance(each, FlagSet))
