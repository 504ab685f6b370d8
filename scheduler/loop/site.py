"""The loop of one site: it wakes the controller, and waits until the next tick is due.

Whatever is decided is decided by the controller; its driver carries that out. Here are the order of
a tick, the requests between two ticks, and what follows when the journal takes no row.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Sequence

from rules.engine import RuleSet
from scheduler import control
from scheduler.clock import Clock
from scheduler.config import Site
from scheduler.control import Reply, State, Terms, events
from scheduler.errors import JournalProblem
from scheduler.inputs import InputFolder
from scheduler.journal import Journal
from scheduler.loop.command_queue import CommandQueue, MakeRequest
from scheduler.loop.controller import JournaledController
from scheduler.loop.driver import Driver
from scheduler.loop.executor import Executor, MakeGateway
from scheduler.loop.notifications import CommitFailed, Listener
from scheduler.loop.resting import rest
from scheduler.loop.ticked import Ticks, ticked


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
        self.site, self._rules, self._terms = site, rules, terms
        self._clock, self._alarm, self.ticks = clock, clock.alarm_clock(), Ticks()
        self._executor = Executor(make_gateway, InputFolder(site.inputs), clock)
        self._controller = JournaledController(site.name, journal, listeners)
        self._driver = Driver(self._controller, self._executor, clock)
        self._requests = CommandQueue(self._driver.answer, self._alarm.wake)
        self._stop_reason: str | None = None

    async def run(self) -> None:
        """Tick until stopped. Raises `GatewayProblem` for a start that only a person can mend."""
        try:
            while self._stop_reason is None:
                seconds = await self._tick_safely()
                await rest(self._alarm, self._clock, seconds, self._controller.rests)
            await self._driver.end(self._stop_reason)
        finally:
            self.ticks.close()
            self._requests.close()
            await self._alarm.close()
            await self._executor.close()

    def stop(self, reason: str) -> None:
        """End after the present tick, without a write."""
        self._stop_reason = self._stop_reason or reason
        self._alarm.wake()

    def ask(self, request: MakeRequest, *, at_once: bool = True) -> Future[Reply]:
        """What the controller replies to a request, between two ticks; now if `at_once`.

        Raises, as the answer, `WordRefused`, `JournalProblem`, or `DaemonEnding`.
        """
        return self._requests.ask(request, at_once=at_once)

    def reload(self, request: MakeRequest) -> None:
        """Let other rules be in force, or the old ones, before the next tick; nobody waits."""
        self._requests.reload(request)

    @property
    def state(self) -> State:
        """The site as the journal has it. There is none before the first contact."""
        return self._controller.state

    @property
    def certificate(self) -> str | None:
        """What the gateway is recognised by now."""
        return self._executor.trusted or self.site.certificate

    @property
    def rules(self) -> RuleSet:
        """The rules in force, or that will be once the run has begun."""
        return self._driver.rules or self._rules

    async def tick(self) -> float:
        """Do what is due; how many seconds to wait at most until the next tick."""
        began, now = self._clock.monotonic(), self._clock.now()
        await self._controller.restore(now)
        await self._driver.advance(events.Woke(now, began))
        self._controller.notify(ticked(self.site.name, self.state, now))
        self.ticks.ended()
        wake = control.next_wake(self.state, now)
        if wake.boundary is not None:
            self._alarm.ring_at("boundary", wake.boundary)
        poll = wake.poll - (self._clock.monotonic() - began)
        soonest = poll if wake.soonest is None else (wake.soonest - now).total_seconds()
        return max(0.0, min(poll, soonest))

    async def _tick_safely(self) -> float:
        """Begin or tick; where the journal fails nothing changes, and the next poll tries again."""
        try:
            if not self._driver.begun:
                await self._driver.begin(self._terms, self._rules)
            await self._requests.serve()
            if self._stop_reason is not None:
                return 0.0
            self._notify_commit_failed(await self._requests.serve_reload())
            return await self.tick()
        except JournalProblem as problem:
            self._notify_commit_failed(str(problem))
            if not self._driver.begun:
                self._requests.turn_away(problem)
            self._notify_commit_failed(await self._driver.go_to_safety())
            return self._terms.poll.total_seconds()

    def _notify_commit_failed(self, problem: str | None) -> None:
        if problem is not None:
            self._controller.notify(CommitFailed(self.site.name, self._clock.now(), problem))
