"""The gateway's own HTTPS API: its adapter, and what another route to the same gateway shares.

Shared are the modules: how to find, trust and read a gateway, and how to log in without harm.
"""

from scheduler.gateways.local import (
    answers,
    connection,
    reads,
    refused_login,
    resolver,
    stored_session,
    transport,
)
from scheduler.gateways.local.adapter import LocalGateway
from scheduler.gateways.local.stored_session import SessionFile
from scheduler.gateways.local.transport import quiet_http_logs

__all__ = [
    "LocalGateway",
    "SessionFile",
    "answers",
    "connection",
    "quiet_http_logs",
    "reads",
    "refused_login",
    "resolver",
    "stored_session",
    "transport",
]
