"""Whether a `reserve_at_least` ever raises the reserve that wins."""

from __future__ import annotations

from collections.abc import Iterator

from rules.check.months import Months
from rules.check.search import IMPOSSIBLE, Goal
from rules.check.situations import Situation
from rules.domain import Part
from rules.resolve import Intent


def may_raise(months: Months, number: int) -> bool:
    """There is a state in which the reserve is lower without this rule, or nobody can say."""
    lingers = outlasts(months, number)
    for situation, _ in months.seen():
        if number not in situation.open:
            continue
        active = months.may_be_active(situation, number)
        alone = [*([] if lingers else [active]), *_no_higher(months, situation, number)]
        for goals in _lower(months, situation, number):
            if IMPOSSIBLE not in goals and months.possible(situation, [*alone, *goals]):
                return True
    return False


def outlasts(months: Months, number: int) -> bool:
    """The rule may go on without its clause when another one that held with it has let go."""
    rule = months.rules[number]
    return bool(rule.keep) or any(
        each.stale < rule.stale and each.conditions for each in months.rules[:number]
    )


def _no_higher(months: Months, situation: Situation, number: int) -> Iterator[Goal]:
    """No rule asks for as much or more, and none above it leaves the battery alone."""
    floor = months.rules[number].want.reserve_at_least or 0
    left_alone = False
    for each in situation.open:
        want = months.rules[each].want
        if want.battery is Intent.LEAVE:
            if each <= number:
                yield months.may_be_inactive(situation, each)
            left_alone = left_alone or each > number
            continue
        asked = want.reserve_at_least
        # Of the same amount the first counts. What ranks below one that leaves alone may not.
        counts = asked is not None and asked >= floor + (each > number)
        if counts and each != number and not left_alone:
            yield months.may_be_inactive(situation, each)


def _lower(months: Months, situation: Situation, number: int) -> Iterator[list[Goal]]:
    """Everyone who may decide the reserve, and decides for less."""
    plan, rules = months.plan, months.rules
    floor = rules[number].want.reserve_at_least or 0
    claiming = [each for each in situation.open if Part.RESERVE in plan.claims[rules[each].name]]
    above: list[Goal] = []
    for each in claiming:
        fixed = plan.fixed[rules[each].name].reserve
        # What a hold takes depends on the state of energy, and may be from before: any reserve.
        if fixed is None or fixed < floor:
            yield [*above, months.may_be_active(situation, each)]
        above.append(months.may_be_inactive(situation, each))
    default = plan.default_setting.reserve
    if default is None or default < floor:
        yield above
