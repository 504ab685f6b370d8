"""A journal in one SQLite file that outlives every crash.

Rows of the audit are only ever added, and each is linked to the one before it at its site
(`chain`); what was read is sealed (`seals`) and thinned after 30 days (`thinning`). All rows of a
commit are on the disk when it returns, or none is. One process writes (`SqliteJournal`); people
read through connections that cannot write (`reading`, `moments`, `verifying`).
"""

from scheduler.journal.sqlite.opening import Restored
from scheduler.journal.sqlite.writer import SqliteJournal

__all__ = ["Restored", "SqliteJournal"]
