"""Each commit fails once, in turn, and may have reached the disk or not.

An afternoon of the real loop in virtual time, with writes, somebody else's change, a hold, a
firmware check, a stopped battery, silence and a reload. Whatever fails, the house and the journal
end as they do without it, and on the way nothing is done that is not recorded.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from failing_journal import FailingJournal, Fails, When
from simulated import SteadyHousehold

from rules.domain import Mode, Setting
from rules.engine import RuleSet
from rules.language import load_rules
from rules.resolve import Levers
from scheduler.clock import SimulatedClock
from scheduler.config import Site
from scheduler.control import events
from scheduler.domain import (
    STREAM,
    EventRecord,
    HoldRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    Outcome,
    OutcomeRecord,
    OverrideRecord,
    Record,
    RunEnd,
    Safety,
)
from scheduler.errors import JournalProblem
from scheduler.loop import CommitFailed, MakeRequest, Notification, SiteLoop
from scheduler.process.compose import Run, Services, compose
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.home import Home

HOME = "home"
START = datetime(2026, 7, 15, 20, 30, tzinfo=UTC)  # 13:30 in Los Angeles
POLL = timedelta(minutes=2)
SAFE = Setting(Mode.SELF_CONSUMPTION, 20)
SAFETY = Safety(10, SAFE, writes_an_hour=20)
RULES = """
language = 1
timezone = "America/Los_Angeles"
default = {{ mode = "self_consumption", reserve = 20 }}
[[rule]]
name = "afternoon"
while = {{ time = "14:00-15:00" }}
set = {{ reserve = 60 }}
[[rule]]
name = "evening"
while = {{ time = "16:00-17:30" }}
set = {{ reserve = {evening} }}
[[rule]]
name = "check"
when = {{ at = "14:10" }}
do = "firmware-check"
"""
END = 255.0
UNKNOWN = "what the gateway is set to is not known"
NOTES = (
    NoteKind.BATTERY_STOPPED,
    NoteKind.BATTERY_RUN,
    NoteKind.BATTERY_RUNS,
    NoteKind.HELD_BACK,
    NoteKind.REACHABLE,
    NoteKind.UNREACHABLE,
)


@cache
def rules(evening: int) -> RuleSet:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rules.toml")
        path.write_text(RULES.format(evening=evening), encoding="utf-8")
        return load_rules([path])


@dataclass
class Afternoon:
    """A house, its loop, and its owner, who says it again when told that it was not done."""

    when: When = lambda _number, _records: None
    pasts: int = 0
    refusals: int = 0
    unrecorded: int = 0
    starts: int = 0

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(START)
        self.home = Home(SteadyHousehold(), START, soe=70.0, setting=SAFE)
        self.gateway = DirectGateway(self.home, self.clock, levers=Levers(), reads_kept=0)
        self.journal = FailingJournal(self.when, self.pasts)
        asyncio.run(self._play())

    async def _play(self) -> None:
        self.loop = self._loop(40)
        owner = asyncio.create_task(self._owner())
        await asyncio.sleep(0)  # the owner waits before the loop does
        while not owner.done():
            self.starts += 1
            try:
                await self.loop.run()
            except JournalProblem:
                if not owner.done():
                    self.loop = self._loop(40)  # its supervisor starts it again
        await owner

    async def _next_run(self) -> None:
        self.journal.mend()
        self.loop = self._loop(45)
        alarm = self.clock.alarm_clock()
        run = asyncio.create_task(self.loop.run())
        await alarm.wait(1_200.0)
        self.loop.stop("that is enough")
        await alarm.close()
        await run

    def _loop(self, evening: int) -> SiteLoop:
        site = Site(HOME, (), POLL, cast(Any, None), SAFETY)
        services = Services(self.journal, self.clock, Run("1", "p"), (self._heard,))
        return compose(site, rules(evening), lambda _hear: self.gateway, services)

    def _heard(self, notification: Notification) -> None:
        self.unrecorded += isinstance(notification, CommitFailed)

    async def _owner(self) -> None:
        alarm = self.clock.alarm_clock()
        try:
            for minute, deed in self._deeds():
                while (seconds := minute * 60 - self.clock.monotonic()) > 0:
                    await alarm.wait(seconds)
                request = deed()
                if request is not None:
                    await self._insist(request)
        finally:
            self.loop.stop("the evening is over")
            await alarm.close()

    async def _insist(self, request: MakeRequest) -> None:
        """Ask until it is done; whoever is told that it failed asks again."""
        while True:
            try:
                await self.loop.ask(request)
            except JournalProblem:
                self.refusals += 1
                continue
            return

    def _deeds(self) -> Sequence[tuple[float, Callable[[], MakeRequest | None]]]:
        """What happens, by the minute."""
        home, gateway = self.home, self.gateway

        def silent(*, silent: bool) -> None:
            gateway.silent = silent

        def stopped() -> None:
            home.running = False

        return (
            (71.0, lambda: gateway.set_in_app(Setting(Mode.SELF_CONSUMPTION, 75))),
            (103.0, lambda: lambda at: events.Hold(at, "owner", reserve=50, lasting="20m")),
            (131.0, stopped),
            (163.0, self._reload),
            (175.0, lambda: silent(silent=True)),
            # The journal may be away for longer.
            (181.0, lambda: silent(silent=False)),
            (191.0, lambda: lambda at: events.Release(at, "owner")),
            (203.0, lambda: lambda at: events.Resume(at, "owner")),
            (END, lambda: None),
        )

    def _reload(self) -> None:
        self.loop.reload(lambda at: events.Reloaded(at, rules(45)))

    def after_a_restart(self) -> tuple[list[Record], list[Setting]]:
        """What another run, that begins now, records and writes in twenty minutes."""
        records, writes = len(self.records), len(self.written)
        asyncio.run(self._next_run())
        new = [record for record in self.records[records:] if not isinstance(record, STREAM)]
        return new, self.written[writes:]

    # --- what came of it ---------------------------------------------------------------------

    @property
    def records(self) -> list[Record]:
        return self.journal.records(HOME)

    def of(self, kind: type[Any]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def written(self) -> list[Setting]:
        """What was written, one after the other."""
        return [attempt.setting for attempt in self.gateway.attempts]

    def notes(self) -> Counter[NoteKind]:
        """How often each kind was noted.

        Not what a silence held back: it is noted while the silence lasts, or, if the journal takes
        no row until it is over, not at all. The silence itself is always noted.
        """
        return Counter(note.kind for note in self.of(NoteRecord) if UNKNOWN not in note.text)

    def end(self) -> dict[str, object]:
        """How house and journal are left."""
        past = asyncio.run(self.journal.kept.past(HOME))
        assert past.decision is not None
        said = past.hold
        return {
            "shown": self.gateway.shown,
            "obeyed": self.home.setting,
            "running": self.home.running,
            "open": past.open_intent,
            "uncertain": past.uncertain_write,
            "failed": past.failed_writes,
            "said": said and (said.word, said.setting, said.until),
            "overrides": [(each.state, each.ours, each.found, each.end) for each in past.overrides],
            "check": past.unfinished_check,
            "decided": past.decision.record.setting,
            "rules": past.decision.record.rules_hash,
            "may write": past.capability and past.capability.may_write,
        }


@cache
def undisturbed() -> Afternoon:
    return Afternoon()


def expect_the_same_end(afternoon: Afternoon) -> None:
    """What must hold however often the journal has failed."""
    every_write_has_its_intent(afternoon)
    no_intent_has_two_outcomes(afternoon)
    nothing_held_is_sent_again(afternoon)
    notes, usual = afternoon.notes(), undisturbed().notes()
    assert not [kind for kind in NOTES if notes[kind] < usual[kind]]
    assert afternoon.end() == undisturbed().end()
    happened = [event.scheduled_at for event in afternoon.of(EventRecord)]
    assert len(happened) == 1


def nothing_is_thought_of_it_after_a_restart(afternoon: Afternoon) -> None:
    """What was done without a row is nobody else's change."""
    records, writes = afternoon.after_a_restart()
    assert not [record for record in records if isinstance(record, OverrideRecord)]
    assert writes == []


def every_write_has_its_intent(afternoon: Afternoon) -> None:
    intents = Counter((intent.at, intent.wanted) for intent in afternoon.of(IntentRecord))
    attempts = Counter((attempt.at, attempt.setting) for attempt in afternoon.gateway.attempts)
    without = attempts - intents
    assert all(setting == SAFE for _, setting in without)
    # The row of an intent may be there although nobody knew that it was.
    assert without.total() <= afternoon.notes()[NoteKind.UNRECORDED_WRITE]


def no_intent_has_two_outcomes(afternoon: Afternoon) -> None:
    outcomes = Counter(outcome.intent_id for outcome in afternoon.of(OutcomeRecord))
    assert set(outcomes.values()) == {1}


def nothing_held_is_sent_again(afternoon: Afternoon) -> None:
    held: Setting | None = None
    for record in afternoon.records:
        match record:
            case IntentRecord(wanted=wanted):
                assert wanted != held, "sent again although it was held"
                held = None
            case OutcomeRecord(outcome=Outcome.HELD, wanted=wanted):
                held = wanted
            case OverrideRecord() | NoteRecord(kind=NoteKind.UNRECORDED_WRITE):
                held = None


def once(number: int, fails: Fails, in_a_row: int = 1) -> When:
    return lambda made, _records: fails if number <= made < number + in_a_row else None


def first_with(fails: Fails, fits: Callable[[Record], bool]) -> When:
    """The first commit with such a record fails."""
    met: list[int] = []

    def when(number: int, records: Sequence[Record]) -> Fails | None:
        if not met and any(map(fits, records)):
            met.append(number)
            return fails
        return None

    return when


def is_note(kind: NoteKind) -> Callable[[Record], bool]:
    return lambda record: isinstance(record, NoteRecord) and record.kind is kind


def numbers() -> Iterator[Any]:
    """Every commit with audit rows, and every tenth without, in the ordinary suite."""
    for number, records in enumerate(undisturbed().journal.commits, 1):
        audit = any(not isinstance(record, STREAM) for record in records)
        yield number, audit or number % 10 == 0


def test_the_afternoon_has_all_that_may_go_wrong() -> None:
    afternoon = undisturbed()
    reserves = [setting.reserve for setting in afternoon.written]
    assert reserves == [20, 60, 20, 50, 20, 40, 45, 20, 45, 20]
    assert {outcome.outcome for outcome in afternoon.of(OutcomeRecord)} == {Outcome.HELD}
    assert set(NOTES) <= afternoon.notes().keys()
    assert len(afternoon.of(OverrideRecord)) == 2
    assert (afternoon.unrecorded, afternoon.starts) == (0, 1)


@pytest.mark.parametrize("fails", Fails)
def test_each_commit_may_fail_once(fails: Fails) -> None:
    for number, worth_it in numbers():
        if worth_it:
            afternoon = Afternoon(once(number, fails))
            with about(number):
                assert len(afternoon.journal.failed) == 1
                expect_the_same_end(afternoon)
                what_was_asked_for_is_told_as_failed(afternoon)
                nothing_is_thought_of_it_after_a_restart(afternoon)


@pytest.mark.long
@pytest.mark.parametrize("pasts", [0, 2])
@pytest.mark.parametrize("in_a_row", [1, 3])
@pytest.mark.parametrize("fails", Fails)
def test_any_commits_may_fail(fails: Fails, in_a_row: int, pasts: int) -> None:
    for number, _ in numbers():
        afternoon = Afternoon(once(number, fails, in_a_row), pasts)
        with about(number):
            expect_the_same_end(afternoon)


@pytest.mark.parametrize("fails", Fails)
def test_commits_may_fail_three_times_in_a_row_and_the_past_too(fails: Fails) -> None:
    for number, _ in list(numbers())[3::9]:
        afternoon = Afternoon(once(number, fails, in_a_row=3), pasts=2)
        with about(number):
            expect_the_same_end(afternoon)


def what_was_asked_for_is_told_as_failed(afternoon: Afternoon) -> None:
    """Whoever asked for what was not taken was told so; others were told by the log."""
    number = afternoon.journal.failed[0]
    records = afternoon.journal.commits[number - 1]
    asked = [
        record for record in records if isinstance(record, HoldRecord) and record.by == "owner"
    ]
    assert afternoon.refusals == len(asked)
    told = afternoon.unrecorded + afternoon.refusals + afternoon.starts - 1
    assert told > 0 or isinstance(records[0], RunEnd)


@contextmanager
def about(number: int) -> Iterator[None]:
    try:
        yield
    except AssertionError as wrong:
        records = undisturbed().journal.commits[number - 1]
        wrong.add_note(f"commit {number}: {records}")
        raise


# --- faults of this kind that there have been --------------------------------------------------


def test_an_outcome_that_was_kept_but_reported_as_failed_does_not_end_all_writing() -> None:
    for outcome in range(3):
        afternoon = Afternoon(first_with(Fails.AFTER, nth(is_outcome, outcome)))
        assert len(afternoon.journal.failed) == 1
        assert afternoon.written == undisturbed().written
        expect_the_same_end(afternoon)


def test_a_battery_attempt_whose_row_was_not_kept_is_made_at_the_next_look() -> None:
    afternoon = Afternoon(first_with(Fails.BEFORE, is_note(NoteKind.BATTERY_RUN)))
    ran = [change.at for change in afternoon.gateway.record.running if change.running]
    usual = [change.at for change in undisturbed().gateway.record.running if change.running]
    assert len(ran) == len(usual) == 2
    assert timedelta(0) < ran[1] - usual[1] <= 2 * POLL
    assert afternoon.notes()[NoteKind.BATTERY_RUN] == 1
    expect_the_same_end(afternoon)


@pytest.mark.parametrize("kind", NOTES)
def test_a_note_that_was_not_kept_is_told_again(kind: NoteKind) -> None:
    afternoon = Afternoon(first_with(Fails.BEFORE, is_note(kind)))
    assert len(afternoon.journal.failed) == 1
    assert afternoon.notes()[kind] == undisturbed().notes()[kind]
    expect_the_same_end(afternoon)


def is_outcome(record: Record) -> bool:
    return isinstance(record, OutcomeRecord)


def nth(fits: Callable[[Record], bool], number: int) -> Callable[[Record], bool]:
    """The record of this number (from 0) among those that fit."""
    left = [number]

    def is_it(record: Record) -> bool:
        if not fits(record):
            return False
        left[0] -= 1
        return left[0] < 0

    return is_it
