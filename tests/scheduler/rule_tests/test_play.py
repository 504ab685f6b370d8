"""The controller through a test: what it sees, when it looks, and that nothing skipped matters."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from example_files import TEST_FILES
from rule_testing import BASE, household, loaded, result, results, told

from rules.testing import load_rule_tests
from scheduler.rule_tests import play

LOW = """
[[rule]]
name = "low"
while = { soe_below = 30 }
set = { reserve = 60 }
"""
CAR = """
[[rule]]
name = "car"
while = { load_above = "5 kW" }
for = "2m"
keep = "10m"
stale = "5m"
set = { reserve = 60 }
[[rule]]
name = "tell"
when = { at = "12:00", load_above = "5 kW" }
do = "notify"
message = "now"
"""
SUN = """
[[rule]]
name = "sun"
while = { input = "sun", above = 20, oldest = "1h" }
set = { reserve = 60 }
"""


@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.name)
def test_what_is_skipped_does_not_matter(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    file = load_rule_tests(path)
    skipping = results(file)
    monkeypatch.setattr("scheduler.control.prompt_site.quiet", lambda *_: False)
    every_step = results(file)
    assert sum(each.ticks for each in every_step) > 5 * sum(each.ticks for each in skipping)
    for one, other in zip(skipping, every_step, strict=True):
        assert (one.failures, one.won, one.fired) == (other.failures, other.won, other.fired)


def test_a_day_in_which_nothing_happens_takes_a_few_ticks(tmp_path: Path) -> None:
    found = result(tmp_path, LOW, "[[test.expect]]\nwrites = 0")
    assert found.passed
    assert found.ticks < 6


def test_a_number_goes_in_a_straight_line_and_a_rule_follows(tmp_path: Path) -> None:
    test = """
given = { soe = 40 }
then = [{ at = "13:00", soe = 20, ramp = true }]
[[test.expect]]
to = "12:01"
winner = "default"
[[test.expect]]
from = "12:01"
winner = "low"
"""
    assert told(result(tmp_path, LOW, test)) == []


def test_for_keep_and_stale_are_seen_as_states(tmp_path: Path) -> None:
    test = """
end = "4h"
given = { load = 400 }
then = [
  { at = "11:30", load = "6 kW" },
  { at = "11:40", load = "unknown" },
  { at = "11:43", load = "6 kW" },
  { at = "13:00", load = 400 },
]
[[test.expect]]
at = "11:29"
state = { car = "inactive" }
[[test.expect]]
at = "11:31"
state = { car = "pending" }
[[test.expect]]
at = "11:32"
state = { car = "active" }
[[test.expect]]
at = "11:41"
state = { car = "stale" }
active = "car"
[[test.expect]]
at = "13:05"
state = { car = "kept" }
winner = { reserve = "car" }
[[test.expect]]
from = "13:11"
winner = "default"
"""
    assert told(result(tmp_path, CAR, test)) == []


def test_an_event_that_waits_in_vain_for_a_value_is_missed(tmp_path: Path) -> None:
    test = """
given = { load = "unknown" }
[[test.expect]]
missed = { tell = 1 }
fired = { tell = 0 }
[[test.expect]]
at = "12:15"
missed = "tell"
"""
    assert told(result(tmp_path, CAR, test)) == []


def test_a_number_of_the_input_folder_stays_fresh_and_a_dated_one_gets_older(
    tmp_path: Path,
) -> None:
    fresh = 'given = { inputs = { sun = 25 } }\n[[test.expect]]\nwinner = "sun"'
    assert told(result(tmp_path, SUN, fresh)) == []
    aged = """
given = { inputs = { sun = { value = 25, age = "30m" } } }
[[test.expect]]
to = "11:30"
winner = { reserve = "sun" }
[[test.expect]]
from = "11:40"
winner = { reserve = "default" }
"""
    assert told(result(tmp_path, SUN, aged)) == []


def test_an_input_goes_in_a_straight_line_too(tmp_path: Path) -> None:
    test = """
given = { inputs = { sun = 0 } }
then = [
  { at = "13:00", inputs = { sun = 40 }, ramp = true },
  { at = "20:00", inputs = { sun = "unknown" } },
]
[[test.expect]]
to = "12:00"
winner = { reserve = "default" }
[[test.expect]]
from = "12:00"
to = "20:00"
winner = { reserve = "sun" }
[[test.expect]]
from = "20:10"
winner = { reserve = "default" }
"""
    assert told(result(tmp_path, SUN, test)) == []


def test_what_comes_from_the_grid_is_the_balance_unless_it_is_said(tmp_path: Path) -> None:
    rules = '[[rule]]\nname = "much"\nwhile = { import_above = "3 kW" }\nset = { reserve = 60 }\n'
    test = """
given = { load = "4 kW", solar = "2 kW" }
then = [
  { at = "12:00", charging = "1500 W" },
  { at = "13:00", discharging = "500 W" },
  { at = "14:00", import = "5 kW" },
]
[[test.expect]]
from = "12:00"
to = "13:00"
winner = { reserve = "much" }
[[test.expect]]
from = "13:00"
to = "14:00"
winner = "default"
[[test.expect]]
from = "14:00"
winner = { reserve = "much" }
"""
    assert told(result(tmp_path, rules, test)) == []


def test_a_rule_that_gets_ready_between_two_steps_acts_then(tmp_path: Path) -> None:
    tests = """
[[test]]
name = "a"
start = "2026-07-06 11:00"
given = { soe = 40 }
then = [{ at = "13:00", soe = 20, ramp = true }]
[[test.expect]]
writes = 1
"""
    file = loaded(tmp_path, LOW.replace("set =", 'for = "90s"\nset ='), tests)
    played = play(file.tests[0], file)
    # Below 30 % for the first time at a minute past noon, and a minute and a half later for good.
    assert played.writes == (datetime(2026, 7, 6, 19, 2, 30, tzinfo=UTC),)


def test_a_moment_that_a_test_names_is_looked_at_between_two_steps(tmp_path: Path) -> None:
    test = """
step = "2h"
given = { soe = 40 }
then = [{ at = "13:00", soe = 20, ramp = true }]
[[test.expect]]
at = "12:30"
winner = "low"
"""
    assert told(result(tmp_path, LOW, test)) == []


def test_a_write_is_read_back_at_once(tmp_path: Path) -> None:
    tests = """
[[test]]
name = "a"
start = "2026-07-06 11:00"
step = "1h"
then = [{ at = "12:30", soe = 20 }]
[[test.expect]]
writes = 1
"""
    file = loaded(tmp_path, LOW, tests)
    played = play(file.tests[0], file)
    (written,) = played.writes
    (tick,) = [tick for tick in played.ticks if tick.at == written]
    assert tick.state.effects.found is not None
    assert not tick.state.writing.on_its_way


# --- the daemon's own policy ---------------------------------------------------------------------


def test_a_setting_that_was_left_waits_its_dwell_time_and_the_failure_says_so(
    tmp_path: Path,
) -> None:
    test = """
given = { soe = 50 }
then = [{ at = "12:00", soe = 10 }, { at = "12:05", soe = 50 }]
[[test.expect]]
at = "12:05"
wanted = { reserve = 20 }
setting = { reserve = 60 }
[[test.expect]]
at = "12:10"
setting = { reserve = 20 }
[[test.expect]]
from = "12:15"
setting = { reserve = 20 }
[[test.expect]]
writes = 2
"""
    found = result(tmp_path, LOW, test)
    assert told(found) == ["setting: reserve 20 %, got reserve 60 %"]
    assert "a write waits: self_consumption, reserve 20 % was left" in found.failures[0].reasons[-1]


def test_no_more_writes_are_made_than_the_caps_allow(tmp_path: Path) -> None:
    points = ", ".join(
        f'{{ at = "{12 + n // 6}:{n % 6}0", soe = {50 if n % 2 else 10} }}' for n in range(24)
    )
    test = f"""
then = [{points}]
[[test.expect]]
from = "12:00"
to = "13:00"
writes = {{ at_most = 5 }}
"""
    assert told(result(tmp_path, LOW, test)) == []


def test_a_change_by_hand_is_respected_until_a_time_boundary(tmp_path: Path) -> None:
    rules = '[[rule]]\nname = "noon"\nwhile = { time = "12:00-16:00" }\nset = { reserve = 60 }\n'
    test = """
then = [{ at = "13:00", setting = { reserve = 80 } }]
[[test.expect]]
at = "12:30"
setting = { reserve = 60 }
[[test.expect]]
from = "13:00"
to = "16:00"
setting = { reserve = 80 }
wanted = { reserve = 60 }
[[test.expect]]
from = "16:00"
setting = { reserve = 20 }
"""
    assert told(result(tmp_path, rules, test)) == []


def test_powers_that_do_not_follow_what_is_written_are_no_reason_to_write_again(
    tmp_path: Path,
) -> None:
    test = 'given = { soe = 80, load = "4 kW" }\nstep = "10s"\n[[test.expect]]\nwrites = 0'
    assert told(result(tmp_path, LOW, test)) == []


# --- the house -----------------------------------------------------------------------------------


def test_a_simulated_home_obeys(tmp_path: Path) -> None:
    rules = (
        '[[rule]]\nname = "fill"\nwhile = { time = "01:00-05:00" }\n'
        'set = { battery = "charge", to = 80 }\n'
        '[[rule]]\nname = "full"\nwhile = { soe_above = 79 }\nset = { reserve_at_least = 33 }\n'
    )
    tests = '[[test]]\nname = "a night"\nstart = "2026-07-06 00:00"\nend = "6h"\n'
    tests += "home = { soe = 40, seed = 3 }\n[[test.expect]]\nwrites = { at_least = 2 }\n"
    file = loaded(tmp_path, rules, tests)
    test = file.tests[0]
    assert test.house.home is not None
    played = play(test, file, household(test.house.home, file.rules.almanac.zone))

    def soe(hour: int) -> float:
        tick = played.tick_at(datetime(2026, 7, 6, 7 + hour, tzinfo=UTC))
        assert tick.state.observation is not None
        assert tick.state.observation.soe is not None
        return tick.state.observation.soe

    assert soe(1) < 40
    assert 79 < soe(5) < 82


def test_another_seed_is_another_home(tmp_path: Path) -> None:
    rules = '[[rule]]\nname = "low"\nwhile = { soe_below = 40 }\nset = { reserve = 42 }\n'
    writes = set()
    for seed in (1, 2, 3):
        tests = f'[[test]]\nname = "a"\nstart = "2026-07-06 00:00"\nhome = {{ seed = {seed} }}\n'
        file = loaded(tmp_path, rules, tests + "[[test.expect]]\nwrites = { at_least = 1 }\n")
        home = file.tests[0].house.home
        assert home is not None
        played = play(file.tests[0], file, household(home, file.rules.almanac.zone))
        writes.add(played.writes)
    assert len(writes) == 3


def test_in_an_outage_the_home_lives_on_its_battery(tmp_path: Path) -> None:
    rules = (
        '[[rule]]\nname = "nearly empty"\nwhile = { grid = "down", soe_below = 30 }\n'
        "set = { reserve = 60 }\n"
    )
    test = """
start = "2026-07-06 20:00"
end = "10h"
home = { soe = 60, seed = 1 }
given = { grid = "down", load = "2 kW", setting = { reserve = 50 } }
[[test.expect]]
to = "21:00"
never = true
active = "nearly empty"
[[test.expect]]
from = "23:00"
active = "nearly empty"
"""
    assert told(result(tmp_path, rules, test)) == []


def test_a_night_on_which_clocks_go_back_is_an_hour_longer(tmp_path: Path) -> None:
    rules = '[[rule]]\nname = "one"\nwhile = { time = "01:00-02:00" }\nset = { reserve = 60 }\n'
    test = """
start = "2026-11-01 00:00"
end = "6h"
[[test.expect]]
from = "2026-11-01 01:00-07:00"
to = "2026-11-01 01:59-08:00"
winner = "one"
[[test.expect]]
at = "2026-11-01 02:00"
winner = { reserve = "default" }
"""
    assert told(result(tmp_path, rules, test)) == []


def test_what_the_route_cannot_set_is_not_there(tmp_path: Path) -> None:
    rules = BASE.replace("reserve = 20", 'reserve = 20\nexport = "pv_only"')
    (tmp_path / "sells.toml").write_text(
        rules + '[[rule]]\nname = "never"\nset = { export = "never" }\n'
    )
    for can_set, won in (("", set()), ('can_set = ["export"]\n', {"never"})):
        path = tmp_path / "mine.test.toml"
        path.write_text(
            f'rules = "sells.toml"\n{can_set}[[test]]\nname = "a"\nstart = "2026-07-06 00:00"\n'
            "[[test.expect]]\nwrites = { at_most = 1 }\n"
        )
        (found,) = results(load_rule_tests(path))
        assert found.passed
        assert found.won - {"default"} == won
