"""Routes through the library pypowerwall, an extra: what can be controlled today.

Whoever makes a gateway of one of them without the library is told what to install.
"""

from scheduler.gateways.pypowerwall.fleet.account import FleetAccount, FleetAccounts
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.gateways.pypowerwall.fleet.budget import Budget
from scheduler.gateways.pypowerwall.fleet.tokens import TokenStore
from scheduler.gateways.pypowerwall.library import check_installed
from scheduler.gateways.pypowerwall.signed.adapter import SignedGateway

__all__ = [
    "Budget",
    "FleetAccount",
    "FleetAccounts",
    "FleetGateway",
    "SignedGateway",
    "TokenStore",
    "check_installed",
]
