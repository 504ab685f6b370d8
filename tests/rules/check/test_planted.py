"""Which planted mistakes the check finds: what it tells of them and not of the example."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from example_files import EXAMPLES
from planted import PLANTED, TABLE, Planted, planted
from random_rules import plan_of

from rules.check import check, since
from rules.errors import RuleProblems
from rules.resolve import Levers

README = Path(__file__).parents[3] / "docs" / "checks" / "README.md"
FIRST = date(2026, 6, 1)


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda each: f"{each.example}: {each.what}")
def test_the_check_finds_what_it_is_said_to_find(mistake: Planted) -> None:
    rules = (EXAMPLES / f"{mistake.example}.toml").read_text("utf-8")
    right = check(plan_of(rules, Levers()), FIRST, route_known=False).findings
    try:
        wrong = check(plan_of(planted(rules, mistake), Levers()), FIRST, route_known=False).findings
    except RuleProblems:
        assert mistake.told == "refused"
        return
    told = {str(each.code) for each in since(right, wrong)}
    assert mistake.told in told if mistake.told else not told


def test_the_table_has_twenty_and_says_who_finds_them() -> None:
    assert len(TABLE) == 20
    text = README.read_text("utf-8")
    rows = [each.row for each in TABLE]
    assert [line for line in text.splitlines() if line in rows] == rows, "\n".join(rows)
    found = sum(bool(each.told) for each in TABLE)
    assert f"the check finds {found} of the 20, the examples' own tests " in text
    assert f"own tests {sum(each.tested for each in TABLE)}." in text
