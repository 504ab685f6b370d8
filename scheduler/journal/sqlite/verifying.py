"""Whether the journal still says what was written into it: reads every row, site by site.

The first row that does not fit is named. What is found: an audit row that was changed, taken out,
put in or moved; readings and means that are not what their seal says; row numbers that are missing
at the end; an open intent that the chain does not know as open; an index that shows other rows
than its table; and, against the sidecar, an end that is missing.

What cannot be found: an end that was cut off cleanly since the sidecar was written; a reading that
was changed within the day before its seal; and the work of somebody who writes the rest of a
chain anew from the place of the change, for there is no secret in it. Who wants to be safe from
that keeps the links (number and hash, as `verify` prints them) somewhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from scheduler.journal.sqlite import raw
from scheduler.journal.sqlite.chain import BEFORE_THE_FIRST, link
from scheduler.journal.sqlite.engine import Damaged, connect_read_only, explained
from scheduler.journal.sqlite.migrate import expect_head
from scheduler.journal.sqlite.raw import ChainedRow
from scheduler.journal.sqlite.seals import Digested, digest_of
from scheduler.journal.sqlite.sidecar import NOTHING_YET, End, Remembered, recall

NEWEST = 1_000
"""Rows of each chain that are checked in a backup before it is used."""

Progress = Callable[[int, int], None]
"""Takes how many rows have been read, and how many there are."""

_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first row that does not fit; `None` is what cannot be named."""

    table: str
    site: str | None
    id: int | None
    at: str | None
    text: str

    def __str__(self) -> str:
        row = "" if self.id is None else f" row {self.id}"
        where = "" if self.site is None else f" of {self.site}"
        when = "" if self.at is None else f", {self.at}"
        return f"{self.table}{row}{where}{when}: {self.text}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying the whole journal came to.

    `rows` were read; `ends` are where the chains of each site end, as far as they were checked.
    """

    rows: int
    ends: dict[str, End]
    misfit: Misfit | None


def verify(path: Path, progress: Progress | None = None) -> Verdict:
    """Read the whole journal at `path`, while the daemon runs or not.

    Raises `JournalProblem` where there is no journal of the present schema.
    """
    expect_head(path)
    while True:
        logged = path.with_name(path.name + "-wal").exists()
        with explained(path):
            connection = connect_read_only(path)
        try:
            verdict = _Verification(connection, recall(path), progress).verdict()
        finally:
            connection.close()
        # Without a log the file is read as if nobody could change it; a daemon that has started
        # since may have.
        if verdict.misfit is None or logged or not path.with_name(path.name + "-wal").exists():
            return verdict


def check_newest_links(connection: sqlite3.Connection) -> None:
    """Make sure that the newest rows of each chain hang together. Raises `Damaged`."""
    for site in raw.sites(connection):
        for names in (raw.AUDIT, raw.SEAL):
            for before, row in pairwise(raw.newest(connection, names, site, NEWEST)):
                fits = isinstance(before.chain, bytes) and link(before.chain, row.content)
                if fits != row.chain:
                    raise Damaged(f"row {row.id} of {site} does not follow from row {before.id}")


class _Verification:
    """One reading of one journal."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        remembered: Remembered | None,
        progress: Progress | None,
    ) -> None:
        raw.take_damaged_text(connection)
        self._connection = connection
        self._remembered = {} if remembered is None else remembered.ends
        self._progress = progress
        self._rows = 0
        self._total = 0
        self._sites: dict[str, _OfSite] = {}

    def verdict(self) -> Verdict:
        self._connection.execute("BEGIN")
        try:
            misfit = self._first_misfit()
        except (sqlite3.Error, UnicodeError, TypeError, ValueError) as error:
            misfit = self._unreadable(error)
        return Verdict(self._rows, {name: of.end for name, of in self._sites.items()}, misfit)

    def _first_misfit(self) -> Misfit | None:
        sites = sorted({*raw.sites(self._connection), *self._remembered})
        names = (*raw.AUDIT, *raw.SEAL, *raw.STREAM)
        self._total = sum(raw.count(self._connection, names, site) for site in sites)
        for site in sites:
            told = self._remembered.get(site, NOTHING_YET)
            self._sites[site] = _OfSite(self._connection, site, told, self._count)
            misfit = self._sites[site].first_misfit()
            if misfit is not None:
                return misfit
        return self._misfit_of_the_file()

    def _misfit_of_the_file(self) -> Misfit | None:
        (found,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found == "ok":
            return None
        return Misfit("journal", None, None, None, " ".join(found.split()))

    def _unreadable(self, error: Exception) -> Misfit:
        site, last = None, None
        if self._sites:
            site, of = list(self._sites.items())[-1]
            last = of.last
        after = "" if last is None else f" after row {last.id}, {last.at}"
        return Misfit("journal", site, None, None, f"cannot be read{after}: {error}")

    def _count(self, rows: int) -> None:
        before, self._rows = self._rows, self._rows + rows
        if self._progress is not None and self._rows // _EVERY > before // _EVERY:
            self._progress(self._rows, self._total)


class _Chain:
    """A chain that is followed link by link; `remembered` is the sidecar's word of its end."""

    def __init__(self, remembered: tuple[int, str]) -> None:
        self.link = BEFORE_THE_FIRST
        self.last: ChainedRow | None = None
        self.rows = 0
        self.reached = not remembered[0]
        self._before_last = BEFORE_THE_FIRST
        self._remembered = remembered

    @property
    def number(self) -> int:
        """That of the last row."""
        return 0 if self.last is None else self.last.id

    def follow(self, row: ChainedRow) -> bool:
        """Go on to the next row; False: it does not follow."""
        following = link(self.link, row.content)
        if following != row.chain:
            return False
        self._before_last, self.link, self.last = self.link, following, row
        self.rows += 1
        self.reached = self.reached or self._remembered == (row.id, following.hex())
        return True

    def follows_without_the_last(self, row: ChainedRow) -> bool:
        """Whether a row follows from the one before the last."""
        return self.last is not None and link(self._before_last, row.content) == row.chain


class _OfSite:
    """One reading of the rows of one site."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        site: str,
        remembered: End,
        count: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._site = site
        self._remembered = remembered
        self._count = count
        self._audit = _Chain((remembered.id, remembered.chain))
        self._seals = _Chain((remembered.seal, remembered.seal_chain))
        self._open: int | None = None

    @property
    def end(self) -> End:
        """Where the chains end, as far as they were followed."""
        audit, seals = self._audit, self._seals
        return End(audit.number, audit.link.hex(), seals.number, seals.link.hex())

    @property
    def last(self) -> ChainedRow | None:
        """The last row of the audit that was followed."""
        return self._audit.last

    def first_misfit(self) -> Misfit | None:
        """The first row that does not fit, in the order in which they are checked."""
        return (
            self._misfit_of_a_chain(self._audit, raw.AUDIT, self._remembered.id)
            or self._misfit_of_a_chain(self._seals, raw.SEAL, self._remembered.seal)
            or self._misfit_of_the_stream()
            or self._missing_number()
            or self._misfit_of_the_slot()
        )

    # --- the chains ----------------------------------------------------------------------------

    def _misfit_of_a_chain(
        self, chain: _Chain, names: tuple[str, ...], remembered: int
    ) -> Misfit | None:
        what = "journal" if names == raw.AUDIT else "seal"
        for row in raw.in_order(self._connection, names, self._site):
            if not chain.follow(row):
                return self._explained(chain, row)
            self._follow(row)
            self._count(1)
        there = raw.count(self._connection, names, self._site)
        if chain.rows != there:
            text = f"{there} rows are in the tables and {chain.rows} in their order"
            return Misfit(what, self._site, None, None, text)
        if not chain.reached:
            text = f"the end is missing: the sidecar remembers row {remembered}"
            return Misfit(what, self._site, remembered, None, text)
        return None

    def _explained(self, chain: _Chain, row: ChainedRow) -> Misfit:
        last = chain.last
        if last is not None and chain.follows_without_the_last(row):
            return self._misfit(last, "was put in: the row after it does not know it")
        sealed = row.table in raw.SEAL
        for number in range(chain.number + 1, row.id):
            if sealed or not self._may_be_missing(number):
                what = row.table if sealed else "journal"
                text = f"is missing before {row.table} row {row.id}, {row.at}"
                return Misfit(what, self._site, number, None, text)
        if last is not None and last.id == row.id:
            return self._misfit(row, f"has the number of a row of {last.table}")
        return self._misfit(
            row,
            "was changed, or the row before it was changed, put in or taken out:"
            " its link does not follow",
        )

    def _may_be_missing(self, number: int) -> bool:
        """Whether a number was never used, or is, or was before thinning, one of the stream."""
        return (
            number <= self._thinned_to()
            or any(first <= number <= last for first, last in self._unused())
            or raw.was_read(self._connection, self._site, number)
        )

    def _follow(self, row: ChainedRow) -> None:
        if row.table == "intent" and not row.intent:
            self._open = row.id
        elif row.table == "outcome" and self._open == row.intent:
            self._open = None

    def _misfit(self, row: ChainedRow, text: str) -> Misfit:
        return Misfit(row.table, self._site, row.id, row.at, text)

    # --- the stream ----------------------------------------------------------------------------

    def _misfit_of_the_stream(self) -> Misfit | None:
        """The chain of the seals is sound, so what they say is what was written."""
        end = 0
        seals = self._ask(
            "SELECT id, at, first, last, count, digest FROM seal WHERE site = ? AND NOT EXISTS"
            " (SELECT 1 FROM seal AS newer WHERE newer.site = seal.site"
            " AND newer.replaces = seal.id) ORDER BY first"
        )
        for number, at, first, last, rows, digest in seals:
            if first != end + 1:
                return Misfit("seal", self._site, number, at, f"does not follow row {end}")
            end = last
            found = digest_of(self._connection, self._site, first, last)
            if found != Digested(rows, digest):
                text = (
                    f"readings of rows {first} to {last} are not what was sealed:"
                    f" {found.rows} rows, sealed were {rows}"
                )
                return Misfit("seal", self._site, number, at, text)
            self._count(found.rows)
        for number, at in self._ask("SELECT id, at FROM mean WHERE site = ? ORDER BY id DESC"):
            if number > end:
                return Misfit("mean", self._site, number, at, "was put in: no seal knows it")
            break
        return None

    def _missing_number(self) -> Misfit | None:
        """Behind what was thinned each number has one row, or was never used."""
        unused = dict(self._unused())
        expected = self._thinned_to() + 1
        for number, name, at in raw.numbers_after(self._connection, self._site, expected - 1):
            while expected < number and expected in unused:
                expected = unused[expected] + 1
            if number > expected:
                text = f"is missing before {name} row {number}, {at}"
                return Misfit("journal", self._site, expected, None, text)
            if number < expected:
                return Misfit(name, self._site, number, at, "has the number of another row")
            expected += 1
        return None

    def _unused(self) -> Iterable[tuple[int, int]]:
        return self._ask("SELECT first, last FROM unused WHERE site = ?")

    def _thinned_to(self) -> int:
        ((last,),) = self._ask("SELECT max(last) FROM seal WHERE site = ? AND replaces IS NOT NULL")
        return last or 0

    # --- the slot ------------------------------------------------------------------------------

    def _misfit_of_the_slot(self) -> Misfit | None:
        said = next((each for (each,) in self._ask(_SLOT)), None)
        if said == self._open:
            return None
        known = "no open intent" if said is None else f"intent {said} open"
        true = "none is" if self._open is None else f"intent {self._open} is"
        return Misfit("open_intent", self._site, said, None, f"{known}; by the chain {true}")

    def _ask(self, query: str) -> sqlite3.Cursor:
        return self._connection.execute(query, (self._site,))


_SLOT = "SELECT intent_id FROM open_intent WHERE site = ?"
