"""Requests of the owner where no daemon runs: one orderly run of the loop, until it is held.

The run is a daemon's: its lock, its guards, its read-back. It ends when the gateway has what the
owner requested, or after three minutes. The hold stays in the journal, for the next daemon to
respect and to end in time; until one runs, nobody does.
"""

from __future__ import annotations

import asyncio
import os
import pwd
from asyncio import Future
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from rules.language import load_rules
from scheduler.clock import Clock
from scheduler.config import Config, Site
from scheduler.control import Reply
from scheduler.control.events import Connected, Resume, Stopped
from scheduler.control.hold import confirmed
from scheduler.domain import (
    Capabilities,
    HoldRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    Outcome,
    OutcomeRecord,
    Record,
)
from scheduler.errors import ConfigProblem, NotAnswered
from scheduler.journal.sqlite import SqliteJournal
from scheduler.loop import (
    CommitFailed,
    JournaledController,
    Listener,
    MakeRequest,
    Notification,
    Recorded,
    SiteLoop,
    Ticked,
)
from scheduler.process.compose import (
    RouteTo,
    Run,
    Services,
    compose,
    local_route,
    terms_of,
)
from scheduler.process.supervisor import on_signals

LONGEST = timedelta(minutes=3)
"""After so long a hold that is not in effect is reported as such."""

FAILED = frozenset({Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE})
HINDRANCES = frozenset(
    {
        NoteKind.HELD_BACK,
        NoteKind.UNREACHABLE,
        NoteKind.NOT_PERMITTED,
        NoteKind.BATTERY_STOPPED,
    }
)


async def hold_offline(
    config: Config,
    site: Site,
    request: MakeRequest,
    clock: Clock,
    run: Run,
    listeners: Sequence[Listener] = (),
    route_to: RouteTo = local_route,
) -> str:
    """Ask a loop of our own for a hold or a release, and run it until that is in effect.

    What is held then. Raises `NotAnswered` with the reason where it is not held within three
    minutes, `WordRefused` where it is refused, before anything is written.
    """
    _refuse_what_is_another_s(config.journal)
    rules, route = load_rules(site.rules), route_to(site, config.journal, clock, run)
    journal = await SqliteJournal.open(config.journal, clock, [site.name])
    try:
        watch = _Watch()
        services = Services(journal, clock, run, (*listeners, watch))
        loop = compose(site, rules, route, services)
        asked = loop.ask(request)
        watch.follow(asked, loop)
        with on_signals([loop]):
            await _within(LONGEST, loop, clock)
    finally:
        await journal.close()
    hold = asked.result()
    if not watch.held or not isinstance(hold, HoldRecord):
        raise NotAnswered(f"not held: {watch.hindrance or 'it was broken off'}")
    return confirmed(hold, hold.at, loop.rules.almanac.zone)


async def resume_offline(
    config: Config, site: Site, by: str, clock: Clock, run: Run
) -> tuple[str, ...]:
    """Take a hold back in the journal, and respect no change by others. What that ended."""
    _refuse_what_is_another_s(config.journal)
    rules = load_rules(site.rules)
    journal = await SqliteJournal.open(config.journal, clock, [site.name])
    try:
        now, unknown = clock.now(), Capabilities(site.login)
        controller = JournaledController(site.name, journal, ())
        await controller.begin(terms_of(site, run), rules, unknown, now)
        if controller.state.hold is None and controller.state.ownership.override is None:
            return ()
        await controller.take(Connected(now, unknown))
        ended = (await controller.take(Resume(now, by))).reply
        await controller.take(Stopped(now, "the rules decide again"))
        return ended if isinstance(ended, tuple) else ()
    finally:
        await journal.close()


class _Watch:
    """Sees from what happens whether the gateway has what is wanted, or what is in the way."""

    def __init__(self) -> None:
        self.held = False
        self.hindrance = ""
        self._asked: Future[Reply] | None = None
        self._loop: SiteLoop | None = None
        self._writing = False

    def follow(self, asked: Future[Reply], loop: SiteLoop) -> None:
        """What is refused ends the loop before its first tick."""
        self._asked, self._loop = asked, loop

        def heard(done: Future[Reply]) -> None:
            if done.exception() is not None:
                loop.stop("the request is refused")

        asked.add_done_callback(heard)

    def __call__(self, notification: Notification) -> None:
        match notification:
            case Recorded():
                self._recorded(notification.record)
            case CommitFailed():
                self.hindrance = notification.problem
            case Ticked():
                self._ticked(notification)

    def _recorded(self, record: Record) -> None:
        match record:
            case IntentRecord():
                self._writing, self.hindrance = True, "the write is not read back yet"
            case OutcomeRecord():
                self._writing = False
                failed = record.outcome in FAILED
                what = f"{record.wanted}: {record.outcome.value}, {record.detail}"
                self.hindrance = what if failed else ""
            case NoteRecord() if record.kind in HINDRANCES:
                self.hindrance = record.text
            case NoteRecord(kind=NoteKind.REACHABLE):
                self.hindrance = ""

    def _ticked(self, tick: Ticked) -> None:
        if self._loop is None or self._asked is None or tick.hold is None or self._writing:
            return
        if tick.advising:
            self.hindrance = (
                "nothing may be written to this gateway; the journal shows what would be written"
            )
            self._loop.stop("nothing may be written")
        elif not self.hindrance:
            self.held = True
            self._loop.stop("the hold is in effect")


async def _within(longest: timedelta, loop: SiteLoop, clock: Clock) -> None:
    """Run the loop to its end, and not for longer than this."""
    alarm = clock.alarm_clock()

    async def ring() -> None:
        await alarm.wait(longest.total_seconds())
        loop.stop(f"not held within {longest.total_seconds():.0f} s")

    ringing = asyncio.create_task(ring())
    try:
        await loop.run()
    finally:
        ringing.cancel()
        await alarm.close()


def _refuse_what_is_another_s(journal: Path) -> None:
    """Files made here would be ours, and the daemon of another user could not write them."""
    try:
        owner = journal.stat().st_uid
    except OSError:
        return
    if owner != os.geteuid():
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"#{owner}"
        raise ConfigProblem(
            f"no daemon is running, and {journal} belongs to {name}: do it as that user,"
            f" by sudo -u {name}, or start the daemon"
        )
