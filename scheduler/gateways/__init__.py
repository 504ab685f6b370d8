"""Routes to a Powerwall: one small protocol, and the adapters that speak it."""
