"""What a process does with its sites: puts them together, runs them, reloads them, reports them.

`run_sites` is the daemon. Where none runs, a command does one thing on its own: `hold_offline`,
`resume_offline`, `offline_status`.
"""

from scheduler.process.compose import Run, Services, compose
from scheduler.process.offline import hold_offline, resume_offline
from scheduler.process.status import offline_status
from scheduler.process.supervisor import on_signals, run_sites

__all__ = [
    "Run",
    "Services",
    "compose",
    "hold_offline",
    "offline_status",
    "on_signals",
    "resume_offline",
    "run_sites",
]
