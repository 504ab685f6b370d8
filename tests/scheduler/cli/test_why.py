"""What an owner is told of a moment, of other rules, and what a script gets."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commanding import Command
from house import AFTERNOON, BASE, SELF, House, local
from journaling import stored

from rules.domain import Setting
from scheduler.simulator.home import Outage

pytestmark = pytest.mark.xdist_group("why")
"""One worker plays the day that all of them ask about."""

RULES = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "01:00-05:00", soe_below = 60 }
set   = { battery = "charge", to = 60 }

[[rule]]
name     = "outage"
priority = 100
while    = { grid = "down" }
set      = { mode = "backup", reserve = 100 }
"""
)
LATER = RULES.replace("01:00-05:00", "02:00-05:00")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A night and a day: filling up, an outage, a hold, a pause of the daemon and a kill."""
    folder = tmp_path_factory.mktemp("house")
    outages = [Outage(local(7, 15, "10:00"), local(7, 15, "11:00"))]
    found = House(folder, RULES, local(7, 14, "22:00"), soe=35.0, outages=outages)

    def hold() -> None:
        assert found.loop is not None
        found.hold("anna", reserve=70, lasting="2h")

    found.at(local(7, 15, "17:00"), hold)
    found.play(local(7, 15, "19:30"))
    found.wait(local(7, 15, "20:00"))
    found.play(local(7, 15, "20:30"), kill=True)
    found.wait(local(7, 15, "21:00"))
    found.play(local(7, 15, "21:30"))
    return found


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "80")
    return Command(monkeypatch, capsys)


def told(pwsched: Command, house: House, at: str) -> str:
    said = pwsched("why", "--journal", str(house.path), "--at", at)
    assert said.error == ""
    assert all(len(line) <= 80 for line in said.lines)
    return " ".join(said.out.split())


def test_why_names_the_rule_what_it_wanted_and_what_became_of_it(
    pwsched: Command, house: House
) -> None:
    text = told(pwsched, house, "2026-07-15T02:30")
    assert text.startswith("home, Wednesday 15 July 2026, 02:30 (PDT)")
    assert "Wanted since 01:00: backup, reserve 60 %." in text
    assert "Last written at 01:00: backup, reserve 60 % instead of self_consumption" in text
    assert "held 5 s later" in text
    assert "fill up: asked for charge to 60 %" in text
    assert "time was Wed 02:29, as needed: 01:00-05:00" in text
    assert "SOE was 54.6 %, as needed: below 62 % (60 % to become active)" in text


def test_why_not(pwsched: Command, house: House) -> None:
    text = told(pwsched, house, "2026-07-15T12:00")
    assert "fill up: inactive time was Wed 11:59, needed: 01:00-05:00" in text
    assert "SOE was" not in text
    assert "outage: inactive grid was up, needed: down" in text


def test_why_a_part_was_not_set(pwsched: Command, tmp_path: Path) -> None:
    text = AFTERNOON.replace("reserve = 20", "reserve = 20\ngrid_charging = false", 1)
    text = text.replace("reserve = 100 }", "reserve = 100, grid_charging = true }")
    only = '[[rule]]\nname = "buy"\npriority = 9\nwhile = { time = "14:00-16:00" }\n'
    rules = f"{text}\n{only}set = {{ grid_charging = true }}\n"
    house = House(tmp_path, rules, local(7, 15, "13:50")).play(local(7, 15, "14:30"))
    said = told(pwsched, house, "2026-07-15T14:20")
    here = "grid charging on: this route cannot set it"
    assert f"and decided the mode and reserve {here} time was" in said
    assert f"buy: asked for grid charging on, of which nothing could be set {here}" in said


def test_the_owners_word_stands_above_the_rules(pwsched: Command, house: House) -> None:
    text = told(pwsched, house, "2026-07-15T18:00")
    assert "Above the rules stood: reserve 70 % by manual hold until 19:00 (anna)." in text
    assert "Above the rules" not in told(pwsched, house, "2026-07-15T19:15")


def test_a_change_made_in_the_app_is_told(pwsched: Command, tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, local(7, 15, "13:00"))
    house.at(local(7, 15, "14:30"), house.gateway.set_in_app, Setting(SELF, 40))
    house.play(local(7, 15, "15:30"))
    assert "Somebody else's change was respected since" in told(pwsched, house, "2026-07-15T15:15")


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("2026-07-01T00:00", "Nothing is known of Wednesday 01 July 2026, 00:00 (PDT)"),
        ("2026-07-15T19:45", "it was stopped at 19:30 (done); it started again at 20:00."),
        ("2026-07-15T20:45", "it was cut off after 20:"),
        ("2026-07-15T23:00", "it was stopped at 21:30 (done) and has not started since."),
    ],
)
def test_where_nothing_is_known_a_sentence_says_why(
    pwsched: Command, house: House, at: str, sentence: str
) -> None:
    said = pwsched("why", "--journal", str(house.path), "--at", at)
    assert said.code == 1
    assert sentence in " ".join(said.out.split())


def test_a_journal_without_the_rule_files_tells_what_it_can(
    pwsched: Command, tmp_path: Path
) -> None:
    house = House(tmp_path, AFTERNOON, local(7, 15, "13:00")).play(local(7, 15, "15:00"))
    stored_in(house.path, "DELETE FROM rule_files")
    text = told(pwsched, house, "2026-07-15T21:30Z")
    assert "2026, 21:30 (UTC)" in text
    assert "Wanted since 21:00: backup, reserve 100 %" in text
    assert "Rule by rule it cannot be told: the rule files" in text


def stored_in(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_why_as_json(pwsched: Command, house: House) -> None:
    said = pwsched("why", "--journal", str(house.path), "--at", "2026-07-15T02:30", "--json")
    found = json.loads(said.out)
    assert found["write"]["outcome"] == "held"
    assert found["decided"]["winners"] == {"mode": "fill up", "reserve": "fill up"}
    states = [(rule["name"], rule["state"]) for rule in found["explanation"]["rules"]]
    assert states == [("outage", "inactive"), ("fill up", "active")]


def other(house: House, name: str, text: str) -> str:
    path = house.path.parent / name
    path.write_text(text)
    return str(path)


SPAN = ("--since", "2026-07-14T22:30", "--until", "2026-07-15T19:00")


def test_the_same_rules_would_have_wanted_the_same(pwsched: Command, house: House) -> None:
    rules = other(house, "same.toml", RULES)
    said = pwsched("replay", "--journal", str(house.path), "--rules", rules, *SPAN)
    assert (said.code, said.error) == (0, "")
    assert "Nothing would have been different" in said.out


def test_other_rules_are_compared_write_by_write(pwsched: Command, house: House) -> None:
    rules = other(house, "later.toml", LATER)
    arguments = ("replay", "--journal", str(house.path), "--rules", rules, *SPAN)
    (difference,) = json.loads(pwsched(*arguments, "--json").out)["differences"]
    assert difference["start"] == local(7, 15, "01:00").isoformat()
    assert 3600 <= difference["seconds"] <= 3630
    assert (difference["was"]["mode"], difference["would"]["mode"]) == (
        "backup",
        "self_consumption",
    )
    assert (difference["was_by"], difference["would_by"]) == (["fill up"], ["default"])
    text = " ".join(pwsched(*arguments).out.split())
    assert "Different for 60 min of" in text
    assert "The readings are those of the house as it was." in text


def test_the_picture_is_saved(pwsched: Command, house: House, tmp_path: Path) -> None:
    rules, picture = other(house, "later.toml", LATER), tmp_path / "bands.svg"
    said = pwsched(
        "replay", "--journal", str(house.path), "--rules", rules, *SPAN, "--picture", str(picture)
    )
    assert said.code == 0
    assert "would" in picture.read_text("utf-8")


def test_observations_are_exported_with_means_where_readings_are_gone(
    pwsched: Command, house: House
) -> None:
    said = pwsched("journal", "export", "--journal", str(house.path), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    ((count,),) = stored(house.path, "SELECT count(*) FROM observation")
    assert len(rows) == count
    assert rows[0]["soe"] == "35.0"
    assert {row["readings"] for row in rows} == {"1"}


def test_other_kinds_are_exported_as_lines(pwsched: Command, house: House, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    arguments = ("--format", "jsonl", "--kind", "intent", "-o", str(out))
    assert pwsched("journal", "export", "--journal", str(house.path), *arguments).code == 0
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert rows[0].keys() >= {"at", "site", "wanted_mode", "wanted_reserve", "reason"}
    assert len(rows) == len(house.actions) + len(house.probes)
