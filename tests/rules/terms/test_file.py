"""What a tariff file says for bills: read in full where a bill asks, and not looked at by rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.errors import RuleProblems
from rules.language import forms, load_tariff, shipped
from rules.terms import Charges, DemandCharge, MonthlyCredit, load_bill_tariff

HOURS = """
title = "Mine"
source = "the sheet on my desk, 2026-01-01"
timezone = "America/Los_Angeles"
currency = "USD"
[seasons]
year = "01-01..12-31"
[[periods.year]]
period = "day"
time = "08:00-20:00"
[[periods.year]]
period = "night"
time = "20:00-08:00"
[[prices]]
effective = "2026-01-01"
adders = { tax = 0.02, fund = 0.001 }
year = { day = 0.3, night = 0.1 }
"""
TERMS = """
[[charges]]
effective = "2026-02-01"
fixed_per_day = 0.5
minimum_per_day = 0.6
baseline_credit = 0.1
credits = [{ name = "climate credit", months = [4, 10], amount = 56.0 }]
demand = { price_per_kw = 8.0, periods = ["day"] }
[charges.non_bypassable]
programs = 0.03
[[charges]]
effective = "2026-01-01"
[baseline]
10 = { year = 12.0 }
[export.nem1]
source = "one"
[export.nem2]
source = "two"
[export.flat]
source = "three"
price = 0.08
[export.nbt]
source = "four"
unused = "carries over"
buckets = "together"
acc_plus = { 2025 = 0.024 }
credits = "credits.csv"
[export.nbt.holidays]
days = ["07-04"]
saturday_to_friday = true
"""
FORM = """
title = "Mine"
source = "2026"
timezone = "Europe/London"
currency = "GBP"
[series]
step = "30m"
prices_from = "the supplier"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_compare_the_sum_and_a_bill_knows_the_adders(tmp_path: Path) -> None:
    found = load_tariff(written(tmp_path, HOURS))
    (version,) = found.versions
    assert version.prices == {"year": {"day": 0.321, "night": 0.121}}
    assert version.adders == {"tax": 0.02, "fund": 0.001}
    assert [each.price for each in found.day(date(2026, 7, 1))] == [0.121, 0.321, 0.121]


def test_all_that_a_bill_needs(tmp_path: Path) -> None:
    terms = load_bill_tariff(written(tmp_path, HOURS + TERMS)).terms
    assert terms.charges == (
        Charges(date(2026, 1, 1)),
        Charges(
            effective=date(2026, 2, 1),
            fixed_per_day=0.5,
            minimum_per_day=0.6,
            baseline_credit=0.1,
            non_bypassable={"programs": 0.03},
            credits=(MonthlyCredit("climate credit", frozenset({4, 10}), 56.0),),
            demand=DemandCharge(8.0, frozenset({"day"})),
        ),
    )
    assert terms.baseline == {"10": {"year": 12.0}}
    assert (terms.nem1, terms.nem2, terms.flat) == ("one", "two", 0.08)
    assert terms.nbt is not None
    assert (terms.nbt.keeps, terms.nbt.apart, terms.nbt.acc_plus_keeps) == (True, False, None)
    assert terms.nbt.acc_plus == {2025: 0.024}
    assert terms.nbt.credits == tmp_path / "credits.csv"
    assert date(2026, 7, 3) in terms.nbt.holidays
    assert date(2027, 7, 5) not in terms.nbt.holidays


@pytest.mark.parametrize("name", shipped() | forms())
def test_every_tariff_that_is_shipped_can_be_billed(name: str) -> None:
    found = load_bill_tariff((shipped() | forms())[name])
    assert found.has_prices == (name in shipped())
    assert found.terms.charges or not found.has_prices


def test_rules_do_not_look_at_what_only_a_bill_needs(tmp_path: Path) -> None:
    path = written(tmp_path, HOURS + "[[charges]]\nfixed_per_day = 'much'\n[export.nem9]\n")
    assert load_tariff(path).versions
    with pytest.raises(RuleProblems) as error:
        load_bill_tariff(path)
    assert [str(each).partition("mine.toml")[2] for each in error.value.problems] == [
        ":18: charges[0].effective: is missing",
        ':19: charges[0].fixed_per_day: must be a number, got "much"',
        ':20: export.nem9: unknown key; did you mean "nem2"?',
    ]


def test_rules_refuse_a_form(tmp_path: Path) -> None:
    path = written(tmp_path, FORM)
    assert not load_bill_tariff(path).has_prices
    with pytest.raises(RuleProblems, match="no prices of its own: rules read them from a price"):
        load_tariff(path)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (FORM.partition("[series]")[0], "seasons: is missing"),
        (FORM + '[seasons]\nyear = "01-01..12-31"\n', "seasons: unknown key"),
        (FORM.replace('"30m"', '"half"'), 'series.step: must be a duration like "45m", got "half"'),
        (HOURS + "generation.year = { day = 0.1 }\n", "generation.year: names other periods"),
        (HOURS + '[[charges]]\neffective = "2026-01-01"\nfixed_per_day = -1.0\n', "at least 0"),
        (HOURS + '[[charges]]\neffective = "2026-01-01"\n' * 2, "two begin on 2026-01-01"),
        (
            HOURS + '[[charges]]\neffective = "2026-01-01"\nbaseline_credit = 0.1\n',
            "there is a baseline_credit, but [baseline] has no region",
        ),
        (HOURS + "[baseline]\ncoast = { summer = 3.0 }\n", "must have an allowance for each of"),
        (
            HOURS
            + '[[charges]]\neffective = "2026-01-01"\n'
            + 'demand = { price_per_kw = 1.0, periods = ["noon"] }\n',
            'demand looks for a period "noon" that does not exist',
        ),
        (
            HOURS + '[[charges]]\neffective = "2026-01-01"\ncredits = [{ name = "x", '
            "months = [13], amount = 1.0 }]\n",
            "at most 12, got 13",
        ),
        (HOURS + '[export.nbt]\nsource = "x"\n', "export.nbt.unused: is missing"),
        (
            HOURS + '[export.nbt]\nsource = "x"\nunused = "ends"\nbuckets = "apart"\n',
            "buckets apart need the generation part of the prices of 2026-01-01",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(RuleProblems) as error:
        load_bill_tariff(written(tmp_path, text))
    assert problem in str(error.value)
