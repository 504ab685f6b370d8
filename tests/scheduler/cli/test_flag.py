"""`pwsched flag`: named facts from outside, set by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commanding import Command

SITE = """
[[site]]
name = "NAME"
rules = ["rules.toml"]
inputs = "inputs"
gateway = { host = "192.168.1.2" }
safety = { reserve_floor = 5, safe = { mode = "self_consumption", reserve = 20 } }
"""


RULES = """language = 1
timezone = "UTC"
[default]
reserve = 20
[[rule]]
name = "storm"
while = { any = [{ flag = "storm" }, { soe_below = 20 }] }
set = { reserve = 90 }
[[rule]]
name = "away"
when = { flag = "away" }
do = "notify"
message = "away"
[[rule]]
name = "off"
enabled = false
while = { flag = "party" }
set = { reserve = 0 }
"""


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def config(tmp_path: Path) -> str:
    return written(tmp_path, SITE.replace("NAME", "home"))


def written(folder: Path, text: str) -> str:
    (folder / "rules.toml").write_text(RULES, encoding="utf-8")
    path = folder / "pwsched.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_on_shown_and_off(pwsched: Command, config: str, tmp_path: Path) -> None:
    assert pwsched("flag", "--config", config).out == "no flag is set\n"
    assert pwsched("flag", "storm", "on", "--config", config).out == "storm: set\n"
    assert (tmp_path / "inputs" / "flags" / "storm").read_text("utf-8") == ""
    assert pwsched("flag", "away", "on", "--config", config).out == "away: set\nstorm: set\n"
    assert pwsched("flag", "storm", "off", "--config", config).out == "away: set\n"
    assert pwsched("flag", "away", "off", "--config", config).out == "no flag is set\n"
    assert pwsched("flag", "away", "off", "--config", config).code == 0


def test_for_a_while(pwsched: Command, config: str) -> None:
    before = datetime.now(UTC)
    said = pwsched("flag", "storm", "on", "--for", "36h", "--config", config, "--json")
    expiry = datetime.fromisoformat(json.loads(said.out)["storm"])
    assert before + timedelta(hours=36) <= expiry <= datetime.now(UTC) + timedelta(hours=36)
    shown = pwsched("flag", "--config", config).out
    assert shown == f"storm: set until {expiry:%Y-%m-%d %H:%M} UTC\n"


def test_until_a_time_of_the_site_and_shown_in_its_zone(
    pwsched: Command, config: str, tmp_path: Path
) -> None:
    (tmp_path / "rules.toml").write_text(RULES.replace("UTC", "Asia/Tokyo"), encoding="utf-8")
    zone = ZoneInfo("Asia/Tokyo")
    said = pwsched("flag", "storm", "on", "--until", "tomorrow 16:05", "--config", config)
    day = (datetime.now(zone) + timedelta(days=1)).date()
    assert said.out == f"storm: set until {day} 16:05 JST\n"
    stored = (tmp_path / "inputs" / "flags" / "storm").read_text("utf-8")
    assert stored == f"{day}T07:05:00+00:00"
    said = pwsched("flag", "storm", "on", "--for", "3d", "--config", config, "--json")
    left = datetime.fromisoformat(json.loads(said.out)["storm"]) - datetime.now(UTC)
    assert timedelta(days=2, hours=23) < left < timedelta(days=3)


def test_one_that_has_expired_is_not_shown(pwsched: Command, config: str, tmp_path: Path) -> None:
    flags = tmp_path / "inputs" / "flags"
    flags.mkdir(parents=True)
    (flags / "storm").write_text("2020-01-01T00:00Z", encoding="utf-8")
    assert json.loads(pwsched("flag", "--config", config, "--json").out) == {}


def test_a_file_that_cannot_be_used_is_told_of(
    pwsched: Command, config: str, tmp_path: Path
) -> None:
    flags = tmp_path / "inputs" / "flags"
    flags.mkdir(parents=True)
    (flags / "storm").write_text("2020-01-01T00:00", encoding="utf-8")
    said = pwsched("flag", "--config", config)
    assert said.error == f"pwsched: {flags}/storm: the expiry needs an offset from UTC\n"
    assert said.out == "no flag is set\n"


def test_each_of_several_sites_has_its_own(pwsched: Command, tmp_path: Path) -> None:
    text = SITE.replace("NAME", "home") + SITE.replace("NAME", "cabin").replace(
        '"inputs"', '"cabin"'
    )
    config = written(tmp_path, text)
    pwsched("flag", "storm", "on", "--config", config, "--site", "cabin")
    assert pwsched("flag", "--config", config, "--site", "cabin").out == "storm: set\n"
    assert pwsched("flag", "--config", config, "--site", "home").out == "no flag is set\n"
    assert pwsched("flag", "--config", config).error == (
        "pwsched: --site: say which of home, cabin\n"
    )
    assert pwsched("flag", "--config", config, "--site", "barn").error == (
        'pwsched: --site: there is no site "barn"; there are: home, cabin\n'
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["storm"], 'say "pwsched flag storm on" or "pwsched flag storm off"'),
        (["storm", "maybe"], 'say "pwsched flag storm on" or "pwsched flag storm off"'),
        (
            ["Storm", "on"],
            'the name of a flag must be small letters and digits like "storm", got "Storm"',
        ),
        (
            ["../storm", "off"],
            'the name of a flag must be small letters and digits like "storm", got "../storm"',
        ),
        (
            ["storm", "on", "--for", "soon"],
            '--for: must be a duration like "45m", "36h" or "3d", got "soon"',
        ),
        (["storm", "off", "--for", "3h"], "--for: says how long a flag is on"),
        (["--for", "3h"], "--for: says how long a flag is on"),
        (["storm", "off", "--anyway"], "--anyway: goes with on"),
        (["--until", "16:05"], "--until: says until when a flag is on, in the place of --for"),
        (
            ["storm", "on", "--for", "3h", "--until", "16:05"],
            "--until: says until when a flag is on, in the place of --for",
        ),
        (
            ["storm", "on", "--until", "2020-07-15 16:05Z"],
            "--until: that is over already: 2020-07-15 16:05 UTC",
        ),
        (["storm", "on", "--for", "999999w"], "--for: 999999w is longer than there will be years"),
    ],
)
def test_a_mistake_is_one_sentence(
    pwsched: Command, config: str, tmp_path: Path, arguments: list[str], problem: str
) -> None:
    said = pwsched("flag", *arguments, "--config", config)
    assert said == (2, "", f"pwsched: {problem}\n")
    assert not (tmp_path / "inputs").exists()


def test_a_site_without_inputs(pwsched: Command, tmp_path: Path) -> None:
    config = written(tmp_path, SITE.replace("NAME", "home").replace('inputs = "inputs"\n', ""))
    assert pwsched("flag", "storm", "on", "--config", config) == (
        2,
        "",
        f'pwsched: site home has no inputs; say inputs = "inputs" in {config}\n',
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("strom", 'did you mean "storm"?'),
        ("party", "they ask for away, storm"),
        ("zzz", "they ask for away, storm"),
    ],
)
def test_one_that_no_rule_asks_for_is_not_set(
    pwsched: Command, config: str, tmp_path: Path, name: str, said: str
) -> None:
    way_out = "nothing was set; --anyway sets it all the same"
    assert pwsched("flag", name, "on", "--config", config) == (
        1,
        "",
        f'pwsched: no rule of home asks for the flag "{name}"; {said}; {way_out}\n',
    )
    assert not (tmp_path / "inputs").exists()
    assert pwsched("flag", name, "on", "--anyway", "--config", config) == (0, f"{name}: set\n", "")
    assert pwsched("flag", name, "off", "--config", config).code == 0


def test_where_no_rule_asks_for_any(pwsched: Command, config: str, tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES.partition("[[rule]]")[0])
    assert (
        'asks for the flag "storm"; they ask for none; '
        in pwsched("flag", "storm", "on", "--config", config).error
    )


def test_where_nobody_can_say_which_are_asked_for_it_is_set(
    pwsched: Command, config: str, tmp_path: Path
) -> None:
    (tmp_path / "rules.toml").write_text("langage = 1")
    said = pwsched("flag", "strom", "on", "--config", config)
    assert (said.code, said.out) == (0, "strom: set\n")
    assert said.error.startswith("pwsched: whether a rule asks for strom is not known: ")
    assert f"{tmp_path}/rules.toml:1: langage: unknown key" in said.error
