"""Firmware versions of the gateway, and what follows from them.

What changed with which firmware is known from field reports, not from a document of the maker;
where the version is unknown the narrower assumption holds.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rules.domain import Mode
from rules.resolve import Levers

_SHAPE = re.compile(r"\s*(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:-(\d{1,4})\b)?", re.ASCII)

_OWNERS_MODES = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP})


class Version(NamedTuple):
    """A firmware version that compares; "23.4.2-1 a1b2c3" is 23, 4, 2, build 1."""

    major: int
    minor: int
    patch: int = 0
    build: int = 0


REAL_MODE_SINCE = Version(1, 21)
LOCAL_AUTONOMOUS_SINCE = Version(1, 23)
RESERVE_GAP_SINCE = Version(25, 18, 4)
LOGINS_LEAVE_BATTERY_SINCE = Version(1, 50)


def parse_version(text: str | None) -> Version | None:
    r"""The version in what `/api/status` says, or `None` where there is none.

    Seen in the field: "1.15.0\n", "1.50.1 c58c2df3", "21.44 223a56cd", "22.26.1-foxtrot 8a1b",
    "23.4.2-1 fe55682a" and "23.44.3-msa".
    """
    found = _SHAPE.match(text or "")
    return Version(*(int(number or 0) for number in found.groups())) if found else None


def mode_key(version: Version | None) -> str:
    """The key under which `POST /api/operation` takes the mode.

    `mode` before firmware 1.21. Later firmware reads only `real_mode`, and calls a request
    without it an illegal mode (vloschiavo/powerwall2, issue 10).
    """
    return "mode" if version is not None and version < REAL_MODE_SINCE else "real_mode"


def login_may_stop_battery(version: Version | None) -> bool:
    """A login may stop the battery, though it asks for no such thing.

    Firmware 1.15 does so for every login (vloschiavo/powerwall2 at bff6821), and the reports of
    owners up to 1.49 do not rule it out (issue 15 there). From 1.50 on, clients log in many
    times a day and no battery stands for it (issue 103).
    """
    return version is None or version < LOGINS_LEAVE_BATTERY_SINCE


def levers_of(version: Version | None) -> Levers:
    """What can be set over the local API: mode and reserve, in one request.

    It has no word for charging from the grid nor for what may be sold.

    `autonomous` was refused on 1.15 to 1.22 (vloschiavo/powerwall2, issues 10 and 11). Since
    25.18.4 a reserve of 81 to 99 % in the app's percent is refused (evcc-io/evcc, issue 22743).
    """
    autonomous = version is not None and version >= LOCAL_AUTONOMOUS_SINCE
    gap = version is None or version >= RESERVE_GAP_SINCE
    return Levers(
        modes=_OWNERS_MODES | {Mode.AUTONOMOUS} if autonomous else _OWNERS_MODES,
        reserve_ceiling=80 if gap else 100,
    )


WIDEST_LEVERS = Levers(modes=frozenset(Mode))
"""What can be set over the local API by some firmware or other."""
