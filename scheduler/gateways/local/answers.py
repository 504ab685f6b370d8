"""From the gateway's JSON to the fields of an observation. Pure.

Policy: a field that is missing, of the wrong type, an unknown word or beyond what a house can
show is `None`, never a guess. An unknown word is kept beside it, for people.
Raw percent becomes app percent here and nowhere later.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypedDict, TypeVar

from rules.calendar import parse_zone
from rules.domain import AppPercent, GridStatus, Mode, Quantity, RawPercent, app_from_raw
from scheduler.domain import FirmwareState, FirmwareStatus

PLAUSIBLE_WATTS = 1_000_000.0
LONGEST_WORDS = 80

PERCENT_EXCESS = 0.5
"""Gateways round: a full battery reads up to this much over 100 raw percent, and is full."""

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
_Word = TypeVar("_Word", bound=StrEnum)


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
        "site_power": _power(document.get("site")),
        "battery_power": _power(document.get("battery")),
        "load_power": _power(document.get("load")),
        "solar_power": _power(document.get("solar")),
    }


def parse_grid_status(document: Document) -> Fields:
    """`/api/system_status/grid_status`. Firmware 1.15 says nothing of grid services."""
    said = document.get("grid_status")
    grid = _word(GridStatus, said)
    return {
        "grid": grid,
        "grid_services": _flag(document.get("grid_services_active")),
        "unknown_words": _unknown(Quantity.GRID, grid, said),
    }


def parse_operation(document: Document) -> Fields:
    """`/api/operation`. The mode is under `mode` on old firmware, `real_mode` on new."""
    said = document.get("real_mode", document.get("mode"))
    mode = _word(Mode, said)
    return {
        "mode": mode,
        "reserve": _app_percent(document.get("backup_reserve_percent")),
        "unknown_words": _unknown(Quantity.MODE, mode, said),
    }


def beyond_scale(document: Document) -> tuple[str, float] | None:
    """A percent that is none: what it is of, in words, and the number as the gateway shows it."""
    for key, what in _PERCENTS.items():
        number = _number(document.get(key))
        if number is not None and not _is_percent(number):
            return what, number
    return None


def parse_sitemaster(document: Document) -> Fields:
    """`/api/sitemaster`."""
    return {"running": _flag(document.get("running"))}


def parse_status(document: Document) -> Fields:
    """`/api/status`. The version is kept as the gateway writes it, build hash included."""
    return {"firmware": words(document.get("version")) or None}


def parse_started(document: Document) -> str | None:
    """When the gateway was started, as `/api/status` says it."""
    return words(document.get("start_time")) or None


def parse_timezone(document: Document) -> str | None:
    """The IANA name in `/api/site_info`, where it is one."""
    try:
        return parse_zone(document.get("timezone")).key
    except ValueError:
        return None


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


def words(value: object) -> str:
    """The gateway's text, fit for a log: one line, printable, shortened; "" for anything else."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in value[:4096]).split())
    return line if len(line) <= LONGEST_WORDS else f"{line[: LONGEST_WORDS - 1]}…"


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
    now = _number(document.get("current_time"))
    moved = _number(document.get("last_download_status_time"))
    return now is not None and moved is not None and moved > 0 and now - moved > STALLED_AFTER_MS


def _number(value: object) -> float | None:
    """A number, possibly infinite or not a number: the ranges of the callers leave those out."""
    # isinstance would take True for 1.
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]


def _app_percent(value: object) -> AppPercent | None:
    number = _number(value)
    if number is None or not _is_percent(number):
        return None
    return app_from_raw(RawPercent(min(max(number, 0.0), 100.0)))


def _is_percent(number: float) -> bool:
    return -PERCENT_EXCESS <= number <= 100.0 + PERCENT_EXCESS


def _power(meter: object) -> float | None:
    if not isinstance(meter, dict):
        return None
    number = _number(meter.get("instant_power"))
    return number if number is not None and abs(number) <= PLAUSIBLE_WATTS else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _word(kind: type[_Word], value: object) -> _Word | None:
    try:
        return kind(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _unknown(quantity: Quantity, known: StrEnum | None, said: object) -> dict[Quantity, str]:
    """The gateway's word for a quantity, where it said one that is none of ours."""
    return {quantity: words(said)} if known is None and words(said) else {}
