"""How the sites are: by the daemon that runs, or by the journal alone where none answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scheduler.config import Config
from scheduler.control import Override
from scheduler.control.hold import in_force
from scheduler.domain import Kind, OverrideState
from scheduler.errors import JournalProblem
from scheduler.journal import Entry
from scheduler.journal.sqlite import last_hold, last_override, lock_holder, read_journal
from scheduler.listeners import Heartbeat, hold_beat, override_beat
from scheduler.loop import SiteLoop

EVERYTHING = frozenset(Kind)


class LiveStatus:
    """The sites of this process, as of their last ticks."""

    def __init__(self, journal: Path, heartbeat: Heartbeat) -> None:
        self._journal = journal
        self._heartbeat = heartbeat

    async def report(self, loops: Sequence[SiteLoop]) -> dict[str, Any]:
        """How these sites are."""
        known = self._heartbeat.known()
        beats = known["sites"]
        sites = {}
        for loop in loops:
            name = loop.site.name
            journaled = await asyncio.to_thread(_journaled_if_known, self._journal, name)
            zone = str(loop.rules.almanac.zone)
            sites[name] = {**beats.get(name, {}), **journaled, "timezone": zone}
        return {**known, "sites": sites}


def offline_status(config: Config, names: Sequence[str]) -> dict[str, Any]:
    """The same, where no daemon answers, as far as the journal knows it.

    Raises `JournalProblem` where there is none to read.
    """
    sites = {}
    latest = None
    for site in config.sites:
        if site.name not in names:
            continue
        newest = read_journal(config.journal, site.name, kinds=EVERYTHING, limit=1)
        if newest and (latest is None or newest[0].at > latest.at):
            latest = newest[0]
        hold = in_force(last_hold(config.journal, site.name))
        sites[site.name] = {
            "ended": newest[0].at.isoformat() if newest else None,
            "hold": hold_beat(hold),
            "override": override_beat(_override(config.journal, site.name)),
            **_journaled(config.journal, site.name),
            "timezone": site.zone().key,
        }
    text = "no daemon is running, and none ever has"
    if latest is not None:
        how = latest.text if latest.kind is Kind.RUN_END else "it did not end in order"
        text = f"no daemon has run since {latest.at:%Y-%m-%d %H:%M} UTC: {how}"
    if (holder := lock_holder(config.journal)) is not None:
        places = ", ".join(str(path) for path in config.sockets())
        text = f"a daemon is running (process {holder}) but does not answer at: {places}"
    return {"text": text, "sites": sites}


def _journaled(journal: Path, site: str) -> dict[str, Any]:
    """When the last write was concluded and the rules were last checked, and what became of it."""
    checks = read_journal(journal, site=site, kinds={Kind.RULE_CHECK}, limit=1)
    check = None if not checks else {**_told(checks[0]), **checks[0].fields}
    writes = read_journal(journal, site=site, kinds={Kind.OUTCOME}, limit=1)
    return {"last_write": _told(writes[0]) if writes else None, "rule_check": check}


def _told(entry: Entry) -> dict[str, str]:
    return {"at": entry.at.isoformat(), "text": entry.text}


def _journaled_if_known(journal: Path, site: str) -> dict[str, Any]:
    """The same; what else is known of a site does not depend on whether its journal can be read."""
    try:
        return _journaled(journal, site)
    except JournalProblem:
        return {"last_write": None, "rule_check": None}


def _override(journal: Path, site: str) -> Override | None:
    """What the next daemon will respect."""
    last = last_override(journal, site)
    if last is None or last.state is OverrideState.ENDED:
        return None
    return Override(last.ours, last.found, last.at, last.until)
