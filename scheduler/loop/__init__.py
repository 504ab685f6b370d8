"""Runs one controller against the world: polls, writes, records, waits. See `site`."""

from scheduler.loop.command_queue import MakeRequest
from scheduler.loop.controller import JournaledController
from scheduler.loop.executor import MakeGateway
from scheduler.loop.notifications import (
    CommitFailed,
    Listener,
    Notification,
    Recorded,
    Reloading,
    SiteStarted,
    SiteStopped,
    Ticked,
)
from scheduler.loop.site import SiteLoop

__all__ = [
    "CommitFailed",
    "JournaledController",
    "Listener",
    "MakeGateway",
    "MakeRequest",
    "Notification",
    "Recorded",
    "Reloading",
    "SiteLoop",
    "SiteStarted",
    "SiteStopped",
    "Ticked",
]
