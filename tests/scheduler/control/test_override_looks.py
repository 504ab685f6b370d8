"""Whose setting it is, one reading after the other, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pretended import BACKUP, SELF, shown

from rules.domain import GridStatus, Observation, Quantity, Setting
from scheduler.control.override import (
    STATUS_PATIENCE,
    STORM,
    Override,
    Owned,
    Ownership,
    Suspect,
    judge,
)
from scheduler.domain import Capabilities, OverrideEnd, OverrideRecord, OverrideState

SINCE = datetime(2026, 7, 15, 21, tzinfo=UTC)
LATER = SINCE + timedelta(minutes=10)
HOLD_MAX = timedelta(hours=12)
OURS, THEIRS, THIRD = Setting(SELF, 20), Setting(SELF, 60), Setting(BACKUP, 60)
OWNED = Owned(OURS, SINCE, "1.49.0", "2026-07-01 08:00:00")


def reads(setting: Setting | None, *, at: datetime = LATER) -> Observation:
    """A whole reading that shows a setting; `None`: that shows none."""
    return Observation(
        at,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        running=True,
        firmware="1.49.0",
        **shown(setting or Setting()),
    )


def route(firmware: str | None = "1.49.0", started: str | None = OWNED.started) -> Capabilities:
    return Capabilities("installer", firmware, started)


def override(found: Setting = THEIRS) -> Override:
    return Override(OURS, found, SINCE, SINCE + HOLD_MAX)


MINE = Ownership(OWNED)
FIRST = Ownership(OWNED, Suspect(THEIRS, LATER))
AGAIN = LATER + timedelta(seconds=30)


def looked(
    ownership: Ownership,
    reading: Observation,
    capabilities: Capabilities | None = None,
) -> tuple[Ownership, OverrideRecord | None]:
    return judge(ownership, reading, capabilities or route(), reading.at, HOLD_MAX)


@pytest.mark.parametrize(
    ("before", "shown", "suspect"),
    [
        (MINE, OURS, None),
        (MINE, THEIRS, Suspect(THEIRS, LATER)),
        (FIRST, OURS, None),  # it was a slip
        (FIRST, STORM, Suspect(STORM, LATER)),  # another one: it is seen for the first time
        (MINE, None, None),
    ],
)
def test_a_difference_is_suspected_before_it_counts(
    before: Ownership, shown: Setting | None, suspect: Suspect | None
) -> None:
    assert looked(before, reads(shown)) == (replace(before, suspect=suspect), None)


def test_an_old_reading_takes_no_suspicion_away() -> None:
    old = replace(reads(OURS), earlier={Quantity.RESERVE: SINCE + timedelta(seconds=1)})
    assert looked(FIRST, old) == (FIRST, None)


@pytest.mark.parametrize(
    ("earlier", "after", "counts"),
    [
        ({}, timedelta(seconds=30), True),
        ({Quantity.RESERVE: LATER}, timedelta(seconds=30), False),  # the same reading
        ({Quantity.FIRMWARE: LATER}, timedelta(seconds=30), False),  # it may have restarted
        ({Quantity.FIRMWARE: LATER}, STATUS_PATIENCE - timedelta(seconds=1), False),
        ({Quantity.FIRMWARE: LATER}, STATUS_PATIENCE, True),
        ({Quantity.FIRMWARE: LATER, Quantity.RESERVE: LATER}, STATUS_PATIENCE, False),
    ],
)
def test_a_difference_counts_when_it_is_seen_again_with_the_gateway_s_start(
    earlier: dict[Quantity, datetime], after: timedelta, counts: bool
) -> None:
    now = LATER + after
    ownership, record = looked(FIRST, replace(reads(THEIRS, at=now), earlier=earlier))
    if not counts:
        assert (ownership, record) == (FIRST, None)
        return
    until = now + HOLD_MAX
    assert ownership == Ownership(override=Override(OURS, THEIRS, now, until))
    assert record is not None
    assert (record.state, record.ours, record.found) == (OverrideState.BEGAN, OURS, THEIRS)
    assert (record.until, record.end) == (until, None)
    assert record.detail.startswith(f"somebody else set {THEIRS} instead of {OURS}, respected")


def test_the_journal_says_what_looks_like_a_storm() -> None:
    _, record = looked(Ownership(OWNED, Suspect(STORM, LATER)), reads(STORM, at=AGAIN))
    assert record is not None
    assert "as Storm Watch does" in record.detail


@pytest.mark.parametrize(
    ("capabilities", "services", "shown", "earlier", "after"),
    [
        # it began anew, or obeys its grid operator, and has kept our setting
        (route(started="later"), False, OURS, {}, "ours anew"),
        (route("1.50.1"), False, OURS, {}, "ours anew"),
        (route(), True, OURS, {}, "ours anew"),
        # it did and has another: the rules write what they want
        (route(started="later"), False, THEIRS, {}, "nobody's"),
        (route("1.50.1"), False, THEIRS, {}, "nobody's"),
        (route(), True, THEIRS, {}, "nobody's"),
        # whether it has kept it is still to be read
        (route(started="later"), False, THEIRS, {Quantity.RESERVE: SINCE}, "unchanged"),
    ],
)
def test_a_gateway_that_began_anew_is_nobody_s_doing(
    capabilities: Capabilities,
    services: bool,
    shown: Setting,
    earlier: dict[Quantity, datetime],
    after: str,
) -> None:
    reading = replace(reads(shown), grid_services=services, earlier=earlier)
    anew = Owned(OURS, LATER, capabilities.firmware, capabilities.started)
    expected = {
        "ours anew": replace(FIRST, owned=anew),
        "nobody's": Ownership(),
        "unchanged": FIRST,
    }
    assert looked(FIRST, reading, capabilities) == (expected[after], None)


def respecting(found: Setting = THEIRS, **more: object) -> Ownership:
    return replace(Ownership(override=override(found)), **more)  # type: ignore[arg-type]


AT_THE_END = SINCE + HOLD_MAX


@pytest.mark.parametrize(
    ("found", "shown", "at", "end", "owned"),
    [
        (THEIRS, THEIRS, AT_THE_END, OverrideEnd.RAN_OUT, False),
        (THEIRS, OURS, AT_THE_END, OverrideEnd.RAN_OUT, True),
        (THEIRS, OURS, LATER, OverrideEnd.SET_BACK, True),
        (STORM, OURS, LATER, OverrideEnd.STORM_OVER, True),
        (STORM, THIRD, LATER, OverrideEnd.STORM_OVER, False),
    ],
)
def test_what_is_left_when_it_is_over(
    found: Setting, shown: Setting, at: datetime, end: OverrideEnd, owned: bool
) -> None:
    before = respecting(found)
    ownership, record = looked(before, reads(shown, at=at))
    assert record is not None
    assert (record.state, record.end, record.at) == (OverrideState.ENDED, end, at)
    assert ownership == Ownership(
        owned=Owned(OURS, at, "1.49.0", OWNED.started) if owned else None,
        ran_out=before.override if end is OverrideEnd.RAN_OUT else None,
    )


def test_another_change_by_hand_begins_anew() -> None:
    ran_out = override(STORM)
    ownership, record = looked(respecting(ran_out=ran_out), reads(THIRD, at=LATER))
    assert ownership.override == Override(OURS, THIRD, LATER, LATER + 2 * HOLD_MAX)
    assert ownership.ran_out == ran_out
    assert record is not None
    assert (record.state, record.ours, record.found) == (OverrideState.BEGAN, OURS, THIRD)


def test_a_doubtful_change_is_given_up_for_any_other() -> None:
    ownership, record = looked(respecting(doubtful=True), reads(THIRD, at=LATER))
    assert ownership.override is None
    assert record is not None
    assert record.end is OverrideEnd.FORGOTTEN


@pytest.mark.parametrize(
    "reading",
    [reads(THEIRS), reads(None), replace(reads(THIRD), running=False), reads(THIRD, at=SINCE)],
)
def test_a_change_that_is_respected_goes_on(reading: Observation) -> None:
    assert looked(respecting(), reading) == (respecting(), None)


@pytest.mark.parametrize("end", sorted(set(OverrideEnd) - {OverrideEnd.RESUMED}))
def test_the_row_of_each_end_says_why(end: OverrideEnd) -> None:
    ended = override().ended(LATER, end)
    assert (ended.ours, ended.found, ended.until) == (OURS, THEIRS, SINCE + HOLD_MAX)
    assert ended.end is end
    assert ended.detail


def test_whoever_resumes_is_named_in_its_end() -> None:
    ended = override().ended(LATER, OverrideEnd.RESUMED, "ann requested resume")
    assert ended.detail == "ann requested resume"


@pytest.mark.parametrize("end", list(OverrideEnd))
def test_only_one_that_ran_out_is_meant_when_it_returns(end: OverrideEnd) -> None:
    before = respecting(suspect=Suspect(THIRD, LATER))
    ran_out = override() if end is OverrideEnd.RAN_OUT else None
    assert before.ended(end) == Ownership(ran_out=ran_out)


@pytest.mark.parametrize(
    ("ownership", "objection"),
    [
        (Ownership(), ""),
        (MINE, ""),
        (FIRST, f"{THEIRS} is not what was written; reading it again"),
        (respecting(), f"somebody else set {THEIRS}, respected until 2026-07-16 09:00 UTC"),
    ],
)
def test_what_objects_to_a_write(ownership: Ownership, objection: str) -> None:
    assert ownership.objection == objection


def test_a_write_makes_it_nobody_s_until_it_is_read_back() -> None:
    assert FIRST.nobodys() == Ownership()
    assert respecting().nobodys() == respecting()
    assert Ownership().ours(OURS, SINCE, route()) == MINE


def test_it_is_respected_as_long_on_a_clock_that_was_set() -> None:
    hour = timedelta(hours=1)
    shifted = FIRST.shifted(hour)
    assert shifted.owned == replace(OWNED, since=SINCE + hour)
    assert shifted.suspect == Suspect(THEIRS, LATER + hour)
    moved = respecting().shifted(hour).override
    assert moved == Override(OURS, THEIRS, SINCE + hour, SINCE + HOLD_MAX + hour)
    assert Ownership().shifted(hour) == Ownership()


@pytest.mark.parametrize(
    ("after", "counts"), [(timedelta(seconds=30), False), (STATUS_PATIENCE, True)]
)
def test_a_gateway_that_does_not_say_when_it_started_is_waited_for(
    after: timedelta, counts: bool
) -> None:
    silent = replace(reads(THEIRS, at=LATER + after), firmware=None)
    ownership, _ = looked(FIRST, silent)
    assert (ownership.override is not None) is counts
