"""Time zones by name."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from rules.errors import shown

LONGEST = 64
"""Characters that a name may have; zoneinfo looks for each part of one in a package of its own."""


def parse_zone(value: object) -> ZoneInfo:
    """The zone of an IANA name. Raises `ValueError` with the names that look like it."""
    if isinstance(value, str) and len(value) <= LONGEST:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    from difflib import get_close_matches

    near = get_close_matches(str(value)[:LONGEST], _names(), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ', say one like "America/Los_Angeles"'
    raise ValueError(f"unknown time zone {shown(value)}{hint}")


@lru_cache(maxsize=1)
def _names() -> list[str]:
    return sorted(available_timezones())
