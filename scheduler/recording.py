"""One site's side of the journal: first the row, then the listeners.

What a listener hears of is in the journal already. Ticks are the exception: their observations are
committed with the next audit row or after five minutes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rules.domain import Observation, Setting
from rules.engine import Decision, Memory
from rules.inputs import Inputs
from rules.occurrences import Occurrence
from rules.plan import Plan, RuleSet
from rules.remembering import from_json, to_json
from rules.resolve import Levers
from scheduler import happenings
from scheduler.domain import (
    CapabilityRecord,
    DecisionRecord,
    EffectRecord,
    EventRecord,
    FailedWrites,
    FirmwareCheckRecord,
    HeldWrite,
    HoldRecord,
    IntentRecord,
    NoteRecord,
    OpenIntent,
    Outcome,
    OverrideRecord,
    PastDecision,
    PastGap,
    PastWrite,
    RunStart,
)
from scheduler.happenings import Happening, Listener
from scheduler.journal.given import LEVERS, RELOADED, Content, given_of, levers_to_json, reload_text
from scheduler.journal.writer import Journal
from scheduler.reconcile import DAY

log = logging.getLogger(__name__)


class Recorder:
    """Records and tells what happens at one site during one run."""

    def __init__(self, journal: Journal, site: str, listeners: Sequence[Listener]) -> None:
        self._journal = journal
        self._site = site
        self._listeners = listeners
        self._run_id = 0
        self._recorded: Observation | None = None
        self._given: Mapping[str, Content] = {}
        self._inputs: Inputs | None = None
        self._levers: Levers | None = None

    def tell(self, happening: Happening) -> None:
        """Tell every listener. One that fails is told of in the log and harms nobody else."""
        for listener in self._listeners:
            try:
                listener(happening)
            except Exception:  # a view must never stop what controls the house
                log.exception("%s: a listener failed", self._site)

    async def begin(self, start: RunStart, plan: Plan) -> None:
        """A run begins; everything after belongs to it."""
        self._run_id = await self._journal.begin_run(start)
        await self.rules(start.at, plan.rules)
        self._given = await self._journal.last_given(self._site)
        self.tell(happenings.Started(self._site, start.at, plan, start.dry_run))

    async def end(self, at: datetime, reason: str) -> None:
        """The run ends in order."""
        await self._journal.end_run(self._site, self._run_id, at, reason)
        self.tell(happenings.Stopped(self._site, at, reason))

    async def note(self, at: datetime, kind: str, text: str) -> None:
        """Anything worth telling later."""
        record = NoteRecord(at, kind, text)
        await self._journal.note(self._site, self._run_id, record)
        self.tell(happenings.Noted(self._site, record))

    async def said(self, word: HoldRecord) -> None:
        """The owner has spoken, or a hold has come to its end."""
        await self._journal.hold(self._site, self._run_id, word)
        self.tell(happenings.Said(self._site, word))

    async def rules(self, at: datetime, rules: RuleSet) -> None:
        """These rules are about to be in force."""
        content = rules.sources.to_json()
        await self._journal.keep_rules(self._site, self._run_id, at, rules.digest, content)

    async def reloaded(self, at: datetime, rules: RuleSet) -> str:
        """These rules are about to take the place of others; what is told of it."""
        await self.rules(at, rules)
        text = reload_text(rules.digest)
        await self.note(at, RELOADED, text)
        return text

    def given(self, at: datetime, inputs: Inputs, levers: Levers) -> None:
        """What the engine is about to be given beside an observation."""
        if inputs is self._inputs and levers == self._levers:
            return
        now = given_of(inputs) | {LEVERS: levers_to_json(levers)}
        before, self._given = self._given, now
        self._inputs, self._levers = inputs, levers
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                self._journal.give(self._site, self._run_id, at, name, now.get(name))

    async def observed(self, observation: Observation, tick_at: datetime) -> None:
        """A poll has been made, and looked at as of `tick_at`."""
        if observation is self._recorded:
            return
        self._recorded = observation
        if self._journal.observe(self._site, self._run_id, observation, tick_at):
            await self._journal.flush()

    async def decided(
        self,
        at: datetime,
        observation: Observation,
        decision: Decision,
        memory: Memory,
        digest: str,
        reason: str,
        cause: str,
        *,
        news: bool,
    ) -> int:
        """What is wanted has changed (`news`), or only what is remembered; the row's id."""
        record = DecisionRecord(
            at,
            decision.setting,
            {part.value: winner for part, winner in decision.winners.items()},
            digest,
            reason,
            to_json(memory),
            cause,
        )
        new = None if observation is self._recorded else observation
        decision_id = await self._journal.decide(self._site, self._run_id, record, new)
        self._recorded = observation
        if news:
            self.tell(happenings.Decided(self._site, at, decision, reason))
        return decision_id

    async def intend(self, decision_id: int | None, intent: IntentRecord) -> int:
        """A write is about to be made; its id once that is on the disk."""
        intent_id = await self._journal.intend(self._site, self._run_id, decision_id, intent)
        self.tell(
            happenings.Intended(
                self._site,
                intent.at,
                intent.previous,
                intent.wanted,
                intent.cause,
                intent.would,
            )
        )
        return intent_id

    async def sent(self, intent_id: int, at: datetime) -> None:
        """The gateway has accepted every step of a write."""
        await self._journal.sent(self._site, intent_id, at)

    async def conclude(
        self, intent_id: int, wanted: Setting, at: datetime, outcome: Outcome, detail: str
    ) -> None:
        """A write has come to its end."""
        await self._journal.conclude(self._site, intent_id, at, outcome, detail)
        self.tell(happenings.Settled(self._site, at, wanted, outcome, detail))

    async def effect_seen(self, wanted: Setting, record: EffectRecord) -> None:
        """The power flows told of a write."""
        await self._journal.effect(self._site, record)
        self.tell(happenings.EffectSeen(self._site, wanted, record))

    async def overridden(self, record: OverrideRecord) -> None:
        """Somebody else's change is respected, or no longer."""
        await self._journal.override(self._site, self._run_id, record)
        self.tell(happenings.Overridden(self._site, record))

    async def capable(self, record: CapabilityRecord) -> None:
        """The route was found to allow something else than before."""
        await self._journal.capability(self._site, self._run_id, record)

    async def fire(self, at: datetime, occurrence: Occurrence) -> int | None:
        """An event is settled; `None` if the journal knows of it already."""
        record = EventRecord(
            at,
            occurrence.rule,
            occurrence.scheduled_at,
            occurrence.action.value,
            occurrence.happened.value,
        )
        event_id = await self._journal.fire(self._site, self._run_id, record)
        if event_id is not None:
            self.tell(happenings.Fired(self._site, at, occurrence))
        return event_id

    async def firmware_checked(self, record: FirmwareCheckRecord) -> None:
        """A firmware check has ended."""
        await self._journal.firmware_check(self._site, self._run_id, record)
        self.tell(happenings.FirmwareChecked(self._site, record))

    async def open_intent(self) -> OpenIntent | None:
        """The write that an earlier run left open."""
        return await self._journal.open_intent(self._site)

    async def writes_of_the_day(self, now: datetime, *, would: bool) -> tuple[PastWrite, ...]:
        """The writes of the last 24 hours, oldest first; those of a dry run count apart."""
        return await self._journal.writes_since(self._site, now - DAY, would=would)

    async def last_decision(self) -> tuple[PastDecision, Memory] | None:
        """The newest decision of any run, and the memory that goes with it."""
        past = await self._journal.last_decision(self._site)
        return (past, from_json(past.record.memory)) if past else None

    async def last_word(self) -> HoldRecord | None:
        """What the owner said last, whether it is still in force or not."""
        return await self._journal.last_word(self._site)

    async def unfinished_check(self, now: datetime, within: timedelta) -> tuple[int, str] | None:
        """A firmware check that an earlier run began and did not end: its event and its rule."""
        return await self._journal.unfinished_check(self._site, now - within)

    async def ever_reached(self) -> bool:
        """Whether this site's gateway has ever answered us."""
        return await self._journal.last_contact(self._site) is not None

    async def held_write(self) -> HeldWrite | None:
        """The last write, if it was read back."""
        return await self._journal.held_write(self._site)

    async def failed_writes(self) -> FailedWrites | None:
        """The writes in a row that failed since one succeeded."""
        return await self._journal.failed_writes(self._site)

    async def last_overrides(self) -> tuple[OverrideRecord, ...]:
        """The last override's beginning and, if it is over, its end."""
        return await self._journal.last_overrides(self._site)

    async def last_capability(self, until: datetime | None = None) -> CapabilityRecord | None:
        """What the route was last known to allow, or was `until` an instant."""
        return await self._journal.last_capability(self._site, until)

    async def last_note(self, kind: str) -> datetime | None:
        """When a note of this kind was last made."""
        return await self._journal.last_note(self._site, kind)

    async def last_gap(self) -> PastGap | None:
        """The newest time of which the journal has lost what happened."""
        return await self._journal.last_gap(self._site)

    async def uncertain_write(self) -> Setting | None:
        """The last write, if its outcome is that nobody knows whether it took effect."""
        return await self._journal.uncertain_write(self._site)
