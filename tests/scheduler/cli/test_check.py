"""`pwsched check`: what an owner is shown of sound rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import Command, Said
from example_files import SINGLE

from rules.check import Code

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


def listed(lines: list[str]) -> list[str]:
    """The list of the rules among what was printed."""
    start = next(number for number, line in enumerate(lines) if line.startswith("  tariff "))
    end = next(number for number, line in enumerate(lines) if line.startswith("Left to [default]"))
    return lines[start : end - 1]


def test_every_rule_is_told_with_its_clause_and_what_it_sets(
    pwsched: Command, tmp_path: Path
) -> None:
    base, later = tmp_path / "base.toml", tmp_path / "later.toml"
    base.write_text(RULES)
    later.write_text(LATER)
    assert listed(pwsched("check", "--list", str(base), str(later)).lines) == [
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
    said = pwsched("check", "--list", str(path))
    assert said.code == 0
    assert max(map(len, listed(said.lines))) <= 80
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
SUN = '{"value": 20, "at": "2026-07-01T12:00:00Z"}'
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


def out_of_reach(said: Said) -> list[tuple[str, int, str]]:
    """What the site cannot have, as a program reads it: file, line and sentence."""
    findings = json.loads(said.out)["findings"]
    return [
        (each["places"][0]["file"], each["places"][0]["line"], each["text"])
        for each in findings
        if each["code"] == "out-of-reach"
    ]


def test_what_the_site_can_never_set_is_told_with_its_place(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    said = pwsched("check", "--config", site, "--json")
    assert said.code == 1
    assert json.loads(said.out)["sound"] is False
    low = "reserve 5 %: under the reserve_floor of [site.safety]; 10 % is set instead"
    buy = "grid charging on: not permitted by [site.safety]; this route cannot forbid it"
    base, later = f"{tmp_path}/base.toml", f"{tmp_path}/later.toml"
    assert sorted(out_of_reach(said)) == [
        (base, 7, "[default]: grid charging on: this route cannot set it"),
        (base, 17, f'"low": {low}'),
        (base, 23, f'"buy": {buy}'),
        (later, 4, '"first": grid charging on: this route cannot set it'),
    ]


def test_a_finding_is_shown_with_its_place_and_a_caret(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    said = pwsched("check", "--config", site)
    assert said.code == 1
    at = said.lines.index("  17 | set.reserve = 5")
    assert said.lines[at + 1] == "     | ^^^^^^^^^^^^^^^"
    assert any(line.startswith(f"{tmp_path}/base.toml:17:") for line in said.lines[:at])
    assert said.lines[-1].startswith(f"{tmp_path}/base.toml, {tmp_path}/later.toml: 4 errors")


def test_plain_http_is_warned_of_and_no_finding(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    plain, config = tmp_path / "plain.toml", Path(site)
    plain.write_text(PLAIN)
    config.write_text(config.read_text().replace('host = "', 'host = "http://'))
    said = pwsched("check", str(plain), "--config", site)
    assert said.code == 0
    (warning,) = (line for line in said.lines if line.startswith(f"{site}: warning: http://"))
    assert "anybody in your network can read the gateway's password" in warning
    assert said.lines[-1].endswith(", 1 warning")
    found = json.loads(pwsched("check", str(plain), "--config", site, "--json").out)
    assert found["warnings"] == [warning]


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
    assert [line for line in said.lines if line.startswith(f"{site}:")] == [
        f"{site}:10: safe state of home: {low}",
        f"{site}:10: safe state of home: export never: this route cannot set it",
    ]


EXPLAINED = {"left-on", "dates-passed"}
"""What the comments of the examples explain."""


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_nothing_is_found_in_an_example_that_it_does_not_explain(
    pwsched: Command, path: Path
) -> None:
    said = pwsched("check", str(path), "--json")
    assert said.code == 0
    codes = {each["code"] for each in json.loads(said.out)["findings"]}
    assert codes <= EXPLAINED
    text = path.read_text("utf-8")
    assert all(f"`{code}`" in text for code in codes)


def test_rules_that_a_site_can_set_are_fine(pwsched: Command, site: str, tmp_path: Path) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(PLAIN)
    said = pwsched("check", str(plain), "--config", site, "--from", "2026-07-01")
    assert said.code == 0
    assert said.lines[-1] == f"{plain}: sound from 01 Jul 2026 to 02 Aug 2027"


def test_older_rules_are_compared_with(pwsched: Command, tmp_path: Path) -> None:
    old, new, same = (tmp_path / f"{name}.toml" for name in ("old", "new", "same"))
    old.write_text(PLAIN + '[[rule]]\nname = "b"\npriority = 1\nset = { reserve = 40 }\n')
    same.write_text(old.read_text().replace('"b"', '"c"').replace("priority = 1", "priority = 7"))
    new.write_text(old.read_text().replace("reserve = 40", "reserve = 41"))
    said = pwsched("check", str(same), "--against", str(old), "--from", "2026-07-01")
    assert said.lines[-2] == f"Compared with {old}: proved to want the same at every moment."
    assert said.lines[-1].startswith(f"{same}: no new errors")
    said = pwsched("check", str(new), "--against", str(old), "--from", "2026-07-01")
    assert "first different on Wednesday 1 July 2026 00:00" in said.out.replace("\n  ", " ")
    assert '  before: reserve 40 % by "b": always; self_consumption by default' in said.lines
    assert '  now: reserve 41 % by "b": always; self_consumption by default' in said.lines
    assert "  for up to 8,760 h a year" in said.lines
    found = json.loads(pwsched("check", str(new), "--against", str(old), "--json").out)
    assert (found["compared"]["equal"], found["compared"]["hours_a_year"]) == (False, 8760.0)


TROUBLE = """
[[rule]]
name = "a"
while = { time = "12:00-16:00", soe_above = 80 }
set = { reserve = 30 }

[[rule]]
name = "b"
while = { soe_below = 80 }
set = { reserve = 40 }

[[rule]]
name = "c"
priority = 2
while = { time = "18:00-24:00", soe_below = 50 }
set = { mode = "backup" }
"""


def test_what_is_found_is_written_as_tests_that_pass(pwsched: Command, tmp_path: Path) -> None:
    rules, tests = tmp_path / "rules.toml", tmp_path / "found" / "shown.test.toml"
    rules.write_text(BASE + TROUBLE)
    tests.parent.mkdir()
    said = pwsched("check", str(rules), "--tests", str(tests), "--from", "2026-07-01")
    assert (said.code, said.error) == (1, f"{tests}: 2 tests written\n")
    assert pwsched("test", str(tests)).code == 0
    rules.write_text((BASE + TROUBLE).replace('"b"\n', '"b"\npriority = 1\n'))
    again = pwsched("test", str(tests), "--json")
    assert again.code == 0  # both are still active
    rules.write_text((BASE + TROUBLE).replace("soe_below = 80", "soe_below = 70"))
    assert pwsched("test", str(tests)).code == 1


def test_tests_that_cannot_be_written_are_a_sentence(pwsched: Command, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(BASE + TROUBLE)
    said = pwsched("check", str(rules), "--tests", str(tmp_path / "no" / "x.test.toml"))
    assert said.code == 2
    assert said.error.startswith("pwsched: --tests: cannot write ")


def test_only_what_is_new_is_told(pwsched: Command, tmp_path: Path) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    twice = PLAIN + '[[rule]]\nname = "b"\nset = { reserve = 40 }\n'
    old.write_text(twice)
    new.write_text(twice + '[[rule]]\nname = "c"\nset = { mode = "backup" }\n')
    assert pwsched("check", str(old)).code == 1
    said = pwsched("check", str(new), "--against", str(old), "--json")
    assert said.code == 0
    assert [each["code"] for each in json.loads(said.out)["findings"]] == ["left-on"]


def test_the_input_folder_is_looked_at(pwsched: Command, site: str, tmp_path: Path) -> None:
    config, asking = Path(site), tmp_path / "asking.toml"
    config.write_text(config.read_text().replace("gateway =", 'inputs = "inputs"\ngateway ='))
    for name, text in (("flags/storm", ""), ("values/sun.json", SUN)):
        (tmp_path / "inputs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "inputs" / name).write_text(text)
    asking.write_text(
        BASE
        + """
[[rule]]
name = "a"
while = { input = "sum", below = 5 }
set = { reserve = 30 }

[[rule]]
name = "b"
priority = 1
while = { input = "sun", below = 5, any = [{ flag = "strom" }, { flag = "away" }] }
set = { reserve = 40 }
"""
    )
    said = pwsched("check", str(asking), "--config", site, "--json")
    found = {each["code"]: each for each in json.loads(said.out)["findings"]}
    assert said.code == 0
    assert found["missing-input"]["text"].startswith('"a" needs the input "sum"')
    assert found["missing-input"]["places"][0]["line"] == 10
    assert found["similar-flag"]["text"].startswith('"b" asks for the flag "strom"')


def test_prices_by_the_day_take_the_place_of_the_tariff_s(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    config, priced = Path(site), tmp_path / "priced.toml"
    config.write_text(config.read_text().replace("gateway =", 'inputs = "inputs"\ngateway ='))
    priced.write_text(
        PLAIN.replace("set =", "while = { price_above = 5 }\nset =").replace(
            "[default]", 'tariff = "sce-tou-d-prime"\n\n[default]'
        )
    )
    assert "never-active" in pwsched("check", str(priced), "--config", site).out
    (tmp_path / "inputs").mkdir()
    slot = {"start": "2026-07-01T00:00:00Z", "end": "2026-07-01T01:00:00Z", "import": 0.2}
    (tmp_path / "inputs" / "prices.json").write_text(json.dumps([slot]))
    said = pwsched("check", str(priced), "--config", site)
    assert said.error == ""
    assert "never-active" not in said.out


@pytest.mark.parametrize("code", Code)
def test_a_kind_of_finding_is_explained(pwsched: Command, code: str) -> None:
    said = pwsched("check", "--explain", code)
    assert said.code == 0
    assert said.lines[0].startswith(f"# {code}: ")
    assert {"## Repair", "## Why"} <= set(said.lines)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--explain", "nothing"], '--explain: there is no finding "nothing"; say one of conflict'),
        (["x.toml", "--from", "tomorrow"], "x.toml: cannot be read"),
        (["PLAIN", "--from", "summer"], '--from: must be a date like 2026-07-01, got "summer"'),
    ],
)
def test_a_wrong_call_is_one_sentence(
    pwsched: Command, tmp_path: Path, options: list[str], problem: str
) -> None:
    plain = tmp_path / "plain.toml"
    plain.write_text(PLAIN)
    said = pwsched("check", *(str(plain) if each == "PLAIN" else each for each in options))
    assert said.code == 2
    assert problem in said.error
    assert said.error.count("\n") == 1


NONE_FOUND = (
    "no configuration found: neither ./pwsched.toml nor /etc/pwsched/pwsched.toml is there, and"
    " PWSCHED_CONFIG is not set; say --config FILE, or the rule files"
)


@pytest.mark.parametrize("command", ["check", "explain"])
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], NONE_FOUND),
        (["--site", "home"], NONE_FOUND),
        (["--config", "two"], "--site: say which of home, hut"),
        (["--config", "two", "--site", "x"], '--site: there is no site "x"; there are: home, hut'),
    ],
)
def test_which_rules_are_meant(
    pwsched: Command,
    site: str,
    tmp_path: Path,
    command: str,
    options: list[str],
    problem: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PWSCHED_CONFIG", raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
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
        out_of_reach(pwsched("check", "--config", str(two), "--site", name, "--json"))
        for name in ("home", "hut")
    )
    assert [len(each) for each in (at_home, at_hut)] == [4, 2]


def test_a_default_that_a_later_file_replaces_is_told_of_where_it_stands(
    pwsched: Command, site: str, tmp_path: Path
) -> None:
    (tmp_path / "base.toml").write_text(PLAIN)
    (tmp_path / "later.toml").write_text(
        'replaces = ["default"]\n[default]\nreserve = 30\nexport = "never"\n'
    )
    said = pwsched("check", "--config", site, "--json")
    assert said.code == 1
    assert out_of_reach(said) == [
        (f"{tmp_path}/later.toml", 4, "[default]: export never: this route cannot set it")
    ]
