"""Conditions on what a kilowatt hour costs now, or compared with the rest of a window.

Prices come from the dynamic series where there is one, else from the tariff (import only). A price
that nobody knows is unknown, and so is a rank among prices of which one is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rules.calendar import ONE_DAY, Almanac, Span, Tariff, Window, moment, spans
from rules.domain import Quantity
from rules.engine.conditions import Context, Verdict, leaves
from rules.engine.rule_set import EventRule, RuleSet, StateRule
from rules.inputs import PriceSlot

HALF_HOUR = timedelta(minutes=30)
"""The slots into which a tariff's periods are cut where they are ranked."""


@dataclass(frozen=True, slots=True)
class PriceThreshold:
    """The price of import, or of export, is at or above, or below, a limit."""

    key: str
    exported: bool
    above: bool
    limit: float

    def test(self, context: Context) -> Verdict:
        price = self._price(context)
        return None if price is None else (price >= self.limit) is self.above

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        return f"{'at least' if self.above else 'below'} {self.limit:g}"

    def got(self, context: Context) -> str:
        price = self._price(context)
        return "unknown" if price is None else f"{price:g}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()

    def needs_series(self, almanac: Almanac) -> bool:
        """No tariff answers it: a series of prices has to."""
        return self.exported or almanac.tariff is None

    def _price(self, context: Context) -> float | None:
        series = context.inputs.prices
        if series is not None:
            slot = series.at(context.now)
            change = slot.end if slot else series.next_start(context.now)
            if change is not None:
                context.stands_until(change)
            return None if slot is None else slot.exported if self.exported else slot.imported
        tariff = context.almanac.tariff
        if tariff is None or self.exported:
            return None
        period = tariff.at(context.now)
        day = context.now.astimezone(tariff.zone).date()
        for span in spans(day, [(period.start, period.end)], tariff.zone):
            if span.start <= context.now < span.end:
                context.stands_until(span.end)
        return period.price


@dataclass(frozen=True, slots=True)
class PriceRank:
    """Now is one of the `count` cheapest (or dearest) slots of a window.

    The rank is fixed over the whole window; among equal prices the earlier slot comes first.
    """

    key: str
    count: int
    dearest: bool
    window: Window

    def test(self, context: Context) -> Verdict:
        found = self._window_around(context)
        if found is None:
            return False
        context.stands_until(found.end)
        chosen = self._chosen(context, found)
        if chosen is None:
            return None
        for slot in chosen:
            if slot.start <= context.now < slot.end:
                context.stands_until(slot.end)
                return True
            if context.now < slot.start:
                context.stands_until(slot.start)
        return False

    def wanted(self, context: Context) -> str:
        found = self._window_around(context)
        chosen = self._chosen(context, found) if found else None
        words = f"the {self.count} {'dearest' if self.dearest else 'cheapest'} of the window"
        if chosen is None:
            return words
        zone = context.almanac.zone
        in_turn = sorted(chosen, key=lambda slot: slot.start)
        times = ", ".join(f"{slot.start.astimezone(zone):%H:%M}" for slot in in_turn)
        return f"{words} ({times})"

    def got(self, context: Context) -> str:
        return f"{context.now.astimezone(context.almanac.zone):%H:%M}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()

    def needs_series(self, almanac: Almanac) -> bool:
        """No tariff answers it: a series of prices has to."""
        return almanac.tariff is None

    def _window_around(self, context: Context) -> Span | None:
        """The window around now; tells the context when the next one begins."""
        zone = context.almanac.zone
        today = context.now.astimezone(zone).date()
        for day in (today - ONE_DAY, today, today + ONE_DAY):
            window = self._window_of(day, context)
            if window.start <= context.now < window.end:
                return window
            if context.now < window.start:
                context.stands_until(window.start)
        return None

    def _window_of(self, day: date, context: Context) -> Span:
        zone = context.almanac.zone
        last = day + self.window.midnights * ONE_DAY
        start = moment(day, self.window.start, zone)
        return Span(start, max(start, moment(last, self.window.end, zone)))

    def _chosen(self, context: Context, window: Span) -> tuple[PriceSlot, ...] | None:
        """The slots that are meant; `None` where the price of one in the window is missing."""
        series = context.inputs.prices
        if series is not None:
            slots = series.covering(window.start, window.end)
            if slots is None or any(slot.imported is None for slot in slots):
                return None
            return _ranked(slots, dearest=self.dearest)[: self.count]
        tariff = context.almanac.tariff
        if tariff is None:
            return None
        return _ranked_by(tariff, window, dearest=self.dearest)[: self.count]


@lru_cache(maxsize=64)
def _ranked_by(tariff: Tariff, window: Span, *, dearest: bool) -> tuple[PriceSlot, ...]:
    """The half hours of a window in the order of a tariff's prices; a window is asked for often."""
    slots: list[PriceSlot] = []
    start = window.start
    while start < window.end:
        end = min(start + HALF_HOUR, window.end)
        slots.append(PriceSlot(start, end, tariff.at(start).price))
        start = end
    return _ranked(slots, dearest=dearest)


def _ranked(slots: Iterable[PriceSlot], *, dearest: bool) -> tuple[PriceSlot, ...]:
    sign = -1.0 if dearest else 1.0
    return tuple(sorted(slots, key=lambda slot: (sign * (slot.imported or 0.0), slot.start)))


def in_need_of_prices(rules: RuleSet) -> tuple[str, ...]:
    """The names of the rules, of states and of events, that look at prices which no tariff says."""
    looking: list[StateRule | EventRule] = [*rules.state_rules, *rules.event_rules]
    return tuple(
        rule.name
        for rule in looking
        if any(
            isinstance(condition, PriceThreshold | PriceRank)
            and condition.needs_series(rules.almanac)
            for condition in leaves(rule.conditions)
        )
    )
