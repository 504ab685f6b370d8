"""The control socket: what commands send to a running daemon (`ask`), and its end (`listening`)."""

from scheduler.ipc.client import ask
from scheduler.ipc.server import Peer, StatusSource, listening

__all__ = ["Peer", "StatusSource", "ask", "listening"]
