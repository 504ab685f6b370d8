"""What the route to one site's gateway allows, journaled each time it changes.

What an earlier run found out by writing is taken over for the same firmware and the same login, so
that a restart is no reason to write. A refusal stands for `REFUSAL_STANDS`; then nothing is known
again and the next write tries, since an owner may have been given more rights meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.zones import parse_zone
from scheduler.domain import Capabilities, CapabilityRecord
from scheduler.gateways.protocol import Gateway
from scheduler.journal.given import levers_to_json
from scheduler.recording import Recorder

REFUSAL_STANDS = timedelta(hours=24)


class Route:
    """Follows the capabilities of one site's gateway."""

    def __init__(self, recorder: Recorder, gateway: Gateway) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._known: CapabilityRecord | None = None
        self._refused_at: datetime | None = None
        self._told_zone: tuple[str, str] | None = None

    async def take_up(self, zone: ZoneInfo, now: datetime) -> None:
        """Go on from what the journal knows, and record what is new."""
        known = self._known = await self._recorder.last_capability()
        found = self._gateway.capabilities
        if known is not None and (known.firmware, known.login) == (found.firmware, found.login):
            refused_lately = known.may_write is False and abs(now - known.at) < REFUSAL_STANDS
            if known.may_write or refused_lately:
                self._gateway.assume(may_write=known.may_write)
            self._refused_at = known.at if refused_lately else None
        await self.look(zone, now)

    async def look(self, zone: ZoneInfo, now: datetime) -> None:
        """Record what has changed since the last look; `zone` is the rules' own."""
        self._let_refusals_lapse(now)
        found, known = _record(self._gateway.capabilities, now), self._known
        if found.firmware is not None and (known is None or replace(known, at=now) != found):
            await self._recorder.capable(found)
            self._known = found
            if known is not None and known.firmware != found.firmware:
                text = f"firmware {known.firmware} became {found.firmware}"
                await self._recorder.note(now, "firmware_changed", text)
        await self._compare_zone(zone, now)

    def _let_refusals_lapse(self, now: datetime) -> None:
        if self._gateway.capabilities.may_write is not False:
            self._refused_at = None
        elif self._refused_at is None:
            self._refused_at = now
        elif abs(now - self._refused_at) >= REFUSAL_STANDS:
            self._gateway.assume(may_write=None)
            self._refused_at = None

    async def _compare_zone(self, zone: ZoneInfo, now: datetime) -> None:
        name = self._gateway.capabilities.timezone
        if name is None or (name, zone.key) == self._told_zone:
            return
        self._told_zone = (name, zone.key)
        if now.astimezone(parse_zone(name)).utcoffset() != now.astimezone(zone).utcoffset():
            text = f"the gateway is set to {name}, the rules to {zone.key}: the rules' zone is used"
            await self._recorder.note(now, "zones_differ", text)


def _record(found: Capabilities, now: datetime) -> CapabilityRecord:
    return CapabilityRecord(
        now,
        found.firmware,
        found.login,
        found.may_write,
        found.may_check_firmware,
        found.may_install_firmware,
        levers_to_json(found.levers),
        found.started,
    )
