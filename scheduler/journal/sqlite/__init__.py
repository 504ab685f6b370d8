"""A journal in one SQLite file that outlives every crash.

Rows of the audit are only ever added, and each is linked to the one before it at its site
(`chain`); what was read is sealed (`seals`) and thinned after 30 days (`thinning`). All rows of a
commit are on the disk when it returns, or none is. One process writes (`SqliteJournal`); people
read through connections that cannot write.
"""

from scheduler.journal.sqlite.awaited import AwaitedJournal
from scheduler.journal.sqlite.column_types import instant_text
from scheduler.journal.sqlite.lock import lock_holder
from scheduler.journal.sqlite.moments import Chronicle
from scheduler.journal.sqlite.opening import Restored
from scheduler.journal.sqlite.reading import (
    PowersRead,
    StateRead,
    last_hold,
    last_override,
    past_of,
    powers_read,
    read_journal,
    states_read,
    stream,
)
from scheduler.journal.sqlite.sidecar import End
from scheduler.journal.sqlite.upkeep_loop import run_upkeep
from scheduler.journal.sqlite.verifying import Misfit, Progress, Verdict, verify
from scheduler.journal.sqlite.writer import SqliteJournal

__all__ = [
    "AwaitedJournal",
    "Chronicle",
    "End",
    "Misfit",
    "PowersRead",
    "Progress",
    "Restored",
    "SqliteJournal",
    "StateRead",
    "Verdict",
    "instant_text",
    "last_hold",
    "last_override",
    "lock_holder",
    "past_of",
    "powers_read",
    "read_journal",
    "run_upkeep",
    "states_read",
    "stream",
    "verify",
]
