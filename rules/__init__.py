"""The rule language and its meaning. Pure: no clock, no network, no database.

Time and state come in as arguments; verdicts, settings and flows go out as values.
Nothing here imports from `scheduler`.
"""

DISTRIBUTION = "powerwall-scheduler"
"""Which distribution this package belongs to; start-up refuses another package called `rules`."""
