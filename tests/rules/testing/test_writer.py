"""A test that is written from looks is read back to the same observations and inputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.domain import AppPercent, GridStatus, Mode, Observation, Part, Setting
from rules.engine import RuleState
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from rules.testing import RuleTestFile, load_rule_tests, rule_test_text, rule_tests_text
from scheduler.rule_tests.play import play
from scheduler.rule_tests.world import World

ZONE = ZoneInfo("America/Los_Angeles")
AUTUMN = datetime(2026, 11, 1, 7, tzinfo=UTC)
"""Midnight before clocks go back: an hour of the looks is there twice."""

RULES = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
[[rule]]
name = "a"
while = { flag = "storm" }
set = { mode = "backup" }
[[rule]]
name = "b \\"quoted\\""
while = { none = [{ flag = "away" }], input = "sun", above = 20 }
set = { reserve = 30 }
"""


@dataclass(frozen=True)
class Look:
    observation: Observation
    inputs: Inputs


numbers = st.none() | st.floats(-9e3, 9e3) | st.integers(-5000, 5000).map(float)
percents = st.none() | st.floats(0, 100)
instants = st.integers(0, 5 * 3600 * 10**6).map(lambda each: AUTUMN + timedelta(microseconds=each))
slots = st.lists(
    st.tuples(st.sampled_from((300, 1800, 1800, 7)), st.none() | st.floats(-1, 1), numbers),
    min_size=1,
    max_size=8,
)


@st.composite
def price_series(draw: st.DrawFn) -> PriceSeries:
    at, found = AUTUMN, []
    for seconds, imported, exported in draw(slots):
        end = at + timedelta(seconds=seconds)
        found.append(PriceSlot(at, end, imported, exported))
        at = end + timedelta(seconds=draw(st.sampled_from((0, 0, 0, 60))))
    return PriceSeries(found)


@st.composite
def looks(draw: st.DrawFn) -> list[Look]:
    found = []
    for at in sorted(draw(st.sets(instants, min_size=1, max_size=5))):
        known = {name: draw(numbers) for name in ("site_power", "battery_power")}
        known |= {
            name: value if value is None else abs(value)
            for name, value in (("load_power", draw(numbers)), ("solar_power", draw(numbers)))
        }
        seen = Observation(
            at,
            soe=draw(percents),  # type: ignore[arg-type]
            grid=draw(st.none() | st.sampled_from(GridStatus)),
            grid_services=draw(st.none() | st.booleans()),
            mode=Mode.SELF_CONSUMPTION,
            reserve=AppPercent(20.0),
            running=True,
            **known,
        )
        flags = draw(st.dictionaries(st.sampled_from(("storm", "away")), st.none() | instants))
        values = draw(st.dictionaries(st.just("sun"), st.tuples(st.floats(-50, 50), instants)))
        dated = {name: DatedValue(*each) for name, each in values.items()}
        found.append(Look(seen, Inputs(flags, dated, draw(st.none() | price_series()))))
    return found


def read_back(folder: Path, *tests: str) -> RuleTestFile:
    (folder / "mine.toml").write_text(RULES)
    path = folder / "found.test.toml"
    path.write_text(rule_tests_text(["mine.toml"], tests, note="what was found"))
    return load_rule_tests(path)


def as_known(inputs: Inputs) -> object:
    prices = None if inputs.prices is None else inputs.prices.slots
    return dict(inputs.flags), dict(inputs.values), prices


@settings(max_examples=60)
@given(looks())
def test_what_is_written_is_seen_again(
    tmp_path_factory: pytest.TempPathFactory, found: list[Look]
) -> None:
    file = read_back(
        tmp_path_factory.mktemp("found"), rule_test_text("found", found, ZONE, active=["a"])
    )
    (test,) = file.tests
    assert list(test.points) == [look.observation.at for look in found]
    world = World(test.house, file.levers, None)
    for look in found:
        world.move_to(look.observation.at)
        seen = world.observation()
        for name in ("at", "soe", "site_power", "battery_power", "load_power", "solar_power"):
            assert getattr(seen, name) == getattr(look.observation, name), name
        assert (seen.grid, seen.grid_services) == (
            look.observation.grid,
            look.observation.grid_services,
        )
        assert as_known(world.inputs) == as_known(look.inputs)


def test_the_controller_looks_where_the_history_does_and_nowhere_else(tmp_path: Path) -> None:
    found = [
        Look(
            Observation(
                at, soe=AppPercent(50.0), grid=GridStatus.CONNECTED, reserve=AppPercent(20)
            ),
            Inputs({}, {"sun": DatedValue(25, at)}),
        )
        for at in (AUTUMN, AUTUMN + timedelta(seconds=3), AUTUMN + timedelta(hours=9))
    ]
    file = read_back(tmp_path, rule_test_text("found", found, ZONE, active=['b "quoted"']))
    played = play(file.tests[0], file)
    assert [tick.at for tick in played.ticks] == [look.observation.at for look in found]
    assert 'b "quoted"' in played.ticks[-1].decision.active


def test_everything_that_can_be_expected_is_written(tmp_path: Path) -> None:
    seen = Look(Observation(AUTUMN, soe=AppPercent(3.5)), Inputs())
    text = rule_test_text(
        "found",
        [seen],
        ZONE,
        active=["a"],
        setting=Setting(Mode.BACKUP, 30),
        winners={Part.MODE: "a"},
        states={'b "quoted"': RuleState.KEPT},
    )
    (expected,) = read_back(tmp_path, text).tests[0].expect
    assert expected.active == ("a",)
    assert expected.wanted == Setting(Mode.BACKUP, 30)
    assert expected.winners == {Part.MODE: "a"}
    assert expected.states == {'b "quoted"': RuleState.KEPT}
    assert (expected.start, expected.end) == (AUTUMN, None)


def test_a_file_of_several_tests_says_its_rules_and_the_floor(tmp_path: Path) -> None:
    seen = [Look(Observation(AUTUMN), Inputs())]
    (tmp_path / "mine.toml").write_text(RULES)
    path = tmp_path / "found.test.toml"
    tests = [rule_test_text(name, seen, ZONE, active=["a"]) for name in ("one", "two")]
    path.write_text(rule_tests_text(["mine.toml"], tests, note="two\nlines", reserve_floor=10))
    file = load_rule_tests(path)
    assert [test.name for test in file.tests] == ["one", "two"]
    assert file.reserve_floor == 10
    assert path.read_text().startswith("# two\n# lines\n")
