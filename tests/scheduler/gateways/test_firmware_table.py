from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import pytest

from rules.domain import Mode
from scheduler.gateways import (
    GENERATIONS,
    WIDEST_LEVERS,
    Fact,
    Generation,
    Version,
    generation_of,
    levers_of,
    login_may_stop_battery,
    mode_key,
    parse_version,
)
from scheduler.simulator import PROFILES

OLD = {Mode.SELF_CONSUMPTION, Mode.BACKUP}
ALL = OLD | {Mode.AUTONOMOUS}


def facts_in(generation: Generation) -> dict[str, Fact[object]]:
    cells = {each.name: getattr(generation, each.name) for each in fields(generation)}
    return {name: cell for name, cell in cells.items() if isinstance(cell, Fact)}


@pytest.mark.parametrize(
    ("text", "key", "modes", "ceiling"),
    [
        # firmware      POST key     modes reserves up to
        ("1.9.0",       "mode",      OLD,  100),
        ("1.15.0",      "mode",      OLD,  100),
        ("1.20.9",      "mode",      OLD,  100),
        ("1.21.0",      "real_mode", OLD,  100),
        ("1.22.1",      "real_mode", OLD,  100),
        ("1.23.0",      "real_mode", OLD,  100),
        ("1.49.0",      "real_mode", OLD,  100),
        ("21.44",       "real_mode", OLD,  100),
        ("23.28.2",     "real_mode", ALL,  100),
        ("25.18.3",     "real_mode", ALL,  100),
        ("25.18.4",     "real_mode", ALL,  80),
        ("26.34.0",     "real_mode", ALL,  80),
        (None,          "real_mode", OLD,  80),
    ],
)  # fmt: skip
def test_what_a_firmware_takes(text: str | None, key: str, modes: set[Mode], ceiling: int) -> None:
    version = parse_version(text)
    assert mode_key(version) == key
    assert levers_of(version).modes == modes
    assert levers_of(version).reserve_ceiling == ceiling


@pytest.mark.parametrize(
    ("text", "transport", "login"),
    [
        ("1.15.0", "plain http", "it stops the battery"),
        ("1.16.9", "plain http", "it stops the battery"),
        ("1.18.0", "plain http", "only by asking for the battery to be stopped"),
        ("1.20.0", "https", "only by asking for the battery to be stopped"),
        ("1.21.0", "https", "unattended"),
        ("1.49.0", "https", "unattended"),
        ("1.50.1", "https", "only with somebody at the battery's switch"),
        ("26.18.3", "https", "only with somebody at the battery's switch"),
    ],
)
def test_how_one_gets_in(text: str, transport: str, login: str) -> None:
    version = parse_version(text)
    assert version is not None
    found = generation_of(version)
    assert (found.transport.value, found.login.value) == (transport, login)


def test_what_any_firmware_takes() -> None:
    assert WIDEST_LEVERS.modes == ALL
    assert WIDEST_LEVERS.reserve_ceiling == 100


def test_the_table_is_in_order() -> None:
    assert all(older.since < newer.since for older, newer in pairwise(GENERATIONS))


@pytest.mark.parametrize("generation", GENERATIONS, ids=lambda each: str(each.since))
def test_each_cell_has_a_source_or_says_that_it_is_assumed(generation: Generation) -> None:
    cells = facts_in(generation)
    assert len(cells) == len(fields(Generation)) - 1
    assert [name for name, cell in cells.items() if not (cell.sources or cell.assumed)] == []


@pytest.mark.parametrize("name", PROFILES)
def test_the_simulated_gateway_is_made_of_the_table(name: str) -> None:
    profile = PROFILES[name]
    version = parse_version(profile.version)
    assert isinstance(version, Version)
    levers = levers_of(version)
    assert (profile.modes, profile.reserve_ceiling) == (levers.modes, levers.reserve_ceiling)
    assert profile.mode_key == mode_key(version)


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("1.15.0\n", True),
        ("1.49.0", True),
        ("1.50.1 c58c2df3", False),
        ("21.44", False),
        ("", True),
    ],
)
def test_where_a_login_may_stop_the_battery(text: str, may: bool) -> None:
    assert login_may_stop_battery(parse_version(text)) is may
