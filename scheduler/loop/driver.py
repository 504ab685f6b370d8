"""Drives one controller: carries out its actions and returns their results to it, until it rests.

The rows of a step are committed before its actions are carried out, and the result of an
action is delivered until it is recorded.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime

from rules.engine import RuleSet
from scheduler.clock import Clock
from scheduler.control import Refusal, Reply, Terms, events
from scheduler.control.events import Event
from scheduler.errors import JournalProblem, RequestRefused
from scheduler.loop.command_queue import MakeRequest
from scheduler.loop.controller import JournaledController
from scheduler.loop.executor import Executor
from scheduler.loop.notifications import Reloading, SiteStarted, SiteStopped


class Driver:
    """One site's controller, and the results of its actions that are not delivered yet.

    `begun`: the past is known, and the journal has the beginning of this run.
    """

    def __init__(self, controller: JournaledController, executor: Executor, clock: Clock) -> None:
        self._controller = controller
        self._executor = executor
        self._clock = clock
        self._results: deque[Event] = deque()
        self.begun = False

    async def begin(self, terms: Terms, rules: RuleSet) -> None:
        """Restore what is journaled, and reach the gateway.

        Raises `JournalProblem`, after which it is to be tried again, and `GatewayProblem`.
        """
        at, executor, controller = self._clock.now(), self._executor, self._controller
        for action in await controller.begin(terms, rules, executor.capabilities, at):
            await executor.carry_out(action, at)
        read_before = controller.state.read_at is not None
        await self._take(await executor.connect(at, read_before=read_before))
        self.begun = True
        controller.notify(
            SiteStarted(controller.site, at, controller.state.decisions.plan, terms.dry_run)
        )

    @property
    def rules(self) -> RuleSet | None:
        """The rules in force, once the run has begun."""
        return self._controller.state.decisions.plan.rules if self.begun else None

    async def end(self, reason: str) -> None:
        """Record that the run ends, if it has begun. Raises `JournalProblem`."""
        if self.begun:
            await self._controller.restore(self._clock.now())
        now = self._clock.now()
        if self.begun:
            await self.advance(events.Stopped(now, reason))
        self._controller.notify(SiteStopped(self._controller.site, now, reason))

    async def advance(self, event: Event) -> Reply:
        """Take the controller a step further, and carry out what it wants until that is nothing."""
        await self._deliver()
        reply = await self._take(event)
        await self._deliver()
        return reply

    async def answer(self, request: MakeRequest) -> Reply:
        """What the controller replies to a request. Raises `RequestRefused`."""
        await self._controller.restore(self._clock.now())
        event = request(self._clock.now())
        if isinstance(event, events.Reloaded | events.ReloadFailed):
            self._controller.notify(Reloading(self._controller.site, event.at))
        reply = await self.advance(event)
        if isinstance(reply, Refusal):
            raise RequestRefused(reply.text)
        return reply

    async def go_to_safety(self) -> str | None:
        """The one thing that may be done without a row: the safe state, where it is wanted now.

        What came of it, in a sentence. Before the run has begun nobody knows what may be written.
        """
        if not self.begun:
            return None
        now = self._clock.now()
        undelivered = [result for result in self._results if not isinstance(result, events.Seen)]
        seen = [each for each in self._results if isinstance(each, events.Seen)]
        self._results.clear()
        try:
            await self._controller.restore(now)
            reply = await self._take(_unrecorded(now, seen[-1] if seen else None))
            while self._results:
                reply = await self._take(self._results.popleft()) or reply
        except JournalProblem as again:
            reply = str(again)
        self._results.extendleft(reversed(undelivered))
        return reply if isinstance(reply, str) else None

    async def _deliver(self) -> None:
        """Deliver the results of actions to the controller, each until it is recorded."""
        while self._results or self._executor.reported:
            if self._executor.reported:
                reported = tuple(self._executor.reported)
                await self._take(events.Reported(self._clock.now(), reported))
                del self._executor.reported[: len(reported)]
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


def _unrecorded(at: datetime, seen: events.Seen | None) -> events.Unrecorded:
    if seen is None:
        return events.Unrecorded(at)
    return events.Unrecorded(at, seen.observation, seen.failure)
