"""From a home's history and its tariff to a rule file that a person can read.

`tune` looks for rules and says what they are worth in months that they were not tuned on;
`rule_file` writes them down. Needs numpy, which is installed with `powerwall-scheduler[money]`.
"""

from scheduler.money.tuning.rule_file import name_of, rule_file
from scheduler.money.tuning.tune import Progress, Tuned, TunedMonth, hourly, prepared, search, tune

__all__ = [
    "Progress",
    "Tuned",
    "TunedMonth",
    "hourly",
    "name_of",
    "prepared",
    "rule_file",
    "search",
    "tune",
]
