"""A pwsched in a process of its own that is forked with everything imported.

Most of a start is imports, and whole-process tests start hundreds. `multiprocessing`'s fork server
imports this module once for each worker of pytest; each process is then a fork of that one, with
its own folder, environment and streams. `tests/system/test_package.py` starts it as a user does.
"""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Any

import pwsched
from scheduler import process
from scheduler.checking import Answer, Question
from scheduler.checking.proof import answer
from scheduler.control import applying

ROOT = Path(__file__).parents[1]
IS_THE_SERVER = "PWSCHED_TESTS_FORK"
READ_BACKS = (0.5, *applying.READ_BACKS[1:])
"""A hurried pwsched reads back for the first time what a gateway of the tests has long done."""

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([__name__])

if IS_THE_SERVER in os.environ:
    import rules
    import scheduler

    for package in (rules, scheduler):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    for name in ("alembic.command", "journaling", "tzdata"):
        import_module(name)


class Forked:
    """A running process, with as much of `subprocess.Popen` as the tests need."""

    def __init__(
        self, run: Callable[..., None], *args: object, streams: Sequence[Connection] = ()
    ) -> None:
        """Start `run(*args, *streams)`; `streams` are the ends that only the process keeps."""
        before = {name: os.environ.get(name) for name in ("PYTHONPATH", IS_THE_SERVER)}
        places = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
        os.environ |= {"PYTHONPATH": places, IS_THE_SERVER: "1"}
        try:
            self._process = _FORKING.Process(target=run, args=(*args, *streams))
            self._process.start()
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
        for stream in streams:
            stream.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, number: int) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired("pwsched", timeout)
        return code

    def kill(self) -> None:
        self._process.kill()
        self._process.join()


def pipe() -> tuple[IO[str], Connection]:
    """What a process says, and the end at which it says it."""
    reading, writing = _FORKING.Pipe(duplex=False)
    stream = os.fdopen(os.dup(reading.fileno()), encoding="utf-8")
    reading.close()
    return stream, writing


def start(
    words: Sequence[object],
    cwd: Path,
    env: Mapping[str, str],
    out: Connection,
    err: Connection,
    *,
    hurried: bool = True,
) -> Forked:
    """Start pwsched with these words."""
    said = [str(word) for word in words]
    return Forked(_pwsched, said, str(cwd), dict(env), hurried, streams=(out, err))


async def _answered_here(question: Question, _longest: float) -> Answer:
    """A child would import once more all that is there."""
    return answer(question)


def _pwsched(
    words: list[str], cwd: str, env: dict[str, str], hurried: bool, out: Connection, err: Connection
) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    tempfile.tempdir = None  # the server's
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
    for stream in {out, err}:
        stream.close()
    for name in ("stdout", "stderr"):
        said: Any = getattr(sys, name)
        said.reconfigure(line_buffering=True)
    if hurried:
        applying.READ_BACKS = READ_BACKS
    run = partial(process.run_sites, ask=_answered_here)
    process.run_sites = run  # type: ignore[assignment]
    sys.argv = ["pwsched", *words]
    pwsched.main()
