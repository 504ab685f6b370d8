"""The command queue of a loop: requests, served between two ticks, never inside one.

Most requests wake the loop. Whatever goes wrong with it is raised to its sender; the loop goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime

from rules.errors import PwschedError
from scheduler.control import Reply
from scheduler.control.events import (
    Hold,
    Release,
    Reloaded,
    ReloadFailed,
    Resume,
    RulesChecked,
)
from scheduler.errors import DaemonEnding, JournalProblem

MakeRequest = Callable[[datetime], Hold | Release | Resume | Reloaded | ReloadFailed | RulesChecked]
"""Makes the request of the instant at which it is served."""

Respond = Callable[[MakeRequest], Awaitable[Reply]]
"""What comes of a request."""


class CommandQueue:
    """What waits for the end of the present tick, to be answered by `answer`."""

    def __init__(self, answer: Respond, wake: Callable[[], None]) -> None:
        self._answer = answer
        self._wake = wake
        self._waiting: deque[tuple[MakeRequest, asyncio.Future[Reply]]] = deque()
        self._reload: MakeRequest | None = None
        self._closed = False

    def ask(self, request: MakeRequest, *, at_once: bool = True) -> asyncio.Future[Reply]:
        """The answer, or what it raises; `DaemonEnding` if the loop ends before there is one.

        One that is not to be answered `at_once` waits for whatever wakes the loop next.
        """
        done: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self._closed:
            done.set_exception(DaemonEnding())
        else:
            self._waiting.append((request, done))
            if at_once:
                self._wake()
        return done

    def reload(self, request: MakeRequest) -> None:
        """A request for whose answer nobody waits; only the last one counts."""
        self._reload = request
        self._wake()

    async def serve(self) -> None:
        """Answer all requests; each sender has its answer before this returns."""
        while self._waiting:
            request, done = self._waiting.popleft()
            if done.done():
                continue  # its sender has gone
            try:
                reply = await self._answer(request)
            except Exception as error:  # noqa: BLE001 -- no request may end the loop
                if not done.done():
                    done.set_exception(error)
            except BaseException:
                done.cancel()
                raise
            else:
                if not done.done():
                    done.set_result(reply)
            await asyncio.sleep(0)

    async def serve_reload(self) -> str | None:
        """Reload if that was requested.

        What the journal does not take is tried again; until then the old rules are in force.
        """
        request = self._reload
        if request is None:
            return None
        try:
            await self._answer(request)
        except JournalProblem as problem:
            return str(problem)
        if self._reload is request:
            self._reload = None
        return None

    def close(self) -> None:
        """Turn away what still waits, and all that comes."""
        self._closed = True
        self.turn_away(DaemonEnding())

    def turn_away(self, problem: PwschedError) -> None:
        """Answer all that waits with this problem."""
        for _, done in self._waiting:
            if not done.done():
                done.set_exception(problem)
        self._waiting.clear()
