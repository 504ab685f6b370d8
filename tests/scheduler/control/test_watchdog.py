"""When a stopped battery is told of and asked to run, as truth tables."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pretended import HOUR, MINUTE, NOW

from scheduler.control.watchdog import BETWEEN_ATTEMPTS, PATIENCE, Watchdog, check
from scheduler.domain import NoteKind

STOPPED, ASKED, RUNS = NoteKind.BATTERY_STOPPED, NoteKind.BATTERY_RUN, NoteKind.BATTERY_RUNS
SECOND = timedelta(seconds=1)
LONG_AGO = NOW - PATIENCE


@pytest.mark.parametrize(
    ("stopped_since", "running", "after", "told"),
    [
        (None, True, None, []),
        (None, None, None, []),
        (None, False, NOW, [STOPPED]),
        (LONG_AGO, None, LONG_AGO, []),  # it does not say
        (LONG_AGO, True, None, [RUNS]),
        (NOW - MINUTE, False, NOW - MINUTE, []),  # told already
        (LONG_AGO, False, LONG_AGO, [ASKED]),
    ],
)
def test_it_is_told_once_that_it_stands_and_once_that_it_runs(
    stopped_since: datetime | None,
    running: bool | None,
    after: datetime | None,
    told: list[NoteKind],
) -> None:
    looked = check(Watchdog(stopped_since), NOW, running=running, may_ask=True)
    assert looked.watchdog.stopped_since == after
    assert [note.kind for note in looked.notes] == told
    assert all(note.at == NOW for note in looked.notes)
    assert looked.ask is (ASKED in told)


@pytest.mark.parametrize(
    ("stopped", "tried", "may_ask", "asks"),
    [
        (timedelta(0), None, True, False),
        (PATIENCE - SECOND, None, True, False),
        (PATIENCE, None, True, True),
        (PATIENCE, None, False, False),  # a dry run, or a firmware check
        (HOUR, BETWEEN_ATTEMPTS - SECOND, True, False),
        (HOUR, BETWEEN_ATTEMPTS, True, True),
        (HOUR, BETWEEN_ATTEMPTS, False, False),
        (HOUR, -SECOND, True, False),  # the clock was set back
        (HOUR, -BETWEEN_ATTEMPTS, True, True),
        (-SECOND, None, True, False),
    ],
)
def test_it_is_asked_to_run_after_minutes_and_at_most_once_an_hour(
    stopped: timedelta, tried: timedelta | None, may_ask: bool, asks: bool
) -> None:
    tried_at = None if tried is None else NOW - tried
    watchdog = Watchdog(NOW - stopped, tried_at)
    looked = check(watchdog, NOW, running=False, may_ask=may_ask)
    assert looked.ask is asks
    assert looked.watchdog == Watchdog(NOW - stopped, NOW if asks else tried_at)


def test_one_that_runs_is_never_asked_to() -> None:
    for running in (True, None):
        watchdog = Watchdog(NOW - HOUR)
        assert not check(watchdog, NOW, running=running, may_ask=True).ask


def test_an_attempt_is_remembered_over_a_battery_that_ran_meanwhile() -> None:
    ran = check(Watchdog(LONG_AGO, NOW), NOW + MINUTE, running=True, may_ask=True).watchdog
    assert ran == Watchdog(None, NOW)


def test_it_waits_as_long_on_a_clock_that_was_set() -> None:
    assert Watchdog(NOW, NOW + MINUTE).shifted(HOUR) == Watchdog(NOW + HOUR, NOW + HOUR + MINUTE)
    assert Watchdog().shifted(HOUR) == Watchdog()
