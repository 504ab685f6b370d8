"""Steps of the wall clock, as the journal has them.

A row has the instant that the clock showed. Where the clock was set later, the age of what the row
tells of is counted over the notes of kind `clock_stepped` that follow it: each says by how much.
"""

from __future__ import annotations

import re
from datetime import timedelta

CLOCK_STEP = timedelta(seconds=60)
"""The wall clock moved by this much more or less than the monotonic one: somebody set it."""

_STEPPED = "the clock was set by"
_SECONDS = re.compile(rf"{_STEPPED} ([+-]\d{{1,11}}) s")


def step_in_words(step: timedelta, how: str = "") -> str:
    """The text of a note of a step, in whole seconds."""
    return f"{_STEPPED} {whole_seconds(step).total_seconds():+.0f} s{how}"


def step_of(text: str) -> timedelta:
    """The step that the text of a note tells of; none, where it tells of none."""
    found = _SECONDS.match(text)
    return timedelta(seconds=int(found[1])) if found else timedelta(0)


def whole_seconds(step: timedelta) -> timedelta:
    """The part of a step that a note tells of."""
    return timedelta(seconds=round(step.total_seconds()))
