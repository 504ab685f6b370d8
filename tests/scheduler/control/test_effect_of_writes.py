"""Which effect of a write is watched where one write follows another, as truth tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pretended import EVERYDAY as SELF_20
from pretended import FULL, SELF
from pretended import NOW as SINCE

from rules.domain import Setting
from scheduler.control.effect import Effects, WatchedWrite
from scheduler.control.reconcile import Again
from scheduler.domain import Cause

SELF_80 = Setting(SELF, 80)


@pytest.mark.parametrize(
    ("before", "previous", "counts"),
    [
        (Effects(), FULL, FULL),
        (Effects(found=(SELF_20, FULL)), SELF_20, FULL),  # made again: what the first one found
        (Effects(found=(SELF_20, FULL)), SELF_80, SELF_80),  # something came between
        (Effects(found=(SELF_80, FULL)), SELF_20, SELF_20),
        (Effects(), SELF_20, SELF_20),
    ],
)
def test_a_write_that_is_made_again_follows_what_the_first_one_found(
    before: Effects, previous: Setting, counts: Setting
) -> None:
    after = before.held(8, SELF_20, previous, Cause.REPEAT, SINCE)
    assert after == Effects(WatchedWrite(8, SELF_20, counts, SINCE), (SELF_20, counts))
    assert after.forgotten() == Effects(None, (SELF_20, counts))


def test_a_setting_that_does_not_show_is_sent_once_more_and_no_more() -> None:
    first = Effects().held(8, SELF_20, FULL, Cause.TIME, SINCE).watched
    assert first is not None
    assert first.once_more() == Again(SELF_20, Cause.NO_EFFECT)
    second = Effects().held(9, SELF_20, SELF_20, Cause.NO_EFFECT, SINCE).watched
    assert second is not None
    assert second.once_more() is None


@pytest.mark.parametrize(("shown", "doubtful"), [(None, False), (True, False), (False, True)])
def test_a_write_is_doubtful_while_the_last_reading_speaks_against_it(
    shown: bool | None, doubtful: bool
) -> None:
    assert WatchedWrite(7, SELF_20, FULL, SINCE, shown=shown).doubtful is doubtful


def test_a_setting_takes_as_long_to_show_on_a_clock_that_was_set() -> None:
    hour = timedelta(hours=1)
    effects = Effects().held(8, SELF_20, FULL, Cause.TIME, SINCE)
    assert effects.shifted(hour) == Effects().held(8, SELF_20, FULL, Cause.TIME, SINCE + hour)
    assert Effects().shifted(hour) == Effects()
