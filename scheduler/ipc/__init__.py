"""The control socket: how commands speak to a daemon that runs, and how its sites are."""
