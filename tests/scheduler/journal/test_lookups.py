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
    intent,
    observation,
    run_start,
    stored,
    with_run,
)

from scheduler.journal.records import Outcome
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


def test_fired_since_tells_what_was_recorded_from_then_on(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.fire("home", run_id, event(after(0), "before"))
        await journal.fire("home", run_id, event(after(60), "then"))
        await journal.fire("home", run_id, event(after(90), "later", state="missed"))
        found = await journal.fired_since("home", after(60))
        assert [(past.record.rule, past.record.state) for past in found] == [
            ("then", "fired"),
            ("later", "missed"),
        ]
        assert found[0].record == event(after(60), "then")
        assert await journal.fired_since("cabin", NOON) == ()

    with_run(path, act)


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


@pytest.mark.parametrize(
    ("outcome", "held"),
    [
        (Outcome.HELD, FULL),
        (Outcome.RECOVERED_APPLIED, FULL),
        (Outcome.RECOVERED_NOT_APPLIED, None),
        (Outcome.REFUSED, None),
        (Outcome.MISMATCH, None),
        (Outcome.UNREACHABLE, None),
        (Outcome.SUPERSEDED, None),
    ],
)
def test_held_means_that_the_gateway_reported_it(
    path: Path, outcome: Outcome, held: object
) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        intent_id = await journal.intend("home", run_id, None, intent())
        assert await journal.last_held("home", would=False) is None
        await journal.conclude("home", intent_id, after(9), outcome, "")
        assert await journal.last_held("home", would=False) == held

    with_run(path, act)


def test_the_last_held_setting_is_the_one_committed_last(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        for at, wanted, outcome in (
            (after(60), FULL, Outcome.HELD),
            (after(0), EVERYDAY, Outcome.HELD),  # the clock was set back
            (after(9), FULL, Outcome.REFUSED),
        ):
            intent_id = await journal.intend("home", run_id, None, intent(at, wanted))
            await journal.conclude("home", intent_id, at, outcome, "")
        assert await journal.last_held("home", would=False) == EVERYDAY
        assert await journal.last_held("cabin", would=False) is None

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
        assert await journal.last_held("home", would=True) == EVERYDAY
        assert await journal.last_held("home", would=False) is None

    with_run(path, act)


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
