"""What a route to a Powerwall must offer. The loop knows nothing else of it.

Policy of every adapter: it never retries on its own (the loop is the retry), never waits longer
than one bounded request sequence, hands out app percent only, and turns an answer that it cannot
use (empty, broken, unknown word) into a missing value rather than an error.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Protocol

from rules.domain import NOTHING, Observation, Part, Setting
from rules.resolve import Levers
from scheduler.domain import Capabilities, Endpoint, FirmwareStatus, NoteKind

OnNote = Callable[[NoteKind, str], None]
"""Gets what an adapter did or found of its own accord: a kind of note and a sentence."""


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

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        """Read these endpoints, in one request each. What has no usable answer is missing.

        What comes after a first silence is not requested any more, and missing too. Raises
        `Unreachable` when the gateway answered nothing at all, or nothing usable to a whole poll,
        and `LoginRefused` or `Paused` when it would not talk to us.
        """

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:
        """Write the parts that are present, together, and make the gateway take them over.

        `found` are the parts that the gateway has already, by what was read in the same tick: a
        route whose commands are counted leaves out those that are the same. Every part is written
        as it is to be, never as a change to what is there. It is a mistake of the caller
        (`ValueError`) to give a part that this route has no lever for, or one without those that
        it only ever travels with: `Levers.together`.

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

    async def trust(self, certificate: str) -> None:
        """Recognise the gateway by this certificate from now on, as its owner has confirmed it."""

    async def run_battery(self) -> None:
        """Request a stopped battery to run again. Raises `GatewayProblem`."""

    def leave_battery(self, seconds: float) -> None:
        """Do not mend a battery found stopped for so long: an update has stopped it."""

    async def start_firmware_check(self) -> None:
        """Request the gateway to look for an update now. Raises `GatewayProblem`."""

    async def install_firmware(self) -> None:
        """Install the staged update: the gateway restarts, and the battery stands meanwhile.

        Raises `NotPermitted` (and from then on `capabilities.may_install_firmware` is False),
        `WriteUncertain` when it may or may not have begun, and other `GatewayProblem`s.
        """

    async def firmware_status(self) -> FirmwareStatus:
        """How the update stands. Raises `GatewayProblem`."""

    async def close(self) -> None:
        """Let go of the connection. A session that is stored for the next process stays valid."""


def check_parts(setting: Setting, levers: Levers) -> None:
    """Raise `ValueError` for a setting that a route with these levers cannot write."""
    present = setting.present.keys()
    if not present:
        raise ValueError("nothing is to be written")
    if strange := present - set(levers.parts):
        raise ValueError(f"this route cannot set {_listed(strange)}")
    together = levers.together.intersection(levers.parts)
    if present & together and (absent := together - present):
        raise ValueError(f"{_listed(together)} travel together, and {_listed(absent)} is absent")


def _listed(parts: AbstractSet[Part]) -> str:
    return " and ".join(part.value for part in Part if part in parts)
