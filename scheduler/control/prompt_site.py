"""A controller on a gateway that answers at once: for rule tests, backtests and the like.

The gateway takes every write and shows it at once, has no newer firmware, and leaves every
permission as it is. What else it shows, and what becomes of a setting, is for the house behind it
to say. There is no journal: rows that somebody may want to count are kept.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta
from typing import Final, Protocol

from rules.domain import Observation, Setting
from rules.inputs import Inputs
from scheduler.control import actions, events
from scheduler.control.actions import Action, Wake
from scheduler.control.events import Event
from scheduler.control.polling import EVERYTHING
from scheduler.control.state import State
from scheduler.control.step import at_rest, next_wake, quiet, step
from scheduler.domain import (
    EventRecord,
    FirmwareState,
    FirmwareStatus,
    IntentRecord,
)

_NOTHING_NEWER: Final = FirmwareStatus(FirmwareState.NOTHING_NEWER, None, "prompt site")


class House(Protocol):
    """What is behind the gateway, at one moment after the other."""

    @property
    def inputs(self) -> Inputs:
        """What comes from outside now."""

    def observation(self) -> Observation:
        """All that there is to read now."""

    def put_in_effect(self, setting: Setting) -> None:
        """Take a setting; a part that is absent stays as it is."""


class PromptSite:
    """One site under a controller that has begun, from its first contact on.

    `writes` are the intents that went out, `occurrences` what became of the rules' events.
    """

    def __init__(self, house: House, begun: State, start: datetime) -> None:
        self._house, self._route, self._start = house, begun.capabilities, start
        self.state = begun
        self.writes: list[IntentRecord] = []
        self.occurrences: list[EventRecord] = []
        self._take(events.Connected(start, self._route))

    def tick(self, now: datetime) -> None:
        """Wake the controller, and take it as far as it goes."""
        self._take(events.Woke(now, (now - self._start).total_seconds()))

    def quiet(self, now: datetime) -> bool:
        """Nothing would come of a tick."""
        state, house = self.state, self._house
        return at_rest(state) and quiet(state, house.observation(), house.inputs, now)

    def next_wake(self, now: datetime) -> Wake:
        """When the controller wants to be woken again, as of a tick now."""
        return next_wake(self.state, now)

    def _take(self, event: Event) -> None:
        waiting: deque[Event] = deque([event])
        while waiting:
            done = step(self.state, waiting.popleft())
            self.state = done.state
            for row in done.rows:
                match row.record:
                    case IntentRecord() as intent:
                        self.writes.append(intent)
                    case EventRecord() as occurrence:
                        self.occurrences.append(occurrence)
            for action in done.actions:
                waiting.extend(self._answers(action, event.at))

    def _answers(self, action: Action, at: datetime) -> tuple[Event, ...]:
        """What comes of an action; after a write that is what can be read back, too."""
        match action:
            case actions.Apply():
                self._house.put_in_effect(action.setting)
            case actions.WriteBack():
                pass
            case _:
                answer = self._answer(action, at)
                return () if answer is None else (answer,)
        # Whatever is read now was read after the sending.
        return events.Written(at, at - timedelta.resolution, self._route), self._seen(at)

    def _seen(self, at: datetime) -> Event:
        # More than was requested: what a write needs is read without asking again.
        house = self._house
        return events.Seen(at, EVERYTHING, house.observation(), self._route, inputs=house.inputs)

    def _answer(self, action: Action, at: datetime) -> Event | None:
        route = self._route
        match action:
            case actions.Observe():
                return self._seen(at)
            case actions.RunBattery():
                return events.BatteryRunRequested(at)
            case actions.CheckFirmware():
                return events.CheckStarted(at)
            case actions.ReadFirmware():
                return events.FirmwareRead(at, _NOTHING_NEWER, route)
            case actions.InstallFirmware():
                return events.InstallRequested(at, route)
        return None
