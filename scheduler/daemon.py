"""The loop: wake, observe, decide, advance what is being applied, reconcile, record, sleep.

Level-triggered: every tick reads and computes from scratch, so a missed, a doubled and a late
wake-up are the same case. What went wrong in one tick is looked at again in the next; nothing is
retried inside a tick, and no tick waits for an effect.

The order of a write: a fresh reading, the decision, the guards, the intent committed, the write,
read-backs over the following ticks, the outcome. Without a committed intent nothing is written.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from rules.domain import Observation
from rules.engine import Decision, Memory, quantities
from rules.errors import RuleProblems
from rules.inputs import Inputs
from rules.load import load_rules
from rules.plan import Plan, RuleSet
from scheduler import happenings
from scheduler.battery_care import BatteryCare
from scheduler.between_ticks import BetweenTicks
from scheduler.clock import Clock, StepWatch
from scheduler.config import Site
from scheduler.deciding import Deciding
from scheduler.domain import Cause, Endpoint, HoldRecord, RunStart
from scheduler.errors import GatewayProblem, JournalProblem, Paused, Unreachable
from scheduler.events import Events
from scheduler.gateways.protocol import Gateway
from scheduler.happenings import Listener
from scheduler.holding import OwnersWord, Wish, ended
from scheduler.inputs import InputFolder
from scheduler.installing import GridWatch, next_dearer, objections
from scheduler.journal.writer import Journal
from scheduler.observing import BEFORE_WRITING, carried, due
from scheduler.reconcile import cause_of
from scheduler.recording import Recorder
from scheduler.route import Route
from scheduler.writes import Desired, Writes

Hear = Callable[[str, str], None]
"""Takes what an adapter did of its own accord: a kind and a sentence."""

MakeGateway = Callable[[Hear], Gateway]


@dataclass(frozen=True, slots=True)
class Run:
    """What tells this run from others in the journal."""

    version: str
    process: str
    dry_run: bool = False


class SiteLoop:
    """One site's loop, from its first contact to an orderly stop."""

    def __init__(
        self,
        site: Site,
        rules: RuleSet,
        make_gateway: MakeGateway,
        journal: Journal,
        clock: Clock,
        run: Run,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._site = site
        gateway = self._gateway = make_gateway(self._hear)
        self._clock = clock
        self._alarm = clock.alarm_clock()
        self._run = run
        self._recorder = Recorder(journal, site.name, listeners)
        self._writes = Writes(
            self._recorder, gateway, clock, site.safety, 2 * site.poll, dry_run=run.dry_run
        )
        self._events = Events(self._recorder, gateway, dry_run=run.dry_run)
        self._care = BatteryCare(self._recorder, gateway, dry_run=run.dry_run)
        self._route = Route(self._recorder, gateway)
        self._grid = GridWatch()
        self._owner = OwnersWord(self._recorder, gateway, site.safety)
        self._requests = BetweenTicks(self._alarm.wake)
        self._deciding = Deciding(rules, gateway.capabilities.levers, Memory(clock.now()))
        self._inputs = InputFolder(site.inputs)
        self._objections: list[str] = []
        self._decision_id: int | None = None
        self._reason = ""
        self._cause = Cause.DRIFT
        self._observation: Observation | None = None
        self._asked: dict[Endpoint, datetime] = {}
        self._unreachable: str | None = None
        self._heard: list[tuple[str, str]] = []
        self._rings_at: datetime | None = None
        self._steps = StepWatch()
        self._stop_reason: str | None = None
        self._reload_wanted = False

    async def run(self) -> None:
        """Tick until stopped. Raises `PwschedError` if the very first contact fails."""
        try:
            await self._start()
            while self._stop_reason is None:
                await self._alarm.wait(await self._tick_safely())
            await self._recorder.end(self._clock.now(), self._stop_reason)
        finally:
            self._requests.close()
            await self._alarm.close()
            await self._gateway.close()

    def stop(self, reason: str) -> None:
        """End after the present tick, without a write."""
        self._stop_reason = self._stop_reason or reason
        self._alarm.wake()

    def reload(self) -> None:
        """Read the rule files again before the next tick."""
        self._reload_wanted = True
        self._alarm.wake()

    @property
    def site(self) -> Site:
        """The site that this loop is for."""
        return self._site

    @property
    def zone(self) -> ZoneInfo:
        """The owner's time zone, as the rules say it."""
        return self._plan.rules.almanac.zone

    def hold(self, wish: Wish) -> Future[HoldRecord]:
        """Hold what the owner wishes from the next tick on, which is made at once.

        Raises `WordRefused`, `JournalProblem`, or `DaemonEnding`, as the other requests may.
        """
        return self._requests.do(lambda: self._owner.hold(wish, self._clock.now(), self.zone))

    def release(self, by: str) -> Future[HoldRecord]:
        """Go to the safe state and stay there until `resume`."""
        return self._requests.do(lambda: self._owner.release(by, self._clock.now()))

    def resume(self, by: str) -> Future[tuple[str, ...]]:
        """Go on by the rules. What that ended, if anything: see `resumed`."""
        return self._requests.do(lambda: self._resume(by))

    def load_again(self) -> Future[str]:
        """Read the rule files again and say what came of it. Raises `RuleProblems`."""
        return self._requests.do(self._reload)

    async def tick(self) -> float:
        """Look once and do what is due; how many seconds to wait at most until the next look."""
        began = self._clock.monotonic()
        now = self._clock.now()
        await self._watch_clock(now, began)
        observation = await self._observe(now)
        inputs = await self._read_inputs(now)
        decision = await self._decide(observation, inputs, now)
        unread = frozenset(part for part in BEFORE_WRITING if self._asked[part] != now)
        if unread and self._writes.wants_fresh_reading(self._desired(decision, now), observation):
            observation = await self._ask(unread, now)
            decision = await self._decide(observation, inputs, now)
        await self._writes.settle(decision.setting, observation, now)
        await self._writes.judge(observation, now, updating=self._events.checking)
        if await self._writes.bring(self._desired(decision, now), observation, now):
            self._cause = Cause.DRIFT
        self._grid.look(observation, now)
        may_not_install = partial(self._install_objections, observation, inputs, now)
        await self._events.advance(may_not_install, observation.running, now)
        await self._care.look(observation, now, updating=self._events.checking)
        await self._route.look(self.zone, now)
        await self._tell_heard(now)
        await self._recorder.observed(observation, now)
        self._recorder.tell(self._ticked(observation, decision, now))
        return self._until_next_look(decision, now, began)

    # --- beginning and end -------------------------------------------------------------------

    async def _start(self) -> None:
        now = self._clock.now()
        self._deciding.memory = Memory(now)
        past = await self._recorder.last_decision()
        if past is not None:
            decided, memory = past
            self._deciding.take_up(decided.record, memory)
            self._reason = decided.record.reason
            self._cause = Cause(decided.record.cause or Cause.DRIFT)
            gap = await self._recorder.last_gap()
            if gap is not None and decided.record.at <= gap.until:
                self._deciding.lose(gap.until)
        await self._owner.take_up()
        self._deciding.followed = self._owner.word
        await self._events.before_contact(now)
        await self._first_contact()
        start = RunStart(
            self._site.name,
            now,
            self._run.version,
            self._run.process,
            self._run.dry_run,
            self._plan.rules.digest,
        )
        await self._recorder.begin(start, self._plan)
        await self._route.take_up(self.zone, now)
        await self._writes.take_up(now)
        await self._events.take_up(self._plan, now)
        await self._care.take_up()
        if self._unreachable is not None:
            await self._recorder.note(now, "unreachable", self._unreachable)

    async def _first_contact(self) -> None:
        """Reach the gateway. One that never answered is probably a wrong address: give up then.

        One that has answered before is only away, as after an outage: the loop goes on trying.
        """
        try:
            await self._gateway.connect()
        except (Unreachable, Paused) as error:
            if not await self._recorder.ever_reached():
                raise
            self._unreachable = str(error)
        self._compile()

    async def _reload(self) -> str:
        """Swap the rules between two ticks, and say what came of it.

        A bad file keeps the old ones in force. Raises `RuleProblems` once that is journaled.
        """
        now = self._clock.now()
        self._recorder.tell(happenings.Reloading(self._site.name, now))
        try:
            rules = load_rules(self._site.rules)
        except RuleProblems as error:
            text = f"the rules that were in force stay: {error}"
            await self._recorder.note(now, "reload_failed", text)
            raise
        if rules.digest == self._plan.rules.digest:
            text = "the rule files have not changed"
            await self._recorder.note(now, "reloaded", text)
            return text
        text = await self._recorder.reloaded(now, rules)
        self._deciding.reload(rules)
        return text

    async def _resume(self, by: str) -> tuple[str, ...]:
        now = self._clock.now()
        override = self._writes.overrides.respected
        await self._writes.overrides.end(now, f"{by} said resume")
        return ended(await self._owner.resume(by, now), override is not None)

    async def _tick_safely(self) -> float:
        """A tick whose journal fails changes nothing and is made again at the next poll."""
        try:
            await self._requests.serve()
            if self._stop_reason is not None:
                return 0.0
            await self._reload_if_wanted()
            return await self.tick()
        except JournalProblem as error:
            now = self._clock.now()
            self._recorder.tell(happenings.Unrecorded(self._site.name, now, str(error)))
            self._writes.lose_track()
            await self._go_to_safety(now)
            return self._site.poll.total_seconds()

    async def _go_to_safety(self, now: datetime) -> None:
        """The one thing that may be done without a row: the safe state, where it is wanted now."""
        if not self._writes.may_go_to_safety(self._observation, now):
            return
        try:
            observation = await self._gateway.observe(frozenset(Endpoint))
            inputs = self._inputs.read(self._objections.append)
            step = self._deciding.look(observation, inputs, self._owner.word, now)
            safe = await self._writes.to_safety(self._desired(step.decision, now), observation, now)
        except (GatewayProblem, JournalProblem) as error:
            self._recorder.tell(happenings.Unrecorded(self._site.name, now, str(error)))
            return
        if safe is not None:
            text = f"wrote {safe} at {now:%H:%M} UTC without a row: it is the safe state"
            self._recorder.tell(happenings.Unrecorded(self._site.name, now, text))
            self._heard.append(("unrecorded_write", text))

    async def _reload_if_wanted(self) -> None:
        if not self._reload_wanted:
            return
        self._reload_wanted = False
        try:
            with suppress(RuleProblems):  # journaled, and nobody waits for an answer
                await self._reload()
        except JournalProblem as error:
            self._reload_wanted = True  # the tick goes on with the rules that are in force
            self._recorder.tell(
                happenings.Unrecorded(self._site.name, self._clock.now(), str(error))
            )

    # --- the steps of a tick -----------------------------------------------------------------

    async def _observe(self, now: datetime) -> Observation:
        parts = due(self._asked, now) | self._writes.wants_to_see
        if self._unreachable is not None or self._events.installing:
            parts = frozenset(Endpoint)  # what comes back may be another firmware
        return await self._ask(parts, now)

    async def _ask(self, parts: frozenset[Endpoint], now: datetime) -> Observation:
        """Ask the gateway; what it does not answer is missing."""
        try:
            fresh = await self._gateway.observe(parts)
        except GatewayProblem as error:
            fresh = Observation(now)
            await self._lost(str(error), now)
        else:
            await self._found(now)
        self._asked |= dict.fromkeys(parts, now)
        self._observation = carried(self._observation, fresh, parts)
        self._compile()
        return self._observation

    def _hear(self, kind: str, text: str) -> None:
        self._heard.append((kind, text))

    async def _tell_heard(self, now: datetime) -> None:
        """Journal what the adapter did of its own accord since the last time."""
        while self._heard:
            await self._recorder.note(now, *self._heard[0])
            del self._heard[0]

    async def _read_inputs(self, now: datetime) -> Inputs:
        """What others have written into the input folder; what is unusable is told of once."""
        inputs = self._inputs.read(self._objections.append)
        while self._objections:
            await self._recorder.note(now, "input_unusable", self._objections[0])
            del self._objections[0]
        return inputs

    async def _lost(self, text: str, now: datetime) -> None:
        if self._unreachable is None:
            self._unreachable = text
            await self._recorder.note(now, "unreachable", text)

    async def _found(self, now: datetime) -> None:
        if self._unreachable is not None:
            self._unreachable = None
            await self._recorder.note(now, "reachable", "the gateway answers again")

    async def _decide(self, observation: Observation, inputs: Inputs, now: datetime) -> Decision:
        """Decide; a change is recorded with its reason before anything follows from it."""
        await self._owner.look(now)
        thread = self._deciding
        self._recorder.given(now, inputs, thread.levers)
        word, before = self._owner.word, thread.last
        standing = thread.standing(observation, inputs, word, now)
        if standing is not None:
            return standing
        step = thread.look(observation, inputs, word, now)
        decision = step.decision
        await self._events.act(decision.occurrences, self._plan, now)
        if step.reason is not None:
            self._reason = step.reason
            if before is None or before[0].setting != decision.setting:
                by_owner = self._owner.cause(thread.followed, before and before[0], decision)
                self._cause = by_owner or cause_of(self._plan, before, decision, now)
                if self._cause is Cause.TIME:
                    await self._writes.overrides.boundary(now)
            self._decision_id = await self._recorder.decided(
                now,
                observation,
                decision,
                step.memory,
                self._plan.rules.digest,
                step.reason,
                self._cause,
                news=step.news,
            )
        thread.accept(step)
        return decision

    def _desired(self, decision: Decision, now: datetime) -> Desired:
        tariff = self._plan.rules.almanac.tariff
        in_peak = tariff is not None and tariff.in_peak(now)
        return Desired(
            decision.setting,
            quantities(self._plan, decision),
            self._cause,
            self._decision_id,
            self._reason,
            decision.insists,
            quiet=not in_peak and not self._events.checking,
            updating=self._events.installing,
        )

    def _install_objections(
        self, observation: Observation, inputs: Inputs, now: datetime
    ) -> tuple[str, ...]:
        dearer = next_dearer(self._plan.rules.almanac.tariff, inputs, now)
        overridden = self._writes.overrides.objection()
        return objections(self._grid.up_for(now), observation, overridden, dearer, now)

    async def _watch_clock(self, now: datetime, monotonic: float) -> None:
        step = self._steps.look(now, monotonic)
        if step is None:
            return
        text = f"the clock was set by {step.total_seconds():+.0f} s"
        await self._recorder.note(now, "clock_stepped", text)
        for waiting in (self._writes, self._events, self._care):
            waiting.clock_set(step)

    def _compile(self) -> None:
        """Follow the gateway's levers: they change with its firmware."""
        levers = self._gateway.capabilities.levers
        if levers != self._deciding.levers:
            self._deciding.follow(levers)

    @property
    def _plan(self) -> Plan:
        return self._deciding.plan

    def _ticked(
        self, observation: Observation, decision: Decision, now: datetime
    ) -> happenings.Ticked:
        writes = self._writes
        return happenings.Ticked(
            self._site.name,
            now,
            observation,
            decision,
            writes.shadow,
            writes.advising,
            self._reason,
            self._deciding.followed,
            None if writes.advising else writes.overrides.respected,
        )

    def _until_next_look(self, decision: Decision, now: datetime, began: float) -> float:
        """Seconds to wait: the poll interval, or less where something is due before."""
        if decision.until != self._rings_at:
            self._rings_at = decision.until
            self._alarm.ring_at("boundary", decision.until)
        poll = max(self._site.poll.total_seconds(), self._gateway.capabilities.shortest_poll)
        looks = (self._writes.next_look(now), self._events.next_look())
        waits = [(look - now).total_seconds() for look in looks if look is not None]
        return max(0.0, min([poll - (self._clock.monotonic() - began), *waits]))
