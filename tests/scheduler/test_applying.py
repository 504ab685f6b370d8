"""What becomes of a write, by readings; and what becomes of one that a dead run left open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from house import EVERYDAY, FULL

from rules.domain import AppPercent, Mode, Observation, Quantity, Setting
from scheduler.applying import Applying, advance, pause_after, recover
from scheduler.domain import Cause, OpenIntent, Outcome

SENT = datetime(2026, 7, 15, 21, tzinfo=UTC)
SETTLING = timedelta(seconds=120)
APPLYING = Applying(7, FULL, EVERYDAY, Cause.TIME, SENT, SETTLING)
BEFORE = {"mode": Mode.SELF_CONSUMPTION, "reserve": AppPercent(20.0)}
SILENCE = {"mode": None, "reserve": None, "running": None}
ONGOING = None


def after(seconds: float) -> datetime:
    return SENT + timedelta(seconds=seconds)


def seen(seconds: float, **different: Any) -> Observation:
    """A reading that shows the wanted setting, but for what is said."""
    there: dict[str, Any] = {"mode": Mode.BACKUP, "reserve": AppPercent(100.0), "running": True}
    return Observation(after(seconds), **(there | different))


@pytest.mark.parametrize(
    ("seconds", "different", "outcome"),
    [
        (5, {}, Outcome.HELD),
        (5, {"reserve": AppPercent(99.5)}, Outcome.HELD),
        (5, {"reserve": AppPercent(99.3)}, ONGOING),
        (5, BEFORE, ONGOING),
        (5, {"mode": Mode.SELF_CONSUMPTION}, ONGOING),
        (5, {"running": False}, ONGOING),
        (5, {"running": None}, ONGOING),
        (5, {"mode": None}, ONGOING),
        (5, {"reserve": None}, ONGOING),
        (119, BEFORE, ONGOING),
        (119, SILENCE, ONGOING),
        (120, {}, Outcome.HELD),
        (120, BEFORE, Outcome.MISMATCH),
        (120, {"running": False}, Outcome.MISMATCH),
        (120, {"running": False} | BEFORE, Outcome.MISMATCH),
        (120, SILENCE, Outcome.UNREACHABLE),
        (120, {"running": None}, Outcome.UNREACHABLE),
        (120, {"mode": None}, Outcome.UNREACHABLE),
        (10_000, BEFORE, Outcome.MISMATCH),
    ],
)
def test_the_next_step(seconds: float, different: dict[str, Any], outcome: Outcome | None) -> None:
    concluded = advance(APPLYING, seen(seconds, **different), after(seconds))
    assert (concluded.outcome if concluded else ONGOING) == outcome


@pytest.mark.parametrize("quantity", [Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING])
def test_a_reading_from_before_the_write_proves_nothing(quantity: Quantity) -> None:
    stale = replace(seen(5), earlier={quantity: SENT})
    assert advance(APPLYING, stale, after(5)) is None
    concluded = advance(APPLYING, replace(seen(120), earlier={quantity: SENT}), after(120))
    assert concluded is not None
    assert concluded.outcome is Outcome.UNREACHABLE


def test_read_backs_come_at_growing_intervals_and_end_with_the_deadline() -> None:
    now, looks = SENT, []
    for _ in range(6):
        now = APPLYING.next_read_back(now)
        looks.append((now - SENT).total_seconds())
    assert looks == [5, 15, 45, 90, 120, 120]
    late = after(300)
    assert APPLYING.next_read_back(late) == late


@pytest.mark.parametrize(("settling", "deadline"), [(0, 90), (90, 90), (600, 600)])
def test_the_route_may_need_longer(settling: float, deadline: float) -> None:
    slow = Applying(7, FULL, EVERYDAY, Cause.TIME, SENT, timedelta(seconds=settling))
    assert slow.deadline == after(deadline)


@pytest.mark.parametrize(
    ("different", "previous", "outcome"),
    [
        ({}, EVERYDAY, Outcome.RECOVERED_APPLIED),
        ({}, None, Outcome.RECOVERED_APPLIED),
        (BEFORE, EVERYDAY, Outcome.RECOVERED_NOT_APPLIED),
        (BEFORE, None, Outcome.SUPERSEDED),
        ({"reserve": AppPercent(55.0)}, EVERYDAY, Outcome.SUPERSEDED),
        ({"mode": None}, EVERYDAY, ONGOING),
        ({"reserve": None}, EVERYDAY, ONGOING),
    ],
)
def test_an_open_intent_is_closed_by_what_is_true_now(
    different: dict[str, Any], previous: Setting | None, outcome: Outcome | None
) -> None:
    intent = OpenIntent(7, 1, None, SENT, previous, FULL, "time", "because", None)
    concluded = recover(intent, seen(30, **different))
    assert (concluded.outcome if concluded else ONGOING) == outcome


def test_pauses_grow_and_then_stay() -> None:
    pauses = [pause_after(failures).total_seconds() for failures in range(1, 8)]
    assert pauses == [30, 60, 120, 300, 900, 900, 900]
