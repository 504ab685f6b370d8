"""What the check finds: one mistake each, in rules that are otherwise sound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from random_rules import plan_of

from rules.check import Code, Finding, Report, check, moment_in_words
from rules.check.effort import Effort
from rules.resolve import Levers, Limits

FIRST = date(2026, 7, 1)
BASE = """\
language = 1
tariff   = "sce-tou-d-prime"

[default]
mode    = "self_consumption"
reserve = 20

"""


def report_on(rules: str, **arguments: object) -> Report:
    return check(plan_of(BASE + rules), FIRST, **arguments)  # type: ignore[arg-type]


def found(report: Report, *codes: Code) -> list[Finding]:
    return [each for each in report.findings if not codes or each.code in codes]


def rule(name: str, line: str, more: str = "") -> str:
    return f'[[rule]]\nname = "{name}"\n{line}\n{more}\n'


def state(name: str, clause: str, wanted: str, more: str = "") -> str:
    return rule(name, f"while = {{ {clause} }}\nset = {{ {wanted} }}", more)


def event(name: str, clause: str) -> str:
    return rule(name, f'when = {{ {clause} }}\ndo = "firmware-check"')


@dataclass(frozen=True)
class Case:
    """Rules, what is found in them, about which keys, and the sentence."""

    rules: str
    code: Code
    places: tuple[str, ...]
    text: str


NOON = 'time = "12:00-16:00"'
CASES = {
    "two times": Case(
        state("a", NOON, "reserve = 30") + state("b", NOON, "reserve = 80"),
        Code.CONFLICT,
        ("a.set", "b.set"),
        '"a" wants reserve 30 %, and "b" wants reserve 80 %, with equal priority (0)',
    ),
    "thresholds that meet overlap by their margins": Case(
        state("a", "soe_above = 80", "reserve = 30") + state("b", "soe_below = 80", "reserve = 60"),
        Code.CONFLICT,
        ("a.set", "b.set"),
        '"a" wants reserve 30 %, and "b" wants reserve 60 %',
    ),
    "hold against a reserve": Case(
        state("a", NOON, 'battery = "hold"') + state("b", "soe_below = 60", "reserve = 30"),
        Code.CONFLICT,
        ("a.set", "b.set"),
        'and "b" wants reserve 30 %',
    ),
    "hold against a reserve that it takes itself at one percent": Case(
        state("a", NOON, 'battery = "hold"') + state("b", NOON, "reserve = 50"),
        Code.CONFLICT,
        ("a.set", "b.set"),
        'and "b" wants reserve 50 %',
    ),
    "one that is kept against one that holds": Case(
        state("a", 'flag = "storm"', "reserve = 80", 'keep = "1h"')
        + state("b", 'none = [{ flag = "storm" }]', "reserve = 30"),
        Code.CONFLICT,
        ("a.set", "b.set"),
        '"a" wants reserve 80 %, and "b" wants reserve 30 %',
    ),
    "nothing is under 20 and over 80": Case(
        state("a", "soe_above = 80, soe_below = 20", "reserve = 30"),
        Code.NEVER_ACTIVE,
        ("a.while.soe_above", "a.while.soe_below"),
        '"a" can never be active: soe_above and soe_below exclude each other',
    ),
    "a group against a key": Case(
        state("a", 'grid = "up", none = [{ grid = "up" }]', "reserve = 30"),
        Code.NEVER_ACTIVE,
        ("a.while.grid", "a.while.none"),
        "grid and none exclude each other",
    ),
    "longer than its window": Case(
        state("a", 'time = "12:00-13:00", soe_below = 50', "reserve = 30", 'for = "2h"'),
        Code.NEVER_ACTIVE,
        ("a.for",),
        '"a" is open for 1 h at most, and must hold for 2 h',
    ),
    "more inset than window": Case(
        state("a", 'time = "12:00-13:00"', "reserve = 30", 'inset = "40m"'),
        Code.NEVER_ACTIVE,
        ("a.while.time", "a.inset"),
        '"a" is never open in the 397 days from 01 Jul 2026: time 12:00-13:00, inset 40m',
    ),
    "a window of another day": Case(
        state("a", 'time = "fri 20:00 - sun 17:00", days = "mon"', "reserve = 30"),
        Code.NEVER_ACTIVE,
        ("a.while.time", "a.while.days"),
        "time fri 20:00 - sun 17:00, days mon",
    ),
    "a period at another time": Case(
        state("a", 'time = "02:00-03:00", period = "on-peak"', "reserve = 30"),
        Code.NEVER_ACTIVE,
        ("a.while.time", "a.while.period"),
        "time 02:00-03:00, period on-peak",
    ),
    "a period in another season": Case(
        state("a", 'period = "on-peak", season = "winter"', "reserve = 30"),
        Code.NEVER_ACTIVE,
        ("a.while.season", "a.while.period"),
        "period on-peak",
    ),
    "dates of last year": Case(
        state("a", 'dates = ["2025-08-01..2025-08-05"]', "reserve = 30"),
        Code.DATES_PASSED,
        ("a.while.dates",),
        'the dates of "a" have passed; the last was 05 Aug 2025',
    ),
    "an event of last year": Case(
        event("a", 'at = "12:00", dates = ["2025-08-01"]'),
        Code.DATES_PASSED,
        ("a.when.dates",),
        'the dates of "a" have passed; the last was 01 Aug 2025',
    ),
    "before the peak on Sundays": Case(
        event("a", 'before = "on-peak", days = "sun"'),
        Code.NEVER_FIRES,
        ("a.when.before",),
        '"a" can never fire: "on-peak" is on none of its days',
    ),
    "before the summer's peak in December": Case(
        event("a", 'before = "on-peak", months = "dec"'),
        Code.NEVER_FIRES,
        ("a.when.before",),
        '"on-peak" is on none of its days',
    ),
    "a moment at which the rest cannot be": Case(
        event("a", 'at = "12:00", time = "14:00-15:00"'),
        Code.NEVER_FIRES,
        ("a.when.at",),
        "its other keys cannot hold at its moment",
    ),
    "a turn that never comes": Case(
        event("a", "soe_above = 80, soe_below = 20"),
        Code.NEVER_FIRES,
        ("a.when",),
        "its clause never turns true",
    ),
    "silent for the winter": Case(
        event("a", 'before = "on-peak", lead = "60m"'),
        Code.LONG_SILENCE,
        ("a.when.before",),
        '"a" never comes from 1 Oct to 31 May; "peak" is the dearest period of each day',
    ),
    "shadowed": Case(
        state("a", "soe_above = 0", "reserve = 30", "priority = 5")
        + rule("b", 'set = { mode = "backup", reserve = 80 }', "priority = 4")
        + state("c", NOON, "reserve = 50"),
        Code.NEVER_WINS,
        ("c", "b"),
        '"c" never wins anything: whenever it is active, so is "b"',
    ),
    "a floor that is under it anyway": Case(
        state("a", NOON, "reserve_at_least = 30") + state("b", NOON, "reserve = 40"),
        Code.NEVER_WINS,
        ("a.set.reserve_at_least",),
        '"a" never raises the reserve: it is at least 30 % without it',
    ),
    "more slots than there are": Case(
        state("a", 'cheapest = 40, of = "00:00-08:00"', "reserve = 30"),
        Code.ALWAYS_TRUE,
        ("a.while.cheapest",),
        'cheapest of "a" takes every slot of its window',
    ),
    "a threshold at the end of the scale": Case(
        state("a", "soe_above = 0", "reserve = 30"),
        Code.ALWAYS_TRUE,
        ("a.while.soe_above",),
        'soe_above of "a" is true whenever the rule is open',
    ),
    "chasing its own effect": Case(
        state("a", "soe_below = 50", 'mode = "backup"'),
        Code.FLAPPING,
        ("a.while",),
        '"a" flaps: ',
    ),
    "stays low": Case(
        state("a", NOON, "reserve = 5"),
        Code.LEFT_ON,
        ("a.set",),
        "the reserve stays at 5 %, below the 20 % of [default]",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_found_and_nothing_beside_it(name: str) -> None:
    case = CASES[name]
    report = report_on(case.rules)
    mine = found(report, case.code)
    assert [tuple(map(in_words, each.places)) for each in mine] == [case.places]
    assert case.text in mine[0].text
    beside = {each.code for each in report.findings} - {case.code, Code.LEFT_ON, Code.ALWAYS_TRUE}
    assert beside == set()


def in_words(place: object) -> str:
    rule, keys = place.rule, place.keys  # type: ignore[attr-defined]
    return ".".join((rule, *map(str, keys)))


def test_a_rule_above_that_is_open_and_not_yet_active_decides_nothing() -> None:
    waiting = NOON + ', grid = "up"'
    report = report_on(
        state("a", waiting, "reserve = 30", 'for = "10m"')
        + state("b", waiting, "reserve = 80", 'for = "10m"')
        + state("c", 'time = "12:00-14:00"', "reserve = 50", "priority = 1")
        + state("d", 'time = "14:00-16:00", grid = "up"', "reserve = 60", 'priority=1\nfor="5m"')
    )
    (conflict,) = found(report, Code.CONFLICT)
    assert conflict.a_year == timedelta(minutes=5 * 365)


SOUND = {
    "another priority": state("a", NOON, "reserve = 30", "priority = 1")
    + state("b", 'time = "12:00-17:00"', "reserve = 80"),
    "one after the other": state("a", 'time = "12:00-14:00"', "reserve = 30")
    + state("b", 'time = "14:00-16:00"', "reserve = 80"),
    "other parts": state("a", NOON, "reserve = 30") + state("b", NOON, 'mode = "backup"'),
    "the same": state("a", NOON, "reserve = 30") + state("b", "soe_below = 50", "reserve = 30"),
    "thresholds apart": state("a", "soe_above = 80", "reserve = 30")
    + state("b", "soe_below = 70", "reserve = 60"),
    "a floor beside a reserve": state("a", NOON, "reserve = 30")
    + state("b", NOON, "reserve_at_least = 50"),
    "one that opens after the other, decided above them": state(
        "a", 'time = "09:00-12:30", soe_below = 60', 'battery = "hold"'
    )
    + state("b", 'time = "00:00-22:30", export_above = 3000', "reserve = 30")
    + state("c", "export_above = 1000", "reserve = 50", "priority = 5"),
    "outranked, but with a floor": state("a", NOON, 'mode = "backup"', "priority = 1")
    + state("b", NOON, 'mode = "backup", reserve_at_least = 30'),
    "a floor against what a hold has taken": state("a", NOON, 'battery = "hold"')
    + state("b", NOON, "reserve_at_least = 20"),
    "it goes on for longer than the one above": state(
        "a", "soe_below = 50", "reserve = 30", 'stale = "20m"'
    )
    + state("b", "soe_below = 50", "reserve = 40", 'priority = 1\nstale = "1m"'),
    "the peak belongs to a rule above": state(
        "a", 'time = "14:00-17:00"', 'battery = "charge", to = 100'
    )
    + state("b", 'time = "15:55-21:00"', 'battery = "use", reserve = 25', "priority = 1"),
    "buying in the peak before a storm": state(
        "a", 'time = "14:00-17:00", flag = "storm"', 'battery = "charge", to = 100'
    ),
    "an outage may lead under the reserve": state(
        "a", 'grid = "down", soe_below = 10', "reserve = 30"
    ),
    "decided above them": state("a", NOON, "reserve = 30")
    + state("b", NOON, "reserve = 80")
    + rule("c", "set = { reserve = 50 }", "priority = 1"),
    "charging to a level": state("a", NOON + ", soe_below = 90", 'battery = "charge", to = 60'),
    "dates to come": state("a", 'dates = ["2028-08-01"]', "reserve = 30"),
    "said to be of a season": event("a", 'before = "on-peak", season = "summer"'),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_is_left_in_peace(name: str) -> None:
    told = {each.code for each in report_on(SOUND[name]).findings}
    assert told <= {Code.LEFT_ON, *([Code.NEVER_WINS] if "decided above them" in name else [])}


def test_situations_of_less_than_a_minute_break_nothing_off() -> None:
    waits = 'for = "45s"\ninset = "45s"'
    opening = state("a", 'dates = "03-08", charging_above = 0', 'mode = "self_consumption"', waits)
    assert report_on(rule("b", 'set = { battery = "hold" }') + opening).errors == ()


def test_the_moment_is_told_as_a_person_would_say_it() -> None:
    report = report_on(
        state("a", 'time = "16:00-21:00", grid = "up"', "reserve = 30")
        + state("b", 'soe_below = 20, days = "mon"', "reserve = 80")
    )
    (conflict,) = report.errors
    assert conflict.history is not None
    said = moment_in_words(conflict.history, ZoneInfo("America/Los_Angeles"))
    assert said == "Monday 6 July 2026 16:00, grid up, SOE 10 %"
    assert conflict.a_year == timedelta(hours=5 * 52)


@pytest.mark.parametrize("name", ["two times", "hold against a reserve", "chasing its own effect"])
def test_a_repair_mends_it(name: str) -> None:
    (finding,) = found(report_on(CASES[name].rules), CASES[name].code)
    repair = finding.repair
    assert repair is not None
    blocks = CASES[name].rules.split("[[rule]]")
    key = str(repair.place.keys[0])
    mended = "[[rule]]".join(
        "\n".join(line for line in block.splitlines() if not line.startswith(f"{key} = "))
        + f"\n{key} = {repair.value}\n"
        if f'name = "{repair.place.rule}"' in block
        else block
        for block in blocks
    )
    assert found(report_on(mended), CASES[name].code) == []


def test_what_the_site_cannot_have() -> None:
    plan = plan_of(BASE + state("a", NOON, "reserve = 5"), Levers(), Limits(reserve_floor=10))
    (error,) = check(plan, FIRST).errors
    assert error.code is Code.OUT_OF_REACH
    assert error.places[0].keys == ("set", "reserve")


def test_free_prices_are_unlike_those_of_a_tariff() -> None:
    rules = state("a", "price_above = 5", "reserve = 30")
    assert [each.code for each in report_on(rules).errors] == [Code.NEVER_ACTIVE]
    assert report_on(rules, priced=False).errors == ()


def test_more_states_than_are_looked_at_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.check.states.MOST_STATES", 5)
    report = report_on(CASES["thresholds that meet overlap by their margins"].rules)
    assert [each.code for each in report.errors] == [Code.UNDECIDED]
    assert report.default is None


@pytest.mark.parametrize("left", [0, 60])
def test_more_to_try_than_is_tried_is_undecided(monkeypatch: pytest.MonkeyPatch, left: int) -> None:
    """What was found before there was too much to try is told all the same."""
    monkeypatch.setattr("rules.check.months.Effort", lambda: Effort(left))
    monkeypatch.setattr("rules.check.effort.AT_LEAST", left)
    report = report_on(CASES["two times"].rules)
    codes = [each.code for each in report.errors]
    assert codes == [*([Code.CONFLICT] if left else []), Code.UNDECIDED]
    assert "there is more to try than is tried" in report.errors[-1].text
    assert report.default is None


@pytest.mark.parametrize(("night", "told"), [("backup", True), ("self_consumption", False)])
def test_what_nobody_sets_back(night: str, told: bool) -> None:
    leaving = BASE.partition("[default]")[0] + "[default]\nleave = true\n"
    rules = state("a", NOON, 'mode = "backup"')
    rules += state("b", 'time = "22:00-06:00"', f'mode = "{night}"')
    findings = check(plan_of(leaving + rules), FIRST).findings
    assert (Code.NOT_RESTORED in {each.code for each in findings}) is told


def test_conflicts_beyond_the_most_are_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.check.conflicts.MOST_CONFLICTS", 2)
    three = "".join(state(name, NOON, f"reserve = {n}") for n, name in enumerate("abc", start=30))
    codes = [each.code for each in report_on(three).errors]
    assert codes == [Code.CONFLICT, Code.CONFLICT, Code.UNDECIDED]


def test_mode_and_reserve_of_two_rules_are_listed() -> None:
    report = report_on(
        state("a", NOON, 'mode = "backup"') + state("b", 'time = "14:00-18:00"', "reserve = 40")
    )
    (pair,) = report.composed
    assert (pair.mode_from, pair.reserve_from) == ("a", "b")
    assert pair.a_year == timedelta(hours=2 * 365)
    assert report.default is not None
    assert report.default.always == timedelta(hours=18 * 365)
