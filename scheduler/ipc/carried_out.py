"""What came of a request of the owner's: whether the gateway has what is wanted since."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from scheduler.control import State
from scheduler.control.waiting import blockers_of, with_next_attempt
from scheduler.errors import DaemonEnding
from scheduler.loop import SiteLoop

LONGEST_S = 30.0
"""Real seconds to wait for it, whatever clock the loop has."""


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """Whether it is done, and a sentence: what the gateway has, or why it is not done yet."""

    text: str
    done: bool


async def carried_out(loop: SiteLoop, longest: float = LONGEST_S) -> CarriedOut:
    """Wait until the gateway has what is wanted, and no longer than that can help.

    To be called right after the loop has answered the request: the next tick takes it up.
    """
    try:
        async with asyncio.timeout(longest):
            await loop.ticks.next()
            while not _has_settled(loop.state, longest):
                await loop.ticks.next()
    except TimeoutError:
        pass
    except DaemonEnding:
        text = "not done yet: the daemon is ending; the next one goes on with it"
        return CarriedOut(text, done=False)
    return as_it_stands(loop.state)


def as_it_stands(state: State) -> CarriedOut:
    """What has come of the last request so far."""
    decided, blockers = state.decisions.last, blockers_of(state)
    if decided is None or state.clock is None or state.decisions.hold != state.hold:
        text = "not done yet: the daemon has not finished a look at the gateway since"
        return CarriedOut(text, done=False)
    if state.advising:
        text = "not written: the daemon only advises; the journal shows what would be written"
        return CarriedOut(text, done=False)
    if not blockers:
        what = "keeps what it has" if decided.setting.empty else f"has {decided.setting}"
        return CarriedOut(f"the gateway {what}", done=True)
    now, zone = state.clock[0], state.decisions.plan.rules.almanac.zone
    reasons = "; ".join(with_next_attempt(each, now, zone) for each in blockers)
    sent = state.writing.on_its_way
    return CarriedOut(reasons if sent else f"not written yet: {reasons}", done=False)


def _has_settled(state: State, longest: float) -> bool:
    """It is done, or to go on waiting is of no use."""
    blockers = blockers_of(state)
    if not blockers or state.advising or state.clock is None:
        return True
    end = state.clock[0] + timedelta(seconds=longest)
    return any(each.until is not None and each.until > end for each in blockers)
