"""What was seen, decided and done, and why: kept so that it outlives every crash.

A journal is whatever keeps to the protocol `Journal`: `MemoryJournal` here, and the one of SQLite
in `scheduler.journal.sqlite`. What people ask it is answered in the words of `queries` and in
`sentences`.
"""

from scheduler.journal import recollection, sentences
from scheduler.journal.memory import MemoryJournal
from scheduler.journal.protocol import Journal, OccurrenceExists, OpenIntentExists, RulesArchive
from scheduler.journal.queries import (
    Began,
    Decided,
    Entry,
    Given,
    Happened,
    Lost,
    Moment,
    Reloaded,
    RulesNotKept,
    Said,
    Seen,
    Silence,
    Standing,
    Write,
    filled,
)

__all__ = [
    "Began",
    "Decided",
    "Entry",
    "Given",
    "Happened",
    "Journal",
    "Lost",
    "MemoryJournal",
    "Moment",
    "OccurrenceExists",
    "OpenIntentExists",
    "Reloaded",
    "RulesArchive",
    "RulesNotKept",
    "Said",
    "Seen",
    "Silence",
    "Standing",
    "Write",
    "filled",
    "recollection",
    "sentences",
]
