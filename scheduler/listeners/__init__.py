"""Those who hear what happened, after it is recorded: log lines, systemd, the heartbeat."""
