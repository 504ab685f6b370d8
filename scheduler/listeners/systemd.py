"""Tells systemd how the service is.

READY after the first tick, or once it is known that the journal takes no row; RELOADING around a
reload, STATUS with what goes on, STOPPING at the end, and WATCHDOG after every tick, now and then
while the next is some time away, and at no other time: a loop that hangs stops feeding the
watchdog. A tick that found the gateway unreachable or the disk full is one too: a restart would
mend neither. Without systemd nothing is sent.
"""

from __future__ import annotations

import os
import socket

from scheduler.domain import NoteKind, NoteRecord, Record, ReloadRecord
from scheduler.loop import (
    CommitFailed,
    Notification,
    Recorded,
    Reloading,
    Resting,
    SiteStopped,
    Ticked,
)


class SystemdNotifier:
    """A listener that speaks systemd's notification protocol (sd_notify(3))."""

    def __init__(self, address: str | None = None) -> None:
        self._address = address if address is not None else os.environ.get("NOTIFY_SOCKET", "")
        self._ready = False
        self._trouble = ""

    def __call__(self, notification: Notification) -> None:
        match notification:
            case Ticked():
                self._is_ready()
                status = _one_line(self._trouble + _status(notification))
                self._send(f"WATCHDOG=1\nSTATUS={status}")
            case Resting():
                self._send("WATCHDOG=1")
            case CommitFailed():
                self._is_ready()
                self._send(f"WATCHDOG=1\nSTATUS={_one_line(notification.problem)}")
            case Reloading():
                self._send("RELOADING=1")
                self._ready = False
            case Recorded():
                self._take_record(notification.record)
            case SiteStopped():
                self._send("STOPPING=1")

    def _is_ready(self) -> None:
        if not self._ready:
            self._ready = True
            self._send("READY=1")

    def _take_record(self, record: Record) -> None:
        match record:
            case NoteRecord(kind=NoteKind.RELOAD_FAILED):
                self._trouble = f"{record.text}; "
            case ReloadRecord() | NoteRecord(kind=NoteKind.RELOADED):
                self._trouble = ""

    def _send(self, message: str) -> None:
        if not self._address:
            return
        # A leading @ is systemd's way of writing an abstract socket.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as systemd:
            try:
                systemd.sendto(message.encode(), address)
            except OSError:
                return


def _status(tick: Ticked) -> str:
    if tick.silence is not None:
        since = "ever" if tick.read_at is None else f"since {tick.read_at:%Y-%m-%d %H:%M} UTC"
        return f"{tick.site}: nothing was read {since}: {tick.silence}"
    seen = tick.observation
    soe = "unknown" if seen.soe is None else f"{seen.soe:.0f} %"
    advising = " (advising, nothing is written)" if tick.advising else ""
    return f"{tick.site}: energy {soe}, wanted: {tick.decision.setting}{advising}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
