"""All sites of one process: one journal, one loop a site, one way to start and to stop.

Everything that can be wrong is found before the first loop runs: the configuration, every rule
file, every password, the journal. A loop whose very first contact fails ends the process, because
then a person is looking; later trouble with one gateway is that site's alone.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from rules.errors import Problem, PwschedError, RuleProblems
from rules.load import load_rules
from rules.plan import RuleSet
from scheduler.clock import Clock
from scheduler.config import Config, Site
from scheduler.control import listening
from scheduler.daemon import Hear, MakeGateway, Run, SiteLoop
from scheduler.errors import JournalProblem
from scheduler.gateways.kept_session import SessionFile
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.protocol import Gateway
from scheduler.happenings import Listener
from scheduler.heartbeat import FILE as HEARTBEAT
from scheduler.heartbeat import Heartbeat
from scheduler.journal.writer import Journal

log = logging.getLogger("pwsched")

UPKEEP_EVERY = timedelta(minutes=10)
"""How often the journal's upkeep looks for work."""

BETWEEN_PIECES = timedelta(seconds=1)
"""Pause between two pieces of upkeep, in which ticks have the journal for themselves."""

RouteTo = Callable[[Site, Path, Clock], MakeGateway]
"""Makes the adapter for a site; what it keeps for the next process goes beside the journal."""


def local_route(site: Site, journal: Path, clock: Clock) -> MakeGateway:
    """The local adapter for a site. Raises `ConfigProblem` where there is no usable password."""
    access = site.gateway
    password = access.password()
    session_file = SessionFile.beside(journal, site.name)

    def make(hear: Hear) -> Gateway:
        return LocalGateway(
            access.host,
            access.login,
            password,
            access.email,
            access.certificate,
            clock,
            allow_public=access.allow_public,
            session_file=session_file,
            on_note=hear,
        )

    return make


async def run_sites(
    config: Config,
    clock: Clock,
    run: Run,
    listeners: Sequence[Listener] = (),
    route_to: RouteTo = local_route,
) -> None:
    """Run every site until SIGTERM, SIGINT or cancellation; SIGHUP reloads the rules.

    Raises `PwschedError` when a site cannot be started.
    """
    rules = _load_all(config.sites)
    routes = {site.name: route_to(site, config.journal, clock) for site in config.sites}
    names = [site.name for site in config.sites]
    journal = await Journal.open(config.journal, clock, names)
    upkeep = asyncio.create_task(keep_up(journal, clock))
    try:
        socket = config.socket()
        polls = {site.name: site.poll for site in config.sites}
        heartbeat = Heartbeat(socket.with_name(HEARTBEAT), run.version, polls, log.warning)
        told: tuple[Listener, ...] = (*listeners, heartbeat)
        loops = [
            SiteLoop(site, rules[site.name], routes[site.name], journal, clock, run, told)
            for site in config.sites
        ]
        async with listening(socket, config.journal.resolve(), loops, heartbeat):
            with stopping_on_signals(loops):
                await _all(loops)
    finally:
        upkeep.cancel()
        await asyncio.wait([upkeep])
        await journal.close()


async def keep_up(journal: Journal, clock: Clock) -> None:
    """See to the journal's upkeep for ever, in small pieces so that no tick has to wait."""
    alarm = clock.alarm_clock()
    told: str | None = None
    try:
        while True:
            pause = UPKEEP_EVERY
            try:
                if await journal.upkeep(clock.now()):
                    pause = BETWEEN_PIECES
                else:
                    told = None
            except JournalProblem as problem:
                if str(problem) != told:
                    told = str(problem)
                    log.warning("%s", told)
            await alarm.wait(pause.total_seconds())
    finally:
        await alarm.close()


async def _all(loops: Sequence[SiteLoop]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop.run())
    except* PwschedError as errors:
        first = errors.exceptions[0]
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        raise first from None


def _load_all(sites: Sequence[Site]) -> dict[str, RuleSet]:
    """The rules of every site, or every problem in any of them."""
    rules: dict[str, RuleSet] = {}
    problems: list[Problem] = []
    for site in sites:
        try:
            rules[site.name] = load_rules(site.rules)
        except RuleProblems as error:
            problems += [each for each in error.problems if each not in problems]
    if problems:
        raise RuleProblems(problems)
    return rules


@contextmanager
def stopping_on_signals(loops: Sequence[SiteLoop]) -> Iterator[None]:
    """SIGTERM and SIGINT stop every loop after its tick; SIGHUP reloads.

    A second SIGINT is Python's own again and no longer waits for the tick.
    """
    events = asyncio.get_running_loop()

    def stop(reason: str) -> None:
        events.remove_signal_handler(signal.SIGINT)
        for loop in loops:
            loop.stop(reason)

    def reload() -> None:
        for loop in loops:
            loop.reload()

    events.add_signal_handler(signal.SIGTERM, stop, "SIGTERM")
    events.add_signal_handler(signal.SIGINT, stop, "SIGINT")
    events.add_signal_handler(signal.SIGHUP, reload)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            events.remove_signal_handler(number)
