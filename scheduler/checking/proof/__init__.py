"""What is proved of a site's rules, for `pwsched check` and for the child process of a daemon.

`python -m scheduler.checking.proof` is that process.
"""

from scheduler.checking.proof.ground import answer, priced_by, report_on

__all__ = ["answer", "priced_by", "report_on"]
