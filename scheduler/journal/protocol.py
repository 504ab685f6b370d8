"""What the daemon needs of a journal, whatever stores it.

A journal has any number of sites. The rows of a site are numbered by its controller, the only one
who writes for it; a journal stores them in that order and never changes the audit among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from rules.engine import RuleSet
from scheduler.domain import Past, Row
from scheduler.errors import JournalProblem


class OccurrenceExists(Exception):
    """Rows were not committed, because an event among them occurred before, by the journal.

    `occurrences` are those that are there already: the rule and the scheduled instant of each.
    """

    def __init__(self, occurrences: frozenset[tuple[str, datetime]]) -> None:
        super().__init__(", ".join(f"{rule} at {at.isoformat()}" for rule, at in occurrences))
        self.occurrences = occurrences


class OpenIntentExists(JournalProblem):
    """The site has an intent without an outcome; a second one may not be opened."""

    def __init__(self, site: str) -> None:
        super().__init__(
            f"site {site!r} has a write whose outcome is not known yet;"
            " conclude it before the next one"
        )


class RulesArchive(Protocol):
    """The rule files of every time."""

    def rules(self, site: str, rules_hash: str) -> RuleSet:
        """The rules of this hash. Raises `RulesNotKept`, or `RuleProblems`."""


class Journal(Protocol):
    """What happened at some sites, and what is known of it."""

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        """Put the rows of one step on the disk: all of them or none.

        Rows of the stream alone (readings, engine inputs) may wait in memory for the next commit,
        five minutes at most. Returns when all others are safe from a power cut; a call that is
        cancelled meanwhile still commits. Rule files whose digest is there already are passed over.

        Raises `OccurrenceExists` and `OpenIntentExists`, in which cases nothing is committed, and
        `JournalProblem` where the rows may or may not have reached the disk: `past` says then what
        is true.
        """

    async def past(self, site: str) -> Past:
        """Everything that a restart goes on from, as of one moment.

        Raises `JournalProblem`.
        """
