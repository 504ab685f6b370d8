"""What hears of each thing after it is recorded: log lines, systemd, and the heartbeat's file."""

from scheduler.listeners.heartbeat import HEARTBEAT_FILE, Heartbeat, hold_beat, override_beat
from scheduler.listeners.log_lines import log_notification, set_up_logging
from scheduler.listeners.systemd import SystemdNotifier

__all__ = [
    "HEARTBEAT_FILE",
    "Heartbeat",
    "SystemdNotifier",
    "hold_beat",
    "log_notification",
    "override_beat",
    "set_up_logging",
]
