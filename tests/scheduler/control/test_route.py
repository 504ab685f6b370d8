"""What is journaled of a route, and what is taken over from an earlier run, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from pretended import EVERY_LEVER, HOUR, LOS_ANGELES, NOW, UNREADABLE

from rules.domain import Export
from rules.resolve import Levers
from scheduler.control.actions import Assume
from scheduler.control.route import REFUSAL_STANDS, Route, at_contact, check
from scheduler.domain import Capabilities, CapabilityRecord, NoteKind, NoteRecord
from scheduler.domain.engine_inputs import levers_to_json

FOUND = Capabilities("customer", "1.49.0", "2026-07-01 08:00:00")
SECOND = timedelta(seconds=1)


def row(found: Capabilities, ago: timedelta = HOUR) -> CapabilityRecord:
    return CapabilityRecord(
        NOW - ago,
        found.firmware,
        found.login,
        found.may_write,
        found.may_check_firmware,
        found.may_install_firmware,
        levers_to_json(found.levers),
        found.started,
    )


def knows(found: Capabilities, ago: timedelta = HOUR) -> Route:
    return Route(row(found, ago), found.levers)


MAY, MAY_NOT = replace(FOUND, may_write=True), replace(FOUND, may_write=False)


# --- at the first contact -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "ago", "found", "assume"),
    [
        (None, HOUR, FOUND, None),
        (FOUND, HOUR, FOUND, None),
        (MAY, HOUR, FOUND, Assume(may_write=True)),
        (MAY, 99 * REFUSAL_STANDS, FOUND, Assume(may_write=True)),
        (MAY_NOT, HOUR, FOUND, Assume(may_write=False)),
        (MAY_NOT, REFUSAL_STANDS - SECOND, FOUND, Assume(may_write=False)),
        (MAY_NOT, REFUSAL_STANDS, FOUND, None),
        (MAY_NOT, -REFUSAL_STANDS, FOUND, None),  # the clock was set back
        # another firmware, another login, or a gateway that does not say
        (MAY, HOUR, replace(FOUND, firmware="1.50.1"), None),
        (MAY, HOUR, replace(FOUND, login="installer"), None),
        (MAY, HOUR, replace(FOUND, firmware=None), None),
        (MAY_NOT, HOUR, replace(FOUND, login="installer"), None),
        # another start is the same gateway
        (MAY, HOUR, replace(FOUND, started="later"), Assume(may_write=True)),
    ],
)
def test_what_an_earlier_run_found_out_holds_for_the_same_firmware_and_login(
    known: Capabilities | None, ago: timedelta, found: Capabilities, assume: Assume | None
) -> None:
    route = Route() if known is None else knows(known, ago)
    contact = at_contact(route, found, NOW)
    assert contact.assume == assume
    assert contact.records == ()
    refused = assume == Assume(may_write=False)
    assert contact.route == replace(route, refused_at=NOW - ago if refused else None)


# --- what is journaled --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "found", "journaled"),
    [
        (None, FOUND, True),
        (FOUND, FOUND, False),
        (None, replace(FOUND, firmware=None), False),  # nothing was read yet
        (FOUND, replace(FOUND, firmware="1.50.1"), True),
        (FOUND, replace(FOUND, login="installer"), True),
        (FOUND, MAY, True),
        (FOUND, MAY_NOT, True),
        (FOUND, replace(FOUND, may_check_firmware=False), True),
        (FOUND, replace(FOUND, may_install_firmware=True), True),
        (FOUND, replace(FOUND, started="later"), True),
        (FOUND, replace(FOUND, levers=Levers(reserve_ceiling=80)), True),
        (FOUND, replace(FOUND, levers=EVERY_LEVER), True),
        (FOUND, replace(FOUND, levers=UNREADABLE), True),
        (replace(FOUND, levers=EVERY_LEVER), replace(FOUND, levers=EVERY_LEVER), False),
        # limits of the route and its zone are not journaled
        (FOUND, replace(FOUND, settling_time=600.0, writes_a_day=3), False),
        (FOUND, replace(FOUND, timezone="America/Los_Angeles"), False),
    ],
)
def test_each_change_is_journaled_once(
    known: Capabilities | None, found: Capabilities, journaled: bool
) -> None:
    route = Route() if known is None else knows(known)
    looked = check(route, found, LOS_ANGELES, NOW)
    records = [each for each in looked.records if isinstance(each, CapabilityRecord)]
    assert records == ([row(found, timedelta(0))] if journaled else [])
    assert check(looked.route, found, LOS_ANGELES, NOW + HOUR).records == ()


@pytest.mark.parametrize(
    ("known", "firmware", "told"),
    [
        (FOUND, "1.50.1", ["firmware 1.49.0 became 1.50.1"]),
        (None, "1.50.1", []),
        (FOUND, "1.49.0", []),
    ],
)
def test_another_firmware_is_told(
    known: Capabilities | None, firmware: str, told: list[str]
) -> None:
    route = Route() if known is None else knows(known)
    found = replace(FOUND, firmware=firmware, may_write=True)
    notes = [
        each
        for each in check(route, found, LOS_ANGELES, NOW).records
        if isinstance(each, NoteRecord)
    ]
    assert [note.text for note in notes] == told
    assert all(note.kind is NoteKind.FIRMWARE_CHANGED for note in notes)


def test_levers_are_journaled_as_they_are_found_not_as_the_owner_permits_them() -> None:
    found = replace(FOUND, levers=EVERY_LEVER)
    looked = check(Route(), found, LOS_ANGELES, NOW)
    assert looked.route.levers == EVERY_LEVER
    narrowed = EVERY_LEVER.permitted(grid_charging=False, export=Export.NEVER)
    assert check(looked.route, replace(FOUND, levers=narrowed), LOS_ANGELES, NOW).records != ()


# --- a refusal lapses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refused_at", "found", "after", "lapses"),
    [
        (None, MAY_NOT, NOW, False),
        (NOW - REFUSAL_STANDS + SECOND, MAY_NOT, NOW - REFUSAL_STANDS + SECOND, False),
        (NOW - REFUSAL_STANDS, MAY_NOT, None, True),
        (NOW + REFUSAL_STANDS, MAY_NOT, None, True),  # the clock was set back
        (NOW - HOUR, MAY, None, False),
        (NOW - HOUR, FOUND, None, False),
        (None, MAY, None, False),
    ],
)
def test_after_a_day_a_refusal_is_not_known_again(
    refused_at: object, found: Capabilities, after: object, lapses: bool
) -> None:
    route = replace(knows(found), refused_at=refused_at)
    looked = check(route, found, LOS_ANGELES, NOW)
    assert looked.route.refused_at == after
    assert looked.assume == (Assume(None) if lapses else None)
    records = [each.may_write for each in looked.records if isinstance(each, CapabilityRecord)]
    assert records == ([None] if lapses else [])


# --- zones --------------------------------------------------------------------------------------

HERE, THERE, SAME = "America/Los_Angeles", "America/New_York", "America/Vancouver"


@pytest.mark.parametrize(
    ("said", "told"),
    [(None, False), (HERE, False), (SAME, False), (THERE, True), ("Europe/Paris", True)],
)
def test_a_gateway_in_another_zone_is_told_once(said: str | None, told: bool) -> None:
    found = replace(FOUND, timezone=said)
    looked = check(knows(FOUND), found, LOS_ANGELES, NOW)
    assert [each.kind for each in looked.records if isinstance(each, NoteRecord)] == (
        [NoteKind.ZONES_DIFFER] if told else []
    )
    assert check(looked.route, found, LOS_ANGELES, NOW).records == ()


def test_rules_of_another_zone_are_another_matter() -> None:
    found = replace(FOUND, timezone=THERE)
    told = check(knows(FOUND), found, LOS_ANGELES, NOW).route
    assert check(told, found, ZoneInfo(THERE), NOW).records == ()
    back = check(told, found, ZoneInfo(THERE), NOW).route
    assert len(check(back, found, LOS_ANGELES, NOW).records) == 1


def test_a_gateway_that_does_not_say_its_zone_any_more_is_told_nothing_of() -> None:
    told = check(knows(FOUND), replace(FOUND, timezone=THERE), LOS_ANGELES, NOW).route
    assert check(told, FOUND, LOS_ANGELES, NOW).records == ()
