"""How every site is, as of its last tick: for `status`, and in a file for watchers.

Besides the tick there is what is wrong and since when: that nothing can be read, that nothing can
be recorded, and that the last reload failed.

The file is replaced whole, so nobody reads half of it, and never forced to the disk: it shows that
the loop lives, and is worth nothing after a crash. Where it cannot be written the loop goes on;
that is logged once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rules.domain import Part, Setting
from scheduler.control import Blocker, Override
from scheduler.control.hold import announced, in_force
from scheduler.domain import HoldRecord, NoteKind, NoteRecord, Record, ReloadRecord
from scheduler.loop import LONGEST_REST, CommitFailed, Notification, Recorded, Resting, Ticked

HEARTBEAT_FILE = "heartbeat.json"

Beat = dict[str, Any]
"""What is known of one site, as JSON values; instants are ISO texts in UTC."""


class Heartbeat:
    """A listener that stores the last tick of each site and writes them all to a file.

    `polls` are the poll intervals by site; `warn` is called when the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        version: str,
        polls: dict[str, timedelta],
        warn: Callable[[str], None],
    ) -> None:
        self._path = path
        self._version = version
        self._polls = polls
        self._warn = warn
        self._failing = False
        self._sites: dict[str, Beat] = {}
        self._unrecorded: dict[str, Beat] = {}
        self._reload_failed: dict[str, Beat] = {}

    def __call__(self, notification: Notification) -> None:
        match notification:
            case Ticked():
                poll = self._polls[notification.site].total_seconds()
                self._sites[notification.site] = beat(notification, poll)
                self._write()
            case Resting() if notification.site in self._sites:
                self._sites[notification.site]["alive"] = _instant(notification.at)
                self._write()
            case CommitFailed():
                since = self._unrecorded.get(notification.site, {}).get("since")
                self._unrecorded[notification.site] = {
                    "since": since or _instant(notification.at),
                    "why": notification.problem,
                }
                self._write()
            case Recorded():
                self._unrecorded.pop(notification.site, None)
                self._take_record(notification.site, notification.record)

    def known(self) -> dict[str, Any]:
        """What the file holds. A site whose first tick is not finished may have only trouble."""
        return {
            "version": self._version,
            "pid": os.getpid(),
            "sites": {
                site: {
                    **self._sites.get(site, {}),
                    "unrecorded": self._unrecorded.get(site),
                    "reload_failed": self._reload_failed.get(site),
                }
                for site in self._polls
                if site in self._sites or site in self._unrecorded
            },
        }

    def _take_record(self, site: str, record: Record) -> None:
        match record:
            case HoldRecord() if site in self._sites:
                self._sites[site]["hold"] = hold_beat(in_force(record))
            case NoteRecord(kind=NoteKind.RELOAD_FAILED):
                self._reload_failed[site] = {"at": _instant(record.at), "text": record.text}
            case ReloadRecord() | NoteRecord(kind=NoteKind.RELOADED):
                self._reload_failed.pop(site, None)

    def _write(self) -> None:
        fresh = self._path.with_name(f".{self._path.name}.new")
        try:
            fresh.write_text(json.dumps(self.known()) + "\n", encoding="utf-8")
            fresh.chmod(0o640)
            fresh.replace(self._path)
        except OSError as error:
            if not self._failing:
                self._failing = True
                self._warn(f"{self._path} cannot be written, so watchers see nothing new: {error}")
        else:
            self._failing = False


def beat(tick: Ticked, poll: float) -> Beat:
    """One finished tick. Powers are left to the journal; percent is the app's.

    `poll` are the seconds that the owner wants between two polls; where the route needs more, they
    are told. `alive` is when the loop last said that it lives, `beats` how often it does, in
    seconds.
    """
    seen, decision = tick.observation, tick.decision
    poll = max(poll, tick.shortest_poll)
    return {
        "at": _instant(tick.at),
        "alive": _instant(tick.at),
        "poll": poll,
        "beats": min(poll, LONGEST_REST),
        "mode": seen.mode,
        "reserve": seen.reserve,
        "soe": seen.soe,
        "grid": seen.grid,
        "unknown_words": dict(seen.unknown_words or {}),
        "wanted": _parts(decision.setting),
        "reason": tick.reason,
        "until": _instant(decision.until),
        "hold": hold_beat(tick.hold),
        "override": override_beat(tick.override),
        "advising": tick.advising,
        "out_of_reach": list(tick.out_of_reach),
        "stopped_since": None if tick.stopped_since is None else _instant(tick.stopped_since),
        "blockers": [blocker_beat(each) for each in tick.blockers],
        "silence": None
        if tick.silence is None
        else {"since": tick.read_at and _instant(tick.read_at), "why": tick.silence},
        "usage": None if tick.usage is None else asdict(tick.usage),
    }


def hold_beat(hold: HoldRecord | None) -> Beat | None:
    """The manual hold that is in force."""
    if hold is None:
        return None
    return {
        "word": hold.word,
        "setting": _parts(hold.setting),
        "since": _instant(hold.at),
        "until": None if hold.until is None else _instant(hold.until),
        "by": hold.by,
        "text": announced(hold),
    }


def blocker_beat(blocker: Blocker) -> Beat:
    """A reason why what is set is not what is wanted."""
    until = blocker.until
    return {"text": blocker.text, "until": None if until is None else _instant(until)}


def override_beat(override: Override | None) -> Beat | None:
    """The change of somebody else's that is respected."""
    if override is None:
        return None
    return {
        "found": _parts(override.found),
        "ours": _parts(override.ours),
        "storm": override.storm,
        "since": _instant(override.began),
        "until": _instant(override.until),
    }


def _parts(setting: Setting) -> Beat:
    return {part: value for part in Part if (value := getattr(setting, part)) is not None}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
