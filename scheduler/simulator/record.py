"""What truly happened at the simulated gateway: the witness that tests believe.

Everything is appended as it happens and nothing is ever changed. Instants are the simulated
gateway's own (aware UTC). A daemon's journal is checked against this record, never the reverse.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from datetime import datetime
from typing import NamedTuple

from rules.domain import GridStatus
from scheduler.gateways.protocol import FullSetting


class RequestSeen(NamedTuple):
    """A request that reached the gateway. `answered`: its answer reached the client.

    `status` is what the gateway answered, or 0 where it did not even look at the request;
    `role` is the role of the session, `None` without one.
    """

    at: datetime
    method: str
    path: str
    status: int
    role: str | None
    answered: bool


class WriteSeen(NamedTuple):
    """A setting that was accepted and staged. `setting` has its reserve in whole app percent."""

    at: datetime
    setting: FullSetting
    role: str | None


class SettingInEffect(NamedTuple):
    """From `at` on the battery obeyed `setting`; `cause` is who made it so."""

    at: datetime
    setting: FullSetting
    cause: str


class RunningChange(NamedTuple):
    """From `at` on the battery ran, or stood still."""

    at: datetime
    running: bool
    cause: str


class LoginSeen(NamedTuple):
    """Somebody tried to log in."""

    at: datetime
    username: str
    ok: bool


class GridSeen(NamedTuple):
    """From `at` on the grid was in this state."""

    at: datetime
    status: GridStatus


Entry = RequestSeen | WriteSeen | SettingInEffect | RunningChange | LoginSeen | GridSeen | datetime


class Record:
    """All that happened, in order. `requests_kept` bounds the list of requests (`None`: all)."""

    def __init__(self, requests_kept: int | None = None) -> None:
        self.requests: deque[RequestSeen] = deque(maxlen=requests_kept)
        self.writes: list[WriteSeen] = []
        self.settings: list[SettingInEffect] = []
        self.running: list[RunningChange] = []
        self.logins: list[LoginSeen] = []
        self.update_checks: list[datetime] = []
        self.grid: list[GridSeen] = []

    def setting_at(self, instant: datetime) -> FullSetting:
        """The setting that was truly in effect. Raises `LookupError` before the record begins."""
        index = bisect_right(self.settings, instant, key=lambda entry: entry.at)
        if index == 0:
            raise LookupError(f"the record begins after {instant.isoformat()}")
        return self.settings[index - 1].setting

    def running_at(self, instant: datetime) -> bool:
        """Whether the battery ran. Raises `LookupError` before the record begins."""
        index = bisect_right(self.running, instant, key=lambda entry: entry.at)
        if index == 0:
            raise LookupError(f"the record begins after {instant.isoformat()}")
        return self.running[index - 1].running

    def as_json(self) -> dict[str, list[object]]:
        """The whole record in what the json module can write."""
        return {name: [_plain(entry) for entry in entries] for name, entries in vars(self).items()}


def _plain(entry: Entry) -> object:
    if isinstance(entry, datetime):
        return entry.isoformat()
    return {name: _plain_value(value) for name, value in entry._asdict().items()}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, FullSetting):
        return {"mode": value.mode.value, "reserve": value.reserve}
    return value
