"""The adapter for the gateway's own HTTPS API; the only room that knows httpx."""

from scheduler.gateways.local.adapter import LocalGateway
from scheduler.gateways.local.stored_session import SessionFile
from scheduler.gateways.local.transport import quiet_http_logs

__all__ = ["LocalGateway", "SessionFile", "quiet_http_logs"]
