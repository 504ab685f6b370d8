"""What truly happened at the simulated Fleet API: the witness that tests believe.

Everything is appended as it happens and nothing is ever changed; instants are aware UTC. When a
home obeyed what stands in the record of its own gateway, with the cause `CAUSE`.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import Final, NamedTuple

from rules.domain import Setting
from scheduler.simulator.record import plain

CAUSE: Final = "fleet api"
"""Who made a setting so, in the record of a gateway."""


class CloudRequest(NamedTuple):
    """A request that reached the cloud. `answered`: its answer reached the client.

    `status` is what the cloud answered, or 0 where it did not even read the request. `sent` is the
    body (never that of a login), at most `SENT_KEPT` characters. `fault` is the kind of trouble
    that it met, `billed` as what it counts: "data", "command" or not at all.
    """

    at: datetime
    method: str
    path: str
    status: int
    answered: bool
    sent: str
    fault: str | None
    billed: str | None


class CommandTaken(NamedTuple):
    """A command that was answered well. `setting` is what is to be done, after any snapping."""

    at: datetime
    number: int
    site: str
    asked: Setting
    setting: Setting
    fault: str | None


class CommandDone(NamedTuple):
    """The gateway was given this command."""

    at: datetime
    number: int
    site: str
    setting: Setting


class SettingShown(NamedTuple):
    """From `at` on `site_info` showed `setting`, which is whole.

    `source` is what made it so: "start", "command", or "gateway" for what was set elsewhere.
    """

    at: datetime
    site: str
    setting: Setting
    source: str


class Refresh(NamedTuple):
    """Somebody wanted new tokens; `refusal` is the error's own word, empty where they came."""

    at: datetime
    client_id: str
    refusal: str


class CloudRecord:
    """All that happened, in order. `requests_kept` bounds the list of requests (`None`: all)."""

    def __init__(self, requests_kept: int | None = None) -> None:
        self.requests: deque[CloudRequest] = deque(maxlen=requests_kept)
        self.commands: list[CommandTaken] = []
        self.done: list[CommandDone] = []
        self.shown: list[SettingShown] = []
        self.refreshes: list[Refresh] = []

    def shown_at(self, site: str, instant: datetime) -> Setting:
        """What `site_info` showed. Raises `LookupError` before the record begins."""
        found = [each for each in self.shown if each.site == site and each.at <= instant]
        if not found:
            raise LookupError(f"the record of {site} begins after {instant.isoformat()}")
        return found[-1].setting

    def as_json(self) -> dict[str, list[object]]:
        """The whole record in what the json module can write."""
        return {name: [plain(entry) for entry in entries] for name, entries in vars(self).items()}
