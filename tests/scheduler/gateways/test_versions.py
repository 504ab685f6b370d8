from __future__ import annotations

import pytest

from scheduler.gateways.versions import Version, parse_version


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
