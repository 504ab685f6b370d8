"""What the open state rules come to at one look, and what is remembered of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.domain import Part, Setting
from rules.engine.conditions import Bounds, Sames

NOTHING_HELD: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What is remembered of one open rule.

    `since` is the first look of this opening: its calendar part has been open ever since. `active`
    is what the rule does; `holds` since `holds_since` is what its conditions say, before `for` and
    `keep`. A rule that is settled without them keeps its first look there: nobody asks, and so its
    memory takes few values. `held` are the keys of the thresholds that held at the last look (for
    their margins), `unknown_since` is when it became undecidable, `captured` the reserve that its
    hold has taken.
    """

    active: bool
    since: datetime
    holds: bool
    holds_since: datetime
    held: frozenset[str] = NOTHING_HELD
    unknown_since: datetime | None = None
    captured: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The setting that the rules want, who won each part of it, and their memories.

    It stands within `bounds` and with the `sames`, as a decision does.
    """

    remembered: Mapping[str, RuleMemory]
    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    insists: bool
    bounds: Bounds
    sames: Sames
