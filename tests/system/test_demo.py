"""`pwsched demo` as a process: it shows its day, ends well, and leaves nothing behind."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from processes import environment, pwsched, running


def test_the_demo_plays_a_day_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = pwsched("demo", "--seconds", "3", cwd=tmp_path, env=environment(TMPDIR=str(tmp_path)))
    assert (ended.code, ended.err) == (0, "")
    assert "writing" in ended.out
    assert "held" in ended.out
    assert "firmware" in ended.out
    assert "without the battery it would have cost" in " ".join(ended.out.split())
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_the_demo_at_once_and_in_order(tmp_path: Path) -> None:
    env = environment(TMPDIR=str(tmp_path))
    with running("demo", "--seconds", "3600", cwd=tmp_path, env=env) as demo:
        demo.until("decided")
        assert demo.end(signal.SIGINT) == 0
    assert "Traceback" not in "".join(demo.said)
    assert list(tmp_path.iterdir()) == []


def test_by_the_fleet_api_it_writes_and_says_what_that_would_cost(tmp_path: Path) -> None:
    env = environment(TMPDIR=str(tmp_path))
    words = ("demo", "--route", "fleet", "--seconds", "10")
    with running(*words, cwd=tmp_path, env=env) as demo:
        demo.until("reserve 29 % (state of the house)")
        demo.until("outcome  held")
        assert demo.end(signal.SIGINT) == 0
        said = " ".join("".join(demo.said).split())
    assert "At home, by the login customer, which may not write: " in said
    used = re.search(r"Fleet API: (\d+) commands, (\d+) requests", said)
    assert used is not None, said
    commands, requests = map(int, used.groups())
    assert commands >= 1
    assert requests >= 2
    price = requests / 500 + commands / 1_000
    assert f"At Tesla that would have cost {price:.2f} dollars (500 requests or" in said
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_by_signed_control_it_writes_and_says_what_was_signed(tmp_path: Path) -> None:
    env = environment(TMPDIR=str(tmp_path))
    words = ("demo", "--route", "v1r", "--seconds", "10")
    with running(*words, cwd=tmp_path, env=env) as demo:
        demo.until("reserve 29 % (state of the house)")
        demo.until("outcome  held")
        assert demo.end(signal.SIGINT) == 0
    said = " ".join("".join(demo.said).split())
    used = re.search(r"Signed with the owner's key: (\d+) of these, with (\d+) writes", said)
    assert used is not None, said
    assert int(used[1]) > int(used[2]) >= 1
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


RULES = """
language = 1
timezone = "Europe/Zurich"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "cheap and no sun to come"
while = { price_below = 0.10, input = "sun", below = 5, flag = "away" }
set = { reserve = 55 }
"""
PRICES = """[
  {"start": "2026-07-15T00:00+02:00", "end": "2026-07-16T00:00+02:00", "import": 0.05}
]"""


def test_prices_inputs_and_flags_that_are_given_count(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "prices.json").write_text(PRICES, encoding="utf-8")
    given = ("--prices", "prices.json", "--input", "sun=3", "--flag", "away")
    with running("demo", "rules.toml", *given, "--seconds", "3600", cwd=tmp_path) as demo:
        assert "reserve 55 %" in demo.until("decided")
        assert demo.end(signal.SIGINT) == 0
    with running("demo", "rules.toml", "--seconds", "3600", cwd=tmp_path) as demo:
        demo.until('rule "cheap and no sun to come": its prices are unknown: none are given')
        assert "reserve 20 %" in demo.until("decided")
        assert demo.end(signal.SIGINT) == 0
