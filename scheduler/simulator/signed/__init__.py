"""Signed control of the simulated gateway: what it answers at /tedapi/din and /tedapi/v1r."""

from scheduler.simulator.signed.control import DIN, V1R, SignedControl
from scheduler.simulator.signed.envelope import new_key, public_bytes
from scheduler.simulator.signed.hardware import BACKUP_GATEWAY_1, POWERWALL_3, Hardware

__all__ = [
    "BACKUP_GATEWAY_1",
    "DIN",
    "POWERWALL_3",
    "V1R",
    "Hardware",
    "SignedControl",
    "new_key",
    "public_bytes",
]
