"""What a write must show before it may be made, told from rows and readings alone.

A setting is compared part by part here. The wall clock may be set. A pause has passed if either it
or the true time says so; how old a write is, `Ages` says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from rules.domain import Observation, Part, Quantity, Setting
from scheduler.control import State
from scheduler.domain import Cause, Endpoint, IntentRecord, Outcome, OutcomeRecord, Safety

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWNERS_AN_HOUR = 6
FAILED = (Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE)
PAUSES = (30.0, 60.0, 120.0, 300.0, 900.0)
CANNOT_FLAP = (Cause.TIME, Cause.GRID, Cause.OWNER, Cause.REPEAT, Cause.NO_EFFECT)
READ_FIRST = frozenset({Endpoint.OPERATION, Endpoint.SITEMASTER, Endpoint.GRID})


class Made(NamedTuple):
    """A write, by the wall clock and in true time.

    `run` counts the processes; `stepped` are the steps of the clock that were noted before it.
    """

    at: datetime
    true: float
    intent: IntentRecord
    run: int
    stepped: timedelta


@dataclass
class Ages:
    """How old a write is: in true time, where the process saw it made or saw the time since.

    Before it first looked (`began`) there is only the wall clock of the rows, less the steps that
    were noted since; that nothing is of the future is all that is certain.
    """

    run: int = 0
    stepped: timedelta = timedelta(0)
    began: Moment | None = None
    stepped_then: timedelta = timedelta(0)

    def noted(self, text: str) -> None:
        """A step of the clock was recorded."""
        found = re.match(r"the clock was set by ([+-]\d+) s", text)
        assert found is not None
        self.stepped += timedelta(seconds=int(found[1]))

    def begins(self) -> None:
        """Another process begins."""
        self.run, self.began = self.run + 1, None

    def looks(self, now: Moment) -> None:
        """It knows the time from here on."""
        if self.began is None:
            self.began, self.stepped_then = now, self.stepped

    def of(self, made: Made, true: float) -> timedelta:
        """The age of a write."""
        if made.run == self.run:
            return timedelta(seconds=true - made.true)
        assert self.began is not None
        told = (self.began.at - self.stepped_then) - (made.at - made.stepped)
        return max(told, timedelta(0)) + timedelta(seconds=true - self.began.true)


class Moment(NamedTuple):
    """An instant by the wall clock, and in true time."""

    at: datetime
    true: float

    def passed(self, now: Moment, span: timedelta) -> bool:
        """So much time has passed, by one clock or the other."""
        return abs(now.at - self.at) >= span or now.true - self.true >= span.total_seconds()


def parts(setting: Setting) -> dict[Part, object]:
    """The parts that are not left alone."""
    return {part: value for part in Part if (value := getattr(setting, part.value)) is not None}


def agree(one: Setting, other: Setting) -> bool:
    """No part is set differently in both."""
    others = parts(other)
    return all(others.get(part, value) == value for part, value in parts(one).items())


def reported(observation: Observation, setting: Setting, but: frozenset[Part]) -> bool:
    """The gateway tells of every part of this setting, except those that it cannot tell."""
    for part, wanted in parts(setting).items():
        found = getattr(observation, part.value)
        if part in but:
            continue
        if found is None or (part is Part.RESERVE and abs(found - wanted) >= 0.6):
            return False
        if part is not Part.RESERVE and found is not wanted:
            return False
    return True


def expect_permitted(after: State, setting: Setting) -> None:
    """Only what the route takes and the owner permits; parts that travel together, together."""
    levers, safety, said = after.capabilities.levers, after.terms.safety, parts(setting)
    assert said
    if setting.mode is not None:
        assert setting.mode in levers.modes
    if setting.reserve is not None:
        assert safety.reserve_floor <= setting.reserve, "under the floor"
        assert 0 <= setting.reserve <= levers.reserve_ceiling or setting.reserve == 100
    if setting.grid_charging is not None:
        assert setting.grid_charging in levers.grid_charging
        assert safety.grid_charging or not setting.grid_charging, "not permitted"
    if setting.export is not None:
        assert setting.export in levers.export
        assert setting.export.rank <= safety.export.rank, "not permitted"
    assert levers.together & set(said) in (frozenset(), levers.together)


def expect_readings(after: State, intent: IntentRecord, asked: set[Endpoint], at: datetime) -> None:
    """What it relies on was read in this tick, or lately; nothing read stands against it."""
    observation, decisions = after.observation, after.decisions
    assert observation is not None
    assert decisions.last is not None
    assert asked >= READ_FIRST, "written on an old reading"
    # What would be written stands in for what is set, where nothing is.
    assumed = Part if intent.would else after.capabilities.levers.unreadable
    readable = [Quantity(part.value) for part in parts(intent.wanted) if part not in assumed]
    for quantity in (*readable, Quantity.RUNNING, Quantity.GRID):
        measured = observation.measured(quantity)
        assert measured is not None, f"{quantity} is not known"
        assert measured >= at, f"{quantity} is old"
    if intent.cause is not Cause.PROBE:
        winners = map(decisions.plan.rule, set(decisions.last.winners.values()))
        for quantity in {each for rule in winners if rule for each in rule.reads}:
            measured = observation.measured(quantity)
            assert measured is not None, f"{quantity} is not known"
            assert at - measured <= 2 * after.terms.poll, f"{quantity} is old"
    assert observation.running is True, "the battery is stopped"
    assert not observation.grid_services, "grid services are active"


def expect_not_too_many(
    after: State, intent: IntentRecord, made: Sequence[Made], ages: Sequence[timedelta]
) -> None:
    """The caps of an hour and a day; what the owner asked for has its own of an hour.

    The last that the rules may in an hour leads to the safe state only; there the owner's may use
    what the rules have left.
    """
    safety, safe = after.terms.safety, _leads_to_safety(after, intent.wanted)
    by_owner = intent.cause is Cause.OWNER
    hour = [each.intent.cause for each, age in zip(made, ages, strict=True) if age < HOUR]
    owners = sum(cause is Cause.OWNER for cause in hour)
    if by_owner:
        assert safe or owners < OWNERS_AN_HOUR, "too many an hour that the owner asked for"
    else:
        spare = 0 if safe else 1
        assert len(hour) - owners < safety.writes_an_hour - spare, "too many an hour"
    assert len(hour) < OWNERS_AN_HOUR + safety.writes_an_hour, "too many an hour of all kinds"
    a_day = min(safety.writes_a_day, after.capabilities.writes_a_day)
    assert sum(age < DAY for age in ages) < a_day, "too many a day"


def expect_not_back_too_early(
    safety: Safety, intent: IntentRecord, made: Sequence[Made], ages: Sequence[timedelta]
) -> None:
    """What was just left is not returned to, but for causes that cannot flap."""
    if intent.cause in (*CANNOT_FLAP, Cause.PROBE):
        return
    for each, age in zip(made, ages, strict=True):
        wanted = intent.wanted
        left = agree(each.intent.previous, wanted) and not agree(each.intent.wanted, wanted)
        assert not left or age >= safety.dwell, "returned to too early"


def expect_pause_is_over(
    failures: int, failed: Moment | None, outcomes: Sequence[OutcomeRecord], now: Moment
) -> None:
    """After so many failures in a row, those of this step included, long enough was waited."""
    for each in outcomes:
        failures = failures + 1 if each.outcome in FAILED else 0
        failed = now
    if failures and failed is not None:
        pause = timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1])
        assert failed.passed(now, pause), "no pause after a failure"


def _leads_to_safety(after: State, wanted: Setting) -> bool:
    safe, levers = after.terms.safety.safe, after.capabilities.levers
    reserve = safe.reserve or 0
    legal = reserve <= levers.reserve_ceiling or reserve == 100
    if not legal or reserve < after.terms.safety.reserve_floor:
        return wanted.mode is safe.mode  # and the reserve that comes nearest
    return agree(wanted, safe) and parts(wanted).keys() >= parts(safe).keys()
