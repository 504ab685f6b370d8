"""What counts against the caps, and what a restart must not forget, on a controller alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pretended import AFTERNOON, FULL, MAY_NOT, MINUTE, REFUSED, ROUTE, TERMS, Desk, local, shown

from rules.domain import Setting
from scheduler.control import Failure, actions
from scheduler.domain import (
    Cause,
    IntentRecord,
    NoteKind,
    OpenIntent,
    Outcome,
    OutcomeRecord,
    Past,
)

TWO, THREE, FOUR = local("14:00"), local("15:00"), local("16:00")
HOUR = timedelta(hours=1)
UNKNOWN = replace(ROUTE, may_write=None)


def busiest_hour(instants: list[datetime]) -> int:
    return max(sum(at <= other < at + HOUR for other in instants) for at in instants)


@pytest.mark.parametrize("restarts", [[], ["14:05"], ["14:05", "14:20", "14:40"]])
@pytest.mark.parametrize("failure", [REFUSED, MAY_NOT])
def test_a_refused_write_counts_as_one(failure: Failure, restarts: list[str]) -> None:
    desk = Desk(AFTERNOON, local("13:58"))
    desk.fails[actions.Apply].extend([failure] * 50)
    for time in restarts:
        desk.until(local(time)).start()
    desk.until(FOUR - MINUTE)
    refused = [at for at, _ in desk.writes]
    assert len(refused) > 5
    assert {each.outcome for each in desk.records(OutcomeRecord)} == {Outcome.REFUSED}
    assert busiest_hour(refused) == 5  # the sixth is for the safe state
    assert any("5 of 6 writes in the last hour" in text for text in desk.notes(NoteKind.HELD_BACK))


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("limits", [{"writes_an_hour": 2}, {"writes_a_day": 1}])
def test_a_write_back_counts_as_one(limits: dict[str, Any], restart: bool) -> None:
    safety = replace(TERMS.safety, **limits)
    desk = Desk(AFTERNOON, local("13:30"), terms=replace(TERMS, safety=safety), route=UNKNOWN)
    desk.until(local("13:58"))
    (probed,) = desk.did(actions.WriteBack)
    desk.route = replace(desk.route, may_write=True)
    if restart:
        desk.start()
    desk.until(FOUR - MINUTE)
    if "writes_a_day" in limits:
        assert desk.writes == []
    else:
        assert [setting for _, setting in desk.writes] == [FULL]
        assert desk.writes[0][0] >= probed + HOUR > TWO


@pytest.mark.parametrize("sent", [False, True])
def test_an_intent_that_nobody_saw_sent_is_made_once_more(sent: bool) -> None:
    at = TWO + MINUTE
    before = Setting(mode=Desk().world.mode, reserve=20)
    opened = OpenIntent(1, at, before, FULL, Cause.TIME, at if sent else None)
    desk = Desk(AFTERNOON, TWO + 2 * MINUTE, past=Past(next_number=2, open_intent=opened))
    desk.world = replace(desk.world, **shown(FULL))
    desk.until(THREE)
    assert [each.outcome for each in desk.records(OutcomeRecord)] == [
        Outcome.RECOVERED_APPLIED,
        *([] if sent else [Outcome.HELD]),
    ]
    assert [(each.wanted, each.cause) for each in desk.records(IntentRecord)] == (
        [] if sent else [(FULL, Cause.REPEAT)]
    )
    assert desk.settings == ([] if sent else [FULL])


@pytest.mark.parametrize("restarts", [["14:10"], ["14:10", "14:45", "15:01"]])
def test_the_battery_is_asked_once_an_hour_whatever_restarts(restarts: list[str]) -> None:
    desk = Desk(AFTERNOON, TWO)
    desk.world = replace(desk.world, running=False)
    for time in restarts:
        desk.until(local(time)).start()
    desk.until(FOUR)
    asked = desk.did(actions.RunBattery)
    assert len(asked) == 2
    assert TWO + 3 * MINUTE <= asked[0] <= TWO + 4 * MINUTE
    assert all(later - sooner >= HOUR for sooner, later in pairwise(asked))
