"""What a route may be asked to write."""

from __future__ import annotations

import pytest
from four_levers import FOUR_LEVERS

from rules.domain import Export, Mode, Part, Setting
from rules.resolve import Levers
from scheduler.gateways import levers_of
from scheduler.gateways.protocol import check_parts

LOCAL = levers_of(None)
APART = Levers(together=frozenset())
BACKUP = Mode.BACKUP


@pytest.mark.parametrize(
    ("levers", "setting"),
    [
        (LOCAL, Setting(BACKUP, 20)),
        (FOUR_LEVERS, Setting(BACKUP, 20)),
        (FOUR_LEVERS, Setting(BACKUP, 20, grid_charging=False, export=Export.NEVER)),
        (FOUR_LEVERS, Setting(grid_charging=False)),
        (FOUR_LEVERS, Setting(export=Export.NEVER)),
        (APART, Setting(BACKUP)),
        (APART, Setting(reserve=20)),
        # What travels together is what can be set at all.
        (Levers(together=frozenset(Part)), Setting(BACKUP, 20)),
    ],
)
def test_what_may_be_asked_for(levers: Levers, setting: Setting) -> None:
    check_parts(setting, levers)


@pytest.mark.parametrize(
    ("levers", "setting", "mistake"),
    [
        (LOCAL, Setting(), "nothing is to be written"),
        (LOCAL, Setting(BACKUP, 20, grid_charging=True), "this route cannot set grid_charging"),
        (
            LOCAL,
            Setting(BACKUP, 20, grid_charging=True, export=Export.NEVER),
            "this route cannot set grid_charging and export",
        ),
        (LOCAL, Setting(BACKUP), "mode and reserve travel together, and reserve is absent"),
        (LOCAL, Setting(reserve=20), "mode and reserve travel together, and mode is absent"),
        (FOUR_LEVERS, Setting(reserve=20, grid_charging=True), "and mode is absent"),
    ],
)
def test_what_is_a_mistake_of_whoever_asks(levers: Levers, setting: Setting, mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        check_parts(setting, levers)
