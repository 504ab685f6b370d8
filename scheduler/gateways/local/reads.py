"""What this program reads of the gateway's own API, by whichever route it comes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from scheduler.domain import Endpoint, NoteKind
from scheduler.gateways import OnNote
from scheduler.gateways.local.answers import (
    Document,
    Fields,
    beyond_scale,
    parse_aggregates,
    parse_grid_status,
    parse_operation,
    parse_sitemaster,
    parse_soe,
    parse_status,
)
from scheduler.gateways.local.transport import (
    AGGREGATES,
    GRID_STATUS,
    OPERATION,
    SITEMASTER,
    SOE,
    STATUS,
)

READS: Final[Mapping[Endpoint, tuple[str, Callable[[Document], Fields]]]] = MappingProxyType(
    {
        Endpoint.SOE: (SOE, parse_soe),
        Endpoint.METERS: (AGGREGATES, parse_aggregates),
        Endpoint.GRID: (GRID_STATUS, parse_grid_status),
        Endpoint.OPERATION: (OPERATION, parse_operation),
        Endpoint.SITEMASTER: (SITEMASTER, parse_sitemaster),
        Endpoint.STATUS: (STATUS, parse_status),
    }
)
"""The path of each endpoint, and what its answer is read with, in the order of the requests."""


class ScaleWatch:
    """Tells of a percent beyond the scale: once for each endpoint, until it is back."""

    def __init__(self, on_note: OnNote) -> None:
        self._on_note = on_note
        self._beyond: frozenset[Endpoint] = frozenset()

    def look(self, endpoint: Endpoint, document: Document) -> None:
        """See whether the answer shows one."""
        found = beyond_scale(document)
        if found is None:
            self._beyond -= {endpoint}
        elif endpoint not in self._beyond:
            self._beyond |= {endpoint}
            what, number = found
            self._on_note(
                NoteKind.READING_UNUSABLE,
                f"the gateway shows a {what} of {number:g} on its scale of 0 to 100: "
                "it counts as unknown until it is back",
            )
