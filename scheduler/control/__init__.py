"""One site's whole policy without input or output.

What happens goes in; what is to be recorded and done comes out.

`begin` makes the first state from the past; `step` is the controller; `next_wake` says when to wake
it. The rows of a step are committed in one transaction, the state advances only after that, and
then the actions are carried out, whose results are the next events. So no write goes out without
its intent; a failed commit is met by `restored`. There is no clock, no network and no database.

The modules `events` and `actions` name what goes in and out; `hold` is the manual hold; `waiting`
says why what is set is not what is wanted. `PromptSite` is a controller on a gateway that answers
at once, for whatever runs it without a network.
"""

from scheduler.control import actions, events, hold, waiting
from scheduler.control.actions import Action, Wake
from scheduler.control.events import Event, Failure, FailureKind
from scheduler.control.override import Override
from scheduler.control.prompt_site import House, PromptSite
from scheduler.control.reconcile import Blocker
from scheduler.control.restore import begin, restored
from scheduler.control.state import Refusal, Reply, State, Step, Terms
from scheduler.control.step import next_wake, quiet, step

__all__ = [
    "Action",
    "Blocker",
    "Event",
    "Failure",
    "FailureKind",
    "House",
    "Override",
    "PromptSite",
    "Refusal",
    "Reply",
    "State",
    "Step",
    "Terms",
    "Wake",
    "actions",
    "begin",
    "events",
    "hold",
    "next_wake",
    "quiet",
    "restored",
    "step",
    "waiting",
]
