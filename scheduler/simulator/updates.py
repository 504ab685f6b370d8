"""The gateway's firmware update, as its status page shows it.

A forced check takes 20 seconds. If the run has newer firmware to offer, it is downloaded and
verified, in 3 minutes together, and waits to be installed; else the gateway says that there is
nothing to do. Installing takes the gateway away for 2 minutes and the battery for `INSTALL`, 15
minutes as owners report (24 have been seen). How long the other steps take is ours, and so is what
the status says between a check and its end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Final

from scheduler.simulator.profiles import Profile

INSTALL: Final = timedelta(minutes=15)
RESTART: Final = timedelta(minutes=2)

_CHECK: Final = timedelta(seconds=20)
_ON_THE_WAY: Final = (
    (timedelta(seconds=170), "/download"),
    (timedelta(seconds=185), "/update_downloaded"),
    (timedelta(seconds=200), "/update_unknown"),
)
"""Until when after a check the newer firmware is in which state; then it is staged."""
_URGENT_AFTER: Final = timedelta(days=7)
_BYTES_PER_SECOND: Final = 450_000


class _Outcome(Enum):
    """How the last check or installation ended, where that is still shown."""

    OPEN = auto()
    FAILED = auto()
    INSTALLED = auto()


class Updates:
    """The update of one gateway. `newer` is the version to be found by a check, if any."""

    def __init__(self, profile: Profile, started: datetime, newer: str | None) -> None:
        self.newer = newer
        self._profile = profile
        self._started = started
        self._checked: datetime | None = None
        self._outcome = _Outcome.OPEN

    def check(self, now: datetime, *, fails: bool) -> None:
        """Look for newer firmware, from the beginning; `fails` for want of a connection."""
        self._checked = now
        self._outcome = _Outcome.FAILED if fails else _Outcome.OPEN

    def staged(self, now: datetime) -> bool:
        """An update waits to be installed."""
        return self._state(now)[0] == "/update_staged"

    def installed(self, now: datetime, profile: Profile) -> None:
        """The gateway comes up with this firmware."""
        self._profile, self._started = profile, now
        self._outcome, self._checked, self.newer = _Outcome.INSTALLED, None, None

    def failed(self, now: datetime) -> None:
        """An installation came to nothing; the old firmware goes on."""
        self._outcome, self._checked = _Outcome.FAILED, now - _CHECK

    def status(self, now: datetime) -> dict[str, Any]:
        """The body of `/api/system/update/status`.

        That `version` names the new firmware once it is staged is an assumption.
        """
        state, words = self._state(now)
        version = self._profile.version.strip()
        if state == "/update_staged" and self.newer is not None:
            version = self.newer
        body: dict[str, Any] = {
            "state": state,
            "info": {"status": words},
            "current_time": _milliseconds(now),
        }
        if self._profile.update_has_details:
            body |= {
                "last_status_time": _milliseconds(self._checked or self._started),
                "version": version,
                "offline_updating": False,
                "offline_update_error": "",
                "estimated_bytes_per_second": _BYTES_PER_SECOND if state == "/download" else None,
            }
        return body

    def urgency(self, now: datetime) -> dict[str, str]:
        """The body of `/api/system/update/urgency`.

        The four words are the gateway's; when it uses which is an assumption: none of it is valid
        while a check runs, and what has waited for a week is required.
        """
        word = "NONE"
        if self.staged(now) and self._checked is not None:
            word = "REQUIRED" if now >= self._checked + _URGENT_AFTER else "OPTIONAL"
        elif self._checked is not None and now < self._checked + _CHECK:
            word = "INVALID"
        return {"update_urgency": f"FIRMWARE_UPDATE_URGENCY_{word}"}

    def _state(self, now: datetime) -> tuple[str, list[str]]:
        if self._checked is None:
            installed = self._outcome is _Outcome.INSTALLED
            idle = "/update_succeeded" if installed else self._profile.update_idle
            return idle, ["nonactionable"]
        after = now - self._checked
        if after < _CHECK:
            return "/clear_update_status", ["ignoring"]
        if self._outcome is _Outcome.FAILED:
            return "/update_failed", ["error"]
        if self.newer is None:
            return self._profile.update_nothing_newer, ["nonactionable"]
        return next((state for end, state in _ON_THE_WAY if after < end), "/update_staged"), []


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
