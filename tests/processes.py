"""Whole processes of pwsched, and a simulated gateway of the test's own for them to talk to.

The gateway is served by a thread of the test, so that its record can be looked at while a daemon
of its own process talks to it over HTTPS. No test waits for a time: each waits for a process to
say something, to do something to the world, or to end.
"""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import IO, NamedTuple

import forked
from forked import ROOT, Forked
from scripted import CERTIFICATE
from simulated import SteadyHousehold

from rules.domain import Mode, Setting
from scheduler.clock import SystemClock
from scheduler.simulator.certificate import Certificate
from scheduler.simulator.fault_plan import FaultPlan
from scheduler.simulator.gateway import SHIPPED, SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.server import Address, Served, serve

PATIENCE_S = 180.0
"""Before a test gives up on a process that should long have spoken or ended."""

PIN = f"sha256:{CERTIFICATE.fingerprint}"
BACKUP_40, BACKUP_60 = Setting(Mode.BACKUP, 40), Setting(Mode.BACKUP, 60)

RULES = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "backup"
reserve = 40

[[rule]]
name = "hold out"
while = { grid = "down" }
set = { mode = "backup" }
"""


NOT_INHERITED = {"NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY", "RUNTIME_DIRECTORY", "PWSCHED_CONFIG"}


class Ended(NamedTuple):
    """How a process ended, and all that it said."""

    code: int
    out: str
    err: str


def environment(**more: str) -> dict[str, str]:
    """The environment of a process: this checkout comes first, and no systemd."""
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return inherited | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "200"} | more


def pwsched(
    *words: object, cwd: Path, env: Mapping[str, str] | None = None, call: Sequence[str] = ()
) -> Ended:
    """Run a command to its end; `call` is a way to start pwsched anew, as a user does."""
    if call:
        ended = subprocess.run(
            [*call, *map(str, words)],
            cwd=cwd,
            env=env or environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)
    (out, saying), (err, complaining) = forked.pipe(), forked.pipe()
    process = forked.start(words, cwd, env or environment(), saying, complaining)
    with out, err, ThreadPoolExecutor(2) as reading:
        try:
            told = [reading.submit(stream.read) for stream in (out, err)]
            code = process.wait(PATIENCE_S)
            return Ended(code, *(each.result() for each in told))
        finally:
            process.kill()


class Running:
    """A process that goes on until it is told to end; what it says can be waited for."""

    def __init__(self, process: Forked | subprocess.Popen[str], stream: IO[str]) -> None:
        self._process = process
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.said: list[str] = []
        Thread(target=self._listen, args=(stream,), daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def until(self, fragment: str) -> str:
        """The next line with this in it."""
        deadline = time.monotonic() + PATIENCE_S
        while (line := self._next(deadline)) is not None:
            if fragment in line:
                return line
        raise AssertionError(f"it ended before it said {fragment!r}:\n{''.join(self.said)}")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; its exit code. `said` is complete then."""
        self.send(number)
        code = self._process.wait(PATIENCE_S)
        deadline = time.monotonic() + PATIENCE_S
        while self._next(deadline) is not None:
            pass
        return code

    def _next(self, deadline: float) -> str | None:
        """The next line, `None` at the end."""
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise AssertionError(f"it only said:\n{''.join(self.said)}") from None
        if line is not None:
            self.said.append(line)
        return line

    def _listen(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line)
        self._lines.put(None)


@contextmanager
def running(
    *words: object,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    call: Sequence[str] = (),
    hurried: bool = True,
) -> Iterator[Running]:
    """A process that is killed at the end of the block if it has not ended before.

    `hurried`: it does not wait as long as for a real gateway before it reads back a write.
    """
    process: Forked | subprocess.Popen[str]
    if call:
        process = subprocess.Popen(
            [*call, *map(str, words)],
            cwd=cwd,
            env=env or environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        stream = process.stdout
    else:
        stream, saying = forked.pipe()
        process = forked.start(words, cwd, env or environment(), saying, saying, hurried=hurried)
    try:
        yield Running(process, stream)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def wait_for(condition: Callable[[], object]) -> None:
    """Look again and again until this is true of what a process does to the world."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def gateway(faults: FaultPlan | None = None, profile: str = "1.49") -> SimulatedGateway:
    """A simulated gateway of the present, half full, at a steady home."""
    clock = SystemClock()
    home = Home(SteadyHousehold(), clock.now(), soe=50)
    return SimulatedGateway(home, PROFILES[profile], clock, faults=faults)


@contextmanager
def served(
    simulated: Served, port: int = 0, certificate: Certificate = CERTIFICATE
) -> Iterator[Address]:
    """Serve it on loopback while the block runs."""
    bound: queue.SimpleQueue[tuple[Address, Callable[[], object]]] = queue.SimpleQueue()

    async def until_told() -> None:
        told = asyncio.Event()
        events = asyncio.get_running_loop()
        async with serve(simulated, "127.0.0.1", port, certificate) as address:
            bound.put((address, partial(events.call_soon_threadsafe, told.set)))
            await told.wait()

    decisions = Thread(target=asyncio.run, args=(until_told(),))
    decisions.start()
    address, tell = bound.get(timeout=PATIENCE_S)
    try:
        yield address
    finally:
        tell()
        decisions.join(PATIENCE_S)


def config_text(
    host: object,
    *,
    pin: str | None = PIN,
    login: str = "installer",
    rules: str = '["rules.toml"]',
    name: str = "home",
    poll: str = "5s",
) -> str:
    """One site's tables in pwsched.toml."""
    certificate = "" if pin is None else f'certificate = "{pin}"\n'
    return f"""\
[[site]]
name = "{name}"
rules = {rules}
poll = "{poll}"

[site.gateway]
host = "{host}"
{certificate}login = "{login}"
password_file = "password"

[site.safety]
reserve_floor = 5
safe = {{ mode = "self_consumption", reserve = 20 }}
"""


def install(
    folder: Path, host: object, password: str = SHIPPED.installer_password, login: str = "installer"
) -> Path:
    """What a daemon needs, in `folder`; the configuration's path. The journal will lie beside."""
    secret = folder / "password"
    secret.write_text(password + "\n")
    secret.chmod(0o600)
    (folder / "rules.toml").write_text(RULES)
    config = folder / "pwsched.toml"
    config.write_text(config_text(host, login=login))
    return config
