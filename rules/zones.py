"""Time zones by name."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


def parse_zone(value: object) -> ZoneInfo:
    """The zone of an IANA name. Raises `ValueError` with the names that look like it."""
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    from difflib import get_close_matches

    near = get_close_matches(str(value), _names(), n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ', say one like "America/Los_Angeles"'
    raise ValueError(f'unknown time zone "{value}"{hint}')


@lru_cache(maxsize=1)
def _names() -> list[str]:
    return sorted(available_timezones())
