"""`pwsched check --journal`: how often each rule would have won on the house's own readings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commanding import Command, Said
from house import AFTERNOON, House, local

from scheduler.simulator.home import Outage

NOON, SIX = local(7, 15, "12:00"), local(7, 15, "18:00")
DAY = ("--since", "2026-07-15 12:00", "--until", "2026-07-15 18:00")
OTHER = (
    AFTERNOON
    + """
[[rule]]
name = "evening"
priority = 1
while = { time = "15:00-17:00" }
set = { reserve = 60 }

[[rule]]
name = "outage"
priority = 9
while = { grid = "down" }
set = { mode = "backup" }

[[rule]]
name = "nearly empty"
priority = 2
while = { soe_below = 10 }
set = { reserve = 30 }

[[rule]]
name = "hello"
when = { at = "13:00" }
do = "notify"
message = "hello"

[[rule]]
name = "good night"
when = { at = "23:00" }
do = "notify"
message = "good night"
"""
)


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "80")
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Six hours under the plain rules, with half an hour of outage and one without a daemon."""
    outage = Outage(local(7, 15, "12:10"), local(7, 15, "12:40"))
    played = House(tmp_path_factory.mktemp("house"), AFTERNOON, NOON, outages=[outage])
    played.at(local(7, 15, "14:30"), lambda: played.hold("ann", reserve=90, lasting="2h"))
    played.play(local(7, 15, "16:30"))
    played.wait(local(7, 15, "17:30"))
    return played.play(SIX)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.toml"
    path.write_text(OTHER)
    return path


def readings(said: Said) -> dict[str, Any]:
    assert said.code in {0, 1}, said
    found: dict[str, Any] = json.loads(said.out)["readings"]
    return found


def test_each_rule_is_counted_on_what_was_read(pwsched: Command, house: House, other: Path) -> None:
    found = readings(pwsched("check", str(other), "--journal", str(house.path), *DAY, "--json"))
    rules = {each.pop("rule"): each for each in found["rules"]}
    assert found["site"] == "home"
    assert found["seen_hours"] == pytest.approx(5.0, abs=0.1)
    assert rules["fill up"]["active_hours"] == pytest.approx(2.0, abs=0.05)
    assert rules["fill up"]["won_hours"] == pytest.approx(2.0, abs=0.05)  # the mode, to the end
    assert rules["evening"]["won_hours"] == pytest.approx(1.5, abs=0.05)  # the owner's hold or not
    assert rules["evening"]["first"].startswith("2026-07-15T22:00")
    assert rules["evening"]["last"].startswith("2026-07-15T23:30")
    assert rules["outage"]["won_hours"] == pytest.approx(0.5, abs=0.05)
    fired = {each["rule"]: each["fired"] for each in found["events"]}
    assert fired == {"hello": 1, "good night": 0}
    assert found["never"] == ["nearly empty", "good night"]
    assert found["default"]["won_hours"] == pytest.approx(3.0, abs=0.1)
    pairs = found["composed"]
    composed = {(each["mode_from"], each["reserve_from"]): each["hours"] for each in pairs}
    assert composed["fill up", "evening"] == pytest.approx(1.0, abs=0.05)
    assert composed["default", "evening"] == pytest.approx(0.5, abs=0.05)


def test_it_is_shown_beneath_what_was_proved(pwsched: Command, house: House, other: Path) -> None:
    said = pwsched("check", str(other), "--journal", str(house.path), *DAY)
    start = said.lines.index("On the readings of home from 2026-07-15 12:00 to 2026-07-15 18:00:")
    table = said.lines[start + 1 :]
    assert "evening          1.5 h     1.5 h  2026-07-15 15:00  2026-07-15 16:30" in said.out
    assert "hello         fired 1 time" in said.out
    assert 'Never in these 5.0 h: "nearly empty", "good night".' in table
    assert "Of 1.0 h there is no reading; nothing is said of them." in table
    assert said.lines[-1].startswith(f"{other}: sound from ")
    assert all(len(line) <= 80 for line in table[:-1])


def test_without_journal_it_is_that_of_the_configuration(
    pwsched: Command, house: House, tmp_path: Path
) -> None:
    config = tmp_path / "pwsched.toml"
    config.write_text(
        f'journal = "{house.path}"\n[[site]]\nname = "home"\nrules = ["{house.rules}"]\n'
        '[site.gateway]\nhost = "192.168.1.2"\npassword_file = "password"\n'
        "[site.safety]\nreserve_floor = 5\n"
        'safe = { mode = "self_consumption", reserve = 20 }\n'
    )
    found = readings(pwsched("check", "--config", str(config), *DAY, "--json"))
    assert [each["rule"] for each in found["rules"]] == ["fill up"]
    assert json.loads(pwsched("check", "--config", str(config), "--json").out)["readings"] is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (DAY, "--since, --until: say which readings: --journal FILE or --config"),
        (
            ("--journal", "{0}", "--site", "cabin"),
            'there is no site "cabin"; the journal has: home',
        ),
        (("--journal", "nowhere"), "there is no journal at nowhere"),
        (
            ("--journal", "{0}", "--since", "2026-07-16", "--until", "2026-07-15"),
            "--since must be before --until",
        ),
    ],
)
def test_what_is_not_there_is_a_sentence(
    pwsched: Command, house: House, other: Path, words: tuple[str, ...], sentence: str
) -> None:
    said = pwsched("check", str(other), *(word.format(house.path) for word in words))
    assert (said.code, said.out) == (2, "")
    assert sentence in said.error.replace("'", '"')


def test_a_time_of_no_readings_says_so(pwsched: Command, house: House, other: Path) -> None:
    empty = ("--since", "2026-07-20", "--until", "2026-07-21")
    found = readings(pwsched("check", str(other), "--journal", str(house.path), *empty, "--json"))
    assert (found["seen_hours"], found["readings"]) == (0, 0)
    assert len(found["never"]) == 6
