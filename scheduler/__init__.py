"""The application: everything that touches the world."""

DISTRIBUTION = "powerwall-scheduler"
"""Which distribution this package belongs to; start-up refuses another one called `scheduler`."""
