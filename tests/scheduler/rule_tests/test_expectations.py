"""What an expectation means: at a moment, over a span, never, at some time; counts; and reasons."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_testing import result, told

EVENING = """
[[rule]]
name = "evening"
while = { time = "16:00-21:00" }
set = { mode = "backup", reserve = 100 }
[[rule]]
name = "floor"
while = { flag = "storm" }
set = { reserve_at_least = 40 }
[[rule]]
name = "at four"
when = { at = "16:00" }
do = "notify"
message = "four"
"""


def expect(*lines: str) -> str:
    return "\n".join(("[[test.expect]]", *lines)) + "\n"


@pytest.mark.parametrize(
    "lines",
    [
        ('at = "15:59:59"', 'winner = "default"', "setting = { reserve = 20 }"),
        ('at = "16:00"', 'winner = "evening"', 'setting = { mode = "backup", reserve = 100 }'),
        ('from = "16:00"', 'to = "21:00"', 'winner = { mode = "evening", reserve = "evening" }'),
        ('from = "21:00"', 'wanted = { mode = "self_consumption" }'),
        ('to = "16:00"', "never = true", 'winner = "evening"'),
        ("always = false", 'winner = "evening"'),
        ('at = "17:00"', 'state = { evening = "active", floor = "inactive" }'),
        ('at = "17:00"', 'active = "evening"'),
        ('at = "16:00"', 'fired = ["at four"]'),
        ('from = "16:00"', 'to = "16:01"', 'fired = "at four"'),
        ('from = "16:01"', "never = true", 'fired = ["at four"]'),
        ('fired = { "at four" = 1 }',),
        ("writes = 2",),
        ('to = "21:00"', "writes = 1"),
        ("writes = { at_least = 1, at_most = 2 }",),
    ],
)
def test_what_is_so_is_met(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert told(result(tmp_path, EVENING, expect(*lines))) == []


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('at = "15:59:59"', 'winner = "evening"'), "winner: evening, got default"),
        (
            ('at = "16:00"', "setting = { reserve = 20 }"),
            "setting: reserve 20 %, got reserve 100 %",
        ),
        (('at = "16:00"', 'wanted = { mode = "autonomous" }'), "wanted: autonomous, got backup"),
        (('from = "15:59"', 'to = "16:01"', 'winner = "evening"'), "winner: evening, got default"),
        (('from = "20:59"', 'to = "21:01"', 'winner = "evening"'), "winner: evening, got default"),
        (("never = true", 'winner = "evening"'), "winner: never, got evening (mode, reserve)"),
        (('to = "16:00"', "always = false", 'winner = "evening"'), "winner: evening, got default"),
        (('at = "17:00"', 'winner = { mode = "floor" }'), "winner of mode: floor, got evening"),
        (('at = "17:00"', 'state = { evening = "kept" }'), '"evening": kept, got active'),
        (('at = "17:00"', 'active = ["floor"]'), '"floor": active, got not active'),
        (
            ('at = "16:01"', 'fired = ["at four"]'),
            '"at four" fired: at least 1, got none then; the first is Mon 06 Jul 16:00',
        ),
        (("never = true", 'fired = ["at four"]'), '"at four" fired: none, got 1 (Mon 16:00)'),
        (('missed = ["at four"]',), '"at four" missed: at least 1, got none'),
        (("writes = 1",), "writes: 1, got 2 (Mon 16:00, Mon 21:00)"),
        (("writes = { at_most = 1 }",), "writes: at most 1, got 2 (Mon 16:00, Mon 21:00)"),
    ],
)
def test_what_is_not_so_is_told_beside_what_is(
    tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    assert told(result(tmp_path, EVENING, expect(*lines))) == [said]


def test_a_failure_tells_the_first_moment_and_the_reason_of_the_engine(tmp_path: Path) -> None:
    found = result(
        tmp_path, EVENING, expect('from = "15:00"', 'to = "17:00"', 'winner = "default"')
    )
    (failure,) = found.failures
    assert f"{failure.at:%H:%M}" == "23:00"  # four in the afternoon of Los Angeles
    assert failure.line == 4
    assert failure.reasons[0] == (
        'backup and reserve 100 % by "evening": time Mon 16:00 (16:00-21:00)'
    )


def test_a_rule_that_should_have_won_says_which_clause_does_not_hold(tmp_path: Path) -> None:
    found = result(tmp_path, EVENING, expect('at = "17:00"', 'winner = "floor"'))
    (failure,) = found.failures
    (_, why_not) = failure.reasons
    assert why_not.startswith('"floor" is inactive, priority 0: no: flag')


def test_rules_that_won_and_events_that_fired_are_known(tmp_path: Path) -> None:
    found = result(tmp_path, EVENING, expect("writes = 2"))
    assert found.won == {"evening", "default"}
    assert found.fired == {"at four"}
