"""Runs one controller against the world: polls, writes, records, waits. See `site`."""

from scheduler.loop.controller import JournaledController
from scheduler.loop.executor import Hear, MakeGateway
from scheduler.loop.happenings import (
    Happening,
    Listener,
    Recorded,
    Reloading,
    Started,
    Stopped,
    Ticked,
    Unrecorded,
)
from scheduler.loop.requests import Asked
from scheduler.loop.site import SiteLoop

__all__ = [
    "Asked",
    "Happening",
    "Hear",
    "JournaledController",
    "Listener",
    "MakeGateway",
    "Recorded",
    "Reloading",
    "SiteLoop",
    "Started",
    "Stopped",
    "Ticked",
    "Unrecorded",
]
