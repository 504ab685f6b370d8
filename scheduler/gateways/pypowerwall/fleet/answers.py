"""From the Fleet API's documents to the fields of an observation. Pure.

Policy: as of every route, a value that cannot be used is missing. Percentages are the app's
already. The cloud may show what a gateway said some time ago, so `live_status` says when that was.
Shapes: pypowerwall's docstrings, and developer.tesla.com, energy endpoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Quantity
from scheduler.gateways import (
    flag,
    instant,
    known_word,
    percent,
    power,
    unknown_word,
    words,
    zone_name,
)

STALE_AFTER: Final = timedelta(seconds=60)
"""What is older than this was not measured for us; less is how clocks differ."""

_ON_GRID: Final = frozenset({"on_grid"})
_OFF_GRID: Final = frozenset({"off_grid", "off_grid_intentional", "off_grid_unintentional"})

Document = Mapping[str, object]


def parse_live_status(document: Document, at: datetime) -> Observation:
    """`live_status`, as of `at`. It does not tell whether the battery runs."""
    grid, words_of_grid = _grid(document)
    soe = percent(document.get("percentage_charged"))
    measured = instant(document.get("timestamp"))
    observation = Observation(
        at,
        soe=None if soe is None else AppPercent(soe),
        site_power=power(document.get("grid_power")),
        battery_power=power(document.get("battery_power")),
        load_power=power(document.get("load_power")),
        solar_power=power(document.get("solar_power")),
        grid=grid,
        grid_services=flag(document.get("grid_services_active")),
        storm_watch=flag(document.get("storm_mode_active")),
        unknown_words=words_of_grid or None,
    )
    if measured is None or at - measured < STALE_AFTER:
        return observation
    return Observation(
        **{each.value: getattr(observation, each) for each in Quantity},
        at=at,
        earlier={each: measured for each in Quantity if getattr(observation, each) is not None},
        unknown_words=observation.unknown_words,
    )


def parse_site_info(document: Document, at: datetime) -> Observation:
    """`site_info`, as of `at`: the setting as the cloud has it, and the firmware.

    What is not said of charging and export is permitted, as pypowerwall reads it.
    """
    said = document.get("default_real_mode")
    mode = known_word(Mode, said)
    reserve = percent(document.get("backup_reserve_percent"))
    components = document.get("components")
    may_charge, export = permissions(components) if isinstance(components, dict) else (None, None)
    return Observation(
        at,
        mode=mode,
        reserve=None if reserve is None else AppPercent(reserve),
        grid_charging=may_charge,
        export=export,
        firmware=words(document.get("version")) or None,
        unknown_words=unknown_word(Quantity.MODE, mode, said) or None,
    )


def parse_zone_of(document: Document) -> str | None:
    """The IANA name of the zone in `site_info`."""
    return zone_name(document.get("installation_time_zone"))


def energy_sites(products: object) -> tuple[str, ...]:
    """The ids of the sites with a battery among an account's products, which may be cars."""
    if not isinstance(products, list):
        return ()
    found = (each.get("energy_site_id") for each in products if isinstance(each, dict))
    return tuple(str(each) for each in found if type(each) in (int, str))


def permissions(components: Mapping[str, object]) -> tuple[bool | None, Export | None]:
    """Grid charging and export, in the words that the gateway's configuration has for them too."""
    disallowed = components.get("disallow_charge_from_grid_with_solar_installed", False)
    may_charge = not disallowed if isinstance(disallowed, bool) else None
    if components.get("non_export_configured") is True:
        return may_charge, Export.NEVER
    rule = components.get("customer_preferred_export_rule") or Export.BATTERY.value
    return may_charge, known_word(Export, rule)


def _grid(document: Document) -> tuple[GridStatus | None, dict[Quantity, str]]:
    """The cloud has two words for the grid; where they contradict each other, neither counts."""
    grid, island = words(document.get("grid_status")), words(document.get("island_status"))
    said = ", ".join(each for each in (island, grid) if each)
    if island in _ON_GRID:
        found = None if grid == "Inactive" else GridStatus.CONNECTED
    elif island in _OFF_GRID:
        found = GridStatus.ISLANDED
    elif island in {"", "island_status_unknown"} and grid in {"Active", "Inactive"}:
        found = GridStatus.CONNECTED if grid == "Active" else GridStatus.ISLANDED
    else:
        found = None
    return found, unknown_word(Quantity.GRID, found, said)
