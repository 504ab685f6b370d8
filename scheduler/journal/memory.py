"""A journal in memory, for simulations, backtests and tests: the same answers without a disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.domain import EventRecord, IntentRecord, OutcomeRecord, Past, Row, RuleFilesRecord
from scheduler.errors import JournalProblem
from scheduler.journal.protocol import OccurrenceExists, OpenIntentExists
from scheduler.journal.recollection import Recollection


@dataclass(slots=True)
class _Site:
    rows: list[Row] = field(default_factory=list)
    past: Recollection = field(default_factory=Recollection)
    occurrences: set[tuple[str, datetime]] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)


class MemoryJournal:
    """A journal that ends with the process. `rows` are those that it begins with, by site.

    Raises what `commit` raises for them.
    """

    def __init__(self, rows: Mapping[str, Sequence[Row]] | None = None) -> None:
        self._sites: defaultdict[str, _Site] = defaultdict(_Site)
        for site, known in (rows or {}).items():
            self._add(self._sites[site], site, known)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that have rows, in alphabetical order."""
        return tuple(sorted(name for name, site in self._sites.items() if site.rows))

    def rows(self, site: str) -> Sequence[Row]:
        """The rows of a site in the order of their numbers."""
        return self._sites[site].rows

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        self._add(self._sites[site], site, rows)

    async def past(self, site: str) -> Past:
        return self._sites[site].past.past()

    @staticmethod
    def _add(known: _Site, site: str, rows: Sequence[Row]) -> None:
        _expect_committable(known, site, rows)
        for row in rows:
            match row.record:
                case RuleFilesRecord(rules_hash=rules_hash):
                    if rules_hash in known.rules:
                        continue
                    known.rules.add(rules_hash)
                case EventRecord(rule=rule, scheduled_at=scheduled_at):
                    known.occurrences.add((rule, scheduled_at))
            known.rows.append(row)
            known.past.add(row)


def _expect_committable(known: _Site, site: str, rows: Sequence[Row]) -> None:
    """Check all rows before the first is added, for all are committed or none."""
    last = known.past.number
    is_open = known.past.open_write is not None
    there: set[tuple[str, datetime]] = set()
    for row in rows:
        if row.number <= last:
            raise JournalProblem(f"row {row.number} of {site!r} comes after row {last}")
        last = row.number
        match row.record:
            case EventRecord(rule=rule, scheduled_at=scheduled_at):
                there |= {(rule, scheduled_at)} & known.occurrences
            case IntentRecord(would=False):
                if is_open:
                    raise OpenIntentExists(site)
                is_open = True
            case OutcomeRecord():
                is_open = False
    if there:
        raise OccurrenceExists(frozenset(there))
