"""What is asked for and when, and what is kept of what was not asked for."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Quantity
from scheduler.control.polling import carried, due
from scheduler.domain import QUANTITIES, Capabilities, Endpoint

NOW = datetime(2026, 7, 15, 20, tzinfo=UTC)
POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
EVERYTHING = frozenset(Endpoint)


def asked(**seconds: float) -> dict[Endpoint, datetime]:
    """When each part was asked for last; what is not named was asked for just now."""
    ages = {part: seconds.get(part.name.lower(), 0.0) for part in Endpoint}
    return {part: NOW - timedelta(seconds=age) for part, age in ages.items()}


@pytest.mark.parametrize(
    ("before", "more"),
    [
        (asked(), set()),
        (asked(operation=119, sitemaster=119, status=899), set()),
        (asked(operation=120), {Endpoint.OPERATION}),
        (asked(sitemaster=120), {Endpoint.SITEMASTER}),
        (asked(status=900), {Endpoint.STATUS}),
        (asked(operation=-1), {Endpoint.OPERATION}),  # the clock was set back
        ({}, {Endpoint.OPERATION, Endpoint.SITEMASTER, Endpoint.STATUS}),
    ],
)
def test_a_poll_asks_for_little_and_sometimes_for_more(
    before: dict[Endpoint, datetime], more: set[Endpoint]
) -> None:
    assert due(before, Capabilities(""), NOW) == POLL | more


def test_at_most_four_requests_a_poll_on_average() -> None:
    before: dict[Endpoint, datetime] = {}
    polls, requests, now = 120, 0, NOW
    for _ in range(polls):
        parts = due(before, Capabilities(""), now)
        requests += len(parts)
        before |= dict.fromkeys(parts, now)
        now += timedelta(seconds=30)
    assert requests <= 4 * polls


def test_every_quantity_belongs_to_one_part() -> None:
    listed = [quantity for quantities in QUANTITIES.values() for quantity in quantities]
    assert sorted(listed) == sorted(Quantity)
    assert {each.value for each in Quantity} == {field.name for field in fields(Observation)} - {
        "at",
        "earlier",
        "unknown_words",
    }


EARLIER = NOW - timedelta(seconds=30)
BEFORE = Observation(
    EARLIER,
    soe=AppPercent(50.0),
    grid=GridStatus.CONNECTED,
    mode=Mode.BACKUP,
    reserve=AppPercent(20.0),
    grid_charging=False,
    export=Export.SOLAR,
    firmware="1.49.0",
    earlier={Quantity.FIRMWARE: NOW - timedelta(minutes=5)},
)


def test_what_was_not_asked_for_keeps_its_value_and_its_time() -> None:
    kept = carried(BEFORE, Observation(NOW, soe=AppPercent(51.0)), POLL)
    assert (kept.soe, kept.measured(Quantity.SOE)) == (51.0, NOW)
    assert (kept.mode, kept.measured(Quantity.MODE)) == (Mode.BACKUP, EARLIER)
    for part in (Quantity.GRID_CHARGING, Quantity.EXPORT):
        assert kept.measured(part) == EARLIER
    assert (kept.grid_charging, kept.export) == (False, Export.SOLAR)
    assert kept.measured(Quantity.FIRMWARE) == NOW - timedelta(minutes=5)


def test_what_was_asked_for_and_not_answered_is_missing() -> None:
    kept = carried(BEFORE, Observation(NOW), POLL | {Endpoint.OPERATION, Endpoint.PERMISSIONS})
    assert kept.soe is None
    assert kept.grid is None
    assert (kept.mode, kept.grid_charging, kept.export) == (None, None, None)
    assert kept.firmware == "1.49.0"


def test_a_word_that_we_do_not_know_is_kept_as_a_value_is() -> None:
    words = {Quantity.MODE: "site_control", Quantity.GRID: "SystemGridQualifying"}
    before = Observation(EARLIER, unknown_words=words)
    kept = carried(before, Observation(NOW), POLL)
    assert kept.unknown_words == {Quantity.MODE: "site_control"}
    assert kept.measured(Quantity.MODE) is None
    assert carried(before, Observation(NOW), EVERYTHING).unknown_words is None
    known = Observation(NOW, mode=Mode.BACKUP, unknown_words={Quantity.GRID: "Fine"})
    assert carried(before, known, EVERYTHING).unknown_words == {Quantity.GRID: "Fine"}
    assert carried(before, replace(known, mode=None), POLL).unknown_words == {
        Quantity.MODE: "site_control",
        Quantity.GRID: "Fine",
    }
    assert carried(before, known, POLL).unknown_words == {Quantity.GRID: "Fine"}


def test_what_was_answered_unasked_is_taken() -> None:
    kept = carried(BEFORE, Observation(NOW, mode=Mode.SELF_CONSUMPTION), POLL)
    assert (kept.mode, kept.measured(Quantity.MODE)) == (Mode.SELF_CONSUMPTION, NOW)


def test_what_was_never_known_stays_unknown() -> None:
    kept = carried(BEFORE, Observation(NOW), EVERYTHING - {Endpoint.SITEMASTER})
    assert kept.running is None
    assert kept.measured(Quantity.RUNNING) is None
    first = Observation(NOW)
    for asked_for in (EVERYTHING, POLL):
        assert carried(None, first, asked_for) is first


def test_grid_charging_that_is_off_is_an_answer() -> None:
    on = replace(BEFORE, grid_charging=True)
    operation = POLL | {Endpoint.OPERATION}
    assert carried(on, Observation(NOW, grid_charging=False), operation).grid_charging is False
    assert carried(on, Observation(NOW, grid_charging=False), POLL).grid_charging is False
