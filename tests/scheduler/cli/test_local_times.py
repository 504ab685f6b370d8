"""Times in rows and messages, as the owner of a site reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commanding import Command
from house import BASE, House
from simulated import LOS_ANGELES

from rules.domain import Mode, Setting
from scheduler.cli.local_times import in_zone

NOON = datetime(2026, 7, 15, 19, tzinfo=UTC)  # 12:00 in Los Angeles


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("respected until 2026-07-15 22:30 UTC", "respected until 2026-07-15 15:30 PDT"),
        ("respected until 2026-07-16 02:30 UTC.", "respected until 2026-07-15 19:30 PDT."),
        ("was left at 18:50 UTC, less", "was left at 11:50 PDT, less"),
        ("was last read at 18:50:07 UTC", "was last read at 11:50:07 PDT"),
        ("left at 20:00 UTC", "left at 2026-07-14 13:00 PDT"),
        ("from 2026-01-15 22:30 UTC to 18:50 UTC", "from 2026-01-15 14:30 PST to 11:50 PDT"),
        ("at 99:99 UTC or 2026-02-30 10:00 UTC", "at 99:99 UTC or 2026-02-30 10:00 UTC"),
        ("nothing UTC", "nothing UTC"),
    ],
)
def test_what_is_said_in_utc_is_shown_in_the_owner_s_zone(said: str, shown: str) -> None:
    assert in_zone(said, NOON, LOS_ANGELES) == shown


def test_a_zone_without_letters_is_named_all_the_same() -> None:
    assert in_zone("at 18:50 UTC", NOON, ZoneInfo("Asia/Dubai")) == "at 22:50 +04"


RULES = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "14:00-16:00" }
set   = { mode = "backup" }
"""
)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An hour of two homes, nine hours apart, with a hold at the first."""
    folder = tmp_path_factory.mktemp("homes")
    there = House(folder, RULES, NOON)

    def hold() -> None:
        there.hold("anna", reserve=70, until="15:00")

    there.at(NOON + timedelta(minutes=30), hold)
    there.play(NOON + timedelta(hours=1))
    here = House(folder, RULES.replace("America/Los_Angeles", "Europe/Zurich"), NOON, name="hut")
    here.play(NOON + timedelta(minutes=5))
    return str(there.path)


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    return Command(monkeypatch, capsys)


def test_rows_are_shown_in_the_zone_of_their_site(pwsched: Command, journal: str) -> None:
    shown = pwsched("journal", "--journal", journal, "--kind", "run", "--kind", "hold").lines
    assert [line.split()[:5] for line in shown[1:]] == [
        ["2026-07-15", "12:00:00", "PDT", "home", "run"],
        ["2026-07-15", "21:00:00", "CEST", "hut", "run"],
        ["2026-07-15", "12:30:00", "PDT", "home", "hold"],
    ]
    assert shown[-1].endswith("until 2026-07-15 15:00 PDT")


def test_a_zone_that_is_said_is_for_all(pwsched: Command, journal: str) -> None:
    shown = pwsched("journal", "--journal", journal, "--kind", "run", "--timezone", "Asia/Tokyo")
    assert [line.split()[2:4] for line in shown.lines[1:]] == [["JST", "home"], ["JST", "hut"]]


@pytest.mark.parametrize("command", [["journal"], ["journal", "export", "--format", "csv"]])
def test_times_in_options_are_the_site_s(
    pwsched: Command, journal: str, command: list[str]
) -> None:
    arguments = [*command, "--journal", journal, "--kind", "hold", "--site", "home"]
    found = [
        len(pwsched(*arguments, "--since", f"2026-07-15 {clock}").lines)
        for clock in ("12:29", "12:31")
    ]
    assert found[0] == 2
    assert found[1] < 2


def test_sites_of_several_zones_leave_in_doubt_what_is_meant(
    pwsched: Command, journal: str
) -> None:
    said = pwsched("journal", "--journal", journal, "--since", "12:00")
    assert said == (
        2,
        "",
        (
            "--since: the sites are in America/Los_Angeles and Europe/Zurich;"
            " say which is meant with --timezone, or --site\n"
        ),
    )
    assert pwsched("journal", "--journal", journal).code == 0


def test_why_names_the_zone_once_and_uses_it(pwsched: Command, journal: str) -> None:
    said = pwsched("why", "--journal", journal, "--site", "home", "--at", "2026-07-15 12:45").out
    assert "Wednesday 15 July 2026, 12:45 (PDT)" in said
    assert "UTC" not in said


def test_why_tells_of_somebody_else_s_change_in_the_zone(pwsched: Command, tmp_path: Path) -> None:
    start = NOON + timedelta(minutes=115)
    house = House(tmp_path, RULES, start)

    app_change = Setting(Mode.SELF_CONSUMPTION, 75)
    house.at(start + timedelta(minutes=15, seconds=7), house.gateway.set_in_app, app_change)
    house.play(start + timedelta(minutes=30))
    words = ("why", "--journal", str(house.path), "--at", "2026-07-15 14:20")
    said = " ".join(pwsched(*words).out.split())
    assert "Somebody else's change was respected since 14:1" in said
    assert "PDT." in said
    assert "UTC" not in said


CONFIG = """
[[site]]
name = "home"
rules = ["home.toml"]
gateway = { host = "192.168.1.2" }
safety = { reserve_floor = 5, safe = { mode = "self_consumption", reserve = 20 } }
"""


def test_status_names_the_zone_and_uses_it(
    pwsched: Command, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Path(journal).with_name("pwsched.toml")
    config.write_text(CONFIG, encoding="utf-8")
    away = pwsched("status", "--config", str(config)).lines
    assert away[0].startswith("no daemon has run since 2026-07-15 13:0")
    assert " PDT: " in away[0]
    beat = {
        "timezone": "America/Los_Angeles",
        "wanted": {"reserve": 20},
        "reason": "somebody else set 75 %, respected until 2026-07-15 22:30 UTC",
        "until": "2026-07-15T22:30:00+00:00",
        "soe": 50,
        "grid": None,
        "unknown_words": {},
    }
    answer = {"version": "1", "pid": 1, "sites": {"home": beat}}
    monkeypatch.setattr("scheduler.ipc.ask", lambda *_, **__: answer)
    lines = pwsched("status", "--config", str(config)).lines
    assert lines[2].startswith("home, ")
    assert lines[2].rstrip().endswith(" in America/Los_Angeles")
    assert "respected until 2026-07-15 15:30 PDT" in "\n".join(lines)
