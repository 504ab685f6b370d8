"""From a wall clock to UTC, over the nights on which clocks change.

The hour that is there twice in autumn is resolved by the order of the rows where both are there.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from scheduler.money import LocalClock

_DAY_S: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- what wall clocks are counted from


class Placed(NamedTuple):
    """Where rows of a wall clock are in time, as seconds since 1970.

    `once` are rows of the doubled hour that is there once, `nowhere` those of the hour that does
    not exist, unless the clock says what they mean. `both` are rows that stand for both hours, each
    with the instant of the second; `dropped` are to be left out.
    """

    instants: array[int]
    once: list[int]
    nowhere: list[int]
    both: dict[int, int]
    dropped: list[int]


def placed(walls: Sequence[int], zone: ZoneInfo, clock: LocalClock) -> Placed:
    """Seconds of a wall clock in a zone as instants."""
    found = Placed(array("q"), [], [], {}, [])
    doubled: dict[int, list[int]] = defaultdict(list)
    missing: list[int] = []
    for row, wall in enumerate(walls):
        if clock is LocalClock.STANDARD:
            found.instants.append(wall - standard_offset(zone, wall))
            continue
        offset = _steady_offset(zone, wall // _DAY_S)
        if offset is None:
            offset, second = _offsets(zone, wall)
            if offset > second:
                doubled[wall].append(row)
            elif offset < second:
                missing.append(row)
        found.instants.append(wall - offset)
    if walls and walls[0] > walls[-1]:
        for rows in doubled.values():
            rows.reverse()  # the newest stands first
    _resolve_doubled(found, doubled, zone, clock)
    _resolve_missing(found, missing, walls, clock)
    return found


def _resolve_doubled(
    found: Placed, doubled: dict[int, list[int]], zone: ZoneInfo, clock: LocalClock
) -> None:
    for wall, rows in doubled.items():
        second = wall - _offsets(zone, wall)[1]
        for row in rows[1:]:
            found.instants[row] = second
        if len(rows) == 1 and clock is LocalClock.LABELS:
            found.both[rows[0]] = second
        elif len(rows) == 1:
            found.once.append(rows[0])


def _resolve_missing(
    found: Placed, missing: list[int], walls: Sequence[int], clock: LocalClock
) -> None:
    if clock is not LocalClock.LABELS:
        found.nowhere.extend(missing)
        return
    there = set(walls) if missing else set()
    found.dropped.extend(row for row in missing if walls[row] + 3600 in there)


def standard_offset(zone: ZoneInfo, at: int) -> int:
    """Seconds by which a zone's standard time is ahead of UTC on the day of an instant."""
    return _standard_on_day(zone, at // _DAY_S)


def zone_offset(zone: ZoneInfo, instant: int) -> int:
    """Seconds by which a zone's clocks are ahead of UTC at an instant."""
    steady = _offset_on_utc_day(zone, instant // _DAY_S)
    if steady is not None:
        return steady
    return _seconds(datetime.fromtimestamp(instant, UTC).astimezone(zone).utcoffset())


@lru_cache(maxsize=16_384)
def _offset_on_utc_day(zone: ZoneInfo, day: int) -> int | None:
    """The offset of a day of UTC; `None` where it changes on it."""
    start, end = (
        _seconds(datetime.fromtimestamp(at, UTC).astimezone(zone).utcoffset())
        for at in (day * _DAY_S, (day + 1) * _DAY_S)
    )
    return start if start == end else None


@lru_cache(maxsize=16_384)
def _steady_offset(zone: ZoneInfo, day: int) -> int | None:
    """The offset of a local day; `None` where it changes on it."""
    start, end = _offsets(zone, day * _DAY_S)[0], _offsets(zone, (day + 1) * _DAY_S)[1]
    return start if start == end else None


@lru_cache(maxsize=16_384)
def _standard_on_day(zone: ZoneInfo, day: int) -> int:
    noon = (_EPOCH + timedelta(days=day, hours=12)).replace(tzinfo=zone)
    return _seconds(noon.utcoffset()) - _seconds(noon.dst())


def _offsets(zone: ZoneInfo, wall: int) -> tuple[int, int]:
    """The offsets of a wall time, the first time it comes and the second."""
    naive = _EPOCH + timedelta(seconds=wall)
    first, second = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return _seconds(first), _seconds(second)


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else int(offset.total_seconds())
