"""`pwsched check`: what an owner is shown of sound rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import Command
from example_files import SINGLE

EXAMPLES = Path(__file__).parents[3] / "examples"
BASE = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
"""
EVERY = SINGLE
LATER = """off = ["switched off"]

[[rule]]
name = "second"
replaces = "first"
set = { reserve_at_least = 30 }
"""
RULES = (
    BASE
    + """
[[rule]]
name = "first"
set = { reserve = 50 }

[[rule]]
name = "switched off"
set = { reserve = 60 }

[[rule]]
name = "disabled"
enabled = false
set = { reserve = 70 }

[[rule]]
name = "everything"
priority = 5
even_if_overridden = true
why = "because"
while.time = ["22:00-06:00", "12:00-14:00"]
while.soe_below = 30
while.any = [{ grid = "down" }, { flag = "storm", months = "dec" }]
while.all = [{ flag = "away" }, { flag = "cold" }]
margin = 5
for = "2m"
set = { battery = "charge", to = 60 }

[[rule]]
name = "tell"
when = { at = "07:15", days = "weekdays" }
do = "notify"
message = "Look \\u001b[2J"
"""
)


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_every_rule_is_told_with_its_clause_and_what_it_sets(
    pwsched: Command, tmp_path: Path
) -> None:
    base, later = tmp_path / "base.toml", tmp_path / "later.toml"
    base.write_text(RULES)
    later.write_text(LATER)
    assert pwsched("check", str(base), str(later)).lines[1:] == [
        "  tariff    none",
        "  zone      America/Los_Angeles",
        "",
        '  "everything" (priority 5, even against a change by hand)',
        "    while     time 22:00-06:00 or 12:00-14:00, soe_below 30, one of (grid down)",
        "              or (flag storm, months dec), all of (flag away) and (flag cold)",
        "    set       charge to 60 %",
        "    for       2m",
        "    margin    5",
        "    why       because",
        "",
        '  "second"',
        "    while     always",
        "    set       reserve at least 30 %",
        "",
        "  default",
        "    set       self_consumption, reserve 20 %",
        "",
        '  "tell"',
        "    when      at 07:15, days weekdays",
        '    do        notify: "Look \\x1b[2J"',
        "",
        '  off       "first", "switched off", "disabled"',
    ]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_example_fits_a_terminal(pwsched: Command, path: Path) -> None:
    said = pwsched("check", str(path))
    assert said.code == 0
    assert max(map(len, said.lines[1:])) <= 80
    names = json.loads(pwsched("check", "--json", str(path)).out)
    for name in (*names["state_rules"], *names["event_rules"]):
        assert f'  "{name}"' in said.out


# --- what a site cannot set -----------------------------------------------------------------------

SITE = """
[[site]]
name = "NAME"
rules = ["base.toml", "later.toml"]
gateway = { host = "192.168.1.2" }

[site.safety]
reserve_floor = 10
grid_charging = false
safe = { mode = "self_consumption", reserve = 20 }
"""
ASKING = (
    BASE
    + """\
grid_charging = true

[[rule]]
name = "first"
set = { reserve = 50, grid_charging = false }

[[rule]]
name = "low"
while.soe_below = 30
set.battery = "use"
set.reserve = 5

[[rule]]
name = "buy"
priority = 5
while = { time = "12:00-14:00" }
set = { battery = "charge", to = 60 }
"""
)
PLAIN = BASE + '[[rule]]\nname = "a"\nset = { reserve = 30 }\n'


@pytest.fixture
def site(tmp_path: Path) -> str:
    (tmp_path / "base.toml").write_text(ASKING)
    (tmp_path / "later.toml").write_text(
        '[[rule]]\nname = "first"\nreplaces = "first"\nset = { grid_charging = true }\n'
    )
    config = tmp_path / "pwsched.toml"
    config.write_text(SITE.replace("NAME", "home"))
    return str(config)


def test_what_the_site_can_never_set_is_told_with_its_place(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    said = pwsched("check", "--config", site)
    assert said.code == 1
    assert said.lines[0] == f"{tmp_path}/base.toml, {tmp_path}/later.toml: sound"
    low = "reserve 5 %: under the reserve_floor of [site.safety]; 10 % is set instead"
    buy = "grid charging on: not permitted by [site.safety]; this route cannot forbid it"
    assert said.lines[-5:] == [
        "",
        f"{tmp_path}/base.toml:7: [default]: grid charging on: this route cannot set it",
        f'{tmp_path}/base.toml:17: rule "low": {low}',
        f'{tmp_path}/base.toml:23: rule "buy": {buy}',
        f'{tmp_path}/later.toml:4: rule "first": grid charging on: this route cannot set it',
    ]


def test_as_a_program_reads_it(pwsched: Command, site: str, tmp_path: Path) -> None:
    said = pwsched("check", "--config", site, "--json")
    found = json.loads(said.out)
    assert said.code == 1
    assert found["sound"] is True
    assert found["findings"][0] == {
        "file": f"{tmp_path}/base.toml",
        "line": 7,
        "text": "[default]: grid charging on: this route cannot set it",
    }
    assert len(found["findings"]) == 4


def test_the_safe_state_is_looked_at_too(pwsched: Command, site: str, tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(PLAIN)
    config = Path(site)
    config.write_text(
        config.read_text().replace("reserve = 20 }", 'reserve = 8, export = "never" }')
    )
    said = pwsched("check", str(plain), "--config", site)
    assert said.code == 1
    low = "reserve 8 %: under the reserve_floor of [site.safety]; 10 % is set instead"
    assert said.lines[-2:] == [
        f"{site}:10: safe state of home: {low}",
        f"{site}:10: safe state of home: export never: this route cannot set it",
    ]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_without_a_site_nothing_falls_short(pwsched: Command, path: Path) -> None:
    said = pwsched("check", str(path), "--json")
    assert (said.code, json.loads(said.out)["findings"]) == (0, [])


def test_rules_that_a_site_can_set_are_fine(pwsched: Command, site: str, tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(PLAIN)
    said = pwsched("check", str(plain), "--config", site)
    assert said.code == 0
    assert said.lines[-2:] == ["  default", "    set       self_consumption, reserve 20 %"]


@pytest.mark.parametrize("command", ["check", "explain"])
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "say which rule files, or --config FILE for those of a site"),
        (["--site", "home"], "--site: goes with --config FILE"),
        (["--config", "two"], "--site: say which of home, hut"),
        (["--config", "two", "--site", "x"], '--site: there is no site "x"; there are: home, hut'),
    ],
)
def test_which_rules_are_meant(
    pwsched: Command, site: str, tmp_path: Path, command: str, options: list[str], problem: str
) -> None:
    two = tmp_path / "two.toml"
    two.write_text(Path(site).read_text() + SITE.replace("NAME", "hut"))
    options = [str(two) if each == "two" else each for each in options]
    assert pwsched(command, *options) == (2, "", f"pwsched: {problem}\n")


def test_one_of_several_sites(pwsched: Command, site: str, tmp_path: Path) -> None:
    two = tmp_path / "two.toml"
    two.write_text(
        Path(site).read_text()
        + SITE.replace("NAME", "hut").replace("grid_charging = false", "").replace("= 10", "= 0")
    )
    at_home, at_hut = (
        json.loads(pwsched("check", "--config", str(two), "--site", name, "--json").out)
        for name in ("home", "hut")
    )
    assert [len(each["findings"]) for each in (at_home, at_hut)] == [4, 2]
