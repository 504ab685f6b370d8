"""What was seen, decided and done, and why: kept so that it outlives every crash.

A journal is whatever keeps to the protocol `Journal`: `MemoryJournal` here, and the one of SQLite
in `scheduler.journal.sqlite`.
"""

from scheduler.journal.memory import MemoryJournal
from scheduler.journal.protocol import Journal, OccurrenceExists, OpenIntentExists

__all__ = ["Journal", "MemoryJournal", "OccurrenceExists", "OpenIntentExists"]
