"""What a route to a Powerwall must offer. The loop knows nothing else of it.

Policy of every adapter: it never retries on its own (the loop is the retry), never waits longer
than one bounded request sequence, hands out app percent only, and turns an answer that it cannot
use (empty, broken, unknown word) into a missing value rather than an error.
"""

from __future__ import annotations

from typing import Protocol

from rules.domain import Observation, Setting
from scheduler.domain import Capabilities, Endpoint, FirmwareStatus


class Gateway(Protocol):
    """One site's gateway, by some route."""

    @property
    def capabilities(self) -> Capabilities:
        """What is known so far; changes with the firmware, the account and the first write."""

    async def connect(self) -> None:
        """Make the first contact: reach it, trust it, log in.

        Raises `Unreachable`, `CertificateMismatch`, `LoginRefused` or `Paused`. Every later call
        may raise the last three as well: certificates and sessions change while one runs.
        """

    async def observe(self, parts: frozenset[Endpoint]) -> Observation:
        """Ask for these parts, in one request each. A part without a usable answer is missing.

        What comes after a first silence is not asked for any more, and missing too. Raises
        `Unreachable` when the gateway answered nothing at all, `LoginRefused` or `Paused` when it
        would not talk to us.
        """

    async def apply(self, setting: Setting) -> None:
        """Write mode and reserve and make the gateway take them over.

        Returns when the gateway has accepted every step, which says nothing about the effect.
        Raises `NotPermitted` (and from then on `capabilities.may_write` is False), `Refused`,
        `WriteUncertain` when a step may or may not have been carried out, and where certainly
        nothing was written `Unreachable`, `LoginRefused` or `Paused`.
        """

    async def write_back(self) -> None:
        """Find out whether this account may write: write exactly what is set, unrounded.

        From then on `capabilities.may_write` says so, and nothing has changed. Raises what `apply`
        raises, and `Refused` without writing where the gateway does not show a whole setting, or
        shows one that it would not take back as it is.
        """

    def assume(self, *, may_write: bool | None) -> None:
        """Take over what is known for the same firmware and login; `None`: it is to be tried."""

    async def run_battery(self) -> None:
        """Ask a stopped battery to run again. Raises `GatewayProblem`."""

    def leave_battery(self, seconds: float) -> None:
        """Do not mend a battery found stopped for so long: an update has stopped it."""

    async def start_firmware_check(self) -> None:
        """Ask the gateway to look for an update now. Raises `GatewayProblem`."""

    async def install_firmware(self) -> None:
        """Install the staged update: the gateway restarts, and the battery stands meanwhile.

        Raises `NotPermitted` (and from then on `capabilities.may_install_firmware` is False),
        `WriteUncertain` when it may or may not have begun, and other `GatewayProblem`s.
        """

    async def firmware_status(self) -> FirmwareStatus:
        """How the update stands. Raises `GatewayProblem`."""

    async def close(self) -> None:
        """Let go of the connection. A session that is kept for the next process stays valid."""
