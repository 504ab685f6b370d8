"""One site by two routes: read by the one, written by the other.

The owner's login at home is polled every half a minute for nothing and may not write; the cloud, or
a signed request, writes a few times a day and counts what it is asked. So whatever the reader shows
is read there, and a write is judged by what the reader shows of it. Only what the reader has no
word for (what may be sold, what may be bought, Storm Watch) is asked of the writer, at its pace.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rules.domain import NOTHING, Observation, Quantity, Setting
from scheduler.domain import QUANTITIES, Capabilities, Endpoint, FirmwareStatus, NoteKind
from scheduler.errors import CertificateUnconfirmed, GatewayProblem, LoginRefused
from scheduler.gateways.protocol import Gateway, OnNote

BETWEEN_METERED: Final = 3600.0
"""Seconds at least between two requests of what only a writer shows whose requests are counted."""


class SplitGateway:
    """A `Gateway` that reads by one gateway and writes by another of the same site.

    `on_note` hears when the writer is out of reach for what only it can show, and when it is back.
    """

    def __init__(
        self, reader: Gateway, writer: Gateway, on_note: OnNote = lambda _kind, _text: None
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_note = on_note
        self._unread = ""

    @property
    def capabilities(self) -> Capabilities:
        reader, writer = self._reader.capabilities, self._writer.capabilities
        pace = 0.0 if writer.usage is None else BETWEEN_METERED
        return replace(
            reader,
            login=f"{reader.login}, written by {writer.login}",
            firmware=reader.firmware or writer.firmware,
            may_write=writer.may_write,
            levers=writer.levers,
            writes_a_day=min(reader.writes_a_day, writer.writes_a_day),
            settling_time=max(reader.settling_time, writer.settling_time),
            shows=reader.shows | writer.shows,
            at_intervals={
                **reader.at_intervals,
                **{each: max(writer.at_intervals[each], pace) for each in self._of_writer()},
            },
            usage=writer.usage,
            caveats=reader.caveats | writer.caveats,
        )

    async def connect(self) -> None:
        await self._reader.connect()
        try:
            await self._writer.connect()
        except (CertificateUnconfirmed, LoginRefused):
            raise  # only a person can mend it
        except GatewayProblem as problem:
            self._told(str(problem))

    async def observe(self, endpoints: frozenset[Endpoint]) -> Observation:
        of_writer = endpoints & self._of_writer()
        seen = await self._reader.observe(endpoints - of_writer)
        if not of_writer:
            return seen
        try:
            beside = await self._writer.observe(of_writer)
        except GatewayProblem as problem:
            self._told(str(problem))
            return seen
        self._told("")
        return _beside(seen, beside, {each for some in of_writer for each in QUANTITIES[some]})

    async def apply(self, setting: Setting, found: Setting = NOTHING) -> None:
        await self._writer.apply(setting, found)

    async def write_back(self) -> None:
        await self._writer.write_back()

    def assume(self, *, may_write: bool | None) -> None:
        self._writer.assume(may_write=may_write)

    async def trust(self, certificate: str) -> None:
        await self._reader.trust(certificate)

    async def run_battery(self) -> None:
        await self._reader.run_battery()

    def leave_battery(self, seconds: float) -> None:
        self._reader.leave_battery(seconds)

    async def start_firmware_check(self) -> None:
        await self._reader.start_firmware_check()

    async def install_firmware(self) -> None:
        await self._reader.install_firmware()

    async def firmware_status(self) -> FirmwareStatus:
        return await self._reader.firmware_status()

    async def close(self) -> None:
        try:
            await self._writer.close()
        finally:
            await self._reader.close()

    def _of_writer(self) -> frozenset[Endpoint]:
        """What only the writer shows."""
        return self._writer.capabilities.endpoints - self._reader.capabilities.endpoints

    def _told(self, problem: str) -> None:
        """Say once why a part of the site is not read, and once that it is again."""
        if problem and problem != self._unread:
            self._on_note(NoteKind.READING_UNUSABLE, problem)
        elif self._unread and not problem:
            self._on_note(NoteKind.REACHABLE, "what only the writing route shows is read again")
        self._unread = problem


def _beside(seen: Observation, beside: Observation, of: set[Quantity]) -> Observation:
    """An observation with these quantities of another, each as old as it was measured."""
    found = {each.value: getattr(beside, each) for each in of if getattr(beside, each) is not None}
    measured = {Quantity(name): beside.measured(Quantity(name)) for name in found}
    late = {each: at for each, at in measured.items() if at is not None and at != seen.at}
    words = {each: word for each, word in (beside.unknown_words or {}).items() if each in of}
    return replace(
        seen,
        **found,
        earlier={**seen.earlier, **late},
        unknown_words={**(seen.unknown_words or {}), **words} or None,
    )
