from __future__ import annotations

from pathlib import Path

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    after,
    decision,
    event,
    firmware_check,
    intent,
    observation,
    run_start,
    stored,
    with_run,
)

from scheduler.domain import Outcome
from scheduler.journal.writer import Journal

NAIVE = NOON.replace(tzinfo=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


# --- events ----------------------------------------------


def test_an_occurrence_is_recorded_once(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        cabin_run = await journal.begin_run(run_start("cabin"))
        assert await journal.fire("home", run_id, event()) == 3
        assert await journal.fire("home", run_id, event(after(60))) is None
        assert await journal.fire("home", run_id, event(after(60), state="missed")) is None
        assert await journal.fire("home", run_id, event(scheduled_at=after(1))) == 4
        assert await journal.fire("home", run_id, event(rule="other")) == 5
        assert await journal.fire("cabin", cabin_run, event()) == 6

    with_run(path, act)

    async def act_later(journal: Journal, run_id: int) -> None:
        assert await journal.fire("home", run_id, event(after(3600))) is None

    with_run(path, act_later)


# --- the rest ----------------------------------------------


def test_the_last_decision_comes_back_as_it_was(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        assert await journal.last_decision("home") is None
        await journal.decide("home", run_id, decision(after(60)))
        await journal.decide("home", run_id, decision(after(0)))  # the clock was set back
        last = await journal.last_decision("home")
        assert last is not None
        assert (last.run_id, last.record) == (run_id, decision(after(0)))

    with_run(path, act)
    assert stored(path, "SELECT memory FROM decision LIMIT 1") == [
        ('{"captured":{},"since":{"fill up":"2026-07-01T12:00:00Z"}}',)
    ]


def test_last_contact_is_the_newest_observation_or_decision(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        assert await journal.last_contact("home") is None
        journal.observe("home", run_id, observation(after(5)))
        assert await journal.last_contact("home") == after(5)
        await journal.flush()
        assert await journal.last_contact("home") == after(5)
        await journal.decide("home", run_id, decision(after(7)))
        assert await journal.last_contact("home") == after(7)
        journal.observe("home", run_id, observation(after(9)))
        assert await journal.last_contact("home") == after(9)
        assert await journal.last_contact("cabin") is None

    with_run(path, act)


def test_a_check_that_fired_and_has_no_end_is_found(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        assert await journal.unfinished_check("home", NOON) is None
        await journal.fire("home", run_id, event(state="missed"))
        assert await journal.unfinished_check("home", NOON) is None
        event_id = await journal.fire("home", run_id, event(after(60), scheduled_at=after(60)))
        assert await journal.unfinished_check("home", after(60)) == (event_id, "firmware")
        assert await journal.unfinished_check("home", after(61)) is None
        assert await journal.unfinished_check("cabin", NOON) is None
        await journal.firmware_check("home", run_id, firmware_check(after(90), event_id))
        assert await journal.unfinished_check("home", NOON) is None

    with_run(path, act)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_write_that_went_unanswered_is_uncertain(path: Path, outcome: Outcome) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        intent_id = await journal.intend("home", run_id, None, intent())
        assert await journal.uncertain_write("home") is None
        await journal.conclude("home", intent_id, after(9), outcome, "")
        await journal.intend("home", run_id, None, intent(after(10), EVERYDAY, would=True))
        expected = FULL if outcome is Outcome.UNREACHABLE else None
        assert await journal.uncertain_write("home") == expected

    with_run(path, act)


def test_a_later_write_settles_an_uncertain_one(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        for at, outcome in ((after(0), Outcome.UNREACHABLE), (after(60), Outcome.HELD)):
            intent_id = await journal.intend("home", run_id, None, intent(at))
            await journal.conclude("home", intent_id, at, outcome, "")
        assert await journal.uncertain_write("home") is None

    with_run(path, act)


def test_a_dry_run_is_counted_apart(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.intend("home", run_id, None, intent(after(0), FULL, would=True))
        await journal.intend("home", run_id, None, intent(after(1), EVERYDAY, None, would=True))
        await journal.intend("home", run_id, None, intent(after(2), FULL))
        would = await journal.writes_since("home", NOON, would=True)
        assert [(w.at, w.wanted, w.previous) for w in would] == [
            (after(0), FULL, EVERYDAY),
            (after(1), EVERYDAY, None),
        ]
        assert len(await journal.writes_since("home", after(1), would=True)) == 1
        assert len(await journal.writes_since("home", NOON, would=False)) == 1

    with_run(path, act)
