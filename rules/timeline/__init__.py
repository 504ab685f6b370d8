"""The coming hours as a timeline: what rules will want, when, and on what that depends.

Nobody knows the state of energy of tomorrow, so an entry of the timeline has a case for each range
of it in which the rules want the same. `cases` finds these at an instant, `walk` goes from one
instant at which something may change to the next, `also` tells which rules could win if the house
were otherwise. What costs how much and which events are due is in `prices` and `due`. All answers
are those of the engine.
"""

from rules.timeline.also import Also
from rules.timeline.cases import Case, House, Outcome, Step
from rules.timeline.due import Due, due_events
from rules.timeline.prices import Priced, prices_between
from rules.timeline.walk import Entry, Hold, timeline
from rules.timeline.words import condition_in_words

__all__ = [
    "Also",
    "Case",
    "Due",
    "Entry",
    "Hold",
    "House",
    "Outcome",
    "Priced",
    "Step",
    "condition_in_words",
    "due_events",
    "prices_between",
    "timeline",
]
