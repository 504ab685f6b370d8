"""A setting is some of its parts."""

from __future__ import annotations

import pytest

from rules.domain import Export, Mode, Part, Setting

WHOLE = Setting(Mode.BACKUP, 0, grid_charging=False, export=Export.NEVER)


def test_the_parts_that_are_present() -> None:
    assert Setting().present == {}
    assert Setting().empty
    # Nothing and no are values like any other.
    assert WHOLE.present == {
        Part.MODE: Mode.BACKUP,
        Part.RESERVE: 0,
        Part.GRID_CHARGING: False,
        Part.EXPORT: Export.NEVER,
    }


@pytest.mark.parametrize("part", Part)
def test_one_part_over_another_setting(part: Part) -> None:
    other = Setting(Mode.SELF_CONSUMPTION, 20, grid_charging=True, export=Export.SOLAR)
    one = Setting(**{part.value: WHOLE.present[part]})  # type: ignore[arg-type]
    assert not one.empty
    assert one.over(other).present == other.present | one.present
    assert Setting().over(other) == other
    assert one.over(Setting()) == one


def test_a_setting_in_words() -> None:
    assert str(WHOLE) == "backup, reserve 0 %, grid charging off, export never"
    assert str(Setting(reserve=20)) == "reserve 20 %"
    assert str(Setting()) == "nothing"
