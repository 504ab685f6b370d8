"""What becomes of a write, by readings; and what becomes of one that a dead run left open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pretended import BACKUP, EVERYDAY, FULL, SELF

from rules.domain import AppPercent, Export, Mode, Observation, Part, Quantity, Setting
from scheduler.control.applying import Applying, accepted, advance, pause_after, recover
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


@pytest.mark.parametrize(
    ("different", "said"),
    [
        (BEFORE, "after 120 s the gateway still has self_consumption, reserve 20.0 %"),
        ({"running": False}, "the battery is stopped"),
        (SILENCE, "no reading within 120 s of the write"),
    ],
)
def test_the_journal_says_how_it_ended(different: dict[str, Any], said: str) -> None:
    concluded = advance(APPLYING, seen(120, **different), after(120))
    assert concluded is not None
    assert concluded.detail == said


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
        ({}, Setting(), Outcome.RECOVERED_APPLIED),
        (BEFORE, EVERYDAY, Outcome.RECOVERED_NOT_APPLIED),
        (BEFORE, Setting(SELF, 40), Outcome.SUPERSEDED),
        (BEFORE, Setting(SELF), Outcome.RECOVERED_NOT_APPLIED),
        ({"reserve": AppPercent(55.0)}, EVERYDAY, Outcome.SUPERSEDED),
        ({"mode": None}, EVERYDAY, ONGOING),
        ({"reserve": None}, EVERYDAY, ONGOING),
    ],
)
def test_an_open_intent_is_closed_by_what_is_true_now(
    different: dict[str, Any], previous: Setting, outcome: Outcome | None
) -> None:
    intent = OpenIntent(7, SENT, previous, FULL, Cause.TIME, None)
    concluded = recover(intent, seen(30, **different), frozenset())
    assert (concluded.outcome if concluded else ONGOING) == outcome


def test_pauses_grow_and_then_stay() -> None:
    pauses = [pause_after(failures).total_seconds() for failures in range(1, 8)]
    assert pauses == [30, 60, 120, 300, 900, 900, 900]


# --- parts that cannot be read back -------------------------------------------------------------

GRID_CHARGING, EXPORT = Part.GRID_CHARGING, Part.EXPORT
BOTH = frozenset({GRID_CHARGING, EXPORT})
WHOLE = Setting(BACKUP, 100, grid_charging=True, export=Export.NEVER)
THERE = {"grid_charging": True, "export": Export.NEVER}
UNTOUCHED = BEFORE | {"grid_charging": False, "export": Export.SOLAR}
BUYS = Setting(grid_charging=True)


@pytest.mark.parametrize(
    ("wanted", "unreadable", "different", "seconds", "outcome"),
    [
        (WHOLE, frozenset(), THERE, 5, Outcome.HELD),
        (WHOLE, frozenset(), THERE | {"export": Export.SOLAR}, 120, Outcome.MISMATCH),
        (WHOLE, frozenset(), THERE | {"grid_charging": False}, 120, Outcome.MISMATCH),
        (WHOLE, frozenset(), THERE | {"grid_charging": None}, 120, Outcome.UNREACHABLE),
        (WHOLE, frozenset({EXPORT}), THERE | {"export": None}, 5, Outcome.UNVERIFIED),
        (WHOLE, BOTH, {}, 5, Outcome.UNVERIFIED),
        (WHOLE, BOTH, BEFORE, 5, ONGOING),
        (WHOLE, BOTH, BEFORE, 120, Outcome.MISMATCH),
        (WHOLE, BOTH, {"running": False}, 120, Outcome.MISMATCH),
        (WHOLE, BOTH, SILENCE, 120, Outcome.UNREACHABLE),
        (FULL, BOTH, {}, 5, Outcome.HELD),
        # only what is written is read back
        (BUYS, frozenset(), THERE | {"mode": None}, 5, Outcome.HELD),
        (BUYS, frozenset(), {}, 5, ONGOING),
        # where nothing can be read, the battery at least has to run
        (BUYS, BOTH, {}, 5, Outcome.UNVERIFIED),
        (BUYS, BOTH, {"running": None}, 5, ONGOING),
        (BUYS, BOTH, {"running": False}, 120, Outcome.MISMATCH),
    ],
)
def test_what_cannot_be_read_back_is_accepted_but_not_held(
    wanted: Setting,
    unreadable: frozenset[Part],
    different: dict[str, Any],
    seconds: float,
    outcome: Outcome | None,
) -> None:
    applying = replace(APPLYING, wanted=wanted, unreadable=unreadable)
    concluded = advance(applying, seen(seconds, **different), after(seconds))
    assert (concluded.outcome if concluded else ONGOING) == outcome
    if concluded is not None:
        assert concluded.in_effect is (outcome in {Outcome.HELD, Outcome.UNVERIFIED})


@pytest.mark.parametrize("part", [GRID_CHARGING, EXPORT])
def test_a_reading_of_grid_charging_or_export_from_before_the_write_proves_nothing(
    part: Part,
) -> None:
    applying = replace(APPLYING, wanted=WHOLE)
    stale = replace(seen(5, **THERE), earlier={Quantity(part.value): SENT})
    assert advance(applying, stale, after(5)) is None


def test_the_journal_says_which_parts_nobody_could_read_back() -> None:
    applying = replace(APPLYING, wanted=WHOLE, unreadable=BOTH)
    concluded = advance(applying, seen(5), after(5))
    assert concluded is not None
    assert concluded.detail == (
        "read back after 5 s; this route cannot read grid charging and export back"
    )


@pytest.mark.parametrize(
    ("shown", "unreadable", "outcome"),
    [
        (THERE, frozenset(), Outcome.RECOVERED_APPLIED),
        (THERE | {"grid_charging": None}, frozenset(), ONGOING),
        (THERE | {"export": Export.SOLAR}, frozenset(), Outcome.SUPERSEDED),
        (UNTOUCHED, frozenset(), Outcome.RECOVERED_NOT_APPLIED),
        (BEFORE | THERE, frozenset(), Outcome.SUPERSEDED),
        ({}, BOTH, Outcome.RECOVERED_APPLIED),
        (BEFORE, BOTH, Outcome.RECOVERED_NOT_APPLIED),
        ({"mode": None}, BOTH, ONGOING),
        (THERE | {"export": None}, frozenset({EXPORT}), Outcome.RECOVERED_APPLIED),
    ],
)
def test_an_open_intent_is_closed_by_the_parts_that_can_be_read(
    shown: dict[str, Any], unreadable: frozenset[Part], outcome: Outcome | None
) -> None:
    previous = Setting(SELF, 20, grid_charging=False, export=Export.SOLAR)
    intent = OpenIntent(7, SENT, previous, WHOLE, Cause.TIME, None)
    concluded = recover(intent, seen(30, **shown), unreadable)
    assert (concluded.outcome if concluded else ONGOING) == outcome


@pytest.mark.parametrize(
    ("known", "wanted", "unreadable", "then"),
    [
        (Setting(), WHOLE, frozenset(), Setting()),
        (Setting(), FULL, BOTH, Setting()),
        (Setting(), WHOLE, BOTH, Setting(grid_charging=True, export=Export.NEVER)),
        (BUYS, Setting(export=Export.NEVER), BOTH, BUYS.over(Setting(export=Export.NEVER))),
        (BUYS, Setting(grid_charging=False), BOTH, Setting(grid_charging=False)),
        (BUYS, FULL, BOTH, BUYS),
    ],
)
def test_what_was_accepted_is_taken_to_be_set(
    known: Setting, wanted: Setting, unreadable: frozenset[Part], then: Setting
) -> None:
    assert accepted(known, wanted, unreadable) == then


def test_a_write_takes_as_long_on_a_clock_that_was_set() -> None:
    later = APPLYING.shifted(timedelta(hours=1))
    assert later.deadline - APPLYING.deadline == timedelta(hours=1)


def test_a_write_of_which_nothing_can_be_read_back_is_not_taken_for_applied() -> None:
    wanted, unreadable = Setting(export=Export.NEVER), frozenset({Part.EXPORT})
    intent = OpenIntent(7, SENT, Setting(export=Export.SOLAR), wanted, Cause.TIME, None)
    concluded = recover(intent, seen(30), unreadable)
    assert concluded is not None
    assert concluded.outcome is Outcome.RECOVERED_NOT_APPLIED
