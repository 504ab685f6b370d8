"""`pwsched plan`: the coming hours, as a person, a program and a picture have them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from commanding import Command
from example_files import SINGLE
from house import House, local

from rules.domain import Mode, Setting
from scheduler.errors import NotAnswered
from scheduler.listeners.heartbeat import Heartbeat
from scheduler.loop import Listener

ROOT = Path(__file__).parents[3]
EXAMPLE = str(ROOT / "examples" / "tou_sce.toml")
STORM = str(ROOT / "examples" / "storm.toml")
FRIDAY = ("--from", "2026-07-17T13:00")
SVG = "{http://www.w3.org/2000/svg}"

RULES = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "noon"
while = { time = "12:00-18:00" }
set = { battery = "hold" }

[[rule]]
name = "windy"
priority = 2
why = "the roof holds"
while = { any = [{ flag = "storm" }, { input = "wind", above = 20 }] }
set = { battery = "charge", to = 90 }
"""

PRICES = [
    {"start": f"2026-07-17T{hour:02}:00:00Z", "end": f"2026-07-17T{hour + 1:02}:00:00Z",
     "import": 0.1 + hour / 100}
    for hour in range(23)
]  # fmt: skip


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


def told(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def test_as_a_person_reads_it(pwsched: Command) -> None:
    said = pwsched("plan", EXAMPLE, *FRIDAY, "--hours", "18", "--soe", "40")
    assert told(said.lines) == [
        "Fri 17 Jul 2026 13:00 to Sat 18 Jul 2026 07:00 (America/Los_Angeles)",
        "tou_sce.toml, as long as: grid up",
        "",
        "at the start, SOE 40 %: backup, reserve 60 %",
        '  backup and reserve 60 % by "half full by two", charge to 60 %: time Fri 13:00',
        "(12:00-14:00)",
        "  until 14:00 at least, while the SOE stays below 60 %",
        "",
        "Friday 17 July 2026",
        "prices           13:00 off-peak 0.27, 16:00 on-peak 0.60, 21:00 off-peak 0.27",
        "                 USD/kWh",
        "13:00-14:00      by the state of energy",
        "  below 60 %     backup, reserve 60 %",
        '                 "half full by two": charge to 60 %',
        "  from 60 %      self_consumption, reserve at the SOE",
        '                 "half full by two": charge to 60 %',
        "14:00-15:55      backup, reserve 100 %",
        '                 "full before the peak": charge to 100 %',
        '15:00            firmware-check "firmware before the peak"',
        "15:55-21:00      self_consumption, reserve 20 %",
        "                 default",
        "21:00-Sat 06:00  by the state of energy",
        "  below 30 %     self_consumption, reserve at the SOE",
        '                 "keep the rest of a low battery for the night": hold the',
        "                 battery",
        "  from 30 %      self_consumption, reserve 20 %",
        "                 default",
        "",
        "Saturday 18 July 2026",
        "prices           00:00 off-peak 0.27 USD/kWh",
        "06:00-07:00      self_consumption, reserve 20 %",
        "                 default",
        "",
        "a rule that is active by the SOE stays so until 2 % beyond its limit",
    ]


def test_what_waits_for_something_else_than_time_is_told_beside(
    pwsched: Command, rules: str
) -> None:
    said = pwsched("plan", rules, "--from", "2026-07-17T17:00", "--hours", "2")
    assert told(said.lines)[-3:] == [
        "At any time",
        '  or             "windy" (the roof holds) if flag "storm" set or input "wind" at',
        "                 least 20: charge to 90 %",
    ]
    flagged = pwsched(
        "plan", rules, "--from", "2026-07-17T17:00", "--hours", "2", "--flag", "storm"
    )
    assert 'as long as: grid up, flag "storm" set' in flagged.out
    assert "At any time" not in flagged.out
    assert '"windy" (the roof holds): charge to 90 %' in flagged.out
    given = pwsched("plan", rules, *FRIDAY, "--input", "wind=25")
    assert 'as long as: grid up, "wind" 25' in given.out
    assert '"windy" (the roof holds): charge to 90 %' in given.out


@pytest.mark.parametrize(
    ("start", "heading", "lines"),
    [
        (
            "2026-11-01T00:30-07:00",
            "Sunday 1 November 2026, 25 hours: the clocks change",
            ["00:30-01:30 PDT", "01:30 PDT-01:00", "01:00 PST-01:30", "01:30 PST-03:30"],
        ),
        (
            "2026-03-08T00:30",
            "Sunday 8 March 2026, 23 hours: the clocks change",
            ["00:30-01:30", "01:30-04:30", "04:30-05:30"],
        ),
    ],
)
def test_on_a_night_on_which_clocks_change(
    pwsched: Command, rules: str, start: str, heading: str, lines: list[str]
) -> None:
    text = RULES.replace("12:00-18:00", "01:30-04:30")
    Path(rules).write_text(text.replace('battery = "hold"', "reserve = 60"), encoding="utf-8")
    said = pwsched("plan", rules, "--from", start, "--hours", "4")
    assert heading in said.out
    shown = [line[:16].strip() for line in said.lines if re.match(r"\d\d:\d\d", line)]
    assert shown == lines


@pytest.mark.parametrize("path", SINGLE, ids=lambda path: path.stem)
@pytest.mark.parametrize("home", [(), ("--home", "3")], ids=["conditions", "home"])
def test_it_fits_a_terminal_of_80_columns(
    pwsched: Command, path: Path, home: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    said = pwsched("plan", str(path), "--from", "2026-12-24T20:00", "--hours", "30", *home)
    assert said.code == 0
    assert max(map(len, said.lines)) <= 80
    assert "\x1b" not in said.out


def test_many_prices_are_drawn(pwsched: Command, rules: str, tmp_path: Path) -> None:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps(PRICES), encoding="utf-8")
    said = pwsched("plan", rules, "--from", "2026-07-17T00:00", "--prices", str(prices))
    (at,) = (number for number, line in enumerate(said.lines) if line.startswith("prices"))
    assert said.lines[at].split()[1:4] == ["0.17", "to", "0.32"]
    assert set(said.lines[at + 1].strip()) <= set("▁▂▃▄▅▆▇█")
    assert said.lines[at + 2].split() == ["00", "03", "06", "09", "12", "15", "18", "21"]


def test_as_a_program_reads_it(pwsched: Command) -> None:
    found = json.loads(pwsched("plan", EXAMPLE, *FRIDAY, "--hours", "3", "--json").out)
    assert found["from"] == "2026-07-17T13:00:00-07:00"
    assert found["until"] == "2026-07-17T16:00:00-07:00"
    assert found["now"] is found["home"] is None
    assert found["prices"] == [
        {
            "from": "2026-07-17T13:00:00-07:00",
            "until": "2026-07-17T16:00:00-07:00",
            "period": "off-peak",
            "import": 0.27347,
            "export": None,
        }
    ]
    assert [event["at"] for event in found["events"]] == ["2026-07-17T15:00:00-07:00"]
    first = found["timeline"][0]
    assert (first["from"], first["until"]) == (
        "2026-07-17T13:00:00-07:00",
        "2026-07-17T14:00:00-07:00",
    )
    low, high = first["cases"]
    assert (low["soe_from"], low["soe_below"]) == (0, 60)
    assert (high["soe_from"], high["soe_below"]) == (60, None)
    assert low["setting"] == {
        "mode": "backup",
        "reserve": 60,
        "grid_charging": None,
        "export": None,
    }
    assert (high["setting"]["reserve"], high["reserve_at_soe"]) == (None, True)
    assert low["winners"] == {"mode": "half full by two", "reserve": "half full by two"}
    assert low["wants"] == {"half full by two": "charge to 60 %"}


def test_what_the_route_cannot_set_is_told_with_what_is_set_instead(
    pwsched: Command, rules: str
) -> None:
    Path(rules).write_text(RULES.replace('battery = "hold"', "reserve = 90"), encoding="utf-8")
    call = ("plan", rules, *FRIDAY, "--hours", "2", "--firmware", "25.42.1")
    said = pwsched(*call)
    assert any(
        re.match(r"13:00-15:00 +self_consumption, reserve 80 %", line) for line in said.lines
    )
    assert '"noon": reserve 90 %: this route cannot set it; 80 % is set instead' in said.out
    (case,) = json.loads(pwsched(*call, "--json").out)["timeline"][0]["cases"]
    assert (case["setting"]["reserve"], case["written"]["reserve"]) == (90, 80)


def test_it_is_the_same_each_time(pwsched: Command) -> None:
    call = ("plan", STORM, *FRIDAY, "--home", "3", "--json")
    assert pwsched(*call).out == pwsched(*call).out


def test_the_same_as_explain_says_at_a_moment(pwsched: Command) -> None:
    planned = json.loads(pwsched("plan", EXAMPLE, *FRIDAY, "--json").out)
    for entry in planned["timeline"]:
        for case in entry["cases"]:
            if case["reserve_at_soe"]:
                continue
            said = pwsched(
                "explain", EXAMPLE, "--at", entry["from"], "--soe", str(case["soe_from"]),
                "--grid", "up", "--json",
            )  # fmt: skip
            assert json.loads(said.out)["setting"] == case["setting"]


def test_a_simulated_home_is_shown_as_it_would_go(pwsched: Command) -> None:
    call = ("plan", EXAMPLE, *FRIDAY, "--soe", "40", "--hours", "12", "--home", "7")
    said = pwsched(*call)
    assert "load and sun of a simulated home" in said.out
    for label in ("energy", "sun", "home", "from the grid", "to the grid", "battery takes"):
        assert any(line.startswith(label) for line in said.lines)
    assert any(re.match(r"14:00-15:55 +backup, reserve 100 %", line) for line in said.lines)
    assert any("firmware-check fired" in line for line in said.lines)
    home = json.loads(pwsched(*call, "--json").out)["home"]
    assert home["seen"][0]["soe"] == 40
    assert [each["event"] for each in home["events"]] == ["firmware before the peak"]
    other = json.loads(pwsched(*call[:-1], "8", "--json").out)["home"]
    assert other["seen"][-1] != home["seen"][-1]
    dark = json.loads(pwsched(*call, "--panels", "0", "--json").out)["home"]
    assert {each["solar_w"] for each in dark["seen"]} == {0.0}


def test_a_home_of_which_nobody_knows_the_energy_begins_half_full(pwsched: Command) -> None:
    said = pwsched("plan", EXAMPLE, *FRIDAY, "--hours", "2", "--home", "7")
    assert "at the start, SOE 50 %" in said.out


@pytest.mark.parametrize("home", [(), ("--home", "3", "--soe", "30")], ids=["map", "home"])
@pytest.mark.parametrize("path", SINGLE, ids=lambda path: path.stem)
def test_the_picture_is_well_formed_and_stays_in_its_frame(
    pwsched: Command, tmp_path: Path, path: Path, home: tuple[str, ...]
) -> None:
    picture = tmp_path / "plan.svg"
    assert pwsched("plan", str(path), *FRIDAY, *home, "--picture", str(picture)).code == 0
    drawn = ET.fromstring(picture.read_text("utf-8"))  # noqa: S314 -- made by ourselves
    width, height = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    boxes = list(drawn.iter(f"{SVG}rect"))
    assert boxes
    for box in boxes:
        x, y, w, h = (float(box.attrib[key]) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= width
        assert 0 <= y <= y + h <= height
    lines = [each.attrib["class"] for each in drawn.iter(f"{SVG}path")]
    assert ("soe" in lines) is bool(home)
    text = " ".join(each.text or "" for each in drawn.iter(f"{SVG}text"))
    assert path.name in text
    assert "http" not in re.sub(r"xmlns=\S+", "", picture.read_text("utf-8"))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--from", "soon"), "--from: must be"),
        (("--from", "2026-03-08T02:30"), "--from: "),
        (("--grid", "sideways"), "--grid: must be up, down or a gateway's word"),
        (("--panels", "6 kW"), "--panels: goes with --home"),
        (("--home", "1", "--panels", "much"), "--panels: must be watts"),
        (("--home", "1", "--panels", "-2 kW"), "--panels: must not be negative"),
        (("--input", "sun"), '--input: must be like "sun=25"'),
        (("--prices", "nowhere.json"), "nowhere.json: cannot be read"),
        (("--firmware", "new"), "--firmware: must be like"),
        (("--picture", "/nowhere/x.svg"), "/nowhere/x.svg: cannot save the picture"),
        (("--config", "/nowhere/pwsched.toml"), "/nowhere/pwsched.toml"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_2(
    pwsched: Command, rules: str, words: tuple[str, ...], sentence: str
) -> None:
    said = pwsched("plan", rules, *words)
    assert said.code == 2
    assert said.error.startswith("pwsched: ")
    assert sentence in said.error
    assert said.error.count("\n") == 1


@pytest.mark.parametrize("words", [("--hours", "0"), ("--soe", "101"), ("--home", "-1")])
def test_a_number_out_of_its_range_is_refused(
    pwsched: Command, rules: str, words: tuple[str, ...]
) -> None:
    assert pwsched("plan", rules, *words).code == 2


# --- with a daemon -------------------------------------------------------------------------------

NOON = local(7, 17, "12:00")


class Watched(House):
    """A house of whose loop somebody asks the status."""

    def __init__(self, folder: Path, rules: str, **more: Any) -> None:
        super().__init__(folder, rules, local(7, 17, "11:55"), **more)
        polls = {self.site.name: self.site.poll}
        self.heartbeat = Heartbeat(folder / "heartbeat.json", "1", polls, lambda _: None)

    def listeners(self) -> Sequence[Listener]:
        return (*super().listeners(), self.heartbeat)


@pytest.fixture
def daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pwsched: Command
) -> tuple[Watched, Command]:
    """A house, and a command that finds its daemon running at the moment it has come to."""
    house = Watched(tmp_path, RULES, soe=48.4, inputs=tmp_path / "inputs")
    config = tmp_path / "pwsched.toml"
    config.write_text(
        'journal = "journal.sqlite"\n[[site]]\nname = "home"\nrules = ["home.toml"]\n'
        'inputs = "inputs"\n[site.gateway]\nhost = "192.168.1.2"\n[site.safety]\n'
        'reserve_floor = 5\nsafe = { mode = "self_consumption", reserve = 20 }\n'
    )

    def answer(_config: object, command: str, **_words: object) -> dict[str, Any]:
        assert command == "status"
        return {"ok": True, **house.heartbeat.known()}

    monkeypatch.setattr("scheduler.ipc.ask", answer)
    monkeypatch.setattr("scheduler.clock.SystemClock.now", lambda _self: house.clock.now())
    monkeypatch.setenv("PWSCHED_CONFIG", str(config))
    return house, pwsched


def test_with_a_daemon_it_begins_with_what_is_true_now(daemon: tuple[Watched, Command]) -> None:
    house, pwsched = daemon
    house.play(local(7, 17, "13:00"))
    said = pwsched("plan", "--hours", "4", "--json")
    found = json.loads(said.out)
    beat = house.heartbeat.known()["sites"]["home"]
    assert found["now"]["soe"] == beat["soe"]
    assert found["now"]["reason"] == beat["reason"]
    assert found["now"]["setting"]["reserve"] == beat["wanted"]["reserve"]
    # The rule began to hold at noon: what it captured then goes on.
    held = beat["wanted"]["reserve"]
    low, *_ = found["timeline"][0]["cases"]
    assert (low["setting"]["reserve"], low["reserve_at_soe"]) == (held, False)
    assert low["soe_below"] == held + 10
    assert found["timeline"][0]["until"] == "2026-07-17T17:00:00-07:00"
    fresh = json.loads(pwsched("plan", "--from", "13:00", "--hours", "4", "--json").out)
    assert fresh["timeline"][0]["cases"][0]["reserve_at_soe"]
    assert fresh["now"] is None


def test_a_hold_of_the_owner_is_told_of_and_ends(daemon: tuple[Watched, Command]) -> None:
    house, pwsched = daemon
    house.at(local(7, 17, "12:30"), lambda: house.hold("ann", reserve=70, until="15:00"))
    house.play(local(7, 17, "13:00"))
    said = pwsched("plan", "--hours", "4")
    assert "ann requested hold at 12:30: reserve 70 %, until 15:00; the rules then" in said.out
    found = json.loads(pwsched("plan", "--hours", "4", "--json").out)["timeline"]
    assert [each["until"][11:16] for each in found] == ["15:00", "17:00"]
    assert found[0]["cases"][0]["winners"]["reserve"] == "owner"
    assert found[0]["cases"][0]["setting"]["reserve"] == 70
    assert "owner" not in found[1]["cases"][0]["winners"].values()
    home = json.loads(pwsched("plan", "--hours", "4", "--home", "3", "--json").out)["home"]
    assert home["wanted"][0]["setting"]["reserve"] == 70
    assert home["wanted"][0]["until"][11:16] == "15:00"


def test_an_override_is_told_of_and_respected_at_a_simulated_home(
    daemon: tuple[Watched, Command],
) -> None:
    house, pwsched = daemon

    by_hand = Setting(Mode.BACKUP, 33)
    house.at(local(7, 17, "12:30:07"), house.gateway.set_in_app, by_hand)
    house.play(local(7, 17, "13:00"))
    assert house.heartbeat.known()["sites"]["home"]["override"]
    said = pwsched("plan", "--hours", "8")
    assert "override: somebody else set backup, reserve 33 %" in said.out.replace("\n", " ")
    home = json.loads(pwsched("plan", "--hours", "8", "--home", "3", "--json").out)["home"]
    first, *later = home["wanted"]
    assert (first["setting"]["mode"], first["setting"]["reserve"]) == ("backup", 33)
    assert first["waits"]
    assert later[-1]["setting"]["mode"] == "self_consumption"


def test_flags_and_values_are_those_of_the_input_folder(daemon: tuple[Watched, Command]) -> None:
    house, pwsched = daemon
    (house.path.parent / "inputs" / "flags").mkdir(parents=True)
    (house.path.parent / "inputs" / "flags" / "storm").write_text("2026-07-17T21:00:00Z")
    house.play(local(7, 17, "13:00"))
    found = json.loads(pwsched("plan", "--hours", "4", "--json").out)
    assert found["assumed"]["flags"] == {"storm": "2026-07-17T14:00:00-07:00"}
    first, second = found["timeline"]
    assert first["cases"][0]["winners"]["mode"] == "windy"
    assert second["from"] == "2026-07-17T14:00:00-07:00"
    assert [each["rule"] for each in second["also"]] == ["windy"]


def test_rules_that_are_not_in_force_are_told_of(daemon: tuple[Watched, Command]) -> None:
    house, pwsched = daemon
    house.play(local(7, 17, "13:00"))
    assert "not the rules in force" not in pwsched("plan").out
    house.rules.write_text(RULES.replace("18:00", "19:00"))
    assert "these are not the rules in force" in pwsched("plan").out


def test_where_no_daemon_runs_it_begins_with_what_the_call_says(
    daemon: tuple[Watched, Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, pwsched = daemon
    house.play(local(7, 17, "13:00"))
    monkeypatch.setattr("scheduler.ipc.ask", lambda *_words, **_more: None)
    said = pwsched("plan")
    assert said.code == 0
    assert "no daemon runs: it begins with what the call says" in said.out
    assert "at the start" not in said.out
    assert "at the start, SOE 30 %" in pwsched("plan", "--soe", "30").out


def test_a_daemon_that_does_not_answer_is_told_of(
    daemon: tuple[Watched, Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_words: object, **_more: object) -> None:
        raise NotAnswered("the daemon did not answer within 210 s", 1)

    house, pwsched = daemon
    house.play(local(7, 17, "13:00"))
    monkeypatch.setattr("scheduler.ipc.ask", silent)
    said = pwsched("plan")
    assert said.code == 0
    assert "the daemon did not answer within 210 s: it begins" in said.out


def test_a_journal_that_cannot_be_read_leaves_the_status(daemon: tuple[Watched, Command]) -> None:
    house, pwsched = daemon
    house.play(local(7, 17, "13:00"))
    house.path.rename(house.path.with_name("elsewhere"))
    said = pwsched("plan")
    assert said.code == 0
    assert "timers and held reserves are not known:" in said.out
    assert "at the start, SOE" in said.out


def test_rule_files_that_are_named_alone_ask_no_daemon(
    daemon: tuple[Watched, Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, pwsched = daemon

    def nobody(*_words: object, **_more: object) -> None:
        raise AssertionError("nobody is to be asked")

    monkeypatch.setattr("scheduler.ipc.ask", nobody)
    assert pwsched("plan", str(house.rules)).code == 0
    assert datetime.fromisoformat(
        json.loads(pwsched("plan", str(house.rules), "--json").out)["from"]
    ) == house.clock.now().replace(microsecond=house.clock.now().microsecond)
