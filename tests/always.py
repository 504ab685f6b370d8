"""What must always hold of a controller, seen from outside: its events, its rows, its actions.

`Watch.expect` looks at each step before it is committed, `Watch.keep` remembers what was. Nothing
here asks the controller's own helpers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import lawful
from lawful import FAILED, HOUR, Ages, Made, Moment, agree, parts, reported

from rules.domain import Mode, Quantity, Setting
from scheduler.control import State, Step, events
from scheduler.control.actions import (
    Apply,
    InstallFirmware,
    Observe,
    RunBattery,
    WriteBack,
)
from scheduler.control.events import Event
from scheduler.control.waiting import blockers_of
from scheduler.domain import (
    STREAM,
    Cause,
    DecisionRecord,
    Endpoint,
    IntentRecord,
    NoteKind,
    NoteRecord,
    ObservationRecord,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Row,
    RuleFilesRecord,
    SentRecord,
)

HELD = (Outcome.HELD, Outcome.UNVERIFIED)
STORM = (Mode.BACKUP, 100)
LONGEST_OVERRIDE, LONGEST_STORM = 8, timedelta(hours=72)


@dataclass
class Watch:
    """What was recorded of one site so far, over all its runs. `seen` counts what has happened."""

    seen: Counter[str] = field(default_factory=Counter)
    number: int = 0
    writes: list[Made] = field(default_factory=list)
    would: list[Made] = field(default_factory=list)
    open: tuple[int, IntentRecord] | None = None
    sent: Moment | None = None
    failures: int = 0
    failed: Moment | None = None
    held: Setting | None = None
    override: OverrideRecord | None = None
    override_at: datetime | None = None
    battery_run: Moment | None = None
    stopped: Moment | None = None
    unrecorded: Moment | None = None
    retold: bool = False
    ages: Ages = field(default_factory=Ages)
    _asked: set[Endpoint] = field(default_factory=set)

    def begins(self, state: State) -> None:
        """A run begins, with the journal as the last one left it."""
        self.stopped, self.unrecorded, self.held = None, None, None
        self._asked.clear()
        self.ages.begins()
        if self.open is not None:
            self.failures = 0  # of failures before an open write the journal does not tell
        assert state.next_number > self.number

    def restores(self, at: datetime) -> None:
        """What is known is taken from the journal, which cannot tell what came first where the
        clock was set back to before somebody's change."""
        if self.override_at is not None and self.override_at > at:
            self.held = None

    def expect(self, before: State, event: Event, step: Step, true: float) -> None:
        """Look at a step. Raises `AssertionError` where it does what it never may."""
        rows, after = step.rows, step.state
        for place, row in enumerate(rows):
            assert row.number == before.next_number + place
            assert row.run == after.run
        assert after.next_number == before.next_number + len(rows)
        if isinstance(event, events.Woke) and before.clock and before.clock[0] != event.at:
            self._asked.clear()
        if isinstance(event, events.Woke):
            self.ages.looks(Moment(event.at, true))
        elif isinstance(event, events.Seen):
            if event.failure is None:
                self._asked |= event.endpoints
            if event.observation.grid_services:
                self.held = None
            self._expect_of_a_look(before, event, step)
        elif isinstance(event, events.Written) and event.failure is None:
            self.held = None
        if getattr(event, "capabilities", before.capabilities) != before.capabilities:
            self.held = None  # what differs from now on may be nobody's doing
        intents = [row.record for row in rows if isinstance(row.record, IntentRecord)]
        assert len(intents) <= 1
        now = Moment(event.at, true)
        self._expect_actions(before, step, intents, now)
        if intents:
            self._expect_intent(before, event, step, intents[0], now)
        if len(rows) > 1:
            self._expect_rows(before, event, step, now)
        if not isinstance(event, events.Seen) and not before.unrecorded:
            assert not intents

    def keep(self, rows: Sequence[Row], true: float, *, known: bool = True) -> None:
        """Remember rows that were committed; `known`: the controller was told so."""
        for row in rows:
            record = row.record
            if isinstance(record, RuleFilesRecord):
                continue  # kept once only
            self.number = row.number
            if isinstance(record, STREAM):
                continue
            moment = Moment(record.at, true)
            self.seen[type(record).__name__] += 1
            match record:
                case IntentRecord(would=True):
                    self.would.append(self._made(record, true))
                case IntentRecord():
                    self.writes.append(self._made(record, true))
                    self.seen[f"cause {record.cause.value}"] += 1
                    self.open, self.sent, self.held = (row.number, record), None, None
                case SentRecord():
                    self.sent = moment
                case OutcomeRecord(outcome=outcome):
                    self._concluded(record, outcome, moment)
                case OverrideRecord():
                    self.override_at = record.at
                    self.override = record if record.state is OverrideState.BEGAN else None
                    self.seen[f"override {record.end.value if record.end else 'began'}"] += 1
                    self.held = None
                case NoteRecord(kind=kind):
                    self._noted(kind, moment)
                    if kind is NoteKind.BATTERY_STOPPED:
                        self.retold = not known
                    if kind is NoteKind.CLOCK_STEPPED:
                        self.ages.noted(record.text)
                case DecisionRecord():
                    self.held = None

    def _made(self, record: IntentRecord, true: float) -> Made:
        return Made(record.at, true, record, self.ages.run, self.ages.stepped)

    # --- what every look must show -----------------------------------------------------------

    def _expect_of_a_look(self, before: State, event: events.Seen, step: Step) -> None:
        after = step.state
        ended = not any(isinstance(action, Observe) for action in step.actions)
        if not ended or before.unrecorded:
            return
        assert any(isinstance(row.record, ObservationRecord) for row in step.rows)
        override, writing = after.ownership.override, after.writing
        idle = writing.applying is None and writing.left_open is None
        advising = after.terms.dry_run or event.capabilities.may_write is False
        idle = idle and not advising
        if idle and not blockers_of(after):
            self._expect_in_step(after)
        if override is not None and idle:
            assert event.at < override.until
            longest = max(LONGEST_OVERRIDE * after.terms.safety.hold_max, LONGEST_STORM)
            assert override.until - override.began <= longest

    def _expect_in_step(self, after: State) -> None:
        """Nothing is said to be in the way: then what is wanted is set."""
        observation, last = after.observation, after.decisions.last
        assert observation is not None
        assert last is not None
        levers, wanted = after.capabilities.levers, last.setting
        if wanted.mode in levers.modes:
            assert reported(observation, Setting(wanted.mode), levers.unreadable)
        legal = wanted.reserve is not None and wanted.reserve <= levers.reserve_ceiling
        if legal and (wanted.reserve or 0) >= after.terms.safety.reserve_floor:
            assert reported(observation, Setting(reserve=wanted.reserve), levers.unreadable)

    def _expect_actions(
        self, before: State, step: Step, intents: list[IntentRecord], now: Moment
    ) -> None:
        after, sendings = step.state, 0
        for action in step.actions:
            match action:
                case Apply() | WriteBack():
                    sendings += 1
                    assert not after.terms.dry_run
                    if before.unrecorded:
                        assert isinstance(action, Apply)
                        self._expect_safe_state(before, action.setting, now)
                        continue
                    assert intents, "a write without its intent"
                    assert not intents[0].would
                    assert after.capabilities.may_write is not False
                    if isinstance(action, Apply):
                        assert action.setting == intents[0].wanted
                        assert intents[0].cause is not Cause.PROBE
                        lawful.expect_permitted(after, action.setting)
                    else:
                        assert intents[0].cause is Cause.PROBE
                        assert intents[0].wanted == intents[0].previous
                case RunBattery():
                    self._expect_battery_may_be_asked(before, step, now)
                case InstallFirmware():
                    assert not after.terms.dry_run
                    assert after.ownership.override is None
                    assert after.observation is not None
                    assert after.observation.running
        assert sendings <= 1
        if intents and not intents[0].would:
            assert sendings == 1, "an intent without its write"

    def _expect_safe_state(self, before: State, setting: Setting, now: Moment) -> None:
        safe = before.terms.safety.safe
        assert agree(setting, safe) or setting.reserve != safe.reserve
        assert setting.mode is safe.mode
        lawful.expect_permitted(before, setting)
        if self.unrecorded is not None:
            assert self.unrecorded.passed(now, HOUR), "written twice without a row"
        self.unrecorded = now
        self.seen["written without a row"] += 1

    def _expect_battery_may_be_asked(self, before: State, step: Step, now: Moment) -> None:
        after = step.state
        assert not after.terms.dry_run
        assert after.observation is not None
        assert after.observation.running is False
        assert not before.job.on_its_way
        assert not after.job.on_its_way
        assert self.stopped is not None
        assert self.stopped.passed(now, timedelta(minutes=3))
        if self.battery_run is not None:
            assert self.battery_run.passed(now, HOUR), "asked to run twice in an hour"

    # --- what every intent must show ---------------------------------------------------------

    def _expect_intent(
        self, before: State, event: Event, step: Step, intent: IntentRecord, now: Moment
    ) -> None:
        after, safety = step.state, step.state.terms.safety
        assert isinstance(event, events.Seen)
        lawful.expect_readings(after, intent, self._asked, now.at)
        assert before.job.installation is None, "an update is being installed"
        if intent.cause is not Cause.PROBE:
            lawful.expect_permitted(after, intent.wanted)
        if not intent.would:
            outcomes = [r.record for r in step.rows if isinstance(r.record, OutcomeRecord)]
            assert self.open is None or outcomes, "two open intents"
            lawful.expect_pause_is_over(self.failures, self.failed, outcomes, now)
            self._expect_nobody_elses(step, intent)
        made = (self.would if intent.would else self.writes)[-100:]
        ages = [self.ages.of(each, now.true) for each in made]
        lawful.expect_not_too_many(after, intent, made, ages)
        lawful.expect_not_back_too_early(safety, intent, made, ages)

    def _expect_nobody_elses(self, step: Step, intent: IntentRecord) -> None:
        """No change of somebody else's is written over but by who insists."""
        last = step.state.decisions.last
        assert last is not None
        override = self.override
        for row in step.rows:
            if isinstance(row.record, OverrideRecord):
                began = row.record.state is OverrideState.BEGAN
                override = row.record if began else None
        assert override is None, "written over somebody else's change"
        if self.held is not None and intent.cause is Cause.DRIFT and not last.insists:
            assert agree(intent.previous, self.held), "written over what was seen once"

    # --- what the rows of a step must show ---------------------------------------------------

    def _expect_rows(self, before: State, event: Event, step: Step, now: Moment) -> None:
        opened, override = self.open, self.override
        stopped = self.stopped
        for row in step.rows:
            match row.record:
                case IntentRecord(would=False) as intent:
                    assert opened is None, "a second open intent"
                    opened = row.number, intent
                case IntentRecord() as intent:
                    following = step.rows[row.number - before.next_number + 1].record
                    assert isinstance(following, OutcomeRecord)
                    assert (following.intent_id, following.outcome) == (row.number, Outcome.WOULD)
                case SentRecord() as sent:
                    assert opened is not None
                    assert sent.intent_id == opened[0]
                case OutcomeRecord(outcome=Outcome.WOULD):
                    pass
                case OutcomeRecord() as outcome:
                    assert opened is not None, "a second outcome"
                    assert outcome.intent_id == opened[0], "an outcome for another intent"
                    assert outcome.wanted == opened[1].wanted
                    if outcome.outcome in HELD:
                        self._expect_held(before, step, opened[1], outcome)
                    opened = None
                case OverrideRecord(state=OverrideState.BEGAN) as began:
                    assert isinstance(event, events.Seen)
                    override = began
                case OverrideRecord() as ended:
                    assert override is not None
                    assert ended.found == override.found
                    self._expect_end(ended, event, step, now)
                    override = None
                case NoteRecord(kind=NoteKind.BATTERY_STOPPED):
                    assert stopped is None or self.retold, "told twice"

    def _expect_end(self, ended: OverrideRecord, event: Event, step: Step, now: Moment) -> None:
        observation, decisions = step.state.observation, step.state.decisions
        assert observation is not None or ended.end is OverrideEnd.RESUMED
        match ended.end:
            case OverrideEnd.RAN_OUT:
                assert now.at >= ended.until
            case OverrideEnd.SET_BACK:
                assert observation is not None
                unreadable = step.state.capabilities.levers.unreadable
                assert reported(observation, ended.ours, unreadable)
            case OverrideEnd.STORM_OVER:
                assert (ended.found.mode, ended.found.reserve) == STORM
                assert observation is not None
                assert not reported(observation, Setting(*STORM), frozenset())
            case OverrideEnd.BOUNDARY:
                assert (ended.found.mode, ended.found.reserve) != STORM
                rows = [row.record for row in step.rows]
                decided = [row for row in rows if isinstance(row, DecisionRecord)]
                assert [row.cause for row in decided] == [Cause.TIME]
            case OverrideEnd.RESUMED:
                assert isinstance(event, events.Resume)
            case OverrideEnd.WRITTEN_OVER:
                assert decisions.last is not None
                assert decisions.last.insists
                assert any(isinstance(row.record, IntentRecord) for row in step.rows)
            case _:
                raise AssertionError(ended)

    def _expect_held(
        self, before: State, step: Step, intent: IntentRecord, outcome: OutcomeRecord
    ) -> None:
        applying, observation = before.writing.applying, step.state.observation
        assert applying is not None
        assert observation is not None
        assert reported(observation, intent.wanted, applying.unreadable), "held, but not reported"
        assert observation.running is True
        readable = [part for part in parts(intent.wanted) if part not in applying.unreadable]
        for quantity in (*map(Quantity, readable), Quantity.RUNNING):
            measured = observation.measured(quantity)
            assert measured is not None
            assert measured > applying.sent_at, "held by a reading from before"
        all_read = len(readable) == len(parts(intent.wanted))
        assert (outcome.outcome is Outcome.HELD) == all_read

    # --- what is kept of rows ----------------------------------------------------------------

    def _concluded(self, record: OutcomeRecord, outcome: Outcome, moment: Moment) -> None:
        self.seen[f"outcome {outcome.value}"] += 1
        if outcome is Outcome.WOULD:
            return
        self.open = None
        self.failures = self.failures + 1 if outcome in FAILED else 0
        self.failed = moment
        self.held = record.wanted if outcome in HELD else None

    def _noted(self, kind: NoteKind, moment: Moment) -> None:
        self.seen[f"note {kind.value}"] += 1
        match kind:
            case NoteKind.BATTERY_RUN:
                self.battery_run = moment
            case NoteKind.BATTERY_STOPPED:
                self.stopped = moment
            case NoteKind.BATTERY_RUNS:
                self.stopped = None
