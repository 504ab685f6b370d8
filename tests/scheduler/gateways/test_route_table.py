"""What each route can do with which hardware on which firmware."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rules.domain import Export, Mode
from scheduler.domain import Caveat
from scheduler.gateways import (
    GENERATIONS,
    WAYS,
    Evidence,
    Fact,
    Hardware,
    HighReserve,
    Route,
    Way,
    caveats_of,
    high_reserve_of,
    levers_of,
    levers_of_route,
    parse_version,
    settling_of,
    tariff_may_win,
    way_of,
)

GATEWAY1, GATEWAY2 = Hardware.POWERWALL2_GATEWAY1, Hardware.POWERWALL2_GATEWAY2
PLUS, THREE = Hardware.POWERWALL_PLUS, Hardware.POWERWALL3
LOCAL, SIGNED, FLEET = Route.LOCAL, Route.SIGNED, Route.FLEET
TARIFF, APP = {Caveat.TARIFF_MAY_WIN}, {Caveat.DONE_BY_THE_APP}
EVERY_WAY = [
    pytest.param(way, id=f"{route.value}, {hardware.value}, {'.'.join(map(str, way.since[:3]))}")
    for route, by_hardware in WAYS.items()
    for hardware, ways in by_hardware.items()
    for way in ways
]


@pytest.mark.parametrize(
    ("route", "hardware", "firmware", "ceiling", "caveats"),
    [
        (FLEET, None, "25.18.3", 100, set()),
        (FLEET, None, "25.18.4", 80, set()),
        (FLEET, None, "26.1.9", 80, set()),
        (FLEET, None, "26.2", 80, TARIFF),
        (FLEET, THREE, "26.10.3", 80, TARIFF),
        (FLEET, None, "26.34.0", 80, TARIFF),
        (FLEET, None, None, 80, set()),
        (SIGNED, THREE, "26.2.1", 80, TARIFF),
        (SIGNED, THREE, "26.10.2", 80, TARIFF),
        (SIGNED, THREE, "26.10.3", 100, TARIFF | APP),
        (SIGNED, THREE, "26.10.4", 100, TARIFF | APP),
        (SIGNED, THREE, "26.18.0", 100, TARIFF | APP),
        (SIGNED, THREE, "26.18.1", 100, TARIFF),
        (SIGNED, GATEWAY1, "26.10.4", 100, TARIFF | APP),
        (SIGNED, GATEWAY1, "26.18.3", 100, TARIFF),
        (SIGNED, GATEWAY2, "26.26.4", 100, TARIFF),
        (SIGNED, None, "26.10.4", 100, TARIFF | APP),
        (SIGNED, None, "26.18.1", 100, TARIFF),
        (SIGNED, None, None, 80, set()),
        (LOCAL, None, "21.44", 100, set()),
        (LOCAL, GATEWAY2, "26.10.4", 80, TARIFF),
    ],
)
def test_reserves_and_what_keeps_a_setting_from_showing(
    route: Route,
    hardware: Hardware | None,
    firmware: str | None,
    ceiling: int,
    caveats: set[Caveat],
) -> None:
    version = parse_version(firmware)
    assert levers_of_route(route, hardware, version).reserve_ceiling == ceiling
    assert caveats_of(route, hardware, version) == caveats


@pytest.mark.parametrize(
    ("firmware", "becomes"),
    [
        ("25.18.3", HighReserve.TAKEN),
        ("25.18.4", HighReserve.REFUSED),
        ("26.10.2", HighReserve.REFUSED),
        ("26.10.3", HighReserve.SNAPPED),
        (None, HighReserve.SNAPPED),
    ],
)
def test_what_the_cloud_makes_of_a_high_reserve(firmware: str | None, becomes: HighReserve) -> None:
    assert high_reserve_of(FLEET, None, parse_version(firmware)) is becomes


@pytest.mark.parametrize("hardware", [None, *Hardware])
def test_the_parts_that_can_be_set(hardware: Hardware | None) -> None:
    version = parse_version("26.26.4")
    cloud = levers_of_route(FLEET, hardware, version)
    assert (cloud.modes, cloud.together) == (frozenset(Mode), frozenset())
    assert (cloud.grid_charging, cloud.export) == ({True, False}, frozenset(Export))
    signed = levers_of_route(SIGNED, hardware, version)
    assert (signed.grid_charging, signed.export) == ({True, False}, frozenset(Export))
    assert signed.together == frozenset()
    assert Mode.AUTONOMOUS not in signed.modes
    at_home = levers_of_route(LOCAL, hardware, version)
    assert (at_home.grid_charging, at_home.export) == (frozenset(), frozenset())
    assert bool(at_home.modes) is (hardware is not THREE)


@pytest.mark.parametrize("hardware", [None, GATEWAY1, GATEWAY2])
def test_of_the_local_api_it_says_what_the_table_of_firmware_says(
    hardware: Hardware | None,
) -> None:
    for version in (*(each.since for each in GENERATIONS), parse_version("26.34.0")):
        assert levers_of_route(LOCAL, hardware, version) == levers_of(version)
    assert levers_of_route(LOCAL, hardware, None) == levers_of(None)


@pytest.mark.parametrize(
    ("hardware", "firmware", "holds"),
    [
        (THREE, "26.26.4", True),
        (THREE, "26.26.11", True),
        (THREE, "26.26.3", False),
        (GATEWAY1, "26.34.0", False),
        (GATEWAY2, "26.34.0", False),
        (PLUS, "26.34.0", False),
    ],
)
def test_an_order_to_rest_only_where_it_is_told_of(
    hardware: Hardware, firmware: str, holds: bool
) -> None:
    version = parse_version(firmware)
    assert version is not None
    assert way_of(SIGNED, hardware, version).hold.value is holds
    assert not way_of(FLEET, hardware, version).hold.value


def test_the_cloud_takes_its_time() -> None:
    assert settling_of(FLEET, None, None) == 900.0
    assert settling_of(SIGNED, None, None) == 120.0


@pytest.mark.parametrize(("text", "may"), [("26.1.9", False), ("26.2", True), ("26.34.0", True)])
def test_from_when_on_a_tariff_may_win(text: str, may: bool) -> None:
    version = parse_version(text)
    assert version is not None
    assert tariff_may_win(version) is may


def test_every_route_has_every_hardware_in_order_of_firmware() -> None:
    assert set(WAYS) == set(Route)
    for by_hardware in WAYS.values():
        assert set(by_hardware) == set(Hardware)
        for ways in by_hardware.values():
            assert all(older.since < newer.since for older, newer in pairwise(ways))


@pytest.mark.parametrize("way", EVERY_WAY)
def test_each_cell_says_how_it_is_known_and_nothing_was_tried(way: Way) -> None:
    assert len(way.cells) == 13
    for cell in way.cells.values():
        assert cell.sources or cell.assumed
        assert cell.evidence is (Evidence.UNKNOWN if cell.assumed else Evidence.REPORTED)


def test_a_cell_that_was_tried_is_known_by_that() -> None:
    assert Fact(1, assumed="so it was before", tried=True).evidence is Evidence.TRIED
    assert Fact(1).evidence is Evidence.UNKNOWN


@pytest.mark.parametrize(
    ("route", "hardware", "firmware", "cell"),
    [
        (SIGNED, GATEWAY2, "26.26.4", "writing"),
        (SIGNED, PLUS, "26.34.0", "reading"),
        (SIGNED, PLUS, "26.34.0", "writing"),
        (SIGNED, GATEWAY1, "26.10.4", "writing"),
        (SIGNED, THREE, "26.11.0", "writing"),
        (LOCAL, PLUS, "26.34.0", "writing"),
    ],
)
def test_what_nobody_tells_of_is_called_unknown(
    route: Route, hardware: Hardware, firmware: str, cell: str
) -> None:
    version = parse_version(firmware)
    found = [way for way in WAYS[route][hardware] if version is not None and way.since <= version]
    assert found[-1].cells[cell].evidence is Evidence.UNKNOWN
