"""Puts sites together and runs them: the daemon, and what works without one."""
