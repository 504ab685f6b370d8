"""What a kilowatt hour costs through the coming hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rules.calendar import ONE_DAY, Almanac, Tariff, spans
from rules.inputs import PriceSeries


@dataclass(frozen=True, slots=True)
class Priced:
    """A half-open time at one price. `period` is the tariff's name for it, empty by a price series.

    `None`: the price is not known.
    """

    start: datetime
    end: datetime
    period: str = ""
    imported: float | None = None
    exported: float | None = None


def prices_between(
    almanac: Almanac, prices: PriceSeries | None, start: datetime, end: datetime
) -> tuple[Priced, ...]:
    """The prices from `start` to before `end`: of the series where there is one, else the tariff's.

    There may be gaps; equal prices in a row are one.
    """
    found: list[Priced] = []
    every = _of_series(prices) if prices is not None else _of_tariff(almanac.tariff, start, end)
    for each in every:
        begin, until = max(each.start, start), min(each.end, end)
        if begin >= until:
            continue
        last = found[-1] if found else None
        if last is not None and last.end == begin and _alike(last, each):
            found[-1] = Priced(last.start, until, last.period, last.imported, last.exported)
        else:
            found.append(Priced(begin, until, each.period, each.imported, each.exported))
    return tuple(found)


def _of_series(prices: PriceSeries) -> Iterator[Priced]:
    for slot in prices.slots:
        yield Priced(slot.start, slot.end, "", slot.imported, slot.exported)


def _of_tariff(tariff: Tariff | None, start: datetime, end: datetime) -> Iterator[Priced]:
    if tariff is None:
        return
    day = start.astimezone(tariff.zone).date()
    while day <= end.astimezone(tariff.zone).date():
        found = [
            Priced(span.start, span.end, period.name, period.price)
            for period in tariff.day(day)
            for span in spans(day, [(period.start, period.end)], tariff.zone)
        ]
        # On the night that clocks go back a period may hold twice, around another.
        yield from sorted(found, key=lambda each: each.start)
        day += ONE_DAY


def _alike(one: Priced, other: Priced) -> bool:
    return (one.period, one.imported, one.exported) == (
        other.period,
        other.imported,
        other.exported,
    )
