"""Signed control on the home's own network (v1r): the adapter over pypowerwall's client of it."""

from scheduler.gateways.pypowerwall.signed.adapter import SignedGateway

__all__ = ["SignedGateway"]
