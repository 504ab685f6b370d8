"""Rules that do not fit the tariff: they buy when it is dearest, or miss the edge of its season."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from rules.calendar import ONE_DAY, PEAK, Almanac, Calendar, DayTest, Span
from rules.check.event_days import LONG_SILENCE
from rules.check.findings import Code, Finding, Place
from rules.check.months import NO_TIME, Months
from rules.check.situations import A_YEAR
from rules.domain import Mode, Part
from rules.engine import OpenNow, Plan, QuantityThreshold, StateRule, leaves
from rules.resolve import Intent

NEAR = 31
"""In days: so far from the edge of a season a rule's own may be a mistake; farther it is meant."""


def misfits(months: Months) -> Iterator[Finding]:
    """What does not fit; nothing without a tariff."""
    if months.plan.rules.almanac.tariff is None:
        return
    yield from _buying_at_peak(months)
    yield from _seasons_missed(months)
    yield from _silent_rules(months)


def _buying_at_peak(months: Months) -> Iterator[Finding]:
    """Rules that by their hours charge from the grid when a kilowatt hour is dearest."""
    plan, almanac = months.plan, months.plan.rules.almanac
    days = [(day, tuple(almanac.period_minutes(day, (PEAK,)))) for day in _days(months)]
    until = months.situations.first + A_YEAR
    for number, rule in enumerate(plan.rules.state_rules):
        if not _buys(plan, rule) or not _by_the_clock(rule):
            continue
        calendars = [rule.calendar, *_above(plan, number)]
        known: dict[object, list[Span]] = {}
        a_year, shown = NO_TIME, None
        for day, dear in days:
            kind = dear, *(tuple(each.minutes(day, almanac)) for each in calendars)
            if kind not in known:
                known[kind] = _dear(calendars, day, almanac)
                shown = shown or next(iter(known[kind]), None)
            if day < until:
                a_year += sum((each.end - each.start for each in known[kind]), NO_TIME)
        if shown is not None:
            start, end = (each.astimezone(almanac.zone) for each in (shown.start, shown.end))
            text = (
                f'"{rule.name}" charges from the grid in the dearest period of the day: '
                f"{start:%H:%M} to {end:%H:%M} on {start:%A} {start.day} {start:%B %Y}"
            )
            key = ("while", "time") if rule.calendar.windows else ("while", "period")
            yield Finding(Code.BUYS_AT_PEAK, text, (Place(rule.name, key),), a_year=a_year)


def _above(plan: Plan, number: int) -> Iterator[Calendar]:
    """When rules that outrank one say what the battery does, whatever is seen."""
    mine = plan.claims[plan.rules.state_rules[number].name]
    for above in plan.rules.state_rules[:number]:
        if above.timeless and set(mine) & {Part.MODE} <= set(plan.claims[above.name]):
            yield above.calendar


def _dear(calendars: Sequence[Calendar], day: date, almanac: Almanac) -> list[Span]:
    """When the first of these is open in the dearest period of a day, and none of the others is."""
    peak = Calendar(periods=(PEAK,)).spans(day, almanac)
    met = _common(calendars[0].spans(day, almanac), peak)
    for each in calendars[1:] if met else ():
        met = _without(met, each.spans(day, almanac))
    return met


def _buys(plan: Plan, rule: StateRule) -> bool:
    fixed = plan.fixed[rule.name]
    if plan.limits.grid_charging is False or not plan.claims[rule.name]:
        return False
    backup = fixed.mode is Mode.BACKUP and fixed.grid_charging is not False
    return rule.want.battery is Intent.CHARGE or backup


def _by_the_clock(rule: StateRule) -> bool:
    """Hours say when it holds, and nothing out of the ordinary does: no flag, outage or price."""
    calendar = rule.calendar
    ordinary = all(
        isinstance(each, QuantityThreshold | OpenNow) for each in leaves(rule.conditions)
    )
    return ordinary and bool(calendar.windows or calendar.periods)


def _seasons_missed(months: Months) -> Iterator[Finding]:
    """Months or dates that are those of a season but for some days at its edge."""
    rules = months.plan.rules
    tests = [(rule.name, "while", rule.calendar.day) for rule in rules.state_rules]
    tests += [(each.name, "when", each.moments.day) for each in rules.event_rules if each.moments]
    tariff = rules.almanac.tariff
    year = _days(months)[: A_YEAR.days]
    for name, table, test in tests:
        key = "months" if test.months is not None else "dates"
        if (test.months is None and test.dates is None) or test.season is not None:
            continue
        mine = {
            day
            for day in year
            if DayTest(months=test.months, dates=test.dates).matches(day, rules.almanac)
        }
        for season, days in tariff.seasons.items() if tariff else ():
            its = {day for day in year if days.includes(day)}
            apart = sorted(mine ^ its)
            if mine & its and 0 < len(apart) <= NEAR and len(its) > 2 * NEAR:
                text = (
                    f'"{name}" is {len(apart)} days apart from the {season} of the tariff: '
                    f"{_told(apart)}"
                )
                yield Finding(Code.SEASON_EDGE, text, (Place(name, (table, key)),))


def _silent_rules(months: Months) -> Iterator[Finding]:
    """Rules of a priced period that the tariff has for a part of the year only."""
    for name, place, calendar in _of_periods(months.plan):
        day = calendar.day
        if not calendar.periods or day.season or day.months or day.dates or day.eve_of:
            continue
        days = _days(months)
        on = [each for each in days if calendar.spans(each, months.plan.rules.almanac)]
        edges = [days[0] - ONE_DAY, *on, days[-1] + ONE_DAY]
        before, after = max(pairwise(edges), key=lambda pair: pair[1] - pair[0])
        if on and after - before > LONG_SILENCE:
            silence = [before + ONE_DAY, after - ONE_DAY]
            text = f'"{name}" never comes from {_told(silence)}'
            if not calendar.inset:
                text += '; "peak" is the dearest period of each day'
            yield Finding(Code.LONG_SILENCE, text, (Place(name, place),))


def _of_periods(plan: Plan) -> Iterator[tuple[str, tuple[str, ...], Calendar]]:
    for rule in plan.rules.state_rules:
        yield rule.name, ("while", "period"), rule.calendar
    for event in plan.rules.event_rules:
        opening = next((each for each in event.conditions if isinstance(each, OpenNow)), None)
        if event.moments is None and opening is not None:
            yield event.name, ("when", "period"), opening.calendar


def _days(months: Months) -> list[date]:
    return [months.situations.first + n * ONE_DAY for n in range(months.situations.days)]


def _common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    pairs = ((max(a.start, b.start), min(a.end, b.end)) for a in some for b in others)
    return [Span(start, end) for start, end in pairs if start < end]


def _without(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    for other in others:
        some = [
            Span(start, end)
            for each in some
            for start, end in (
                (each.start, min(each.end, other.start)),
                (max(each.start, other.end), each.end),
            )
            if start < end
        ]
    return list(some)


def _told(days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    if last - first > timedelta(days=len(days) + 1) and len(days) > 2:
        return f"{first.day} {first:%b} and others"
    return f"{first.day} {first:%b} to {last.day} {last:%b}"
