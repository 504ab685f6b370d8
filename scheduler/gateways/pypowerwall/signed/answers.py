"""From what a gateway answers to something signed, to the fields of an observation.

The messages are the library's own, as it declares them; what is in them is read strictly here.
Percentages of the configuration are raw.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from rules.domain import AppPercent, Export, Mode, Part, Quantity, Setting, raw_from_app
from scheduler.gateways import number, strict_object, words, zone_name
from scheduler.gateways.local.answers import parse_operation
from scheduler.gateways.pypowerwall.fleet.answers import permissions
from scheduler.gateways.pypowerwall.library import importing

MODE: Final = "default_real_mode"
SITE: Final = "site_info"
RESERVE: Final = "backup_reserve_percent"
NO_GRID_CHARGING: Final = "disallow_charge_from_grid_with_solar_installed"
EXPORT: Final = "customer_preferred_export_rule"

NO_FAULT: Final = "MESSAGEFAULT_ERROR_NONE"
UNREADABLE: Final = "unreadable"

_DIN: Final = re.compile(r"[A-Za-z0-9-]{3,100}", re.ASCII)

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer out of its envelope.

    `fault` is why the gateway did not look at the request, in the protocol's word, or that there
    was none. `problem` is why it did not do it. `replaced`: it says that it stored a file.
    """

    fault: str = NO_FAULT
    verified: bool = True
    problem: str = ""
    config: Document = field(default_factory=dict, repr=False)
    replaced: bool = False

    @property
    def ok(self) -> bool:
        """The request was understood and done."""
        return self.fault == NO_FAULT and self.verified and not self.problem


@dataclass(frozen=True, slots=True)
class Configured:
    """What the configuration says of the setting; what it does not say is missing."""

    mode: Mode | None
    reserve: AppPercent | None
    raw_reserve: float | None
    grid_charging: bool | None
    export: Export | None
    unknown_words: Mapping[Quantity, str] | None

    @property
    def whole(self) -> bool:
        """It shows what every configuration has."""
        return self.mode is not None and self.reserve is not None


def open_reply(content: bytes) -> Reply:
    """What is in an answer to something signed."""
    # They were reported as the whole answer and as what is in its envelope.
    if b"authorization not verified" in content.lower():
        return Reply(verified=False)
    messages = _messages()
    try:
        envelope = messages.RoutableMessage.FromString(content)
        inner = envelope.protobuf_message_as_bytes
        fault = envelope.signed_message_status.message_fault
        if fault:
            return Reply(fault=_name_of(fault))
        if not inner:
            return Reply(fault=UNREADABLE)
        said = messages.MessageEnvelope.FromString(inner)
    except Exception:  # noqa: BLE001 -- the library's decoder has errors of several kinds
        return Reply(fault=UNREADABLE)
    if said.HasField("common"):
        status = said.common.error_response.status
        return Reply(problem=words(status.message) or f"code {status.code}")
    if not said.HasField("filestore"):
        return Reply(fault=UNREADABLE)
    if said.filestore.HasField("readFileResponse"):
        return Reply(config=strict_object(said.filestore.readFileResponse.file.blob))
    return Reply(replaced=said.filestore.WhichOneof("message") in (None, "updateFileResponse"))


def is_harmless(content: bytes) -> bool:
    """What is about to be signed away reads or replaces a file, and does nothing else."""
    messages = _messages()
    try:
        envelope = messages.RoutableMessage.FromString(content)
        asked = messages.MessageEnvelope.FromString(envelope.protobuf_message_as_bytes)
    except Exception:  # noqa: BLE001 -- as above
        return False
    return bool(
        asked.WhichOneof("payload") == "filestore"
        and asked.filestore.WhichOneof("message") in ("readFileRequest", "updateFileRequest")
    )


def configured(config: Document) -> Configured:
    """The setting in a configuration."""
    site = config.get(SITE)
    site = site if isinstance(site, dict) else {}
    shown = parse_operation({"real_mode": config.get(MODE), RESERVE: site.get(RESERVE)})
    may_charge, export = permissions(site) if site else (None, None)
    return Configured(
        shown["mode"],
        shown["reserve"],
        number(site.get(RESERVE)),
        may_charge,
        export,
        shown["unknown_words"],
    )


def parse_zone_of(config: Document) -> str | None:
    """The IANA name of the zone in a configuration."""
    site = config.get(SITE)
    return zone_name(site.get("timezone")) if isinstance(site, dict) else None


def updates_for(setting: Setting) -> dict[str, object]:
    """The places of a setting's parts in the configuration, and what is to be there."""
    return {_PLACES[part]: _VALUES[part](value) for part, value in setting.present.items()}


_PLACES: Final[Mapping[Part, str]] = {
    Part.MODE: MODE,
    Part.RESERVE: f"{SITE}.{RESERVE}",
    Part.GRID_CHARGING: f"{SITE}.{NO_GRID_CHARGING}",
    Part.EXPORT: f"{SITE}.{EXPORT}",
}

_VALUES: Final[Mapping[Part, Any]] = {
    Part.MODE: lambda mode: mode.value,
    Part.RESERVE: lambda reserve: round(raw_from_app(AppPercent(reserve)), 4),
    Part.GRID_CHARGING: lambda may_charge: not may_charge,
    Part.EXPORT: lambda export: export.value,
}


def is_din(value: object) -> bool:
    """It can be the name of a gateway."""
    return isinstance(value, str) and _DIN.fullmatch(value) is not None


def _name_of(fault: int) -> str:
    try:
        return str(_messages().MessageFault_E.Name(fault))
    except ValueError:
        return f"fault {fault}"


@cache
def _messages() -> Any:  # noqa: ANN401 -- the library has no types
    with importing():
        from pypowerwall.tedapi.protobuf.V2024_06 import tedapi_combined_pb2
    return tedapi_combined_pb2
