"""`pwsched check`: what an owner is shown of sound rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import Command

EXAMPLES = Path(__file__).parents[3] / "examples"
BASE = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
"""
EVERY = sorted(EXAMPLES.glob("*.toml"))
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
