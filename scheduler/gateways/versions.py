"""Firmware versions of the gateway, as they compare."""

from __future__ import annotations

import re
from typing import NamedTuple

_SHAPE = re.compile(r"\s*(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:-(\d{1,4})\b)?", re.ASCII)


class Version(NamedTuple):
    """A firmware version that compares; "23.4.2-1 a1b2c3" is 23, 4, 2, build 1."""

    major: int
    minor: int
    patch: int = 0
    build: int = 0


def parse_version(text: str | None) -> Version | None:
    r"""The version in what `/api/status` says, or `None` where there is none.

    Seen in the field: "1.15.0\n", "1.50.1 c58c2df3", "21.44 223a56cd", "22.26.1-foxtrot 8a1b",
    "23.4.2-1 fe55682a" and "23.44.3-msa".
    """
    found = _SHAPE.match(text or "")
    return Version(*(int(number or 0) for number in found.groups())) if found else None
