"""What the power flows show of grid charging and export, as truth tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flows import MUTE, NO, OFF, ON, YES, seen

from rules.domain import Export, Mode, Setting
from scheduler.control.effect import fits


@pytest.mark.parametrize(
    ("setting", "soe", "battery", "load", "solar", "fit"),
    [
        # backup without grid charging takes the sun's surplus and no more
        (OFF, 60, 0, 1_000, 0, YES),
        (OFF, 60, -2_000, 1_000, 3_000, YES),
        (OFF, 60, -2_399, 1_000, 3_000, YES),
        (OFF, 60, -2_400, 1_000, 3_000, NO),
        (OFF, 60, -399, 1_000, 0, YES),
        (OFF, 60, -400, 1_000, 0, NO),
        (OFF, 60, -3_300, 1_000, 500, NO),  # no surplus at all
        (OFF, 60, -3_300, 1_000, None, NO),
        (OFF, 60, 400, 1_000, 0, NO),  # it discharges
        (OFF, 98, -3_300, 1_000, 0, NO),
        # with grid charging it takes more than that, unless it may be full
        (ON, 60, -3_300, 1_000, 0, YES),
        (ON, 60, -2_400, 1_000, 3_000, YES),
        (ON, 60, -2_399, 1_000, 3_000, NO),
        (ON, 60, 0, 1_000, 0, NO),
        (ON, 94.9, 0, 1_000, 0, NO),
        (ON, 95, 0, 1_000, 0, MUTE),
        (ON, 95, -3_300, 1_000, 0, YES),
        (ON, 95, 1_000, 1_000, 0, NO),
        # what is not known tells nothing
        (OFF, 60, -3_300, None, 0, MUTE),
        (ON, 60, 0, None, 0, MUTE),
        (ON, None, 0, 1_000, 0, MUTE),
        (OFF, 60, None, 1_000, 0, MUTE),
        (OFF, 60, 1_000, None, 0, NO),  # that it discharges needs no load
    ],
)
def test_whether_a_battery_in_backup_buys(
    setting: Setting,
    soe: float | None,
    battery: float | None,
    load: float | None,
    solar: float | None,
    fit: bool | None,
) -> None:
    assert fits(setting, seen(battery, load=load, solar=solar, soe=soe)) is fit


@pytest.mark.parametrize(
    ("export", "site", "battery", "fit"),
    [
        (Export.NEVER, -400, 0, NO),
        (Export.NEVER, -3_000, 3_000, NO),
        (Export.NEVER, -399, 0, MUTE),
        (Export.NEVER, 0, 0, MUTE),
        (Export.NEVER, 3_000, 0, MUTE),
        (Export.SOLAR, -3_000, 0, YES),
        (Export.SOLAR, -3_000, -1_000, YES),
        (Export.SOLAR, -3_000, 399, YES),
        (Export.SOLAR, -3_000, 400, NO),
        (Export.SOLAR, -399, 3_000, MUTE),
        (Export.BATTERY, -3_000, 3_000, YES),
        (Export.BATTERY, -3_000, 0, YES),
        (Export.BATTERY, 0, 0, MUTE),
        (Export.NEVER, None, 3_000, MUTE),
        (Export.SOLAR, -3_000, None, MUTE),
        (Export.BATTERY, None, None, MUTE),
        (None, -3_000, 3_000, MUTE),
    ],
)
def test_whether_what_is_sold_fits(
    export: Export | None, site: float | None, battery: float | None, fit: bool | None
) -> None:
    reading = replace(seen(0), site_power=site, battery_power=battery)
    assert fits(Setting(export=export), reading) is fit


@pytest.mark.parametrize(
    ("mode", "export", "fit"),
    [
        (YES, YES, YES),
        (YES, MUTE, YES),
        (MUTE, YES, YES),
        (MUTE, MUTE, MUTE),
        (NO, YES, NO),
        (YES, NO, NO),
        (NO, MUTE, NO),
        (MUTE, NO, NO),
        (NO, NO, NO),
    ],
)
def test_a_setting_shows_where_no_part_speaks_against_it_and_one_for_it(
    mode: bool | None, export: bool | None, fit: bool | None
) -> None:
    """The battery discharges 1000 W; what is sold shows whether it may."""
    of_mode = {YES: Mode.SELF_CONSUMPTION, NO: Mode.BACKUP, MUTE: Mode.AUTONOMOUS}
    of_export = {YES: Export.BATTERY, NO: Export.SOLAR, MUTE: None}
    reserve = 20 if mode is YES else None
    reading = replace(seen(1_000, load=500), site_power=-500.0)
    assert fits(Setting(of_mode[mode], reserve, export=of_export[export]), reading) is fit
