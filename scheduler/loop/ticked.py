"""The notification of a tick, from the state after it."""

from __future__ import annotations

from datetime import datetime

from scheduler.control import State
from scheduler.loop.notifications import Ticked


def ticked(site: str, state: State, now: datetime) -> Ticked:
    """The tick of a site at `now`."""
    decision, observation = state.decisions.last, state.observation
    if decision is None or observation is None:
        raise ValueError("a tick ends with a decision")
    return Ticked(
        site,
        now,
        observation,
        decision,
        state.shadow,
        state.advising,
        state.decisions.reason,
        state.decisions.hold,
        None if state.advising else state.ownership.override,
        state.out_of_reach,
        None if state.silence is None else state.silence.why,
        state.read_at,
    )
