"""The owner's word where no daemon runs: one orderly run of the loop, until the word is held.

The run is a daemon's: its lock, its guards, its read-back. It ends when the gateway has what the
owner said, or after three minutes. The word stays in the journal, for the next daemon to follow and
to end in time; until one runs, nobody does.
"""

from __future__ import annotations

import asyncio
import os
import pwd
from asyncio import Future
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rules.domain import Setting
from rules.load import load_rules
from scheduler.clock import Clock
from scheduler.config import Config, Site
from scheduler.daemon import Run, SiteLoop
from scheduler.domain import HoldRecord, Outcome, OverrideState, RunStart, Word
from scheduler.errors import ConfigProblem, NotAnswered
from scheduler.happenings import Happening, Intended, Listener, Noted, Settled, Ticked, Unrecorded
from scheduler.holding import ended, in_a_sentence, in_force
from scheduler.journal.writer import Journal
from scheduler.supervisor import RouteTo, local_route, stopping_on_signals

LONGEST = timedelta(minutes=3)
"""After so long a word that is not held is reported as such."""

FAILED = frozenset({Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE})
HINDRANCES = frozenset({"held_back", "unreachable", "not_permitted", "battery_stopped"})

Say = Callable[[SiteLoop], "Future[HoldRecord]"]
"""Tells a loop the owner's word."""


async def follow_alone(
    config: Config,
    site: Site,
    say: Say,
    clock: Clock,
    run: Run,
    listeners: Sequence[Listener] = (),
    route_to: RouteTo = local_route,
) -> str:
    """Say the word to a loop of our own and run it until the word is held; what is held then.

    Raises `NotAnswered` with the reason where it is not held within three minutes, `WordRefused`
    where the word is refused, before anything is written.
    """
    _refuse_what_is_another_s(config.journal)
    rules, route = load_rules(site.rules), route_to(site, config.journal, clock)
    journal = await Journal.open(config.journal, clock, [site.name])
    try:
        watch = _Watch()
        loop = SiteLoop(site, rules, route, journal, clock, run, (*listeners, watch))
        said = say(loop)
        watch.follow(said, loop)
        with stopping_on_signals([loop]):
            await _within(LONGEST, loop, clock)
    finally:
        await journal.close()
    word = said.result()
    if not watch.held:
        raise NotAnswered(f"not held: {watch.hindrance or 'it was broken off'}")
    return in_a_sentence(word, word.at, loop.zone)


async def resume_alone(
    config: Config, site: Site, by: str, clock: Clock, run: Run
) -> tuple[str, ...]:
    """Take the word back in the journal, and respect no change by others. What that ended."""
    _refuse_what_is_another_s(config.journal)
    digest = load_rules(site.rules).digest
    journal = await Journal.open(config.journal, clock, [site.name])
    try:
        now = clock.now()
        word = in_force(await journal.last_word(site.name))
        override = next(iter((await journal.last_overrides(site.name))[-1:]), None)
        if override is not None and override.state is OverrideState.ENDED:
            override = None
        if word is not None or override is not None:
            start = RunStart(site.name, now, run.version, run.process, run.dry_run, digest)
            run_id = await journal.begin_run(start)
            if override is not None:
                over = replace(
                    override, at=now, state=OverrideState.ENDED, detail=f"{by} said resume"
                )
                await journal.override(site.name, run_id, over)
            if word is not None:
                record = HoldRecord(now, Word.RESUME, Setting(), None, by)
                await journal.hold(site.name, run_id, record)
            await journal.end_run(site.name, run_id, now, "the rules decide again")
        return ended(word, override is not None)
    finally:
        await journal.close()


class _Watch:
    """Sees from what happens whether the gateway has what is wanted, or what is in the way."""

    def __init__(self) -> None:
        self.held = False
        self.hindrance = ""
        self._said: Future[HoldRecord] | None = None
        self._loop: SiteLoop | None = None
        self._writing = False

    def follow(self, said: Future[HoldRecord], loop: SiteLoop) -> None:
        """A word that is refused ends the loop before its first tick."""
        self._said, self._loop = said, loop

        def heard(done: Future[HoldRecord]) -> None:
            if done.exception() is not None:
                loop.stop("the owner's word is refused")

        said.add_done_callback(heard)

    def __call__(self, happening: Happening) -> None:
        match happening:
            case Intended():
                self._writing, self.hindrance = True, "the write is not read back yet"
            case Settled():
                self._writing = False
                failed = happening.outcome in FAILED
                what = f"{happening.wanted}: {happening.outcome.value}, {happening.detail}"
                self.hindrance = what if failed else ""
            case Noted() if happening.record.kind in HINDRANCES:
                self.hindrance = happening.record.text
            case Noted() if happening.record.kind == "reachable":
                self.hindrance = ""
            case Unrecorded():
                self.hindrance = happening.problem
            case Ticked():
                self._ticked(happening)

    def _ticked(self, tick: Ticked) -> None:
        if self._loop is None or self._said is None or tick.word is None or self._writing:
            return
        if tick.advising:
            self.hindrance = "nothing may be written to this gateway; the journal has what would be"
            self._loop.stop("nothing may be written")
        elif not self.hindrance:
            self.held = True
            self._loop.stop("the owner's word is held")


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
            f"no daemon runs, and {journal} belongs to {name}: do it as that user,"
            f" by sudo -u {name}, or start the daemon"
        )
