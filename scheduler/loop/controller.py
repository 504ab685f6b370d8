"""The controller of one site on its journal: a step counts once it is committed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from rules.domain import Setting
from rules.engine import RuleSet
from scheduler import control
from scheduler.control import Action, State, Step, Terms
from scheduler.control.events import Event, OccurredBefore
from scheduler.domain import Capabilities, DecisionRecord, Record
from scheduler.errors import JournalProblem
from scheduler.journal import Journal, OccurrenceExists
from scheduler.loop.notifications import Listener, Notification, Recorded, Resting

log = logging.getLogger(__name__)


class JournaledController:
    """Takes events to a site's controller, commits what comes of them, and notifies listeners.

    `state` is the last one that is known to be committed. While it is `uncertain` whether a step
    reached the disk, the state is restored before the next.
    """

    def __init__(self, site: str, journal: Journal, listeners: Sequence[Listener]) -> None:
        self.site = site
        self._journal = journal
        self._listeners = listeners
        self._state: State | None = None
        self._last_reported: tuple[Setting, object, str] | None = None
        self.uncertain = False

    @property
    def state(self) -> State:
        """The site as the journal has it. There is none before `begin`."""
        if self._state is None:
            raise ValueError("the controller has not begun")
        return self._state

    async def begin(
        self, terms: Terms, rules: RuleSet, capabilities: Capabilities, at: datetime
    ) -> tuple[Action, ...]:
        """Restore what is journaled; what is to be done before the first contact."""
        past = await self._journal.past(self.site)
        step = control.begin(past, terms, rules, capabilities, at)
        self._state = step.state
        return step.actions

    async def take(self, event: Event) -> Step:
        """The step that an event comes to, committed.

        Raises `JournalProblem`: then nothing has changed here, and nobody knows what has there.
        """
        step = control.step(self.state, event)
        try:
            if step.rows:
                await self._journal.commit(self.site, step.rows)
        except OccurrenceExists as known:
            self._state = control.step(self.state, OccurredBefore(known.occurrences)).state
            return await self.take(event)
        except JournalProblem:
            self.uncertain = True
            raise
        self._state = step.state
        for row in step.rows:
            self._notify_of_row(row.record)
        return step

    async def restore(self, at: datetime) -> None:
        """Go on from what the journal says is true, if that is uncertain."""
        if self.uncertain:
            self._state = control.restored(await self._journal.past(self.site), self.state, at)
            self.uncertain = False

    def notify(self, notification: Notification) -> None:
        """Notify every listener. One that fails is logged and harms nobody else."""
        for listener in self._listeners:
            try:
                listener(notification)
            except Exception:  # a view must never stop what controls the house
                log.exception("%s: a listener failed", self.site)

    def rests(self, at: datetime) -> None:
        """Notify every listener that the loop lives, where its next tick is some time away."""
        self.notify(Resting(self.site, at))

    def _notify_of_row(self, record: Record) -> None:
        if isinstance(record, DecisionRecord):
            decided = record.setting, record.winners, record.reason
            if decided == self._last_reported:
                return  # only something else is remembered
            self._last_reported = decided
        self.notify(Recorded(self.site, record))
