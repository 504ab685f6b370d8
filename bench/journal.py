"""How large a journal becomes and how quickly it answers: `python bench/journal.py [YEARS]`.

Ten years of one site at a 30 s poll: thinned but for the last 30 days, which are raw. Prints the
size, what the daemon and `pwsched journal` wait for, and how long the pieces of upkeep hold the
writer up.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scheduler.domain import Kind, Row, RunStart
from scheduler.history.why import why
from scheduler.journal.queries import Silence
from scheduler.journal.sqlite import (
    Chronicle,
    SqliteJournal,
    instant_text,
    read_journal,
    stream,
    tables,
    verify,
)
from scheduler.journal.sqlite.chain import BEFORE_THE_FIRST, Stored, link_row
from scheduler.journal.sqlite.seals import STRETCH, digest_of

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
POLL = timedelta(seconds=30)
RAW_DAYS = 30
SITE = "home"
REASON = (
    'rule "fill up cheaply before the peak": its window from 12:00 to 15:55 began; SOE is 48.3 %'
)
MEMORY = json.dumps({"since": {f"rule {n}": instant_text(START) for n in range(8)}, "captured": {}})
CHANCE = random.Random(7)  # noqa: S311 -- a bench wants the same rows each time


class Writer:
    """Rows by the thousand, numbered and linked as the daemon would have."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._chain = BEFORE_THE_FIRST
        self._seal_chain = BEFORE_THE_FIRST
        self.number = 0
        self._seals = 0
        self._sealed = 0

    def add(self, table: str, at: datetime, **row: Stored) -> int:
        """An audit row; its number."""
        self.number += 1
        whole: dict[str, Stored] = {"site": SITE, "id": self.number, "at": instant_text(at), **row}
        if table != "run":
            whole["run_id"] = 1
        self._chain = link_row(self._chain, table, whole)
        self._insert(table, [whole | {"chain": self._chain}])
        return self.number

    def observe(self, begin: datetime, count: int, every: timedelta) -> None:
        """Readings; of thinned ones there are fewer than numbers."""
        step = max(1, every // POLL)
        rows: list[dict[str, Stored]] = []
        for place in range(0, count, step):
            at = instant_text(begin + place * POLL)
            rows.append({"site": SITE, "id": self.number + 1 + place, "at": at, "run_id": 1,
                "soe": CHANCE.uniform(5, 100), "site_power": CHANCE.uniform(-5000, 5000),
                "battery_power": CHANCE.uniform(-5000, 5000), "load_power": CHANCE.uniform(0, 9000),
                "solar_power": CHANCE.uniform(0, 9000), "grid": "SystemGridConnected",
                "grid_services": 0, "mode": "self_consumption", "reserve": 20.0, "running": 1,
                "firmware": "23.44.0", "earlier": json.dumps({"mode": at, "reserve": at}),
                "tick_at": at})  # fmt: skip
        self._insert("observation", rows)
        self.number += count

    def means(self, begin: datetime, first: int, slots: int) -> None:
        """Five-minute means of readings that are gone."""
        powers = ("site_power", "battery_power", "load_power", "solar_power")
        rows: list[dict[str, Stored]] = []
        for slot in range(slots):
            soe, at = round(CHANCE.uniform(5, 100), 2), instant_text(begin + slot * 10 * POLL)
            row = {"site": SITE, "id": first + 10 * slot, "at": at, "readings": 10, "soe": soe}
            rows.append(row | {name: float(CHANCE.randint(-5000, 9000)) for name in powers})
        self._insert("mean", rows)

    def seal(self, at: datetime, *, thinned: bool) -> None:
        """A seal of what came since the last, and when `thinned` the one that took its place."""
        first, last = self._sealed + 1, self.number
        count, digest = digest_of(self._connection, SITE, first, last)
        what: dict[str, Stored] = {"first": first, "last": last, "count": count, "digest": digest}
        number = self._add_seal(at, what | {"replaces": None})
        if thinned:
            self._add_seal(at, what | {"replaces": number})
        self._sealed = last

    def _add_seal(self, at: datetime, row: dict[str, Stored]) -> int:
        """A seal, in the chain of its own; its number."""
        self._seals += 1
        whole: dict[str, Stored] = {"site": SITE, "id": self._seals, "at": instant_text(at), **row}
        self._seal_chain = link_row(self._seal_chain, "seal", whole)
        self._insert("seal", [whole | {"chain": self._seal_chain}])
        return self._seals

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        marks = ", ".join(f":{name}" for name in rows[0])
        self._connection.executemany(
            f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})",  # noqa: S608 -- our own names
            rows,
        )


def an_action(writer: Writer, at: datetime) -> None:
    """A decision, and the write that follows from it."""
    decision = writer.add("decision", at, mode="backup", reserve=100, reason=REASON,
        winners='{"mode":"fill up cheaply","reserve":"fill up cheaply"}', rules_hash="0" * 64,
        memory=MEMORY, cause="time boundary")  # fmt: skip
    intent = writer.add("intent", at, decision_id=decision,
        previous_mode="self_consumption", previous_reserve=20, wanted_mode="backup",
        wanted_reserve=100, cause="time boundary", reason=REASON, would=0)  # fmt: skip
    writer.add("sent", at + POLL, intent_id=intent)
    writer.add("outcome", at + 2 * POLL, intent_id=intent, outcome="held", detail="after 30 s")
    writer.add("effect", at + 8 * POLL, intent_id=intent, effect="confirmed", detail="it charges")


def a_day(writer: Writer, day: datetime, *, thinned: bool) -> None:
    """Four writes, six more decisions, a check, a few notes; readings with their seals."""
    for part in range(6):
        at = day + part * DAY / 6
        if part % 3:
            an_action(writer, at)
        writer.add("decision", at + 20 * POLL, mode="self_consumption", reserve=20,
            reason=REASON, winners="{}", rules_hash="0" * 64, memory=MEMORY,
            cause="time boundary")  # fmt: skip
        begin = writer.number + 1
        writer.observe(at, 480, timedelta(minutes=60) if thinned else POLL)
        if thinned:
            writer.means(at, begin, 48)
        writer.seal(at + DAY, thinned=thinned)
    check = writer.add("event", day, rule="firmware before the peak",
        scheduled_at=instant_text(day), action="firmware-check", state="fired")  # fmt: skip
    writer.add("firmware_check", day, event_id=check, result="nothing newer",
        state_raw="update_failed", version="23.44.0", detail="")  # fmt: skip
    for _ in range(3):
        writer.add("note", day, kind="unreachable", text="no answer within 5 s")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something takes."""
    began = time.perf_counter()
    yield
    print(f"{what:<58} {time.perf_counter() - began:8.3f} s")


def fastest(what: str, act: Callable[[], object], times: int = 5) -> None:
    """Print the shortest of a few times."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    print(f"{what:<58} {min(took):8.3f} s")


async def make(path: Path) -> None:
    """An empty journal."""
    await (await SqliteJournal.open(path)).close()


async def live(path: Path, now: datetime) -> None:
    """A start of the daemon, and a month's thinning piece by piece."""
    with timed("open (quick_check and all)"):
        journal = await SqliteJournal.open(path)
    with timed("begin a run"):
        number = (await journal.past(SITE)).next_number
        run = RunStart(now, "1.2.0", "boot:1", dry_run=False, rules_hash="0" * 64)
        await journal.commit(SITE, [Row(number, number, run)])
    pieces = []
    while True:
        began = time.perf_counter()
        more = await journal._write(lambda transaction: journal._upkeep.piece(transaction, now))  # noqa: SLF001 -- one piece is not offered by itself
        pieces.append(time.perf_counter() - began)
        if not more:
            break
    pieces.sort()
    print(f"{f'{len(pieces)} pieces of upkeep, median and longest':<58}"
          f" {pieces[len(pieces) // 2]:8.3f} s {pieces[-1]:8.3f} s")  # fmt: skip
    with timed("backup"):
        await journal.upkeep(now)
    await journal.close()


def sound(path: Path) -> None:
    """Verify; a journal that does not fit would measure something else."""
    misfit = verify(path).misfit
    if misfit is not None:
        raise SystemExit(str(misfit))


def questions(path: Path, moment: datetime, end: datetime) -> None:
    """What `why`, `replay` and `journal export` look up."""

    def asked(at: datetime) -> None:
        with Chronicle.opened(path) as chronicle:
            found = chronicle.moment(SITE, at)
            if isinstance(found, Silence):
                raise SystemExit(f"nothing is known of {at}: {found}")
            why(chronicle, found)

    def replay_begins() -> None:
        with Chronicle.opened(path) as chronicle:
            first = chronicle.number_before(SITE, end - RAW_DAYS * DAY)
            chronicle.standing(SITE, first)
            next(chronicle.happened_with_means(SITE, first, chronicle.number_before(SITE, end)))
            chronicle.writes(SITE, end - RAW_DAYS * DAY, end)

    fastest("why, an hour ago", lambda: asked(end - timedelta(hours=1)))
    fastest("why, five years ago", lambda: asked(moment + timedelta(hours=1)))
    fastest("replay, until the first reading of a month", replay_begins)
    with timed("export, the raw month"):
        for _ in stream(path, SITE, end - RAW_DAYS * DAY, end, Kind.OBSERVATION):
            pass


def main(years: float) -> None:
    """Make the journal and measure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        asyncio.run(make(path))
        days = round(years * 365)
        with (
            timed(f"made: {days} days thinned, {RAW_DAYS} raw"),
            closing(sqlite3.connect(path, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("BEGIN")
            writer = Writer(connection)
            writer.add(
                "run", START, version="1.2.0", process="boot:1", dry_run=0, rules_hash="0" * 64
            )
            for day in range(days + RAW_DAYS):
                a_day(writer, START + day * DAY, thinned=day < days)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            rows = {
                table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: S608 -- our own names
                for table in (*tables.AUDIT_TABLES, tables.mean)
            }
        print(f"{'size':<58} {path.stat().st_size / 2**20:8.1f} MiB")
        print(", ".join(f"{count} {name}" for name, count in rows.items() if count))
        moment = START + days * DAY / 2
        fastest("pwsched journal, the newest 50", lambda: read_journal(path, limit=50))
        fastest(
            "an hour five years ago",
            lambda: read_journal(path, since=moment, until=moment + timedelta(hours=1)),
        )
        questions(path, moment, START + (days + RAW_DAYS) * DAY)
        with timed("verify"):
            sound(path)
        asyncio.run(live(path, START + (days + 2 * RAW_DAYS + 2) * DAY))
        with timed("verify again"):
            sound(path)
        print(f"a stretch has {STRETCH} readings")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
