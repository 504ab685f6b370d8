"""`pwsched backtest`: bills beside each other, and what the call has to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commanding import Command
from simulated import LOS_ANGELES

from rules.language import find_tariff
from scheduler.cli.backtest_view import may_be
from scheduler.inputs import LARGEST
from scheduler.money.comparison import Gain

BASE = """\
language = 1
tariff = "sce-tou-d-prime"
[default]
mode = "self_consumption"
reserve = 20
"""
FILL = """
[[rule]]
name = "fill before the peak"
while = { time = "12:00-15:55" }
set = { mode = "backup", reserve = 100 }
[[rule]]
name = "never"
while = { soe_below = 1 }
set = { reserve = 30 }
"""
FILL_IN_THE_PEAK = """
[[rule]]
name = "buy dear"
while = { time = "16:00-21:00" }
set = { battery = "charge", to = 100 }
"""
WINTER = [500.0] * 15 + [3_000.0] * 6 + [800.0] * 3
DAYS = 3
FLAT = "--export flat --export-price 0.05"


@pytest.fixture
def pwsched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(BASE + FILL)
    Path("dear.toml").write_text(BASE + FILL_IN_THE_PEAK)
    start = datetime(2026, 1, 12, tzinfo=LOS_ANGELES)
    rows = [
        f"{(start + n * timedelta(hours=1)).isoformat()},{WINTER[n % 24] / 1000},0"
        for n in range(24 * DAYS)
    ]
    Path("home.csv").write_text("\n".join(["time,load_kW,solar_kW", *rows, ""]))
    return Command(monkeypatch, capsys)


def told(pwsched: Command, line: str) -> dict[str, Any]:
    """The result as JSON."""
    said = pwsched("backtest", *line.split(), "--history", "home.csv", "--json")
    assert said.code in {0, 1}, said.error
    result: dict[str, Any] = json.loads(said.out)
    return result


def shown(pwsched: Command, line: str) -> str:
    return pwsched("backtest", *line.split(), "--history", "home.csv").out


def test_a_schedule_that_pays_for_itself_ends_with_0(pwsched: Command) -> None:
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", *FLAT.split())
    assert said.code == 0
    assert "costs" in said.out
    assert "less than self-consumption" in said.out
    assert "1.5 to 3.5 %" in " ".join(said.out.split())
    assert "Jan 2026 (part)" in said.out


def test_one_that_costs_more_than_no_rules_ends_with_1(pwsched: Command) -> None:
    said = pwsched("backtest", "dear.toml", "--history", "home.csv", *FLAT.split())
    assert said.code == 1
    assert "MORE than self-consumption" in said.out


def test_the_rules_stand_beside_others_and_none(pwsched: Command) -> None:
    result = told(pwsched, f"mine.toml --against dear.toml {FLAT}")
    schedules = {each["name"]: each for each in result["schedules"]}
    assert list(schedules) == ["mine", "dear", "self-consumption", "no battery"]
    mine, none = schedules["mine"], schedules["no battery"]
    # 3 days of 27.9 kWh; a battery without sun that is not filled gives what is in it, once.
    assert none["months"][0]["imported_kwh"] == pytest.approx(3 * 27.9)
    alone = schedules["self-consumption"]["months"][0]["imported_kwh"]
    assert alone == pytest.approx(3 * 27.9 - 0.3 * 13.5 * 0.9**0.5, abs=0.001)
    assert mine["total"] < schedules["self-consumption"]["total"] < schedules["dear"]["total"]
    # What is left counts, at what a home without battery pays for a kWh.
    assert none["left_worth"] == 0
    worth = result["kwh_left_worth"]
    for each in (mine, schedules["self-consumption"]):
        left = (each["soe_at_end"] - 50) / 100 * 13.5 * 0.9**0.5 * worth
        assert each["left_worth"] == pytest.approx(left, abs=0.011)
        saving = none["total"] - each["total"] + each["left_worth"]
        assert each["saving"] == pytest.approx(saving, abs=0.011)
    paid = none["parts"]["energy"] + none["parts"]["adder"]
    assert worth == pytest.approx(paid / (3 * 27.9), abs=1e-4)
    low, high = mine["saving_uncertain_by"]
    assert (low, high) == pytest.approx((mine["saving"] * 0.015, mine["saving"] * 0.035), abs=0.01)
    assert mine["hours_by_rule"]["fill before the peak"] == pytest.approx(
        3 * (4 - 5 / 60), abs=0.001
    )
    assert mine["never_won"] == ["never"]
    assert mine["writes"] == 2 * DAYS
    assert sum(mine["parts"].values()) == pytest.approx(mine["total"], abs=0.03)
    assert "never won" in shown(pwsched, f"mine.toml {FLAT}")


def test_a_history_that_is_asked_about_is_mended_elsewhere(pwsched: Command) -> None:
    Path("asked.csv").write_text(Path("home.csv").read_text().replace("load_kW", "load"))
    said = pwsched("backtest", "mine.toml", "--history", "asked.csv", *FLAT.split())
    assert (said.code, said.out) == (2, "")
    assert said.error.splitlines() == [
        (
            "pwsched: asked.csv: the column of load does not say its unit; name it like load_kW,"
            " or say --unit kW, kWh, W or Wh"
        ),
        "say what it needs to `pwsched history`, and give what its --out writes",
    ]


def test_what_was_attainable_is_compared_in_hours(pwsched: Command) -> None:
    line = f"mine.toml --against dear.toml {FLAT} --optimum"
    result = told(pwsched, line)
    assert result["attainable_step_minutes"] == 60
    levers, best = result["attainable"]
    assert (levers["name"], best["name"]) == ("lever optimum", "optimum")
    assert levers["total"] >= best["total"] - 0.01
    mine, dear, *_ = result["schedules"]
    for each in (mine, dear):
        shares = each["share_of_attainable"]
        for bound in (levers, best):
            share = each["less_than_self_consumption"] / bound["less_than_self_consumption"]
            assert shares[bound["name"]] == pytest.approx(share, abs=0.002)
    assert 0.5 < mine["share_of_attainable"]["lever optimum"] <= 1.01
    assert dear["share_of_attainable"]["lever optimum"] < 0
    out = " ".join(shown(pwsched, line).split())
    assert "with perfect foresight" in out
    assert "Both are of intervals of 60 minutes" in out
    assert "perfect foresight" not in shown(pwsched, f"mine.toml {FLAT}")


def test_the_optimum_may_go_as_low_as_any_of_the_rules(pwsched: Command) -> None:
    lower = BASE + FILL.replace("reserve = 30", "reserve = 5")
    Path("lower.toml").write_text(lower)

    def best(line: str) -> float:
        total: float = told(pwsched, f"{line} {FLAT} --optimum")["attainable"][1]["total"]
        return total

    as_is = best("mine.toml")
    assert best("lower.toml") < as_is - 0.1
    assert best("mine.toml --against lower.toml") < as_is - 0.1
    assert best("lower.toml --floor 20") == pytest.approx(as_is)


def test_the_optimum_is_of_hours_whatever_the_step_of_the_rules(pwsched: Command) -> None:
    start = datetime(2026, 1, 12, tzinfo=LOS_ANGELES)
    rows = [
        f"{(start + n * timedelta(minutes=15)).isoformat()},{n % 2 * 3},{(n + 1) % 2 * 2}"
        for n in range(96 * DAYS)
    ]
    Path("home.csv").write_text("\n".join(["time,load_kW,solar_kW", *rows, ""]))
    quarters, hours = (
        told(pwsched, f"mine.toml {FLAT} --optimum --step {step}") for step in ("15m", "60m")
    )
    assert quarters["attainable"] == hours["attainable"]
    assert quarters["schedules"][-1]["total"] > hours["schedules"][-1]["total"] + 1


def test_an_optimum_begins_no_lower_than_it_may_go(pwsched: Command) -> None:
    empty = told(pwsched, f"mine.toml {FLAT} --optimum --soe 5")["attainable"]
    assert empty == told(pwsched, f"mine.toml {FLAT} --optimum --soe 20")["attainable"]


def test_what_was_attainable_is_known_for_either_reading_of_net_metering(pwsched: Command) -> None:
    """Without sun nothing is sold, and both readings are one bill."""
    line = "mine.toml --step 60m --optimum --prices-of 2025-06-01 --export"
    by_interval, by_month = (
        told(pwsched, f"{line} {each}")["attainable"]
        for each in ("nem2-by-interval", "nem2-by-month")
    )
    for one, other in zip(by_interval, by_month, strict=True):
        apart = one["tolerance"] + other["tolerance"] + 0.02
        assert one["total"] == pytest.approx(other["total"], abs=apart)


def test_the_optimum_knows_no_outages_and_says_so(pwsched: Command) -> None:
    line = f"mine.toml {FLAT} --optimum --outage 2026-01-13T21:00/18h"
    assert (
        told(pwsched, line)["attainable"]
        == told(pwsched, line[: line.index(" --outage")])["attainable"]
    )
    assert "Neither knows of outages" in " ".join(shown(pwsched, line).split())


def test_what_matters_is_told_in_dollars(pwsched: Command) -> None:
    line = f"mine.toml {FLAT} --step 60m --sensitivity --processes 1"
    result = told(pwsched, line)
    changes = {(each["rule"], each["change"]): each for each in result["sensitivity"]}
    assert (None, "load +20 %") in changes
    later = changes["fill before the peak", "12:00-15:55 ends 15 minutes earlier"]
    low, high = later["less_than_self_consumption_may_be"]
    assert low < later["less_than_self_consumption"]
    assert low < high
    out = shown(pwsched, line)
    assert "mine, one thing otherwise" in out
    assert "12:00-15:55 ends 15 minutes earlier" in out
    assert "sensitivity" not in told(pwsched, f"mine.toml {FLAT}")


def test_only_what_matters_most_is_shown(pwsched: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.cli.backtest_further_view.MOST", 3)
    out = shown(pwsched, f"mine.toml {FLAT} --step 60m --sensitivity --processes 1")
    whole = len(told(pwsched, f"mine.toml {FLAT} --step 60m --sensitivity")["sensitivity"])
    of_home = 6
    said = f"Another {whole - of_home - 3} changes make a difference of"
    assert said in " ".join(out.split())


def test_others_are_files_or_folders_each_a_set_of_its_own(pwsched: Command) -> None:
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "a_base.toml").write_text(BASE)
        Path(name, "more.toml").write_text(FILL_IN_THE_PEAK)
        Path(name, "more.test.toml").write_text("no rules")
    Path("two", "dear.toml").write_text(BASE + FILL_IN_THE_PEAK)
    names = "mine.toml --against dear.toml --against one --against two/dear.toml"
    schedules = told(pwsched, f"{names} --against mine.toml {FLAT}")["schedules"]
    assert [each["name"] for each in schedules[:-2]] == [
        "mine.toml (1)", "dear.toml", "one", "two/dear.toml", "mine.toml (5)",
    ]  # fmt: skip
    totals = [each["total"] for each in schedules[:-2]]
    assert totals[1] == totals[2] == totals[3]
    assert totals[0] == totals[4] < totals[1]


def test_an_outage_is_told_with_how_the_home_stood_it(pwsched: Command) -> None:
    line = f"mine.toml {FLAT} --outage 2026-01-13T21:00/18h"
    (outage,) = told(pwsched, line)["schedules"][0]["outages"]
    assert outage["minutes"] == 18 * 60
    # What the evening left, after 16 to 21 o'clock, and then 0.8 and 0.5 kW of load.
    assert 0 < outage["stood_minutes"] <= 18 * 60
    assert "2026-01-13 21:00, 18 h 00 min" in shown(pwsched, line)


def test_more_powerwalls_of_another_kind_are_another_result(pwsched: Command) -> None:
    one = told(pwsched, f"mine.toml {FLAT}")
    two = told(pwsched, f"mine.toml {FLAT} --powerwalls 2 --powerwall 3")
    assert two["battery"] == {"capacity_wh": 27_000, "power_w": 23_000}
    assert two["schedules"][0]["total"] < one["schedules"][0]["total"]


def test_permissions_narrow_what_rules_may(pwsched: Command) -> None:
    forbidden = told(pwsched, f"mine.toml {FLAT} --no-grid-charging")["schedules"]
    assert forbidden[0]["months"][0]["imported_kwh"] >= forbidden[1]["months"][0]["imported_kwh"]
    floor = told(pwsched, f"mine.toml {FLAT} --floor 50")["schedules"]
    assert floor[1]["soe_at_end"] == pytest.approx(50)


def test_flags_and_inputs_have_their_times(pwsched: Command) -> None:
    rules = """
[[rule]]
name = "storm"
priority = 1
while = { flag = "storm" }
set = { reserve = 80 }
[[rule]]
name = "sun"
while = { input = "sun", above = 25, oldest = "3h" }
set = { reserve = 50 }
"""
    Path("outside.toml").write_text(BASE + rules)
    Path("sun.csv").write_text("time,value\n2026-01-13T06:00,30\n2026-01-13T08:00,10\n")
    line = f"outside.toml {FLAT} --flag storm@2026-01-12T12:00/6h --input sun=sun.csv"
    assert told(pwsched, line)["schedules"][0]["hours_by_rule"] == {
        "storm": 6, "sun": 2, "default": 72,
    }  # fmt: skip
    always = f"outside.toml {FLAT} --flag storm --input sun=30"
    hours = told(pwsched, always)["schedules"][0]["hours_by_rule"]
    assert hours == {"storm": 72, "sun": 0, "default": 72}
    known = told(pwsched, f"outside.toml {FLAT} --input sun=30")["schedules"][0]["hours_by_rule"]
    assert known["sun"] == 72


def test_a_household_that_never_was_stands_in_for_a_history(pwsched: Command) -> None:
    said = pwsched(
        "backtest", "mine.toml", "--household", "gas-heated", "--step", "60m", "--json",
        "--prices-of", "2026-06-01", *FLAT.split(),
    )  # fmt: skip
    result = json.loads(said.out)
    assert said.error == ""
    assert len(result["schedules"][0]["months"]) == 12
    assert "never was" in result["source"]


def test_a_year_of_half_hourly_prices_is_a_price_file(pwsched: Command) -> None:
    start = datetime(2026, 1, 12, 8, tzinfo=UTC)
    times = [(start + n * timedelta(minutes=30)).isoformat() for n in range(17_521)]
    slots = [
        {"start": one, "end": two, "import": 0.3, "export": 0.1} for one, two in pairwise(times)
    ]
    Path("prices.json").write_text(json.dumps(slots))
    assert Path("prices.json").stat().st_size > LARGEST
    result = told(pwsched, "mine.toml --prices prices.json --export series")
    assert result["schedules"][0]["total"] > 0


def test_a_tariff_that_names_its_credits_needs_no_file_of_them(pwsched: Command) -> None:
    rows = [
        f"2026,{month},{kind},{hour},0.02,0.06"
        for month in range(1, 13)
        for kind in ("weekday", "weekend_holiday")
        for hour in range(24)
    ]
    head = "year,month,day_type,hour,delivery,generation"
    Path("credits.csv").write_text("\n".join([head, *rows]))
    text = find_tariff("sce-tou-d-prime", Path()).read_text()
    named = text.replace("[export.nbt]", '[export.nbt]\ncredits = "credits.csv"')
    Path("named.toml").write_text(named)
    Path("home.csv").write_text(Path("home.csv").read_text().replace(",0.5,0\n", ",0.5,4\n"))
    line = "mine.toml --export nbt --vintage 2026 --non-bypassable 0.03 --tariff"
    own = told(pwsched, f"{line} named.toml")["schedules"]
    given = told(pwsched, f"{line} sce-tou-d-prime --credits credits.csv")["schedules"]
    assert own[-1]["parts"]["export credit"] < -1
    assert own == given


def test_what_a_gain_may_be_is_said_in_the_words_of_the_verdict(pwsched: Command) -> None:
    """Of what costs more, how much more; a range has no signs to be read backwards."""
    low, high = told(pwsched, f"dear.toml {FLAT}")["schedules"][0][
        "less_than_self_consumption_may_be"
    ]
    assert low < high < 0
    words = " ".join(shown(pwsched, f"dear.toml {FLAT}").split())
    assert f"MORE than self-consumption ({-high:.2f} to {-low:.2f} more with a real" in words


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.0, 3.0, "1.00 to 3.00 less"),
        (-0.001, 0.0, "0.00 to 0.00 less"),
        (-3.0, -1.0, "1.00 to 3.00 more"),
        (-1.0, 3.0, "from 1.00 more to 3.00 less"),
        (-1.0, -0.001, "from 1.00 more to 0.00 less"),
    ],
)
def test_a_range_is_said_without_signs(low: float, high: float, said: str) -> None:
    assert may_be(Gain(0.0, low, high)) == said


def test_a_default_that_leaves_all_as_it_is_won_no_hours(pwsched: Command) -> None:
    leaving = BASE[: BASE.index("[default]")] + "[default]\nleave = true\n"
    Path("leaving.toml").write_text(leaving)
    out = shown(pwsched, f"leaving.toml {FLAT}")
    (row,) = [line for line in out.splitlines() if line.startswith("default")]
    assert row.split(maxsplit=1)[1].strip() == "leaves all as it is"


def test_a_picture_is_saved(pwsched: Command) -> None:
    pwsched(
        "backtest", "mine.toml", "--history", "home.csv", "--picture", "bill.svg", *FLAT.split()
    )
    assert "self-consumption" in Path("bill.svg").read_text()


def test_an_interrupted_backtest_leaves_no_traceback(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scheduler.money.backtest.backtest", interrupted)
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", *FLAT.split())
    assert said.code not in {0, 2}
    assert "Traceback" not in said.error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--export nem3", "--export: must be one of none, flat,"),
        ("--export flat", "say one per kWh (--export-price)"),
        ("--export flat --export-price nan", "--export-price: must be a number, got nan"),
        ("--export-price 0.05", "--export-price is for --export flat, not for none"),
        ("--export nem1 --vintage 2026", "--vintage is for --export nbt, not for nem1"),
        ("--credits eec.csv", "--credits is for --export nbt, not for none"),
        ("--credits-of 2026", "--credits-of is for --export nbt, not for none"),
        ("--fixed-per-day inf", "--fixed-per-day: must be a number, got inf"),
        (
            "--export nem2-by-interval",
            "(--non-bypassable), or bill every date as of a day with them, like 2025-06-01",
        ),
        ("--input sun=none.csv", "none.csv: cannot be read: no such file or directory"),
        ("--tariff sce-tou-d-prim", 'did you mean "sce-tou-d-prime"?'),
        ("--powerwalls 11", "--powerwalls: 1 to 10 Powerwalls make a site, got 11"),
        ("--powerwall 4", '--powerwall: must be 2 or 3, got "4"'),
        ("--outage tomorrow", "--outage: must be like"),
        ("--outage 2026-01-13T21:00/soon", "--outage:"),
        ("--outage 2027-01-13T21:00/2h", "within the data"),
        ("--soe 101", "a state of energy is 0 to 100 %"),
        ("--standby -5W", "--standby: must be 0 or more"),
        ("--step 7m", "--step:"),
        ("--may-sell all", "--may-sell: must be one of never, pv_only, battery_ok"),
        ("--flag storm@never", "--flag: must be like"),
        ("--input sun=home.csv", "home.csv:2: must have the columns time"),
        ("--prices-of june", "--prices-of: must be like"),
        ("--household all-electric", "give --history or --household, not both"),
        ("--firmware new", "--firmware: must be like"),
        ("--against none.toml", "none.toml: cannot be read"),
        ("--against empty", "--against: empty is a folder without rule files (*.toml)"),
        ("--optimum --floor 90", "--optimum: there is nothing to find where the reserve is never"),
    ],
)
def test_a_call_that_is_wrong_is_one_sentence(pwsched: Command, line: str, said: str) -> None:
    Path("empty").mkdir()
    found = pwsched("backtest", "mine.toml", "--history", "home.csv", *line.split())
    assert found.code == 2
    assert said in found.error
    assert found.error.count("\n") == 1


def test_without_a_home_there_is_nothing_to_say(pwsched: Command) -> None:
    found = pwsched("backtest", "mine.toml")
    assert (found.code, found.out) == (2, "")
    assert "give --history FILE, or --household KIND" in found.error


def test_rules_without_a_tariff_need_one(pwsched: Command) -> None:
    bare = BASE.replace("tariff", "timezone").replace("sce-tou-d-prime", LOS_ANGELES.key)
    Path("bare.toml").write_text(bare)
    found = pwsched("backtest", "bare.toml", "--history", "home.csv")
    assert found.code == 2
    assert "say that of the bill with --tariff" in found.error


@pytest.mark.parametrize(
    ("library", "option", "said"),
    [
        ("highspy", "--optimum", "--optimum needs highspy, which is not installed"),
        ("tomli_w", "--sensitivity", "--sensitivity needs tomli_w, which is not installed"),
    ],
)
def test_a_library_that_is_missing_is_told_before_anything_runs(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch, library: str, option: str, said: str
) -> None:
    monkeypatch.setattr("scheduler.money.backtest.backtest", None)
    monkeypatch.setattr(
        "scheduler.cli.backtest_run.find_spec", lambda name: None if name == library else name
    )
    found = pwsched("backtest", "mine.toml", "--history", "home.csv", option, *FLAT.split())
    assert found.code == 2
    assert found.error == f"pwsched: {said}: pip install 'powerwall-scheduler[money]'\n"


def test_an_interrupted_sensitivity_leaves_no_traceback(
    pwsched: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scheduler.money.sensitivity.effects", interrupted)
    said = pwsched("backtest", "mine.toml", "--history", "home.csv", "--sensitivity", *FLAT.split())
    assert said.code not in {0, 2}
    assert "Traceback" not in said.error
