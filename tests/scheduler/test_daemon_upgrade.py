"""A journal that an earlier release wrote, gone on with by this one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from house import AFTERNOON, EVERYDAY, FULL, House, local

REVISIONS = sorted((Path(__file__).parent / "journal" / "revisions").glob("*.sql"))
RULES = (
    AFTERNOON
    + """
[[rule]]
name = "firmware before the peak"
when = { at = "13:50" }
do = "firmware-check"
"""
)


@pytest.mark.parametrize("revision", REVISIONS, ids=lambda path: path.stem)
def test_the_daemon_goes_on_where_the_earlier_release_was(tmp_path: Path, revision: Path) -> None:
    house = House(tmp_path, RULES, local(7, 15, "14:26"))
    with closing(sqlite3.connect(house.path)) as connection:
        connection.executescript(revision.read_text(encoding="utf-8"))
    earlier = len(house.actions)
    house.gateway.set_in_app(FULL)  # as that release left it
    house.play(local(7, 15, "15:00"))
    assert house.setting == FULL
    assert house.rows("SELECT count(*) FROM event WHERE state = 'fired'") == [(1,)]
    house.play(local(7, 15, "16:05"))
    assert [action.wanted for action in house.actions[earlier:]] == [EVERYDAY]
    assert house.outcomes()[earlier:] == ["held"]
