"""The gateway's firmware update, as its status page shows it.

A forced check takes 20 seconds. If the run has newer firmware to offer, a download of 3 minutes
follows and the update waits to be installed; else the gateway says that there is nothing to do.
Nothing here installs anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from scheduler.simulator.profiles import Profile

_CHECK: Final = timedelta(seconds=20)
_DOWNLOAD: Final = timedelta(minutes=3)
_BYTES_PER_SECOND: Final = 450_000


class Updates:
    """The update of one gateway. `newer` is the version to be found by a check, if any."""

    def __init__(self, profile: Profile, started: datetime, newer: str | None) -> None:
        self._profile = profile
        self._started = started
        self._newer = newer
        self._checked: datetime | None = None

    def check(self, now: datetime) -> None:
        """Look for newer firmware, from the beginning."""
        self._checked = now

    def status(self, now: datetime) -> dict[str, Any]:
        """The body of `/api/system/update/status`.

        That `version` names the new firmware once it is staged is an assumption.
        """
        state, words = self._state(now)
        version = self._profile.version.strip()
        if state == "/update_staged" and self._newer is not None:
            version = self._newer
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
        """The body of `/api/system/update/urgency`."""
        urgent = "OPTIONAL" if self._state(now)[0] == "/update_staged" else "NONE"
        return {"update_urgency": f"FIRMWARE_UPDATE_URGENCY_{urgent}"}

    def _state(self, now: datetime) -> tuple[str, list[str]]:
        if self._checked is None:
            return self._profile.update_idle, ["nonactionable"]
        if now < self._checked + _CHECK:
            return "/clear_update_status", ["ignoring"]
        if self._newer is None:
            return self._profile.update_nothing_newer, ["nonactionable"]
        if now < self._checked + _CHECK + _DOWNLOAD:
            return "/download", []
        return "/update_staged", []


def _milliseconds(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
