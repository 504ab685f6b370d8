"""What stays of the observation stream after 30 days.

The engine's theorem (`rules.engine`): an observation whose tick left memory and decision as they
were may be deleted without changing any later decision. A tick that changed something has rows in
the chain at its time, so of each tick with such rows the readings stay, and where a row falls
between two ticks those of both. Of the inputs stays what was in force at a tick that stays, and
the last of each name. Everything else gives way to means over five minutes, for charts.

One stretch between two seals is thinned at a time, which bounds how long the writer is busy. One
that does not fit its seal is left alone: thinning it would hide the damage.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.column_types import instant_from_text, instant_text
from scheduler.journal.sqlite.engine import driver
from scheduler.journal.sqlite.seals import Digested, digest_of, put_seal
from scheduler.journal.sqlite.transaction import Transaction

RAW_KEPT = timedelta(days=30)
"""For so long every reading stays as it was made."""

SLOT = timedelta(minutes=5)
"""What one mean stands for. Where readings of a slot lie in two stretches it has two means."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_REPLACED = "SELECT max(replaces) FROM seal WHERE site = ?"
_NEXT_SEAL = (
    "SELECT id, first, last, count, digest, at FROM seal"
    " WHERE site = ? AND replaces IS NULL AND id > ? ORDER BY id LIMIT 1"
)
_POWERS = ("site_power", "battery_power", "load_power", "solar_power")
_READINGS = (
    f"SELECT id, at, tick_at, soe, {', '.join(_POWERS)} FROM observation"  # noqa: S608 -- our own names
    " WHERE site = ? AND id BETWEEN ? AND ? ORDER BY id"
)
_INPUTS = "SELECT id, at, name FROM input WHERE site = ? AND id BETWEEN ? AND ? ORDER BY id"
_HAPPENED = " UNION ".join(
    f"SELECT at FROM {table.name} WHERE site = :site AND at BETWEEN :first AND :last"  # noqa: S608 -- our own names
    for table in tables.AUDIT_TABLES
)
_PUT_MEAN = f"INSERT INTO mean VALUES ({', '.join('?' * len(tables.mean.c))})"  # noqa: S608 -- only question marks


class Damage(NamedTuple):
    """A stretch that is not what its seal says."""

    site: str
    seal_id: int
    first: int
    last: int


class Reading(NamedTuple):
    """As much of an observation as thinning needs."""

    id: int
    at: str
    tick: str
    soe: float | None
    site_power: float | None
    battery_power: float | None
    load_power: float | None
    solar_power: float | None


def thin_next(transaction: Transaction, site: str, now: datetime, leave: int) -> bool | Damage:
    """Thin the site's oldest stretch that is due; whether there was one, or its damage.

    Stretches whose seal is not newer than the one numbered `leave` are not read.
    """
    connection = driver(transaction.connection)
    thinned: int = connection.execute(_LAST_REPLACED, (site,)).fetchone()[0] or 0
    seal = connection.execute(_NEXT_SEAL, (site, max(thinned, leave))).fetchone()
    if seal is None or now - instant_from_text(seal[5]) < RAW_KEPT:
        return False
    seal_id, first, last, count, digest, _ = seal
    if digest_of(connection, site, first, last) != Digested(count, digest):
        return Damage(site, seal_id, first, last)
    _thin(connection, (site, first, last))
    put_seal(transaction, site, now, first, last, replaces=seal_id)
    return True


def _thin(connection: sqlite3.Connection, stretch: tuple[str, int, int]) -> None:
    site = stretch[0]
    readings = [Reading(*row) for row in connection.execute(_READINGS, stretch)]
    inputs = connection.execute(_INPUTS, stretch).fetchall()
    kept = kept_ticks([reading.tick for reading in readings], _happened(connection, site, readings))
    connection.executemany(
        "DELETE FROM observation WHERE site = ? AND id = ?",
        [(site, reading.id) for reading in readings if reading.tick not in kept],
    )
    connection.executemany(
        "DELETE FROM input WHERE site = ? AND id = ?",
        [(site, number) for number in superfluous_inputs(inputs, kept)],
    )
    connection.executemany(_PUT_MEAN, [(site, *mean) for mean in means(readings)])


def _happened(connection: sqlite3.Connection, site: str, readings: Sequence[Reading]) -> list[str]:
    if not readings:
        return []
    ticks = [reading.tick for reading in readings]
    found = connection.execute(
        _HAPPENED, {"site": site, "first": min(ticks), "last": max(ticks)}
    ).fetchall()
    return [at for (at,) in found]


def kept_ticks(ticks: Sequence[str], happened: Iterable[str]) -> set[str]:
    """The ticks that stay: those at which something happened, or on either side of it.

    The first and the last stay too: what happened between two stretches lies beside them.
    """
    ordered = sorted(set(ticks))
    kept = {ordered[0], ordered[-1]} if ordered else set()
    for at in happened:
        before, after = bisect_right(ordered, at) - 1, bisect_left(ordered, at)
        kept.update(ordered[place] for place in (before, after) if 0 <= place < len(ordered))
    return kept


def superfluous_inputs(inputs: Sequence[tuple[int, str, str]], kept: Iterable[str]) -> list[int]:
    """Numbers of the inputs (number, time, name) that no tick that stays has seen.

    The last of each name stays whatever the ticks: it may be in force beyond the stretch.
    """
    ticks = sorted(kept)
    until: dict[str, str] = {}
    gone = []
    for number, at, name in reversed(inputs):
        replaced_at = until.get(name)
        # A clock that was set back leaves times that say nothing about what was in force.
        if replaced_at is not None and replaced_at > at:
            place = bisect_left(ticks, at)
            if place == len(ticks) or ticks[place] >= replaced_at:
                gone.append(number)
        until[name] = at
    return gone


def means(readings: Sequence[Reading]) -> list[tuple[int | str | float | None, ...]]:
    """Means over the slots, as columns of `mean` without the site: SOE to 0.01 %, whole watts."""
    found = []
    for slot, group in groupby(readings, key=lambda reading: _slot(reading.at)):
        members = list(group)
        powers = [_mean([getattr(each, name) for each in members], 0) for name in _POWERS]
        soe = _mean([each.soe for each in members], 2)
        found.append((members[0].id, slot, len(members), soe, *powers))
    return found


def _slot(at: str) -> str:
    instant = instant_from_text(at)
    return instant_text(instant - (instant - _EPOCH) % SLOT)


def _mean(values: Iterable[float | None], digits: int) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known), digits) if known else None
