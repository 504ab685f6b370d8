"""The report of `pwsched backtest`: one page, sound, on its own, with the figures of the JSON."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from commanding import Command
from pages import Page
from simulated import LOS_ANGELES

BASE = """\
language = 1
tariff = "sce-tou-d-prime"
[default]
mode = "self_consumption"
reserve = 20
"""
EVIL = "</script><script>alert('rule')</script><img src=x onerror=alert(1)>"
FILL = f"""
[[rule]]
name = "{EVIL}"
while = {{ time = "12:00-15:55" }}
set = {{ mode = "backup", reserve = 100 }}
[[rule]]
name = "never"
while = {{ months = "dec" }}
set = {{ reserve = 30 }}
"""
HOLD = """
[[rule]]
name = "hold"
while = { time = "00:00-06:00" }
set = { battery = "hold" }
"""
LOAD = [500.0] * 15 + [3_000.0] * 6 + [800.0] * 3
SUN = [0.0] * 9 + [2_500.0] * 6 + [0.0] * 9
WAYS = ("--export", "flat", "--export-price", "0.05", "--prices-of", "2026-06-01", "--step", "60m")
ZONE = ("--timezone", LOS_ANGELES.key)
HALF_A_YEAR, A_FORTNIGHT = 182, 15


@pytest.fixture
def pwsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    for name, text in {"mine": FILL, "hold": HOLD, "plain": ""}.items():
        Path(f"{name}.toml").write_text(BASE + text)
    return Command(monkeypatch, capsys)


def history(days: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=LOS_ANGELES).astimezone(UTC)
    rows = [
        f"{(start + n * timedelta(hours=1)).isoformat()},{LOAD[n % 24] / 1000},{SUN[n % 24] / 1000}"
        for n in range(24 * days)
    ]
    Path("home.csv").write_text("\n".join(["time,load_kW,solar_kW", *rows, ""]))


def reported(pwsched: Command, *words: str, days: int = A_FORTNIGHT) -> tuple[str, dict[str, Any]]:
    """The page and the JSON of one call."""
    history(days)
    said = pwsched(
        "backtest", "mine.toml", "--history", "home.csv", *WAYS, *words,
        "--report", "out.html", "--json",
    )  # fmt: skip
    assert said.code in {0, 1}, said.error
    return Path("out.html").read_text("utf-8"), json.loads(said.out)


@pytest.mark.parametrize("others", [[], ["hold"], ["hold", "plain"]], ids=["1", "2", "3"])
def test_the_page_is_sound_with_any_number_of_rule_sets(
    pwsched: Command, others: list[str]
) -> None:
    words = [word for name in others for word in ("--against", f"{name}.toml")]
    page = Page(reported(pwsched, *words)[0])
    assert page.mistakes == []
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    named = {
        each[key] for _, each in page.elements for key in ("aria-labelledby", "for") & each.keys()
    }
    named |= {each["href"].removeprefix("#") for each in page.attributes("a")}
    assert named <= set(ids)
    assert {"result", "bill", "weeks", "year", "rules", "data"} <= named
    assert all(table.caption and table.columns and table.rows for table in page.tables)
    assert all(each["scope"] in {"row", "col"} for each in page.attributes("th"))
    names = ["mine", *others, "self-consumption", "no battery"]
    assert list(page.table("Rule sets").rows) == names
    assert page.texts["option"][3:] == names


def test_the_page_fetches_nothing_and_runs_only_its_own(pwsched: Command) -> None:
    text, _ = reported(pwsched)
    page = Page(text)
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert name != "src", tag
            assert not name.startswith("on"), tag
            if name != "xmlns":
                assert "//" not in value or name == "content", (tag, value)
    for style in page.texts["style"]:
        assert "url(" not in style
        assert "@import" not in style
    (policy,) = (each["content"] for each in page.attributes("meta") if "http-equiv" in each)
    rules = dict(each.split(" ", 1) for each in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    run = [
        script
        for script, attributes in zip(page.texts["script"], page.attributes("script"), strict=True)
        if "type" not in attributes
    ]
    allowed = [f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in run]
    assert rules["script-src"].split() == allowed
    assert len(run) == 2
    assert "plotly" in run[0][:100]
    assert "//" not in re.sub(r"^\s*// .*$", "", run[1], flags=re.MULTILINE)


def test_a_rule_of_any_name_is_only_shown(pwsched: Command) -> None:
    text, _ = reported(pwsched)
    page = Page(text)
    assert len(page.attributes("script")) == 3
    assert page.attributes("img") == []
    assert EVIL in page.table("mine: rules").rows
    data = page.texts["script"][0]
    assert "<" not in data
    # Plotly would take elements in its labels for its own.
    labels = json.loads(data)["schedules"][0]["labels"]
    assert any("&lt;img" in each for each in labels)
    assert not any("<" in each for each in labels)


def test_the_figures_are_those_of_the_json(pwsched: Command) -> None:
    text, result = reported(
        pwsched, "--against", "hold.toml", "--outage", "2026-01-03T21:00/40h", days=45
    )
    page = Page(text)
    (currency, compared, flowed) = (result["currency"], *page.tables[:2])
    schedules = {each["name"]: each for each in result["schedules"]}
    by_month, by_part = page.table("Bill by month"), page.table("Bill by part")
    for name, each in schedules.items():
        assert compared.of(name, f"bill, {currency}") == f"{each['total']:,.2f}"
        assert compared.of(name, "of it energy") == f"{each['energy']:,.2f}"
        assert by_month.of("total", name) == by_part.of("total", name) == f"{each['total']:,.2f}"
        sums = [f"{month['total']:,.2f}" for month in each["months"]]
        items = page.table(f"{name}: by month and part")
        column = by_month.columns.index(name) - 1
        assert [row[column] for row in list(by_month.rows.values())[:-1]] == sums
        assert [row[-1] for row in items.rows.values()] == sums
        for part, total in each["parts"].items():
            assert by_part.of(part, name) == f"{total:,.2f}"
        bought = sum(month["imported_kwh"] for month in each["months"])
        assert flowed.of(name, "kWh bought") == f"{bought:,.0f}"
        assert flowed.of(name, "highest kW bought") == f"{each['highest_import_w'] / 1000:.2f}"
    for name in ("mine", "hold", "self-consumption"):
        each = schedules[name]
        low, high = each["saving_uncertain_by"]
        assert compared.of(name, "saves over no battery") == f"{each['saving']:,.2f}"
        assert compared.of(name, "that is too much by") == f"{low:,.2f} to {high:,.2f}"
        assert flowed.of(name, "cycles") == f"{each['cycles']:.0f}"
    for name in ("mine", "hold"):
        each = schedules[name]
        low, high = each["less_than_self_consumption_may_be"]
        said = f"{each['less_than_self_consumption']:,.2f} ({low:,.2f} to {high:,.2f})"
        assert compared.of(name, "less than self-consumption (may be)") == said
        assert flowed.of(name, "writes") == f"{each['writes']:,}"
        rules = page.table(f"{name}: rules")
        for rule, hours in each["hours_by_rule"].items():
            never = rule in each["never_won"]
            assert rules.of(rule, "hours it won") == ("never won" if never else f"{hours:,.1f}")
    stood = {row[1]: row[2:] for row in page.table("Outages").repeated}
    assert set(stood) == {"mine", "hold", "self-consumption"}
    (outage,) = schedules["mine"]["outages"]
    minutes = round(outage["stood_minutes"])
    assert stood["mine"] == [
        f"{outage['soe']:.0f}", f"{minutes // 60} h {minutes % 60:02} min",
        f"{outage['unserved_wh'] / 1000:.2f}",
    ]  # fmt: skip
    assert "Never won in mine: never." in " ".join(page.texts["p"])


def test_half_a_year_has_a_week_of_each_season_and_its_clock_change(pwsched: Command) -> None:
    text, _ = reported(pwsched, days=HALF_A_YEAR)
    page = Page(text)
    weeks = [each.caption for each in page.tables if "typical week" in each.caption]
    assert weeks == [f"mine: {each}, a typical week by day, kWh" for each in ("winter", "summer")]
    for each in weeks:
        rows = page.table(each).repeated
        assert [row[0][:3] for row in rows] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        assert {row[1] for row in rows} == {f"{sum(LOAD) / 1000:.1f}"}
    data = json.loads(page.texts["script"][0])
    night = data["days"].index("2026-03-08")
    grid = data["schedules"][0]["grid"]
    assert len(grid) == 24
    assert [row[night] is None for row in grid[:4]] == [False, False, True, False]
    assert "only" not in data["schedules"][-1]
    assert "held" not in data["schedules"][-1]


def test_a_few_days_have_no_typical_week_and_say_so(pwsched: Command) -> None:
    text, _ = reported(pwsched, days=3)
    assert "no whole week" in text
    assert Page(text).mistakes == []


def test_repairs_and_notes_stand_in_the_report(pwsched: Command) -> None:
    text, result = reported(pwsched)
    shown = " ".join(Page(text).texts["li"])
    for note in result["schedules"][0]["notes"]:
        assert note[1:] in shown
    assert result["source"] in shown
    assert "Nothing in the data was repaired" in text


def test_what_was_repaired_on_request_goes_from_the_history_into_the_report(
    pwsched: Command,
) -> None:
    history(A_FORTNIGHT)
    lines = Path("home.csv").read_text().splitlines()
    Path("holes.csv").write_text("\n".join([*lines[:30], *lines[32:], ""]))
    said = pwsched("history", "holes.csv", "--fill-gaps", "3h", "--out", "home.csv", *ZONE)
    assert said.code == 0, said.error
    pwsched("backtest", "mine.toml", "--history", "home.csv", *WAYS, "--report", "out.html")
    repaired = Page(Path("out.html").read_text("utf-8")).table("What was repaired")
    assert repaired.repeated == [["2026-01-02 05:00", "2026-01-02 07:00", repaired.repeated[0][2]]]
    assert "2 h filled" in repaired.repeated[0][2]


def test_optimum_and_sensitivity_of_the_json_stand_in_the_report(pwsched: Command) -> None:
    text, result = reported(
        pwsched, "--against", "hold.toml", "--optimum", "--sensitivity", "--processes", "1"
    )
    page = Page(text)
    assert page.mistakes == []
    compared = page.table("Rule sets")
    for bound in result["attainable"]:
        assert compared.of(bound["name"], f"bill, {result['currency']}") == f"{bound['total']:,.2f}"
        for each in result["schedules"][:2]:
            share = each["share_of_attainable"][bound["name"]]
            shown = compared.of(each["name"], f"share of the {bound['name']}")
            assert float(shown.removesuffix(" %")) == pytest.approx(100 * share, abs=0.51)
    left = {each["name"]: each["left_worth"] for each in result["schedules"][:-1]}
    assert {name: float(compared.of(name, "left in the battery")) for name in left} == left
    rows = page.table("mine where one thing is otherwise").repeated
    assert [row[1] for row in rows] == [
        f"{each['dearer_by']:+,.2f}" for each in result["sensitivity"]
    ]
    assert rows[0][0] == "load -20 %"
    assert any(row[0].startswith(f"{EVIL}: 12:00-15:55 starts") for row in rows)


def test_without_plotly_there_is_a_sentence_before_anything_runs(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setattr("scheduler.money.backtest.backtest", None)
    history(3)
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", *WAYS, "--report", "out.html")
    assert said.code == 2
    assert said.error == (
        "pwsched: a report needs plotly, which is not installed: pip install"
        " 'powerwall-scheduler[report]'\n"
    )
    assert not Path("out.html").exists()


@pytest.mark.parametrize(
    ("place", "reason"),
    [("no/o.html", "no is no folder"), ("folder", "is a directory")],
)
def test_a_report_that_cannot_be_saved_is_one_sentence(
    pwsched: Command, place: str, reason: str
) -> None:
    history(3)
    Path("folder").mkdir()
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", *WAYS, "--report", place)
    assert said.code == 2
    assert said.error == f"pwsched: {place}: cannot save the report: {reason}\n"


def test_a_folder_that_is_not_there_is_told_before_anything_runs(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.money.backtest.backtest", None)
    history(3)
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", *WAYS, "--report", "no/o.html")
    assert said.code == 2
