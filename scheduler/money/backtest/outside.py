"""What comes from outside through the time of a backtest: flags, values, prices."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from rules.engine import InputThreshold, RuleSet, leaves
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries


class Raised(NamedTuple):
    """A flag is set from an aware instant on; without an `end`, for good."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """Inputs through time: `first`, and from each of the instants on, which are in order, others.

    Prices are the same all the time: rules see those of a later hour as soon as they look for them.
    """

    first: Inputs = NO_INPUTS
    changes: tuple[tuple[datetime, Inputs], ...] = ()

    @classmethod
    def of(
        cls,
        flags: Mapping[str, Sequence[Raised]] | None = None,
        values: Mapping[str, Sequence[DatedValue]] | None = None,
        prices: PriceSeries | None = None,
    ) -> Self:
        """Flags that are raised, values that are known from their own instant on, and prices."""
        flags, values = flags or {}, values or {}
        raised = [each for spans in flags.values() for each in spans]
        instants = {value.at for series in values.values() for value in series}
        instants |= {instant for each in raised for instant in each if instant is not None}
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
                prices,
            )

        return cls(Inputs(prices=prices), tuple((each, inputs(each)) for each in sorted(instants)))

    def at(self, now: datetime) -> Inputs:
        """The inputs at an instant."""
        index = bisect_right(self.changes, now, key=_instant)
        return self.changes[index - 1][1] if index else self.first

    def next_change(self, now: datetime) -> datetime | None:
        """When they change next."""
        index = bisect_right(self.changes, now, key=_instant)
        return self.changes[index][0] if index < len(self.changes) else None


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
