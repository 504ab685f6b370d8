"""A home that never was, the gateway that speaks for it, and the Fleet API in front of both.

The demo, the tests and anybody's client talk to it as to a real one: every answer comes from the
state of the simulated home. Nothing that steers a real house imports this package.
"""

from scheduler.simulator.certificate import LOOPBACK_NAMES, Certificate, kept, self_signed
from scheduler.simulator.cloud import Application, CloudProfile, CloudRecord, SimulatedCloud
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.fault_kinds import KINDS, At
from scheduler.simulator.fault_plan import FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home, Meters, Outage
from scheduler.simulator.profiles import PROFILES, Profile, profile_of
from scheduler.simulator.record import Record
from scheduler.simulator.server import Address, serve
from scheduler.simulator.signed import (
    BACKUP_GATEWAY_1,
    POWERWALL_3,
    Hardware,
    SignedControl,
    new_key,
    public_bytes,
)

__all__ = [
    "BACKUP_GATEWAY_1",
    "KINDS",
    "LOOPBACK_NAMES",
    "POWERWALL_3",
    "PROFILES",
    "Address",
    "Application",
    "At",
    "Certificate",
    "CloudProfile",
    "CloudRecord",
    "DirectGateway",
    "FaultPlan",
    "Hardware",
    "Home",
    "Meters",
    "Outage",
    "Profile",
    "Record",
    "SignedControl",
    "SimulatedCloud",
    "SimulatedGateway",
    "kept",
    "new_key",
    "profile_of",
    "public_bytes",
    "self_signed",
    "serve",
]
