"""Which clauses time alone decides, and how they go through a day.

Windows and priced periods inside a clause are known long before; so are prices and ranks by a
tariff. Where prices come by the day, they are free: nobody knows those of next July.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from rules.calendar import ONE_DAY, Almanac, Calendar, midnight
from rules.domain import Observation
from rules.engine import Condition, Context, OpenNow, PriceRank, PriceThreshold, Verdict, leaves
from rules.inputs import NO_INPUTS

PRICED = (PriceRank, PriceThreshold)

NOTHING_SEEN = Observation(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A day from cut to cut: where each piece begins, and the verdicts of its conditions.

    Equal by identity: days of one kind share one.
    """

    offsets: tuple[timedelta, ...]
    verdicts: tuple[tuple[Verdict, ...], ...]


NO_PIECES = Pieces((timedelta(0),), ((),))


def timed_conditions(conditions: Iterable[Condition], *, priced: bool) -> list[Condition]:
    """What time decides of these: windows, and what a tariff has `priced`.

    Of a rank among free prices it is the window: outside it the rank is false.
    """
    found: list[Condition] = []
    for each in leaves(conditions):
        if isinstance(each, OpenNow) or (priced and isinstance(each, PRICED)):
            found.append(each)
        elif isinstance(each, PriceRank):
            found.append(window_of(each))
    return list(dict.fromkeys(found))


def window_of(rank: PriceRank) -> OpenNow:
    """The window of a rank as a condition of its own."""
    return OpenNow(rank.key, Calendar((rank.window,)), "")


class PricedDays:
    """How conditions on the prices of a tariff go through each day.

    Days with the same prices on them and around them are worked out once.
    """

    def __init__(self, almanac: Almanac, conditions: Sequence[Condition]) -> None:
        self._almanac = almanac
        self._conditions = tuple(conditions)
        # Only a window across midnight depends on the prices of the days around.
        across = any(isinstance(each, PriceRank) and each.window.midnights for each in conditions)
        self._around = (-1, 0, 1) if across else (0,)
        self._known: dict[object, Pieces] = {}
        self._kinds: dict[object, int] = {}

    def pieces(self, day: date) -> Pieces:
        """The pieces of a day."""
        if not self._conditions:
            return NO_PIECES
        kind = tuple(self._kind(day + after * ONE_DAY) for after in self._around)
        if kind not in self._known:
            self._known[kind] = self._cut(day)
        return self._known[kind]

    def _kind(self, day: date) -> object:
        tariff, zone = self._almanac.tariff, self._almanac.zone
        prices = tariff.day(day) if tariff else ()
        length = midnight(day + ONE_DAY, zone) - midnight(day, zone)
        # On a day of another length the change may come at any hour: it is like no other.
        facts = (prices, day if length != ONE_DAY else None)
        return self._kinds.setdefault(facts, len(self._kinds))

    def _cut(self, day: date) -> Pieces:
        start = midnight(day, self._almanac.zone)
        end = midnight(day + ONE_DAY, self._almanac.zone)
        offsets: list[timedelta] = []
        found: list[tuple[Verdict, ...]] = []
        now = start
        while now < end:
            context = Context(NOTHING_SEEN, NO_INPUTS, self._almanac, now)
            context.begin(frozenset())
            verdicts = tuple(each.test(context) for each in self._conditions)
            if not found or verdicts != found[-1]:
                offsets.append(now - start)
                found.append(verdicts)
            now = context.until
        return Pieces(tuple(offsets), tuple(found))
