"""A route with all four levers: what was decided is on the wire, read back, and shows in the flow.

The route is the simulated home itself, and no owner can choose it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from four_levers import four_levers
from house import House, local
from simulated import SteadyHousehold
from simulated_client import HandClock

from rules.domain import Export, Mode, Part, Setting
from scheduler.domain import Kind, Safety
from scheduler.errors import RequestRefused
from scheduler.simulator.direct import DirectGateway, WriteFate
from scheduler.simulator.home import Home

START, TWO, FOUR = local(7, 15, "13:30"), local(7, 15, "14:00"), local(7, 15, "16:00")
HOUR = timedelta(hours=1)
SELF, BACKUP = Mode.SELF_CONSUMPTION, Mode.BACKUP
SAFETY = Safety(5, Setting(SELF, 20))
HELD = Setting(BACKUP, 46, grid_charging=False, export=Export.SOLAR)
"""What "hold" is here: half an hour at 1 kW has taken 4 % when the window opens."""

SUNNY = SteadyHousehold(load=500.0, solar=9_000.0)

DEFAULT = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
grid_charging = true
export = "pv_only"
"""


def rule(want: str) -> str:
    when = 'while = { time = "14:00-16:00" }'
    return f'{DEFAULT}\n[[rule]]\nname = "afternoon"\n{when}\nset = {{ {want} }}\n'


def house(
    folder: Path, want: str, *unreadable: Part, safety: Safety = SAFETY, **home: object
) -> House:
    make: Callable[[Home, HandClock], DirectGateway] = lambda at, clock: four_levers(  # noqa: E731 -- typed
        at, clock, *unreadable
    )
    return House(folder, rule(want), START, direct=make, safety=safety, **home)  # type: ignore[arg-type]


def written(house: House) -> list[Setting]:
    """What was on the wire for a decision."""
    assert house.direct is not None
    probed = {probe.at for probe in house.probes}
    return [each.setting for each in house.direct.attempts if each.at not in probed]


def effects(house: House) -> list[str]:
    return house.kept(Kind.EFFECT, "effect")


def charged_wh(house: House, start: datetime, end: datetime) -> float:
    """What went into the battery between two instants."""
    house.play(start)
    before = house.home.meters.battery_charged
    house.play(end)
    return house.home.meters.battery_charged - before


# --- grid charging ------------------------------------------------------------------------------


def test_hold_is_backup_without_grid_charging_all_the_way(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"')
    assert charged_wh(home, TWO + timedelta(minutes=1), FOUR - timedelta(minutes=1)) < 1.0
    assert written(home) == [HELD]
    query = "SELECT wanted_mode, wanted_reserve, wanted_grid_charging, wanted_export FROM intent"
    assert home.rows(query)[-1] == ("backup", 46, 0, "pv_only")
    assert home.outcomes() == ["held"]
    assert home.home.soe == pytest.approx(46.0, abs=0.2)
    home.play(FOUR + HOUR)
    assert home.home.setting == Setting(SELF, 20, grid_charging=True, export=Export.SOLAR)
    assert "confirmed" in effects(home)


def test_a_hold_that_charges_all_the_same_is_noticed(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"')
    assert home.direct is not None
    home.at(TWO - timedelta(minutes=5), partial(setattr, home.direct, "fate", WriteFate.UNACTED))
    home.at(
        TWO + timedelta(minutes=1),
        home.home.put_in_effect,
        Setting(BACKUP, 50, grid_charging=True),
    )
    home.play(TWO + timedelta(minutes=30))
    assert effects(home)[0] == "contradicted"
    assert len(home.notes("no_effect")) == 1


def test_charge_puts_grid_charging_on(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "charge", to = 60')
    home.home.put_in_effect(Setting(grid_charging=False))
    home.play(TWO + 10 * timedelta(minutes=1))
    assert home.home.setting.grid_charging is True
    assert home.home.flow.battery_w < -3_000.0


def test_an_owner_s_permission_keeps_it_off(tmp_path: Path) -> None:
    safety = Safety(5, Setting(SELF, 20), grid_charging=False)
    home = house(tmp_path, 'battery = "charge", to = 60', safety=safety)
    home.play(FOUR - timedelta(minutes=1))
    assert all(setting.grid_charging is False for setting in written(home))
    assert home.home.soe == pytest.approx(46.0, abs=0.2)
    assert any("not permitted" in text for _, text in home.notes("out_of_reach"))


# --- export -------------------------------------------------------------------------------------


def test_nothing_is_sold_while_a_rule_forbids_it(tmp_path: Path) -> None:
    home = house(tmp_path, 'export = "never"', household=SUNNY, soe=99.0)
    home.play(TWO + timedelta(minutes=2))
    sold = home.home.meters.site_exported
    assert sold > 0
    home.play(FOUR - timedelta(minutes=1))
    assert home.home.meters.site_exported == pytest.approx(sold, abs=1.0)
    assert written(home) == [Setting(SELF, 20, grid_charging=True, export=Export.NEVER)]
    home.play(FOUR + HOUR)
    assert home.home.meters.site_exported > sold + 1_000
    assert home.outcomes() == ["held", "held"]
    assert effects(home)[-1] == "confirmed"


def test_what_is_sold_all_the_same_is_noticed(tmp_path: Path) -> None:
    home = house(tmp_path, 'export = "never"', household=SUNNY, soe=99.0)
    assert home.direct is not None
    home.direct.fate = WriteFate.UNACTED
    home.play(TWO + timedelta(minutes=30))
    assert effects(home)[0] == "contradicted"


def test_somebody_else_s_export_is_respected(tmp_path: Path) -> None:
    home = house(tmp_path, 'export = "never"')
    assert home.direct is not None
    mine = Setting(export=Export.BATTERY)
    home.at(TWO + timedelta(minutes=20), home.direct.set_in_app, mine)
    home.play(TWO + HOUR)
    assert home.home.setting.export is Export.BATTERY
    query = 'SELECT state, ours_export, found_export, "end" FROM override ORDER BY id'
    assert home.rows(query) == [("began", "never", "battery_ok", None)]
    home.play(FOUR + HOUR)
    assert home.rows(query)[-1] == ("ended", "never", "battery_ok", "boundary")
    assert home.home.setting.export is Export.SOLAR


# --- parts that cannot be read back ---------------------------------------------------------------


def test_a_part_that_cannot_be_read_back_has_its_own_outcome(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"', Part.GRID_CHARGING)
    home.play(FOUR + HOUR)
    # Nobody knows at first what it is set to, so it is written once for that.
    assert home.outcomes() == ["unverified"] * 3
    assert [setting.grid_charging for setting in written(home)] == [True, False, True]
    assert home.home.setting.grid_charging is True
    ((detail,), *_) = home.rows("SELECT detail FROM outcome WHERE outcome = 'unverified'")
    assert "cannot read grid charging back" in str(detail)


def test_over_a_restart_it_is_not_written_again(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"', Part.GRID_CHARGING)
    home.play(TWO + HOUR, kill=True)
    home.play(FOUR - timedelta(minutes=1))
    assert [setting.grid_charging for setting in written(home)] == [True, False]


# --- the owner and dry runs -----------------------------------------------------------------------


def test_the_owner_holds_any_part(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"')
    home.at(
        START + timedelta(minutes=5), lambda: home.hold("ann", export=Export.NEVER, lasting="10m")
    )
    home.play(START + timedelta(minutes=10))
    assert home.home.setting.export is Export.NEVER
    home.play(START + timedelta(minutes=20))
    assert home.home.setting.export is Export.SOLAR


def test_what_is_not_permitted_is_refused(tmp_path: Path) -> None:
    safety = Safety(5, Setting(SELF, 20), export=Export.SOLAR)
    home = house(tmp_path, 'battery = "hold"', safety=safety)
    refused: list[BaseException | None] = []

    def ask() -> None:
        asked = home.hold("ann", export=Export.BATTERY)
        asked.add_done_callback(lambda done: refused.append(done.exception()))

    home.at(START + timedelta(minutes=5), ask)
    home.play(START + timedelta(minutes=10))
    assert isinstance(refused[0], RequestRefused)
    assert "not permitted" in str(refused[0])


def test_a_dry_run_has_a_shadow_with_every_part(tmp_path: Path) -> None:
    home = house(tmp_path, 'battery = "hold"')
    home.play(FOUR - timedelta(minutes=1), dry_run=True)
    assert not written(home)
    assert home.rows("SELECT wanted_grid_charging FROM intent WHERE would") == [(0,)]
