"""What truly happened at the simulated gateway: the witness that tests believe.

Everything is appended as it happens and nothing is ever changed. Instants are the simulated
gateway's own (aware UTC). A daemon's journal is checked against this record, never the reverse.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from rules.domain import GridStatus, Setting


class Truth(NamedTuple):
    """What was so at an instant: `setting` is obeyed, `shown` is what the gateway reports.

    A part that the gateway's API has no word for is absent from `shown`.
    """

    setting: Setting
    shown: Setting
    soe: float
    battery_w: float
    site_w: float
    grid: GridStatus
    running: bool


class RequestSeen(NamedTuple):
    """A request that reached the gateway. `answered`: its answer reached the client.

    `status` is what the gateway answered, or 0 where it did not even read the request;
    `role` is the role of the session, `None` without one. `sent` is its query and its body (never
    that of a login), at most `SENT_KEPT` characters. `fault` is the kind of trouble that it met,
    `done` what it truly changed, and `truth` the state of things afterwards.
    """

    at: datetime
    method: str
    path: str
    status: int
    role: str | None
    answered: bool
    sent: str
    fault: str | None
    done: tuple[str, ...]
    truth: Truth


class WriteSeen(NamedTuple):
    """A setting that was accepted and staged. `setting` has its reserve in whole app percent.

    A part that was not written is absent.
    """

    at: datetime
    setting: Setting
    role: str | None


class SettingInEffect(NamedTuple):
    """From `at` on the battery obeyed `setting`, which is whole; `cause` is who made it so."""

    at: datetime
    setting: Setting
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


class FirmwareSeen(NamedTuple):
    """From `at` on the gateway ran this firmware."""

    at: datetime
    version: str
    cause: str


Entry = (
    RequestSeen
    | WriteSeen
    | SettingInEffect
    | RunningChange
    | LoginSeen
    | GridSeen
    | FirmwareSeen
    | datetime
)

SENT_KEPT: Final = 500


class Record:
    """All that happened, in order. `requests_kept` bounds the list of requests (`None`: all)."""

    def __init__(self, requests_kept: int | None = None) -> None:
        self.requests: deque[RequestSeen] = deque(maxlen=requests_kept)
        self.writes: list[WriteSeen] = []
        self.settings: list[SettingInEffect] = []
        self.running: list[RunningChange] = []
        self.logins: list[LoginSeen] = []
        self.update_checks: list[datetime] = []
        self.firmware: list[FirmwareSeen] = []
        self.grid: list[GridSeen] = []

    def setting_at(self, instant: datetime) -> Setting:
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

    def marks(self) -> tuple[int, ...]:
        """How far the lists of what is done have come, for `since`."""
        return tuple(len(entries) for entries in self._deeds())

    def since(self, marks: tuple[int, ...]) -> tuple[str, ...]:
        """What has been done since then, in a few words each."""
        return tuple(
            _in_words(entry)
            for entries, mark in zip(self._deeds(), marks, strict=True)
            for entry in entries[mark:]
        )

    def _deeds(self) -> tuple[Sequence[Entry], ...]:
        return (
            self.writes, self.settings, self.running, self.logins, self.update_checks, self.firmware
        )  # fmt: skip

    def as_json(self) -> dict[str, list[object]]:
        """The whole record in what the json module can write."""
        return {name: [plain(entry) for entry in entries] for name, entries in vars(self).items()}


def _in_words(entry: Entry) -> str:
    match entry:
        case WriteSeen():
            return f"staged: {entry.setting}"
        case SettingInEffect():
            return f"in effect: {entry.setting}"
        case RunningChange():
            return "battery runs" if entry.running else "battery stands"
        case LoginSeen():
            return f"login of {entry.username} {'accepted' if entry.ok else 'refused'}"
        case FirmwareSeen():
            return f"firmware {entry.version.strip()}"
        case _:
            return "update check"


def plain(entry: NamedTuple | datetime) -> object:
    """An entry in what the json module can write."""
    if isinstance(entry, datetime):
        return entry.isoformat()
    return _plain_fields(entry)


def _plain_fields(entry: NamedTuple) -> dict[str, object]:
    return {name: _plain_value(value) for name, value in entry._asdict().items()}


def _plain_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Setting):
        return {part.value: said for part, said in value.present.items()}
    return _plain_fields(value) if isinstance(value, Truth) else value
