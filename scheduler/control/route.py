"""What the route to one site's gateway allows, journaled each time it changes.

What an earlier run found out by writing is taken over for the same firmware and the same login, so
that a restart is no reason to write. A refusal stands for `REFUSAL_STANDS`; then nothing is known
again and the next write tries, since an owner may have been given more rights meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.calendar import parse_zone
from rules.resolve import Levers
from scheduler.control.actions import Assume
from scheduler.domain import Capabilities, CapabilityRecord, NoteKind, NoteRecord, levers_to_json

REFUSAL_STANDS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Route:
    """What is journaled of the route, since when it refuses writes, and which zones were reported.

    `levers` are those of what is `known`.
    """

    known: CapabilityRecord | None = None
    levers: Levers | None = None
    refused_at: datetime | None = None
    reported_zones: tuple[str, str] | None = None

    def shifted(self, by: timedelta) -> Route:
        """The same, on a wall clock that was set."""
        return replace(self, refused_at=self.refused_at and self.refused_at + by)


@dataclass(frozen=True, slots=True)
class RouteCheck:
    """What one check of the route came to."""

    route: Route
    records: tuple[CapabilityRecord | NoteRecord, ...] = ()
    assume: Assume | None = None


def at_contact(route: Route, found: Capabilities, now: datetime) -> RouteCheck:
    """Take over what an earlier run knew of the same firmware and login."""
    known = route.known
    if known is None or (known.firmware, known.login) != (found.firmware, found.login):
        return RouteCheck(route)
    refused_lately = known.may_write is False and abs(now - known.at) < REFUSAL_STANDS
    route = replace(route, refused_at=known.at if refused_lately else None)
    if known.may_write or refused_lately:
        return RouteCheck(route, (), Assume(known.may_write))
    return RouteCheck(route)


def check(route: Route, found: Capabilities, zone: ZoneInfo, now: datetime) -> RouteCheck:
    """Record what has changed since the last check; `zone` is the rules' own."""
    route, assume = _let_refusal_lapse(route, found, now)
    if assume is not None:
        found = replace(found, may_write=assume.may_write)
    records: tuple[CapabilityRecord | NoteRecord, ...] = ()
    if found.firmware is not None and not _is_known(route, found):
        record = _record(found, now)
        records = (record, *_firmware_changed(route.known, record))
        route = replace(route, known=record, levers=found.levers)
    zones = None if found.timezone is None else (found.timezone, zone.key)
    if zones is not None and zones != route.reported_zones:
        route = replace(route, reported_zones=zones)
        records += _zones_differ(zones[0], zone, now)
    return RouteCheck(route, records, assume)


def _let_refusal_lapse(
    route: Route, found: Capabilities, now: datetime
) -> tuple[Route, Assume | None]:
    if found.may_write is not False:
        return (route if route.refused_at is None else replace(route, refused_at=None)), None
    if route.refused_at is None:
        return replace(route, refused_at=now), None
    if abs(now - route.refused_at) < REFUSAL_STANDS:
        return route, None
    return replace(route, refused_at=None), Assume(None)


def _is_known(route: Route, found: Capabilities) -> bool:
    """Nothing is different from what is journaled."""
    known = route.known
    return known is not None and (
        route.levers,
        known.firmware,
        known.login,
        known.may_write,
        known.may_check_firmware,
        known.may_install_firmware,
        known.started,
    ) == (
        found.levers,
        found.firmware,
        found.login,
        found.may_write,
        found.may_check_firmware,
        found.may_install_firmware,
        found.started,
    )


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


def _firmware_changed(
    known: CapabilityRecord | None, record: CapabilityRecord
) -> tuple[NoteRecord, ...]:
    if known is None or known.firmware == record.firmware:
        return ()
    text = f"firmware {known.firmware} became {record.firmware}"
    return (NoteRecord(record.at, NoteKind.FIRMWARE_CHANGED, text),)


def _zones_differ(name: str, zone: ZoneInfo, now: datetime) -> tuple[NoteRecord, ...]:
    if now.astimezone(parse_zone(name)).utcoffset() == now.astimezone(zone).utcoffset():
        return ()
    text = f"the gateway is set to {name}, the rules to {zone.key}: the rules' zone is used"
    return (NoteRecord(now, NoteKind.ZONES_DIFFER, text),)
