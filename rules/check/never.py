"""Rules that can never be active, never win anything, or say what is always true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

from rules.calendar import DAY, ONE_DAY, Calendar, Dates, DayTest
from rules.check.findings import Code, Finding, Place
from rules.check.floors import may_raise, outlasts
from rules.check.months import NO_TIME, Months
from rules.check.search import Be
from rules.check.situations import Seen, Situation
from rules.check.space import Leaf
from rules.engine import Condition, OpenNow, PriceRank, StateRule, leaves

TARIFF_SLOT = timedelta(minutes=30)
"""The slots into which the engine cuts a tariff's periods to rank them."""

SHORTEST_SLOT = timedelta(minutes=15)
"""The shortest price slots in use by suppliers: with them a window has the most."""

CALENDAR_KEYS = ("time", "days", "season", "months", "dates", "eve_of", "period", "inset")


def never(months: Months) -> Iterator[Finding]:
    """What is wrong with single rules."""
    for number in range(len(months.rules)):
        inactive = _never_active(months, number)
        if inactive is not None:
            yield inactive
            continue
        if not any(number in situation.open for situation, _ in months.seen()):
            continue  # its dates are yet to come
        yield from _always_true(months, number)
        yield from _never_wins(months, number)


def _never_active(months: Months, number: int) -> Finding | None:
    rule = months.rules[number]
    met = [(each, seen) for each, seen in months.seen() if number in each.open]
    if not met:
        return _never_open(months, rule)
    ripe = [each for each, _ in met if not rule.hold_for or number in each.ripe]
    if not ripe:
        longest = max(_length(months, rule, seen) for _, seen in met)
        text = (
            f'"{rule.name}" is open for {_duration(longest)} at most, '
            f"and must hold for {_duration(rule.hold_for)}"
        )
        return Finding(Code.NEVER_ACTIVE, text, (Place(rule.name, ("for",)),))
    if any(months.possible(each, [months.may_be_active(each, number)]) for each in ripe):
        return None
    culprits = _contradiction(months, number, ripe)
    said = " and ".join(map(_key, culprits))
    wrong = "exclude each other" if len(culprits) > 1 else "can never be true"
    text = f'"{rule.name}" can never be active: {said} {wrong}'
    places = tuple(place_of(rule.name, each) for each in culprits)
    return Finding(Code.NEVER_ACTIVE, text, places)


def place_of(rule: str, condition: Condition) -> Place:
    """Where a condition stands: its key as the way to it."""
    keys: list[str | int] = []
    for part in condition.key.split("."):
        name, bracket, index = part.partition("[")
        keys.append(name)
        if bracket:
            keys.append(int(index.rstrip("]")))
    return Place(rule, tuple(keys))


def _contradiction(
    months: Months, number: int, situations: Sequence[Situation]
) -> tuple[Condition, ...]:
    """The fewest conditions that already cannot hold together."""
    conditions = months.rules[number].conditions
    for size in (1, 2, 3):
        for some in combinations(conditions, size):
            if not any(
                months.possible(each, [months.clause(each, number, some, Be.TRUE)])
                for each in situations
            ):
                return some
    return conditions


def _never_open(months: Months, rule: StateRule) -> Finding | None:
    """A rule whose calendar part is never open; nothing is told of dates that are yet to come."""
    first, days = months.situations.first, months.situations.days
    almanac, calendar = months.plan.rules.almanac, rule.calendar
    last = last_date(calendar.day)
    if last is not None and last < first:
        text = f'the dates of "{rule.name}" have passed; the last was {last:%d %b %Y}'
        return Finding(Code.DATES_PASSED, text, (Place(rule.name, ("while", "dates")),))
    to_come = first_date(calendar.day)
    if to_come is not None and to_come >= first + days * ONE_DAY:
        return None

    def opens(reduced: Calendar) -> bool:
        return any(reduced.spans(first + after * ONE_DAY, almanac) for after in range(days))

    culprits = [key for key in CALENDAR_KEYS if key in rule.said and opens(_without(calendar, key))]
    if not culprits:
        culprits = [key for key in CALENDAR_KEYS if key in rule.said]
    said = ", ".join(f"{key} {rule.said[key]}" for key in CALENDAR_KEYS if key in rule.said)
    text = f'"{rule.name}" is never open in the {days} days from {first:%d %b %Y}: {said}'
    places = tuple(
        Place(rule.name, (key,) if key == "inset" else ("while", key)) for key in culprits
    )
    return Finding(Code.NEVER_ACTIVE, text, places)


def _without(calendar: Calendar, key: str) -> Calendar:
    """The calendar without one of its keys."""
    match key:
        case "time":
            return replace(calendar, windows=())
        case "period":
            return replace(calendar, periods=())
        case "inset":
            return replace(calendar, inset=NO_TIME)
    return replace(calendar, day=replace(calendar.day, **{key: None}))


def last_date(test: DayTest) -> date | None:
    """The last date of a test that names dates with their year only; `None` for others."""
    known = _years(test)
    return max(known) if known else None


def first_date(test: DayTest) -> date | None:
    """The first date of a test that names dates with their year only; `None` for others."""
    known = _years(test)
    return min(known) if known else None


def _years(test: DayTest) -> list[date]:
    dates = test.dates if test.dates is not None else test.eve_of
    if not isinstance(dates, Dates) or dates.yearly:
        return []
    return [*dates.single, *(each for pair in dates.ranges for each in pair)]


def _length(months: Months, rule: StateRule, seen: Seen) -> timedelta:
    """How long the opening lasts in which a situation is met first."""
    almanac = months.plan.rules.almanac
    day = seen.first.astimezone(almanac.zone).date()
    spans = (
        span for after in (-1, 0, 1) for span in rule.calendar.spans(day + after * ONE_DAY, almanac)
    )
    return next(
        (each.end - each.start for each in spans if each.start <= seen.first < each.end), NO_TIME
    )


def _always_true(months: Months, number: int) -> Iterator[Finding]:
    """Conditions that exclude nothing."""
    rule, priced = months.rules[number], months.priced
    met = [situation for situation, _ in months.seen() if number in situation.open]
    timed, space = months.situations.timed, months.space(met[0])
    for condition in dict.fromkeys(leaves(rule.conditions)):
        if isinstance(condition, PriceRank):
            if _more_than_there_are(condition, TARIFF_SLOT if priced else SHORTEST_SLOT):
                text = f'{_key(condition)} of "{rule.name}" takes every slot of its window'
                yield Finding(Code.ALWAYS_TRUE, text, (place_of(rule.name, condition),))
            continue
        if condition in timed:
            idle = all(dict(each.verdicts)[timed[condition]] is True for each in met)
        else:
            idle = not space.masks[Leaf(number, condition)].false
        if idle:
            text = f'{_key(condition)} of "{rule.name}" is true whenever the rule is open'
            yield Finding(Code.ALWAYS_TRUE, text, (place_of(rule.name, condition),))


def _key(condition: Condition) -> str:
    """The key of a condition without its table; of a window inside a clause what it says."""
    if isinstance(condition, OpenNow):
        return condition.said
    return condition.key.partition(".")[2]


def _more_than_there_are(rank: PriceRank, slot: timedelta) -> bool:
    """It asks for as many slots as its window has, or more."""
    window = rank.window
    length = timedelta(minutes=window.end - window.start + window.midnights * DAY)
    return rank.count * slot >= length


def _never_wins(months: Months, number: int) -> Iterator[Finding]:
    """A rule that is outranked in every part whenever it is active, and raises no reserve."""
    rule, plan = months.rules[number], months.plan
    floor = rule.want.reserve_at_least
    if not plan.claims[rule.name] and floor is None:
        return
    met = [each for each, _ in months.seen() if number in each.open]
    lingers = outlasts(months, number)
    shadows: dict[str, None] = {}
    for situation in met:
        active = months.may_be_active(situation, number)
        if not lingers and not months.possible(situation, [active]):
            continue
        for part in plan.claims[rule.name]:
            above = [
                each
                for each in situation.open
                if each < number and part in plan.claims[months.rules[each].name]
            ]
            quiet = {each: months.may_be_inactive(situation, each, rule.hold_for) for each in above}
            wanted = [] if lingers else [active]
            if months.possible(situation, [*wanted, *quiet.values()]):
                return
            alone = [
                each for each in above if not months.possible(situation, [*wanted, quiet[each]])
            ]
            shadows |= {months.rules[each].name: None for each in alone or above}
    if floor is not None and may_raise(months, number):
        return
    if not shadows:
        text = f'"{rule.name}" never raises the reserve: it is at least {floor} % without it'
        yield Finding(Code.NEVER_WINS, text, (Place(rule.name, ("set", "reserve_at_least")),))
        return
    names = " and ".join(f'"{name}"' for name in shadows)
    text = f'"{rule.name}" never wins anything: whenever it is active, so is {names}'
    places = (Place(rule.name), *(Place(name) for name in shadows))
    yield Finding(Code.NEVER_WINS, text, places)


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"
