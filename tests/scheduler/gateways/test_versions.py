from __future__ import annotations

import pytest

from rules.domain import Mode
from scheduler.gateways.versions import (
    Version,
    levers_of,
    login_may_stop_battery,
    mode_key,
    parse_version,
)

OLD = {Mode.SELF_CONSUMPTION, Mode.BACKUP}
ALL = OLD | {Mode.AUTONOMOUS}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.15.0\n", Version(1, 15, 0)),
        ("1.50.1 c58c2df3", Version(1, 50, 1)),
        ("21.44 223a56cd", Version(21, 44)),
        ("22.26.1-foxtrot 8a1bc2d3", Version(22, 26, 1)),
        ("23.4.2-1 fe55682a", Version(23, 4, 2, 1)),
        ("23.44.3-msa", Version(23, 44, 3)),
        ("23.44.3-1a", Version(23, 44, 3)),
        ("25.18.4", Version(25, 18, 4)),
        ("", None),
        (None, None),
        ("unknown", None),
        ("21", None),
        ("v21.44", None),
        ("21.44٣", Version(21, 44)),
    ],
)
def test_a_version_is_read(text: str | None, version: Version | None) -> None:
    assert parse_version(text) == version


def test_versions_are_in_the_order_of_their_release() -> None:
    texts = ["1.9.0", "1.15.0", "1.21", "20.49.0", "21.44", "23.4.2", "23.4.2-1", "25.18.4"]
    versions = [parse_version(text) for text in texts]
    assert versions == sorted(versions, key=lambda version: version or Version(0, 0))


@pytest.mark.parametrize(
    ("text", "key", "modes", "ceiling"),
    [
        # firmware      POST key     modes reserves up to
        ("1.15.0",      "mode",      OLD,  100),
        ("1.20.9",      "mode",      OLD,  100),
        ("1.21.0",      "real_mode", OLD,  100),
        ("1.22.1",      "real_mode", OLD,  100),
        ("1.23.0",      "real_mode", ALL,  100),
        ("21.44",       "real_mode", ALL,  100),
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
