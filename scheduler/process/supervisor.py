"""All sites of one process: one journal, one loop a site, one way to start and to stop.

What only a person can mend, in a file, is found at the start and ends the process with exit code 2:
the configuration, every rule file, an error that the check finds in new rules, every password, a
file that is no journal of ours, a certificate that nobody has confirmed, a login that was never
accepted. All else may pass and is waited for: a gateway that does not answer or is somebody else, a
journal whose disk is full or read-only.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from rules.engine import RuleSet
from rules.errors import PwschedError
from scheduler.checking import ask as ask_a_child
from scheduler.clock import Clock
from scheduler.config import Config
from scheduler.ipc import listening
from scheduler.journal.sqlite import AwaitedJournal, run_upkeep
from scheduler.listeners import HEARTBEAT_FILE, Heartbeat
from scheduler.loop import Listener, MakeGateway, SiteLoop
from scheduler.process.compose import RouteTo, Run, Services, compose
from scheduler.process.reloading import Reloader, load_all
from scheduler.process.routes import shared_routes
from scheduler.process.rule_checks import Ask, RuleChecks
from scheduler.process.status import LiveStatus

log = logging.getLogger("pwsched")


async def run_sites(
    config: Config,
    clock: Clock,
    run: Run,
    listeners: Sequence[Listener] = (),
    route_to: RouteTo | None = None,
    ask: Ask = ask_a_child,
) -> None:
    """Run every site until SIGTERM, SIGINT or cancellation; SIGHUP reloads the rules.

    `ask` has rules checked. Raises `PwschedError` when a site cannot be started.
    """
    rules, route_to = load_all(config.sites), route_to or shared_routes()
    routes = {site.name: route_to(site, config.journal, clock, run) for site in config.sites}
    names = [site.name for site in config.sites]
    journal = await AwaitedJournal.open(config.journal, clock, names)
    try:
        async with _beside(run_upkeep(journal, clock)):
            await _run(config, Services(journal, clock, run, listeners), rules, routes, ask)
    finally:
        await journal.close()


async def _run(
    config: Config,
    services: Services,
    rules: Mapping[str, RuleSet],
    routes: Mapping[str, MakeGateway],
    ask: Ask,
) -> None:
    """Run the sites on an open journal."""
    checks = RuleChecks(config.sites, services.journal, services.clock, ask)
    found = await checks.begin(rules)
    socket = config.socket()
    polls = {site.name: site.poll for site in config.sites}
    heartbeat = Heartbeat(
        socket.with_name(HEARTBEAT_FILE), services.run.version, polls, log.warning
    )
    services = replace(services, listeners=(*services.listeners, heartbeat))
    loops = [compose(site, rules[site.name], routes[site.name], services) for site in config.sites]
    reloader = Reloader(config, loops, checks)
    path = config.journal.resolve()
    status = LiveStatus(path, heartbeat)
    async with listening(socket, path, loops, reloader.reload_now, status):
        with on_signals(loops, reloader):
            try:
                async with _beside(checks.run(loops, found)):
                    await _all(loops)
            finally:
                await reloader.close()


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Work that goes on while the block runs."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


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


@contextmanager
def on_signals(loops: Sequence[SiteLoop], reloader: Reloader | None = None) -> Iterator[None]:
    """SIGTERM and SIGINT stop every loop after its tick; SIGHUP reloads, where that can be.

    A second SIGINT is Python's own again and no longer waits for the tick.
    """
    running = asyncio.get_running_loop()

    def stop(reason: str) -> None:
        running.remove_signal_handler(signal.SIGINT)
        for loop in loops:
            loop.stop(reason)

    def reload() -> None:
        if reloader is not None:
            reloader.reload()

    handlers: dict[signal.Signals, Callable[[], None]] = {
        signal.SIGTERM: lambda: stop("SIGTERM"),
        signal.SIGINT: lambda: stop("SIGINT"),
        signal.SIGHUP: reload,
    }
    for number, handler in handlers.items():
        running.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in handlers:
            running.remove_signal_handler(number)
