"""Decisions on a route that sets all four parts: nothing is dropped, and everything is restored."""

from __future__ import annotations

from dataclasses import replace

import pytest
from four_levers import FOUR_LEVERS
from pictured import BASE, Watch, plan, rule

from rules.domain import Export, Mode, Part, Setting
from rules.engine import Plan
from rules.resolve import NO_LIMITS, Levers, Limits

SELF, BACKUP = Mode.SELF_CONSUMPTION, Mode.BACKUP
FULL_BASE = BASE + 'grid_charging = true\nexport = "pv_only"\n'
DEFAULT = Setting(SELF, 20, grid_charging=True, export=Export.SOLAR)
LEAVE = 'language = 1\ntimezone = "America/Los_Angeles"\n[default]\nleave = true\n'

HOLD = rule("hold", 'time = "01:00-02:00"', 'battery = "hold"')
CHARGE = rule("charge", 'time = "02:00-03:00"', 'battery = "charge", to = 60')
USE = rule("use", 'time = "03:00-04:00"', 'battery = "use"')
SELL = rule("sell", 'time = "04:00-05:00"', 'export = "battery_ok", grid_charging = false')
ALONE = rule("alone", 'time = "05:00-06:00"', 'battery = "leave"')
NOT_PERMITTED = Limits(grid_charging=False, export=Export.SOLAR)


def four(*rules: str, base: str = FULL_BASE, limits: Limits = NO_LIMITS) -> Plan:
    return plan(*rules, base=base, levers=FOUR_LEVERS, limits=limits)


def wanted(made: Plan, time: str, soe: float | None = 50.0) -> Setting:
    watch = Watch.since(made, "2026-07-01 00:00")
    return watch.look(f"2026-07-01 {time}", soe).setting


@pytest.mark.parametrize(
    ("time", "soe", "setting"),
    [
        ("00:30", 50, DEFAULT),
        ("01:30", 50, Setting(BACKUP, 50, grid_charging=False, export=Export.SOLAR)),
        ("02:30", 50, Setting(BACKUP, 60, grid_charging=True, export=Export.SOLAR)),
        ("02:30", 63.5, Setting(BACKUP, 63, grid_charging=False, export=Export.SOLAR)),
        ("03:30", 50, DEFAULT),
        ("04:30", 50, Setting(SELF, 20, grid_charging=False, export=Export.BATTERY)),
        ("05:30", 50, Setting()),
        ("06:30", 50, DEFAULT),
    ],
)
def test_every_part_is_decided_and_comes_back(time: str, soe: float, setting: Setting) -> None:
    assert wanted(four(HOLD, CHARGE, USE, SELL, ALONE), time, soe) == setting


@pytest.mark.parametrize("soe", [0.0, 19.9, 60.0, 95.0, 100.0])
def test_use_puts_grid_charging_back_after_a_hold(soe: float) -> None:
    hold_then_use = four(
        rule("hold", 'time = "12:00-16:00"', 'battery = "hold"'),
        rule("use", 'time = "16:00-21:00"', 'battery = "use"'),
    )
    watch = Watch.since(hold_then_use, "2026-07-01 12:00")
    held = watch.look("2026-07-01 15:59", soe)
    assert held.setting == Setting(BACKUP, int(soe), grid_charging=False, export=Export.SOLAR)
    used = watch.look("2026-07-01 16:00", soe)
    assert used.setting == DEFAULT
    assert used.winners == {
        Part.MODE: "use",
        Part.RESERVE: "default",
        Part.GRID_CHARGING: "default",
        Part.EXPORT: "default",
    }


def test_where_the_default_does_not_name_grid_charging_it_is_not_touched() -> None:
    made = four(HOLD, CHARGE, base=BASE)
    assert wanted(made, "01:30") == Setting(SELF, 50)
    assert wanted(made, "02:30") == Setting(BACKUP, 60)
    assert wanted(made, "00:30") == Setting(SELF, 20)


def test_what_the_owner_does_not_permit_is_not_wanted() -> None:
    made = four(HOLD, CHARGE, SELL, limits=NOT_PERMITTED)
    kept = Setting(SELF, 20, grid_charging=False, export=Export.SOLAR)
    assert wanted(made, "00:30") == kept
    assert wanted(made, "01:30") == replace(kept, mode=BACKUP, reserve=50)
    # Nothing is bought: what the sun gives is kept.
    assert wanted(made, "02:30") == replace(kept, mode=BACKUP, reserve=60)
    assert wanted(made, "04:30") == kept


def test_off_is_wanted_where_on_is_not_permitted_though_the_default_does_not_name_it() -> None:
    made = four(HOLD, CHARGE, base=BASE, limits=NOT_PERMITTED)
    assert wanted(made, "02:30") == Setting(BACKUP, 60, grid_charging=False)
    assert wanted(made, "01:30") == Setting(BACKUP, 50, grid_charging=False)
    assert wanted(made, "00:30") == Setting(SELF, 20)


@pytest.mark.parametrize(
    ("levers", "default", "part"),
    [
        (replace(FOUR_LEVERS, grid_charging=frozenset({True})), "grid_charging = false", "grid"),
        (
            replace(FOUR_LEVERS, export=frozenset({Export.SOLAR, Export.BATTERY})),
            'export = "never"',
            "export",
        ),
    ],
)
def test_a_part_whose_default_cannot_be_set_is_not_used(
    levers: Levers, default: str, part: str
) -> None:
    base = BASE + default + "\n"
    wish = 'export = "battery_ok"' if part == "export" else "grid_charging = true"
    made = plan(rule("a", 'time = "01:00-02:00"', wish), base=base, levers=levers)
    assert wanted(made, "01:30") == wanted(made, "00:30") == Setting(SELF, 20)


def test_a_value_that_cannot_be_set_at_all_is_left_to_others() -> None:
    levers = replace(FOUR_LEVERS, export=frozenset({Export.SOLAR, Export.BATTERY}))
    made = plan(
        rule("never", 'time = "01:00-03:00"', 'export = "never", reserve = 40', "priority = 1"),
        rule("sell", 'time = "02:00-03:00"', 'export = "battery_ok"'),
        base=FULL_BASE,
        levers=levers,
    )
    assert wanted(made, "01:30") == replace(DEFAULT, reserve=40)
    assert wanted(made, "02:30") == replace(DEFAULT, reserve=40, export=Export.BATTERY)


def test_a_hold_keeps_what_it_says_of_export_while_the_state_of_energy_is_unknown() -> None:
    hold = rule("hold", 'time = "01:00-02:00"', 'battery = "hold", export = "never"')
    assert wanted(four(hold), "01:30", None) == Setting(export=Export.NEVER)
    known = Setting(BACKUP, 50, grid_charging=False, export=Export.NEVER)
    assert wanted(four(hold), "01:30") == known


def test_where_the_default_leaves_all_alone_so_does_what_nobody_sets() -> None:
    made = four(HOLD, SELL, base=LEAVE)
    assert wanted(made, "00:30") == Setting()
    assert wanted(made, "01:30") == Setting(SELF, 50)
    assert wanted(made, "04:30") == Setting(export=Export.BATTERY)
