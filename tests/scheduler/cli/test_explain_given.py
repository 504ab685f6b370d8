"""`pwsched explain` with prices, inputs and events: what fires, what is due, what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commanding import Command

RULES = """\
language = 1
timezone = "Europe/Zurich"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "cheap"
while = { price_below = 0.10 }
set = { battery = "charge", to = 80 }

[[rule]]
name = "a bright day"
while = { input = "sun", above = 20 }
set = { reserve = 10 }

[[rule]]
name = "firmware"
when = { at = "07:15", grid = "up" }
do = "firmware-check"

[[rule]]
name = "christmas"
when = { at = "12:00", dates = "12-24" }
do = "notify"
message = "leave the ham in"

[[rule]]
name = "long ago"
when = { at = "12:00", dates = "2020-12-24" }
do = "notify"
message = "too late"

[[rule]]
name = "dear"
when = { price_above = 0.50 }
do = "notify"
message = "dear"
"""
PRICES = """[
  {"start": "2026-07-15T07:00+02:00", "end": "2026-07-15T08:00+02:00", "import": 0.05},
  {"start": "2026-07-15T08:00+02:00", "end": "2026-07-15T09:00+02:00", "import": 0.60}
]"""
MISSING = "its prices are unknown: none are given; give them with --prices FILE"


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def rules(tmp_path: Path) -> str:
    return put(tmp_path / "rules.toml", RULES)


def put(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def events(said: str) -> dict[str, str]:
    """What is told of each event."""
    lines = [line for line in said.splitlines() if line.startswith("event ")]
    return dict(line.removeprefix("event ").split(": ", 1) for line in lines)


def test_prices_and_inputs_decide_as_in_the_daemon(
    pwsched: Command, rules: str, tmp_path: Path
) -> None:
    prices = put(tmp_path / "prices.json", PRICES)
    arguments = ["explain", rules, "--soe", "40", "--input", "sun=25", "--prices", prices]
    early = json.loads(pwsched(*arguments, "--at", "2026-07-15 07:30", "--json").out)
    later = json.loads(pwsched(*arguments, "--at", "2026-07-15 08:30", "--json").out)
    assert (early["setting"]["reserve"], early["until"][:16]) == (80, "2026-07-15T06:00")
    assert (later["setting"]["reserve"], later["until"][:16]) == (10, "2026-07-15T07:00")
    assert early["notes"] == {}
    assert pwsched(*arguments, "--at", "2026-07-15 07:30").lines[2] == (
        "until: 08:00 at least, on these readings"
    )


def test_a_link_to_prices_is_followed(pwsched: Command, rules: str, tmp_path: Path) -> None:
    put(tmp_path / "prices.json", PRICES)
    (tmp_path / "latest.json").symlink_to(tmp_path / "prices.json")
    prices = str(tmp_path / "latest.json")
    said = pwsched("explain", rules, "--at", "2026-07-15 07:30", "--soe", "40", "--prices", prices)
    assert "wanted: backup, reserve 80 %" in said.lines


def test_without_prices_a_rule_that_looks_at_them_says_so(pwsched: Command, rules: str) -> None:
    said = pwsched("explain", rules, "--at", "2026-07-15 07:30")
    assert said.out.count(MISSING) == 2
    told = json.loads(pwsched("explain", rules, "--at", "2026-07-15 07:30", "--json").out)
    assert told["notes"] == {"cheap": MISSING, "dear": MISSING}


def test_a_tariff_s_prices_need_no_file_unless_export_is_asked_for(
    pwsched: Command, tmp_path: Path
) -> None:
    text = RULES.replace(
        'timezone = "Europe/Zurich"',
        'timezone = "America/Los_Angeles"\ntariff = "sce-tou-d-prime"',
    ).replace("price_above = 0.50", "export_price_above = 0.50")
    rules = put(tmp_path / "rules.toml", text)
    told = json.loads(pwsched("explain", rules, "--at", "2026-07-15 07:30", "--json").out)
    assert told["notes"] == {"dear": MISSING}


def test_prices_of_another_day_are_told(pwsched: Command, rules: str, tmp_path: Path) -> None:
    prices = put(tmp_path / "prices.json", PRICES)
    said = pwsched("explain", rules, "--at", "2026-07-16 07:30", "--prices", prices)
    assert (
        "no price is given for this time: the file has those from"
        " 2026-07-15 07:00 to 2026-07-15 09:00 (CEST)"
    ) in " ".join(said.out.split())
    empty = put(tmp_path / "empty.json", "[]")
    said = pwsched("explain", rules, "--at", "2026-07-16 07:30", "--prices", empty)
    assert "no price is given for this time: the file has none" in said.lines


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: no such file or directory"),
        ("{}", "input should be a valid array"),
        ('[{"start": "2026-07-15T07:00", "end": "2026-07-15T08:00Z"}]', "0: start: input should"),
    ],
)
def test_prices_that_cannot_be_used_are_one_sentence(
    pwsched: Command, rules: str, tmp_path: Path, content: str | None, problem: str
) -> None:
    path = tmp_path / "prices.json"
    if content is not None:
        put(path, content)
    said = pwsched("explain", rules, "--prices", str(path))
    assert (said.code, said.out, said.error.count("\n")) == (2, "", 1)
    assert said.error.startswith(f"pwsched: {path}: {problem}")


def test_events_say_whether_they_fire_and_when_they_are_due(
    pwsched: Command, rules: str, tmp_path: Path
) -> None:
    prices = put(tmp_path / "prices.json", PRICES)
    at = ["explain", rules, "--prices", prices, "--at"]
    assert events(pwsched(*at, "2026-07-15 07:15", "--grid", "up").out) == {
        "firmware": "firmware-check, fires now",
        "christmas": "notify, next due Thu 24 Dec 12:00",
        "long ago": "notify, not due within 13 months",
        "dear": "notify, fires when its clauses turn true; they are false now",
    }
    assert events(pwsched(*at, "2026-07-15 08:15").out) == {
        "firmware": "firmware-check, next due Thu 16 Jul 07:15",
        "christmas": "notify, next due Thu 24 Dec 12:00",
        "long ago": "notify, not due within 13 months",
        "dear": "notify, fires when its clauses turn true; they are true now",
    }
    found = events(pwsched("explain", rules, "--at", "2026-07-15 07:15").out)
    assert found["firmware"] == "firmware-check, due now, waits for a value"
    assert found["dear"] == "notify, fires when its clauses turn true; now unknown"
    found = events(pwsched("explain", rules, "--at", "2026-07-15 07:15", "--grid", "down").out)
    assert found["firmware"] == "firmware-check, due now, does not fire"


def test_events_as_json(pwsched: Command, rules: str) -> None:
    said = pwsched("explain", rules, "--at", "2026-07-15 07:15", "--grid", "up", "--json")
    found = {event["name"]: event for event in json.loads(said.out)["events"]}
    assert (found["firmware"]["fires"], found["firmware"]["due"]) == (
        True,
        "2026-07-15T05:15:00+00:00",
    )
    assert found["firmware"]["clauses"][0]["verdict"] is True
    assert (found["dear"]["fires"], found["dear"]["due"]) == (False, None)
