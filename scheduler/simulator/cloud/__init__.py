"""The simulated Fleet API: Tesla's cloud over simulated homes, metered, late and failing as it is.

Each site is a simulated gateway: what is commanded here arrives there, and what its home measures
is shown here. Sources stand where their facts are: the documentation of developer.tesla.com,
pypowerwall's `fleetapi`, answers in fixtures of home-assistant, and issues of public clients.
"""

from scheduler.simulator.cloud.cloud import SimulatedCloud
from scheduler.simulator.cloud.meter import Bill
from scheduler.simulator.cloud.profile import Application, CloudProfile, RequestLimit
from scheduler.simulator.cloud.record import CloudRecord
from scheduler.simulator.cloud.tokens import TokenPair

__all__ = [
    "Application",
    "Bill",
    "CloudProfile",
    "CloudRecord",
    "RequestLimit",
    "SimulatedCloud",
    "TokenPair",
]
