"""What the writes of a site come to, as truth tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pretended import EVERYDAY, FULL, HOUR, MINUTE, NOW

from scheduler.control.applying import Applying, pause_after
from scheduler.control.reconcile import Again, WriteNow
from scheduler.control.writing import REMEMBERED_WRITES, Sending, Writing
from scheduler.domain import Cause, OpenIntent, Outcome, PastWrite

APPLYING = Applying(7, FULL, EVERYDAY, Cause.TIME, NOW, 2 * MINUTE)
SENDING = Sending(7, WriteNow(FULL, EVERYDAY, Cause.TIME))
LEFT_OPEN = OpenIntent(7, NOW, EVERYDAY, FULL, Cause.TIME, None)
FAILING = Writing(failures=2, paused_until=NOW, again=Again(FULL, Cause.REPEAT))


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (Outcome.HELD, Writing()),
        (Outcome.UNVERIFIED, Writing()),
        (Outcome.REFUSED, "failed"),
        (Outcome.MISMATCH, "failed"),
        (Outcome.UNREACHABLE, "failed"),
        (Outcome.SUPERSEDED, FAILING),
        (Outcome.WOULD, FAILING),
        (Outcome.RECOVERED_APPLIED, FAILING),
        (Outcome.RECOVERED_NOT_APPLIED, FAILING),
    ],
)
def test_what_failed_has_a_pause_after_it_and_what_is_held_ends_it(
    outcome: Outcome, after: Writing | str
) -> None:
    if after == "failed":
        after = replace(FAILING, failures=3, paused_until=NOW + pause_after(3))
    assert FAILING.concluded(outcome, NOW) == after


def test_pauses_grow_with_every_failure_in_a_row() -> None:
    writing = Writing()
    for count in range(1, 8):
        writing = writing.concluded(Outcome.MISMATCH, NOW)
        assert (writing.failures, writing.paused_until) == (count, NOW + pause_after(count))


@pytest.mark.parametrize("would", [True, False])
def test_a_hundred_writes_of_either_kind_are_kept(would: bool) -> None:
    writing = Writing()
    made = [
        PastWrite(NOW + number * MINUTE, FULL, EVERYDAY, Cause.TIME)
        for number in range(REMEMBERED_WRITES + 9)
    ]
    for write in made:
        writing = writing.would_write(write) if would else writing.intended(write, SENDING)
    kept = tuple(made[-REMEMBERED_WRITES:])
    assert REMEMBERED_WRITES == 100
    assert (writing.would_writes if would else writing.writes) == kept
    assert (writing.writes if would else writing.would_writes) == ()


@pytest.mark.parametrize(
    ("writing", "on_its_way"),
    [
        (Writing(), False),
        (FAILING, False),
        (Writing(applying=APPLYING), True),
        (Writing(sending=SENDING), True),
        (Writing(left_open=LEFT_OPEN), True),
    ],
)
def test_a_write_is_on_its_way_until_it_has_an_outcome(writing: Writing, on_its_way: bool) -> None:
    assert writing.on_its_way is on_its_way


def test_a_pause_is_as_long_on_a_clock_that_was_set() -> None:
    writing = Writing(
        applying=APPLYING, paused_until=NOW, writes=(PastWrite(NOW, FULL, FULL, Cause.TIME),)
    )
    assert writing.shifted(HOUR) == replace(writing, applying=APPLYING.shifted(HOUR))
    assert writing.counted_on(HOUR) == replace(
        writing,
        paused_until=NOW + HOUR,
        writes=(PastWrite(NOW + HOUR, FULL, FULL, Cause.TIME),),
    )
    lost = Writing(lost_until=NOW, unrecorded_at=NOW)
    assert lost.counted_on(HOUR) == Writing(lost_until=NOW + HOUR, unrecorded_at=NOW + HOUR)
    assert Writing().shifted(HOUR) == Writing().counted_on(HOUR) == Writing()


@pytest.mark.parametrize(
    ("writing", "left_open"),
    [
        (Writing(), None),
        (Writing(left_open=LEFT_OPEN), LEFT_OPEN),
        (
            Writing(sending=SENDING),
            OpenIntent(7, NOW + HOUR, EVERYDAY, FULL, Cause.TIME, None),
        ),
        (Writing(applying=APPLYING), replace(LEFT_OPEN, sent_at=NOW)),
    ],
)
def test_a_write_that_gives_way_is_left_open(
    writing: Writing, left_open: OpenIntent | None
) -> None:
    assert writing.let_go(NOW + HOUR) == Writing(left_open=left_open)
