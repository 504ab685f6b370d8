"""`pwsched optimum` and `pwsched tune` from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from commanding import Command

from rules.language import find_tariff, load_rules
from scheduler.cli import home_year

PLAN = "--tariff sce-tou-d-prime --export flat --export-price 0.05 --timezone America/Los_Angeles"
NIGHT, DAY, EVENING = [500.0] * 8, [700.0] * 8, [3000.0] * 8


@pytest.fixture
def pwsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(monkeypatch, capsys)


def write_home(days: int) -> None:
    """Mostly evening load, and a sun that is never enough."""
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    rows = [
        f"{(start + hour * timedelta(hours=1)).isoformat()},{load / 1000},{sun / 1000}"
        for hour, (load, sun) in enumerate(
            zip(
                (NIGHT + DAY + EVENING) * days,
                ([0.0] * 9 + [1500.0] * 6 + [0.0] * 9) * days,
                strict=True,
            )
        )
    ]
    Path("home.csv").write_text("\n".join(["time,load_kW,solar_kW", *rows, ""]))


def test_the_optima_are_in_order(pwsched: Command) -> None:
    write_home(14)
    said = pwsched("optimum", "--history", "home.csv", "--json", *PLAN.split())
    found = json.loads(said.out)
    order = ["optimum_selling_sun", "optimum", "lever_optimum", "self_consumption", "no_battery"]
    dollars = [found[name] for name in order]
    assert dollars == sorted(dollars)
    table = pwsched("optimum", "--history", "home.csv", *PLAN.split())
    assert table.code == 0
    assert f"{found['lever_optimum']:.2f}" in table.out


def test_the_optimum_keeps_to_what_may_be_sold(pwsched: Command) -> None:
    """Without sale, what the sun leaves over is lost, and each bill is as if it earned nothing."""
    write_home(3)
    home = Path("home.csv")
    home.write_text(home.read_text().replace(",1.5\n", ",4.0\n"))
    line = ("optimum", "--history", "home.csv", "--json", *PLAN.split(), "--may-sell")
    kept, sold = (json.loads(pwsched(*line, each).out) for each in ("never", "battery_ok"))
    for name in ("no_battery", "self_consumption", "optimum"):
        assert kept[name] > sold[name] + 0.1
    assert pwsched(*line, "all").code == 2


def test_tuned_rules_are_a_rule_file(pwsched: Command) -> None:
    write_home(120)
    said = pwsched(
        "tune", "--history", "home.csv", *PLAN.split(), "--processes", "1", "-o", "tuned.toml"
    )
    assert said.code == 0, said.error
    rules = load_rules([Path("tuned.toml")])
    assert any("charge" in str(rule.want) for rule in rules.state_rules)
    assert Path("tuned.toml").read_text().startswith("# Tuned on hours from 01 January 2026")
    assert "were not tuned on" in said.error


def test_nothing_is_written_where_nothing_is_saved(pwsched: Command) -> None:
    """Without sun and without grid charging there is nothing in the battery."""
    write_home(120)
    text = Path("home.csv").read_text().replace(",1.5", ",0.0")
    Path("home.csv").write_text(text)
    said = pwsched(
        *("tune", "--history", "home.csv", *PLAN.split(), "--processes", "1"),
        *("--no-grid-charging", "-o", "tuned.toml"),
    )
    assert said.code == 1
    assert "Not recommended" in said.error
    assert not Path("tuned.toml").exists()


PRICED = "--tariff octopus-agile --prices prices.json --export series --fixed-per-day 0.5"


def write_prices(days: int) -> None:
    """A cheap night and a dear evening, every day of 2026."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [(start + hour * timedelta(hours=1)).isoformat() for hour in range(24 * days + 25)]
    of_day = [0.10] * 8 + [0.20] * 8 + [0.40] * 8
    slots = [
        {"start": one, "end": two, "import": of_day[hour % 24], "export": 0.05}
        for hour, (one, two) in enumerate(pairwise(times))
    ]
    Path("prices.json").write_text(json.dumps(slots))


def test_a_tariff_may_have_its_prices_from_a_price_file(pwsched: Command) -> None:
    write_home(14)
    write_prices(14)
    said = pwsched("optimum", "--history", "home.csv", "--json", *PRICED.split())
    assert said.code == 0, said.error
    found = json.loads(said.out)
    assert found["currency"] == "GBP"
    assert found["optimum"] <= found["lever_optimum"] < found["self_consumption"] - 1


def test_rules_for_prices_from_a_file_name_the_zone(pwsched: Command) -> None:
    write_home(120)
    write_prices(120)
    said = pwsched(
        *("tune", "--history", "home.csv", *PRICED.split(), "--processes", "1"),
        *("-o", "tuned.toml"),
    )
    assert said.code == 0, said.error
    rules = load_rules([Path("tuned.toml")])
    assert (rules.almanac.tariff, rules.almanac.zone.key) == (None, "Europe/London")


def test_a_tariff_may_be_in_any_folder(pwsched: Command) -> None:
    write_home(5)
    folder = Path("owner's")
    folder.mkdir()
    text = find_tariff("sce-tou-d-prime", Path()).read_text()
    (folder / "mine.toml").write_text(text)
    line = PLAN.replace("sce-tou-d-prime", str(folder / "mine.toml"))
    assert pwsched("optimum", "--history", "home.csv", *line.split()).code == 0


def test_one_day_is_one(pwsched: Command) -> None:
    write_home(1)
    out = pwsched("optimum", "--history", "home.csv", *PLAN.split()).out
    assert out.startswith("1 day of CSV: home.csv, every hour known ahead")


@pytest.mark.parametrize("sun", [True, False])
def test_a_script_reads_what_was_found(pwsched: Command, sun: bool) -> None:
    """Where nothing is recommended too: with exit code 1, and without a file."""
    write_home(120)
    if not sun:
        text = Path("home.csv").read_text().replace(",1.5", ",0.0")
        Path("home.csv").write_text(text)
    permission = "--grid-charging" if sun else "--no-grid-charging"
    said = pwsched(
        *("tune", "--history", "home.csv", *PLAN.split(), "--processes", "1"), "--json", permission
    )
    found = json.loads(said.out)
    assert said.code == (0 if sun else 1)
    assert found["recommended"] is sun
    assert (found["tuned"] < found["self_consumption"]) is sun
    months = [each["self_consumption"] - each["out_of_sample"] for each in found["months"]]
    assert found["saved_out_of_sample"] == pytest.approx(sum(months), abs=0.05)
    if sun:
        Path("tuned.toml").write_text(found["rules"])
        rules = load_rules([Path("tuned.toml")])
        assert len(found["saved_by_rule"]) == len(rules.state_rules)
    else:
        assert found["rules"] is None


def test_a_short_history_is_refused(pwsched: Command) -> None:
    write_home(40)
    said = pwsched("tune", "--history", "home.csv", *PLAN.split())
    assert said.code == 2
    assert "tuning needs 4 months at least" in said.error


@pytest.mark.parametrize("command", ["optimum", "tune"])
def test_what_is_not_installed_is_named(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(home_year, "find_spec", lambda name: None if name == "numpy" else name)
    said = pwsched(command, *PLAN.split())
    assert said.code == 2
    assert "numpy is not installed: install powerwall-scheduler[money]" in said.error


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("date,kwh\n2026-01-01,ten\n", "sun.csv:2: must have the columns date"),
        ("date,kwh\n", "sun.csv: has no dates"),
    ],
)
def test_a_forecast_that_cannot_be_used_is_told(pwsched: Command, text: str, error: str) -> None:
    write_home(5)
    Path("sun.csv").write_text(text)
    said = pwsched("tune", "--history", "home.csv", *PLAN.split(), "--forecast", "sun.csv")
    assert said.code == 2
    assert error in said.error


def test_the_tariff_is_needed(pwsched: Command) -> None:
    write_home(5)
    said = pwsched("optimum", "--history", "home.csv", "--timezone", "America/Los_Angeles")
    assert said.code == 2
    assert "--tariff" in said.error


@pytest.mark.parametrize(
    ("tariff", "error"),
    [
        ("nope", '--tariff: unknown tariff "nope"'),
        ("none.toml", "none.toml: cannot be read"),
        ("bad.toml", "bad.toml:1: not valid TOML"),
    ],
)
def test_a_tariff_that_cannot_be_used_is_told_by_its_own_name(
    pwsched: Command, tariff: str, error: str
) -> None:
    Path("bad.toml").write_text("title =", "utf-8")
    said = pwsched("optimum", "--household", "gas-heated", "--tariff", tariff)
    assert said.code == 2
    assert said.error.startswith(f"pwsched: {error}")
