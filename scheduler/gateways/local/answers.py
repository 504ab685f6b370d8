"""From the gateway's JSON to the fields of an observation. Pure.

Policy: a field that is missing, of the wrong type, an unknown word or beyond what a house can
show is `None`, never a guess. An unknown word is kept beside it, for people.
Raw percent becomes app percent here and nowhere later.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypedDict

from rules.domain import AppPercent, GridStatus, Mode, Quantity, RawPercent, app_from_raw
from scheduler.domain import FirmwareState, FirmwareStatus
from scheduler.gateways import (
    flag,
    is_percent,
    known_word,
    number,
    percent,
    power,
    unknown_word,
    words,
    zone_name,
)

_PERCENTS = MappingProxyType({"percentage": "state of energy", "backup_reserve_percent": "reserve"})

STALLED_AFTER_MS = 60_000
"""The gateway's own web page gives up on a download that has not moved for so long."""

_FIRMWARE_STATES = MappingProxyType(
    {
        "/update_unknown": FirmwareState.IDLE,
        "/clear_update_status": FirmwareState.CHECKING,
        "/download": FirmwareState.DOWNLOADING,
        "/update_downloaded": FirmwareState.DOWNLOADING,
        "/update_staged": FirmwareState.STAGED,
        "/update_succeeded": FirmwareState.NOTHING_NEWER,
        "/update_failed": FirmwareState.FAILED,
    }
)

Document = Mapping[str, object]


class Fields(TypedDict, total=False):
    """The fields of an `Observation` that one answer gives."""

    soe: AppPercent | None
    site_power: float | None
    battery_power: float | None
    load_power: float | None
    solar_power: float | None
    grid: GridStatus | None
    grid_services: bool | None
    mode: Mode | None
    reserve: AppPercent | None
    running: bool | None
    firmware: str | None
    unknown_words: Mapping[Quantity, str] | None


def parse_soe(document: Document) -> Fields:
    """`/api/system_status/soe`."""
    return {"soe": _app_percent(document.get("percentage"))}


def parse_aggregates(document: Document) -> Fields:
    """`/api/meters/aggregates`. A home without solar has no solar meter, hence no solar power."""
    return {
        "site_power": _meter_power(document.get("site")),
        "battery_power": _meter_power(document.get("battery")),
        "load_power": _meter_power(document.get("load")),
        "solar_power": _meter_power(document.get("solar")),
    }


def parse_grid_status(document: Document) -> Fields:
    """`/api/system_status/grid_status`. Firmware 1.15 says nothing of grid services."""
    said = document.get("grid_status")
    grid = known_word(GridStatus, said)
    return {
        "grid": grid,
        "grid_services": flag(document.get("grid_services_active")),
        "unknown_words": unknown_word(Quantity.GRID, grid, said),
    }


def parse_operation(document: Document) -> Fields:
    """`/api/operation`. The mode is under `mode` on old firmware, `real_mode` on new."""
    said = document.get("real_mode", document.get("mode"))
    mode = known_word(Mode, said)
    return {
        "mode": mode,
        "reserve": _app_percent(document.get("backup_reserve_percent")),
        "unknown_words": unknown_word(Quantity.MODE, mode, said),
    }


def beyond_scale(document: Document) -> tuple[str, float] | None:
    """A percent that is none: what it is of, in words, and the number as the gateway shows it."""
    for key, what in _PERCENTS.items():
        found = number(document.get(key))
        if found is not None and not is_percent(found):
            return what, found
    return None


def parse_sitemaster(document: Document) -> Fields:
    """`/api/sitemaster`."""
    return {"running": flag(document.get("running"))}


def parse_status(document: Document) -> Fields:
    """`/api/status`. The version is kept as the gateway writes it, build hash included."""
    return {"firmware": words(document.get("version")) or None}


def parse_started(document: Document) -> str | None:
    """When the gateway was started, as `/api/status` says it."""
    return words(document.get("start_time")) or None


def parse_timezone(document: Document) -> str | None:
    """The IANA name in `/api/site_info`, where it is one."""
    return zone_name(document.get("timezone"))


def parse_update_status(document: Document) -> FirmwareStatus:
    """`/api/system/update/status`, read as the gateway's own web page reads it.

    Gateways idle on `/update_unknown`. With the word `nonactionable` that, and `/update_failed`,
    mean no more than that there is nothing newer; the word `error` means no connection.
    """
    state = words(document.get("state"))
    info = document.get("info")
    listed = info.get("status") if isinstance(info, dict) else None
    word = words(listed[0]) if isinstance(listed, list) and listed else ""
    raw = f"{state} {word}".strip() or "no usable answer"
    if word == "error":
        raw += " (the gateway has no connection to Tesla's update server)"
    return FirmwareStatus(
        state=_firmware_state(state, word, document),
        version=words(document.get("version")) or None,
        raw=raw,
    )


def _firmware_state(state: str, word: str, document: Document) -> FirmwareState:
    if word == "error":
        return FirmwareState.FAILED
    if word == "nonactionable" and state in ("/update_unknown", "/update_failed"):
        return FirmwareState.NOTHING_NEWER
    if state == "/download" and _stands_still(document):
        return FirmwareState.STALLED
    return _FIRMWARE_STATES.get(state, FirmwareState.UNKNOWN)


def _stands_still(document: Document) -> bool:
    """A download last moved more than a minute ago, by the gateway's own clock."""
    now = number(document.get("current_time"))
    moved = number(document.get("last_download_status_time"))
    return now is not None and moved is not None and moved > 0 and now - moved > STALLED_AFTER_MS


def _app_percent(value: object) -> AppPercent | None:
    raw = percent(value)
    return None if raw is None else app_from_raw(RawPercent(raw))


def _meter_power(meter: object) -> float | None:
    return power(meter.get("instant_power")) if isinstance(meter, dict) else None
