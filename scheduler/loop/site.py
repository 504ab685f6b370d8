"""The loop of one site: it wakes the controller, and carries out what the controller wants.

Whatever is decided is decided there. Here the rows of a step are committed before its actions are
carried out, what came of an action is told until it is recorded, and time is waited for.
"""

from __future__ import annotations

from asyncio import Future
from collections import deque
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from rules.plan import RuleSet
from scheduler import control
from scheduler.clock import Clock
from scheduler.config import Site
from scheduler.control import Refusal, Reply, State, Terms, events
from scheduler.control.events import Event
from scheduler.errors import JournalProblem, WordRefused
from scheduler.inputs import InputFolder
from scheduler.journal import Journal
from scheduler.loop import happenings
from scheduler.loop.controller import JournaledController
from scheduler.loop.executor import Executor, MakeGateway
from scheduler.loop.happenings import Listener
from scheduler.loop.requests import Asked, Requests
from scheduler.loop.ticked import ticked


class SiteLoop:
    """One site's loop, from its first contact to an orderly stop."""

    def __init__(
        self,
        site: Site,
        rules: RuleSet,
        terms: Terms,
        make_gateway: MakeGateway,
        journal: Journal,
        clock: Clock,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.site = site
        self._rules = rules
        self._terms = terms
        self._clock = clock
        self._alarm = clock.alarm_clock()
        self._controller = JournaledController(site.name, journal, listeners)
        self._executor = Executor(make_gateway, InputFolder(site.inputs), clock)
        self._requests = Requests(self._alarm.wake)
        self._results: deque[Event] = deque()
        self._reload: Asked | None = None
        self._stop_reason: str | None = None

    async def run(self) -> None:
        """Tick until stopped. Raises `PwschedError` if the very first contact fails."""
        try:
            await self._start()
            while self._stop_reason is None:
                await self._alarm.wait(await self._tick_safely())
            await self._advance(events.Stopped(self._clock.now(), self._stop_reason))
            stopped = happenings.Stopped(self.site.name, self._clock.now(), self._stop_reason)
            self._controller.tell(stopped)
        finally:
            self._requests.close()
            await self._alarm.close()
            await self._executor.close()

    def stop(self, reason: str) -> None:
        """End after the present tick, without a write."""
        self._stop_reason = self._stop_reason or reason
        self._alarm.wake()

    def ask(self, request: Asked) -> Future[Reply]:
        """What the controller replies to a request, between two ticks; a tick follows at once.

        Raises, as the answer, `WordRefused`, `JournalProblem`, or `DaemonEnding`.
        """
        return self._requests.do(lambda: self._answer(request))

    def reload(self, request: Asked) -> None:
        """Let other rules be in force, or the old ones, before the next tick; nobody waits."""
        self._reload = request
        self._alarm.wake()

    @property
    def state(self) -> State:
        """The site as the journal has it. There is none before the first contact."""
        return self._controller.state

    @property
    def zone(self) -> ZoneInfo:
        """The owner's time zone, as the rules say it."""
        return self.state.thread.plan.rules.almanac.zone

    async def tick(self) -> float:
        """Look once and do what is due; how many seconds to wait at most until the next look."""
        began, now = self._clock.monotonic(), self._clock.now()
        await self._controller.restore(now)
        await self._advance(events.Woke(now, began))
        self._controller.tell(ticked(self.site.name, self.state, now))
        wake = control.next_wake(self.state, now)
        if wake.boundary is not None:
            self._alarm.ring_at("boundary", wake.boundary)
        poll = wake.poll - (self._clock.monotonic() - began)
        soonest = poll if wake.soonest is None else (wake.soonest - now).total_seconds()
        return max(0.0, min(poll, soonest))

    async def _start(self) -> None:
        now, executor = self._clock.now(), self._executor
        for action in await self._controller.begin(
            self._terms, self._rules, executor.capabilities, now
        ):
            await executor.carry_out(action, now)
        await self._take(await executor.connect(now, reached_before=self.state.reached))
        plan, dry_run = self.state.thread.plan, self._terms.dry_run
        self._controller.tell(happenings.Started(self.site.name, now, plan, dry_run))

    async def _advance(self, event: Event) -> Reply:
        """Take the controller a step further, and carry out what it wants until that is nothing."""
        await self._deliver()
        reply = await self._take(event)
        await self._deliver()
        return reply

    async def _deliver(self) -> None:
        """Tell the controller what came of its actions, each until it is recorded."""
        while self._results or self._executor.heard:
            if self._executor.heard:
                heard = tuple(self._executor.heard)
                await self._take(events.Heard(self._clock.now(), heard))
                del self._executor.heard[: len(heard)]
            if self._results:
                await self._take(self._results[0])
                self._results.popleft()

    async def _take(self, event: Event) -> Reply:
        step = await self._controller.take(event)
        for action in step.actions:
            result = await self._executor.carry_out(action, event.at)
            if result is not None:
                self._results.append(result)
        return step.reply

    async def _answer(self, request: Asked) -> Reply:
        await self._controller.restore(self._clock.now())
        event = request(self._clock.now())
        if isinstance(event, events.Reloaded | events.ReloadFailed):
            self._controller.tell(happenings.Reloading(self.site.name, event.at))
        reply = await self._advance(event)
        if isinstance(reply, Refusal):
            raise WordRefused(reply.text)
        return reply

    async def _tick_safely(self) -> float:
        """A tick whose journal fails changes nothing and is made again at the next poll."""
        try:
            await self._requests.serve()
            if self._stop_reason is not None:
                return 0.0
            await self._reload_if_wanted()
            return await self.tick()
        except JournalProblem as problem:
            await self._go_to_safety(problem)
            return self._terms.poll.total_seconds()

    async def _reload_if_wanted(self) -> None:
        """What the journal does not take is tried again; the tick goes on with the old rules."""
        if self._reload is None:
            return
        try:
            await self._answer(self._reload)
        except JournalProblem as problem:
            self._tell_unrecorded(str(problem))
        else:
            self._reload = None

    async def _go_to_safety(self, problem: JournalProblem) -> None:
        """The one thing that may be done without a row: the safe state, where it is wanted now."""
        now = self._clock.now()
        self._tell_unrecorded(str(problem))
        untold = [result for result in self._results if not isinstance(result, events.Seen)]
        seen = [each.observation for each in self._results if isinstance(each, events.Seen)]
        self._results.clear()
        try:
            await self._controller.restore(now)
            reply = await self._take(events.Unrecorded(now, seen[-1] if seen else None))
            while self._results:
                reply = await self._take(self._results.popleft()) or reply
        except JournalProblem as again:
            reply = str(again)
        if isinstance(reply, str):
            self._tell_unrecorded(reply)
        self._results.extendleft(reversed(untold))

    def _tell_unrecorded(self, text: str) -> None:
        now = self._clock.now()
        self._controller.tell(happenings.Unrecorded(self.site.name, now, text))
