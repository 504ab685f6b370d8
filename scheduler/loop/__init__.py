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
    Resting,
    SiteStarted,
    SiteStopped,
    Ticked,
)
from scheduler.loop.resting import LONGEST_REST
from scheduler.loop.site import SiteLoop

__all__ = [
    "LONGEST_REST",
    "CommitFailed",
    "JournaledController",
    "Listener",
    "MakeGateway",
    "MakeRequest",
    "Notification",
    "Recorded",
    "Reloading",
    "Resting",
    "SiteLoop",
    "SiteStarted",
    "SiteStopped",
    "Ticked",
]
