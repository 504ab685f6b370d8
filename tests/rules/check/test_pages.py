"""The pages about the kinds of finding: their examples are found to be what they say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from random_rules import plan_of

from rules.check import Code, check, missing_outside
from rules.inputs import Inputs
from rules.resolve import Levers, Limits

PAGES = Path(__file__).parents[3] / "docs" / "checks"
BASE = """\
language = 1
tariff = "sce-tou-d-prime"

[default]
mode = "self_consumption"
reserve = 20

"""


def test_every_kind_has_a_page_and_every_page_a_kind() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == {*Code, "README"}


@pytest.mark.parametrize("code", sorted(set(Code) - {Code.UNDECIDED}))
def test_an_example_is_what_it_says(code: Code) -> None:
    (example,) = re.findall(
        r"```toml\n(.*?)```", (PAGES / f"{code}.md").read_text("utf-8"), re.DOTALL
    )
    base = BASE.partition("[default]")[0] if "[default]" in example else BASE
    plan = plan_of(base + example, Levers(), Limits(reserve_floor=20))
    known = code is Code.OUT_OF_REACH
    found = [*check(plan, date(2026, 7, 1), route_known=known).findings]
    found += missing_outside(plan.rules, Inputs(flags={"storm": None}))
    assert code in {each.code for each in found}


def test_the_list_of_pages_names_each_with_its_first_line() -> None:
    text = (PAGES / "README.md").read_text("utf-8")
    for code in Code:
        first = (PAGES / f"{code}.md").read_text("utf-8").partition("\n")[0]
        kind = "error" if code.is_error else "warning"
        assert f"| [{code}]({code}.md) | {kind} | {first.partition(': ')[2]} |" in text
