"""The check of a site's rules: what `pwsched check` proves of them, for the daemon to ask.

The proof takes seconds of processor time and megabytes. The daemon has neither to spare, and in a
thread of its own the proof would hold up every tick, so `ask` has it made by a child process. The
proof itself is the room below this one, which the daemon does not import.
"""

from scheduler.checking.beside import ask
from scheduler.checking.question import Answer, CheckUnfinished, Found, Question

__all__ = ["Answer", "CheckUnfinished", "Found", "Question", "ask"]
