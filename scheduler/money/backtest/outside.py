"""What comes from outside through the time of a backtest: flags, values, prices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from rules.engine import InputThreshold, RuleSet, leaves
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot

ONE_DAY = timedelta(days=1)


class Raised(NamedTuple):
    """A flag is set from an aware instant on; without an `end`, for good."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """Inputs through time: `first`, and from each of these instants, in order, others."""

    first: Inputs = NO_INPUTS
    changes: tuple[tuple[datetime, Inputs], ...] = ()

    @classmethod
    def of(
        cls,
        flags: Mapping[str, Sequence[Raised]] | None = None,
        values: Mapping[str, Sequence[DatedValue]] | None = None,
        prices: PriceSeries | None = None,
    ) -> Self:
        """Flags that are raised, values that are known from their own instant on, and prices.

        Of the prices a day's are known from the day before on, and until the day after, in UTC: as
        a price file has them that somebody refreshes daily. So whole local days are always known.
        """
        flags, values = flags or {}, values or {}
        days = _by_day(prices)
        raised = [each for spans in flags.values() for each in spans]
        instants = {value.at for series in values.values() for value in series}
        instants |= {instant for each in raised for instant in each if instant is not None}
        instants |= days.keys()
        known = {name: sorted(series, key=_at) for name, series in values.items()}

        def inputs(now: datetime) -> Inputs:
            return Inputs(
                {
                    name: each.end
                    for name, spans in flags.items()
                    for each in spans
                    if each.start <= now and (each.end is None or now < each.end)
                },
                {
                    name: series[index - 1]
                    for name, series in known.items()
                    if (index := bisect_right(series, now, key=_at))
                },
                days.get(_midnight(now)),
            )

        return cls(NO_INPUTS, tuple((each, inputs(each)) for each in sorted(instants)))

    def at(self, now: datetime) -> Inputs:
        """The inputs at an instant."""
        if not self.changes:
            return self.first
        index = bisect_right(self.changes, now, key=_instant)
        return self.changes[index - 1][1] if index else self.first

    def next_change(self, now: datetime) -> datetime | None:
        """When they change next."""
        if not self.changes:
            return None
        index = bisect_right(self.changes, now, key=_instant)
        return self.changes[index][0] if index < len(self.changes) else None


def _by_day(prices: PriceSeries | None) -> dict[datetime, PriceSeries]:
    """What is known of prices on each day of UTC that has any, or a neighbour with any."""
    slots: dict[datetime, list[PriceSlot]] = {}
    for slot in () if prices is None else prices.slots:
        first, last = _midnight(slot.start), _midnight(slot.end)
        for number in range(-1, (last - first) // ONE_DAY + 2):
            slots.setdefault(first + number * ONE_DAY, []).append(slot)
    return {day: PriceSeries(known) for day, known in slots.items()}


def _midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def kept_fresh(
    rules: RuleSet, name: str, value: float, start: datetime, end: datetime
) -> tuple[DatedValue, ...]:
    """A value that stays what it is, dated anew before a rule that reads it finds it too old."""
    read = [leaf for each in rules.state_rules for leaf in leaves(each.conditions)]
    read += [leaf for each in rules.event_rules for leaf in leaves(each.conditions)]
    oldest: list[timedelta] = [
        each.oldest for each in read if isinstance(each, InputThreshold) and each.name == name
    ]
    if not oldest:
        return (DatedValue(value, start),)
    every = min(oldest)
    count = -(-(end - start) // every)
    return tuple(DatedValue(value, start + number * every) for number in range(count))


def _at(value: DatedValue) -> datetime:
    return value.at


def _instant(change: tuple[datetime, Inputs]) -> datetime:
    return change[0]
