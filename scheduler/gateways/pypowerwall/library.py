"""The library pypowerwall as such: whether it is there, and what of it never leaves this room.

Policy:

* It is an extra. Without it, or with a version that is not known to work here, one sentence says
  what to install.
* It writes to loggers, to standard output and to Python's warnings, answers of the cloud and of
  gateways included. None of that gets out raw: the first line of what it logs goes to our own log
  at DEBUG, shortened and without secrets; what it prints likewise; its warnings not at all.
* It blocks. Each adapter calls it in one thread of its own, under a deadline of real seconds. A
  call that overruns is left to itself, and nothing new is begun in its thread until it returns.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import metadata
from queue import SimpleQueue
from typing import Final, TypeVar

from scheduler.errors import ConfigProblem, Unreachable
from scheduler.gateways import parse_version, words

NAME: Final = "pypowerwall"
OLDEST: Final = "0.22.2"
TOO_NEW: Final = "0.23"
INSTALL: Final = 'pip install "powerwall-scheduler[pypowerwall]"'

_CHATTY: Final = ("httpx", "httpcore", "hpack", "h2", "urllib3")
"""What the library speaks through. Some of them log headers at DEBUG, and so the token."""

_LOOKS_SECRET: Final = re.compile(r"[A-Za-z0-9_+=~-]{32,}")
_SECRETS_KEPT: Final = 64

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Mask:
    """Takes secrets out of texts: those it is told, and whatever is as long as a token."""

    def __init__(self) -> None:
        self._secrets: deque[str] = deque(maxlen=_SECRETS_KEPT)

    def add(self, *secrets: str | None) -> None:
        """Take these out from now on; the oldest of many are forgotten."""
        for secret in secrets:
            if secret and secret not in self._secrets:
                self._secrets.append(secret)

    def words(self, text: object) -> str:
        """The text on one line, shortened and without secrets; "" for anything else."""
        if not isinstance(text, str):
            return ""
        for secret in tuple(self._secrets):
            text = text.replace(secret, "•••")
        return words(_LOOKS_SECRET.sub("•••", text))


MASK: Final = Mask()
"""The one mask of this process: what the library logs says nothing of the account it is about."""


def check_installed() -> None:
    """Raises `ConfigProblem` where the library is missing or of a version that is not known."""
    try:
        found = metadata.version(NAME)
    except metadata.PackageNotFoundError:
        raise ConfigProblem(f"this route needs {NAME}, which is not installed: {INSTALL}") from None
    oldest, version, newest = (parse_version(each) for each in (OLDEST, found, TOO_NEW))
    if version is None or oldest is None or newest is None or not oldest <= version < newest:
        raise ConfigProblem(
            f"{NAME} {found} is installed, and {OLDEST} up to but without {TOO_NEW} is known to "
            f"work here: {INSTALL}"
        )


@contextmanager
def importing() -> Iterator[None]:
    """Around each import of the library: it is quiet from then on, and while it is imported.

    Raises `ConfigProblem` as `check_installed` does, and where the library cannot be loaded.
    """
    check_installed()
    _divert_logs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ImportError as error:
            raise ConfigProblem(
                f"{NAME} is installed but cannot be loaded ({MASK.words(str(error))}): {INSTALL}"
            ) from None
    _divert_prints()


def _divert_prints() -> None:
    """In all of the library that is loaded by now."""
    for name, loaded in tuple(sys.modules.items()):
        if name.partition(".")[0] == NAME:
            # A name of the module's own comes before the builtin one.
            loaded.print = _printed  # type: ignore[attr-defined] # so it has none yet
    warnings.filterwarnings("ignore", module=rf"{NAME}(\.|$)")


@cache
def _divert_logs() -> None:
    """Before it is imported: it logs while it is."""
    logger = logging.getLogger(NAME)
    logger.handlers = [_Masked()]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Masked(logging.Handler):
    """Hands on the first line of a record, masked, at DEBUG whatever level it had."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(Exception):
            _hand_on(record.getMessage())


def _printed(*values: object, **_how: object) -> None:
    _hand_on(" ".join(map(str, values)))


def _hand_on(text: str) -> None:
    lines = text.strip().splitlines()
    if lines and _log.isEnabledFor(logging.DEBUG):
        _log.debug("%s: %s", NAME, MASK.words(lines[0]))


class Worker:
    """The one thread in which an adapter calls the library. `place` is whom it speaks to."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy = False

    async def call(self, function: Callable[[], _Result], deadline: float) -> _Result:
        """What `function` returns or raises, in the thread.

        Raises `TimeoutError` past `deadline` real seconds: then the call goes on alone, and what
        came of it is not known. Raises `Unreachable` without calling while an earlier one does.
        """
        if self._busy:
            raise Unreachable(
                f"the last request to {self._place} has not come back yet, so nothing new is sent"
            )
        self._busy = True
        loop = asyncio.get_running_loop()
        result: asyncio.Future[_Result] = loop.create_future()

        def work() -> None:
            value, error = None, None
            try:
                value = function()
            except BaseException as raised:  # noqa: BLE001 -- it is the caller's to judge
                error = raised
            # First, or the caller would find the thread busy with what it has just been given.
            self._busy = False
            _deliver(loop, result, value, error)

        self._start()
        self._work.put(work)
        async with asyncio.timeout(deadline):
            return await result

    def close(self) -> None:
        """Let the thread end after what it is doing; nobody waits for it."""
        if self._thread is not None:
            self._work.put(None)
            self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            # A call that hangs must not keep the process from ending.
            self._thread = threading.Thread(target=self._run, name=NAME, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def _deliver(
    loop: asyncio.AbstractEventLoop,
    result: asyncio.Future[_Result],
    value: _Result | None,
    error: BaseException | None,
) -> None:
    """Hand a result to whoever still waits for it."""

    def settle() -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type] # without an error it is one

    with suppress(RuntimeError):  # the loop may have ended meanwhile
        loop.call_soon_threadsafe(settle)
