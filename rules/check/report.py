"""Everything that is proved of a rule set, in one report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rules.calendar import ONE_DAY
from rules.check.composed import Composed, LeftToDefault, composed, left_to_default
from rules.check.conflicts import conflicts
from rules.check.effort import OutOfEffort
from rules.check.event_days import EventDays, event_days, events
from rules.check.findings import Code, Finding
from rules.check.flapping import flapping
from rules.check.idle import idle
from rules.check.left_on import left_on, not_restored
from rules.check.months import DAYS, Months
from rules.check.never import never
from rules.check.reach import beyond_the_route
from rules.check.repairs import with_repairs
from rules.check.simulation import Simulations
from rules.check.states import TooManyStates
from rules.check.tariff_fit import misfits
from rules.engine import Plan

OUT_OF_EFFORT = (
    "{} could not all be decided: there is more to try than is tried; other priorities for rules "
    "of equal priority, fewer rules that are open at once, or fewer that wait, keep or hold, make "
    "the proof possible"
)

TOO_MANY = (
    "the thresholds on one value have too many states together to be looked at; fewer margins, or "
    "smaller ones, make the proof possible"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What was proved of a rule set, from the day `first` up to and without `until`.

    `composed` are settings of two rules, `default` is what is left to [default] (`None`: not worked
    out), `events` how often each event with a moment comes.
    """

    first: date
    until: date
    findings: tuple[Finding, ...]
    composed: tuple[Composed, ...]
    default: LeftToDefault | None
    events: tuple[EventDays, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings for which rules are refused."""
        return tuple(each for each in self.findings if each.is_error)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The others."""
        return tuple(each for each in self.findings if not each.is_error)


def check(
    plan: Plan,
    first: date,
    *,
    priced: bool | None = None,
    route_known: bool = True,
    days: int = DAYS,
) -> Report:
    """Prove a plan for the days from `first` on.

    With `route_known` its levers and limits are those of a site, and what is beyond them is told.
    `priced` says that prices are those of the tariff; `None`: where the rules name one. Without it
    prices may be anything.
    """
    priced = plan.rules.almanac.tariff is not None if priced is None else priced
    months = Months(plan, first, priced=priced, days=days)
    found = list(beyond_the_route(plan)) if route_known else []
    pairs_of_two: list[Composed] = []
    default = None
    proving = "whether rules of equal priority come into conflict"
    try:
        for each in conflicts(months):
            found.append(each)  # what was found before there was too much to try stays
        proving = "which rules are never active or never win"
        for each in never(months):
            found.append(each)
        proving = "the settings that come of two rules"
        pairs_of_two, default = composed(months), left_to_default(months)
    except OutOfEffort:
        found.append(Finding(Code.UNDECIDED, OUT_OF_EFFORT.format(proving), ()))
    except TooManyStates:
        found.append(Finding(Code.UNDECIDED, TOO_MANY, ()))
    simulations = Simulations(plan)
    found += _of_the_rest(months, simulations)
    pairs = {place.rule for each in found if each.code is Code.CONFLICT for place in each.places}
    # That the second of a pair never wins follows from its conflict.
    found = [each for each in found if not (each.code is Code.NEVER_WINS and _among(pairs, each))]
    found = with_repairs(found, months, simulations)
    return Report(
        first,
        first + days * ONE_DAY,
        tuple(sorted(found, key=lambda each: not each.is_error)),
        tuple(pairs_of_two),
        default,
        tuple(event_days(plan.rules, first, days, priced=priced)),
    )


def _among(rules: set[str], finding: Finding) -> bool:
    return all(place.rule in rules for place in finding.places)


def _of_the_rest(months: Months, simulations: Simulations) -> Iterable[Finding]:
    """What needs no states of all rules together."""
    first, days = months.situations.first, months.situations.days
    yield from events(months.plan.rules, first, days, priced=months.priced)
    yield from flapping(months, simulations)
    yield from misfits(months)
    yield from idle(months)
    yield from not_restored(months)
    yield from left_on(months)
