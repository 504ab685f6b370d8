"""`pwsched explain`: the decision at a moment, as a person and as a program read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import Command
from example_files import SINGLE

ROOT = Path(__file__).parents[3]
EXAMPLE = str(ROOT / "examples" / "tou_sce.toml")

RULES = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "night"
why = "the car charges then"
while = { time = "01:00-02:00" }
set = { battery = "hold" }

[[rule]]
name = "sell"
priority = 2
while = { export_above = "1.5 kW", solar_above = 2000 }
set = { mode = "backup" }

[[rule]]
name = "work"
priority = 1
while = { discharging_above = "2 kW", load_below = 3000 }
set = { reserve = 60 }
keep = "10m"

[[rule]]
name = "storm"
priority = 3
while = { any = [{ flag = "storm" }, { input = "wind", above = 20 }] }
set = { battery = "charge", to = 90 }
"""


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def test_as_a_person_reads_it(pwsched: Command) -> None:
    said = pwsched("explain", EXAMPLE, "--at", "2026-01-15T13:05", "--soe", "40", "--grid", "up")
    assert [line.rstrip() for line in said.lines] == [
        "Thursday 15 January 2026 13:05 (PST)",
        "wanted: backup, reserve 60 %",
        "until: 14:00 at least, on these readings",
        "",
        "half full by two: wins mode and reserve",
        "  yes      time       Thu 13:05         12:00-14:00",
        "  wants: charge to 60 %; here: backup, reserve 60 %",
        "",
        "full before the peak: not active",
        "  no       time       Thu 13:05         14:00-15:55",
        "",
        "keep the rest of a low battery for the night: not active",
        "  no       time       Thu 13:05         21:00-06:00",
        "  no       soe_below  40.0 %            below 30 %",
        "",
        "event firmware before the peak: firmware-check, next due 15:00",
    ]


@pytest.mark.parametrize("path", SINGLE, ids=lambda p: p.stem)
@pytest.mark.parametrize("at", ["2026-07-15T13:05", "2026-12-24T02:00"])
def test_it_fits_a_terminal_of_80_columns(pwsched: Command, path: Path, at: str) -> None:
    said = pwsched("explain", str(path), "--at", at, "--soe", "40", "--flag", "storm")
    assert said.code == 0
    assert max(map(len, said.lines)) <= 80


def test_what_is_not_given_is_unknown(pwsched: Command, rules: str) -> None:
    said = pwsched("explain", rules, "--at", "2026-07-15T01:30", "--json")
    (night,) = (rule for rule in json.loads(said.out)["rules"] if rule["name"] == "night")
    assert night["active"]
    assert night["won"] == ["mode", "reserve"]
    assert (
        "wants: hold the battery; here: left as it is"
        in pwsched("explain", rules, "--at", "2026-07-15T01:30").out
    )
    verdicts = {
        rule["name"]: [clause["verdict"] for clause in rule["clauses"]]
        for rule in json.loads(said.out)["rules"]
    }
    assert verdicts == {
        "storm": [None],
        "sell": [None, None],
        "work": [None, None],
        "night": [True],
    }
    states = {rule["name"]: rule["state"] for rule in json.loads(said.out)["rules"]}
    assert states == {"storm": "stale", "sell": "stale", "work": "stale", "night": "active"}


def test_the_state_of_a_rule_that_waits_and_of_one_that_is_closed(
    pwsched: Command, tmp_path: Path
) -> None:
    rules = tmp_path / "waiting.toml"
    rules.write_text(
        RULES
        + """
[[rule]]
name = "waits"
while = { soe_above = 50 }
for = "5m"
set = { reserve = 60 }
"""
    )
    said = pwsched("explain", str(rules), "--at", "2026-07-15T12:30", "--soe", "80", "--json")
    found = {
        rule["name"]: (rule["state"], rule["active"]) for rule in json.loads(said.out)["rules"]
    }
    assert (found["waits"], found["night"]) == (("pending", False), ("inactive", False))


@pytest.mark.parametrize(
    ("options", "verdicts"),
    [
        (["--solar", "2 kW", "--grid-power", "-1.5 kW"], {"sell": [True, True]}),
        (["--solar", "1999 W", "--grid-power", "-1499"], {"sell": [False, False]}),
        (["--solar", "2000", "--grid-power", "1.5 kW"], {"sell": [True, False]}),
        (["--battery", "2000 W", "--load", "2999"], {"work": [True, True]}),
        (["--battery", "-2000 W", "--load", "3 kW"], {"work": [False, False]}),
        (["--flag", "storm"], {"storm": [True]}),
        (["--flag", "other", "--input", "wind=20"], {"storm": [True]}),
        (["--flag", "other", "--input", "wind=-19.9"], {"storm": [False]}),
    ],
)
def test_powers_with_their_signs_and_what_comes_from_outside(
    pwsched: Command, rules: str, options: list[str], verdicts: dict[str, list[bool]]
) -> None:
    said = json.loads(pwsched("explain", rules, "--json", *options).out)
    found = {
        rule["name"]: [clause["verdict"] for clause in rule["clauses"]]
        for rule in said["rules"]
        if rule["name"] in verdicts
    }
    order = {"sell": ["solar_above", "export_above"], "work": ["load_below", "discharging_above"]}
    for rule in said["rules"]:
        if rule["name"] in order:
            keys = [clause["key"].partition(".")[2] for clause in rule["clauses"]]
            assert keys == order[rule["name"]]
    assert found == verdicts


@pytest.mark.parametrize(
    ("at", "shown", "utc", "active"),
    [
        ("2026-11-01T00:59", "Sunday 01 November 2026 00:59 (PDT)", "07:59", False),
        ("2026-11-01T01:30-07:00", "Sunday 01 November 2026 01:30 (PDT)", "08:30", True),
        ("2026-11-01T01:30-08:00", "Sunday 01 November 2026 01:30 (PST)", "09:30", True),
        ("2026-11-01T02:00", "Sunday 01 November 2026 02:00 (PST)", "10:00", False),
        ("2026-03-08T01:59", "Sunday 08 March 2026 01:59 (PST)", "09:59", True),
        ("2026-03-08T03:30", "Sunday 08 March 2026 03:30 (PDT)", "10:30", False),
        ("2026-03-08T10:00Z", "Sunday 08 March 2026 03:00 (PDT)", "10:00", False),
    ],
)
def test_local_times_on_both_clock_change_nights(
    pwsched: Command, rules: str, at: str, shown: str, utc: str, active: bool
) -> None:
    assert pwsched("explain", rules, "--at", at, "--soe", "50").lines[0] == shown
    said = json.loads(pwsched("explain", rules, "--at", at, "--soe", "50", "--json").out)
    assert said["at"] == f"{at[:10]}T{utc}:00+00:00"
    assert said["rules"][-1]["active"] is active
    assert said["setting"]["reserve"] == (50 if active else 20)


@pytest.mark.parametrize(
    ("version", "written"),
    [
        ("1.15", None),
        ("1.22.1", None),
        ("1.49.0", None),
        ("21.44", None),
        ("23.28.2", "autonomous"),
        (None, None),
    ],
)
def test_nothing_is_written_for_a_mode_that_the_firmware_cannot_set(
    pwsched: Command, tmp_path: Path, version: str | None, written: str | None
) -> None:
    path = tmp_path / "autonomous.toml"
    path.write_text(RULES.replace('mode = "self_consumption"', 'mode = "autonomous"'))
    arguments = ["explain", str(path), "--at", "2026-07-15T12:00"]
    arguments += [] if version is None else ["--firmware", version]
    said = json.loads(pwsched(*arguments, "--json").out)
    assert said["setting"]["mode"] == "autonomous"
    assert (said["written"]["mode"], said["written"]["reserve"]) == (written, written and 20)
    line = "written: nothing: this route cannot set autonomous"
    assert (line in pwsched(*arguments).lines) is (written is None)


def test_what_the_firmware_can_set_counts(pwsched: Command, rules: str) -> None:
    arguments = ["explain", rules, "--at", "2026-07-15T01:30", "--soe", "90", "--json"]
    old, new = (
        json.loads(pwsched(*arguments, "--firmware", version).out)["setting"]["reserve"]
        for version in ("23.44.3", "25.18.4")
    )
    assert (old, new) == (90, 80)


def test_now_unless_said(pwsched: Command, rules: str) -> None:
    assert pwsched("explain", rules).code == 0


A_TIME = 'must be a time like "16:05", "tomorrow 16:05", "2h ago", "3d" or "2026-07-15 16:05"'
LIKE = 'must be watts, or a power like "2 kW", got'


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--at", "noon"], f'--at: {A_TIME}, got "noon"'),
        (["--at", "0001-01-01"], '--at: "0001-01-01" is in no year of ours'),
        (["--at", "1999-01-01"], "--at: must be in the years 2000 to 2099"),
        (
            ["--at", "2026-03-08 02:30"],
            "--at: the clocks go forward over 02:30 on 8 March 2026, so there is no such time",
        ),
        (
            ["--at", "2026-11-01 01:30"],
            (
                "--at: the clock shows 01:30 twice on 1 November 2026; say which:"
                " 2026-11-01T01:30-07:00 or 2026-11-01T01:30-08:00"
            ),
        ),
        (["--grid", "off"], '--grid: must be up, down or a gateway\'s word, got "off"'),
        (["--solar", "2 kilowatts"], f'--solar: {LIKE} "2 kilowatts"'),
        (["--load", "²"], f'--load: {LIKE} "²"'),
        (["--grid-power", "--5"], f'--grid-power: {LIKE} "--5"'),
        (["--battery", ""], f'--battery: {LIKE} ""'),
        (["--input", "wind"], '--input: must be like "sun=25", got "wind"'),
        (["--input", "wind=strong"], '--input: must be a number, got "strong"'),
        (["--input", "wind=nan"], '--input: must be a number, got "nan"'),
        (["--input", "=5"], '--input: must be small letters and digits like "storm", got ""'),
        (["--flag", "Storm"], '--flag: must be small letters and digits like "storm", got "Storm"'),
        (["--firmware", "new"], '--firmware: must be like "23.44.3", got "new"'),
    ],
)
def test_a_mistake_is_one_sentence(
    pwsched: Command, rules: str, options: list[str], problem: str
) -> None:
    assert pwsched("explain", rules, *options) == (2, "", f"pwsched: {problem}\n")


@pytest.mark.parametrize("soe", ["-1", "101", "nan", "full"])
def test_a_state_of_energy_is_a_percentage(pwsched: Command, rules: str, soe: str) -> None:
    said = pwsched("explain", rules, "--soe", soe)
    assert (said.code, said.out) == (2, "")


def test_rules_that_cannot_be_used(pwsched: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(RULES.replace("soe", "x").replace("= 20 }]", "= true }]"), encoding="utf-8")
    said = pwsched("explain", str(path))
    assert said.code == 2
    assert said.error.endswith("while.any[1].above: must be a number, got true\n")


# --- what the owner's route can set ---------------------------------------------------------------

CONFIG = """
[[site]]
name = "home"
rules = ["asking.toml"]
gateway = { host = "192.168.1.2" }

[site.safety]
reserve_floor = 30
grid_charging = false
safe = { mode = "self_consumption", reserve = 30 }
"""
ASKING = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
export = "never"

[[rule]]
name = "sell"
priority = 1
while = { soe_above = 80 }
set = { export = "battery_ok" }

[[rule]]
name = "buy"
while = { soe_above = 10 }
set = { battery = "charge", to = 90 }
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    (tmp_path / "asking.toml").write_text(ASKING, encoding="utf-8")
    path = tmp_path / "pwsched.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return str(path)


def test_what_cannot_be_set_is_told_and_not_that_it_was_outranked(
    pwsched: Command, config: str
) -> None:
    said = pwsched("explain", "--config", config, "--at", "2026-01-15T13:05", "--soe", "85")
    assert [line.rstrip() for line in said.lines] == [
        "Thursday 15 January 2026 13:05 (PST)",
        "wanted: backup, reserve 80 %",
        "until: Fri 16 Jan 00:00 at least, on these readings",
        "",
        "sell: active, and nothing of it can be set here",
        "  yes      soe_above  85.0 %            at least 80 %",
        "  wants: export battery_ok",
        "  export battery_ok: this route cannot set it",
        "",
        "buy: wins mode and reserve",
        "  yes      soe_above  85.0 %            at least 10 %",
        "  wants: charge to 90 %; here: backup, reserve 80 %",
        "  grid charging on: not permitted by [site.safety]; this route cannot forbid it",
        "",
        "default: wins nothing",
        "  reserve 20 %: under the reserve_floor of [site.safety]; 30 % is set instead",
        "  export never: this route cannot set it",
    ]


def test_what_would_be_written_where_that_is_not_what_is_wanted(
    pwsched: Command, config: str
) -> None:
    arguments = ["explain", "--config", config, "--at", "2026-01-15T13:05", "--soe", "5"]
    assert pwsched(*arguments).lines[1:3] == [
        "wanted: self_consumption, reserve 20 %",
        "written: self_consumption, reserve 30 %",
    ]
    said = json.loads(pwsched(*arguments, "--json").out)
    assert (said["setting"]["reserve"], said["written"]["reserve"]) == (20, 30)
    assert said["default_out_of_reach"][1] == "export never: this route cannot set it"
    out_of_reach = {rule["name"]: rule["out_of_reach"] for rule in said["rules"]}
    assert out_of_reach["sell"] == ["export battery_ok: this route cannot set it"]


def test_other_rules_under_the_limits_of_a_site(pwsched: Command, config: str, rules: str) -> None:
    said = pwsched("explain", rules, "--config", config, "--at", "2026-07-15T12:00")
    assert "written: self_consumption, reserve 30 %" in said.lines
    assert "written:" not in pwsched("explain", rules, "--at", "2026-07-15T12:00").out


def test_every_clause_is_named_with_the_table_it_stands_in(pwsched: Command, rules: str) -> None:
    said = pwsched("explain", rules, "--at", "2026-07-15T01:30", "--json")
    keys = [clause["key"] for rule in json.loads(said.out)["rules"] for clause in rule["clauses"]]
    assert "while.time" in keys
    assert all(key.startswith("while.") for key in keys)


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_word_is_broken(pwsched: Command, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    example = str(ROOT / "examples" / "outage_prone.toml")
    said = pwsched("explain", example, "--at", "2026-07-15T16:05", "--soe", "40", "--grid", "up")
    assert max(map(len, said.lines)) <= min(columns, 80)
    assert "SystemGridConnected" in said.out.split()
