"""What others ask of a loop: a command queue, served between two ticks, never inside one.

What is asked for wakes the loop. Whatever goes wrong with it is told to whoever asked; the loop
goes on.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from scheduler.control.events import Hold, Release, Reloaded, ReloadFailed, Resume
from scheduler.errors import DaemonEnding

T = TypeVar("T")

Asked = Callable[[datetime], Hold | Release | Resume | Reloaded | ReloadFailed]
"""Makes the request of the instant at which it is served."""


class Requests:
    """The work that waits for the end of the present tick."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[tuple[Callable[[], Awaitable[Any]], asyncio.Future[Any]]] = deque()
        self._closed = False

    def do(self, work: Callable[[], Awaitable[T]]) -> asyncio.Future[T]:
        """What the work returns or raises; `DaemonEnding` if the loop ends before it is done."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if self._closed:
            done.set_exception(DaemonEnding())
        else:
            self._waiting.append((work, done))
            self._wake()
        return done

    async def serve(self) -> None:
        """Do everything that waits; whoever asked hears of it before this returns."""
        while self._waiting:
            work, done = self._waiting.popleft()
            if done.done():
                continue  # whoever asked has gone
            try:
                result = await work()
            except Exception as error:  # noqa: BLE001 -- nothing that is asked for may end the loop
                if not done.done():
                    done.set_exception(error)
            except BaseException:
                done.cancel()
                raise
            else:
                if not done.done():
                    done.set_result(result)
            await asyncio.sleep(0)

    def close(self) -> None:
        """Turn away what still waits, and all that comes."""
        self._closed = True
        for _, done in self._waiting:
            if not done.done():
                done.set_exception(DaemonEnding())
        self._waiting.clear()
