"""What was seen, decided and done, and why, stored so that it outlives every crash.

A journal is whatever implements the protocol `Journal`: `MemoryJournal` here, and the one of SQLite
in `scheduler.journal.sqlite`. Queries are answered by the classes of `queries` and in `sentences`.
"""

from scheduler.journal import recollection, sentences
from scheduler.journal.memory import MemoryJournal
from scheduler.journal.protocol import Journal, OccurrenceExists, OpenIntentExists, RulesArchive
from scheduler.journal.queries import (
    DecisionMade,
    Entry,
    HoldChanged,
    InputChanged,
    Moment,
    PastEvent,
    PastReading,
    RowsLost,
    RulesChanged,
    RulesNotStored,
    RunBegan,
    Silence,
    Standing,
    Write,
    filled,
)

__all__ = [
    "DecisionMade",
    "Entry",
    "HoldChanged",
    "InputChanged",
    "Journal",
    "MemoryJournal",
    "Moment",
    "OccurrenceExists",
    "OpenIntentExists",
    "PastEvent",
    "PastReading",
    "RowsLost",
    "RulesArchive",
    "RulesChanged",
    "RulesNotStored",
    "RunBegan",
    "Silence",
    "Standing",
    "Write",
    "filled",
    "recollection",
    "sentences",
]
