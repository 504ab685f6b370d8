"""A plan of the coming hours, before it is shown: as text, as JSON, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.domain import Part, Quantity, Setting, in_words
from rules.engine import (
    DEFAULT,
    OWNER,
    Memory,
    Plan,
    QuantityThreshold,
    explain,
    leaves,
    out_of_reach,
    written,
)
from rules.timeline import (
    Also,
    Due,
    Entry,
    Hold,
    House,
    Outcome,
    Priced,
    due_events,
    prices_between,
    timeline,
)
from scheduler.cli.given import uncovered, without_prices
from scheduler.cli.plan_start import Start

if TYPE_CHECKING:
    from scheduler.rule_tests import Forecast


@dataclass(frozen=True, slots=True)
class Now:
    """What is wanted at the start, and why.

    It stands until `until`, and, where that is known, while the state of energy is in `soe_range`.
    """

    soe: float
    setting: Setting
    reason: str
    until: datetime
    soe_range: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Planned:
    """The coming hours. `always` are rules that could win in every one of the `entries`.

    `notes` are sentences about the rules; those about the beginning are its own.
    """

    plan: Plan
    begin: Start
    end: datetime
    files: Sequence[str]
    entries: Sequence[Entry]
    always: Sequence[Also]
    prices: Sequence[Priced]
    events: Sequence[Due]
    now: Now | None
    forecast: Forecast | None
    notes: Sequence[str]

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the rules."""
        return self.plan.rules.almanac.zone

    def written(self, outcome: Outcome) -> str:
        """What is set in words, as the route takes it."""
        setting = written(self.plan, outcome.setting)
        said = [in_words(*each) for each in setting.present.items()]
        if outcome.at_soe:
            said.insert(1, "reserve at the SOE")
        if said:
            return ", ".join(said)
        if outcome.setting.empty:
            return "nothing is set"
        return f"nothing is set: this route cannot set {outcome.setting.mode}"

    def by(self, winners: Mapping[Part, str]) -> str:
        """Who wins, with what the rule wants and the owner's own reason."""
        parts: dict[str, list[str]] = {}
        for part, winner in winners.items():
            parts.setdefault(winner, []).append(part.value.replace("_", " "))
        if not parts:
            return "no rule wants anything"
        several = len(parts) > 1
        return "; ".join(
            f"{' and '.join(won)} by {self.named(winner)}" if several else self.named(winner)
            for winner, won in parts.items()
        )

    def named(self, winner: str) -> str:
        """A winner: a rule with what it wants and why, the default, or the owner."""
        if winner == DEFAULT:
            return "default"
        if winner == OWNER:
            return "the owner's hold"
        rule = self.plan.rule(winner)
        if rule is None:
            return f'"{winner}"'
        why = f" ({rule.why})" if rule.why else ""
        return f'"{winner}"{why}: {rule.want}'

    def waits_for(self, also: Also) -> str:
        """What a rule waits for, with its timers, and what it wants then."""
        rule = self.plan.rule(also.rule)
        if rule is None:
            return also.rule
        holding = f" for {in_minutes(rule.hold_for)}" if rule.hold_for else ""
        keeping = f", and {in_minutes(rule.keep)} after" if rule.keep else ""
        why = f" ({rule.why})" if rule.why else ""
        return (
            f'"{also.rule}"{why} if {" and ".join(also.conditions)}{holding}{keeping}: {rule.want}'
        )


def due_in_words(due: Due) -> str:
    """An event, on what it depends, and what it says."""
    event = due.event
    condition = f" if {' and '.join(due.conditions)}" if due.conditions else ""
    holding = f" for {in_minutes(event.hold_for)}" if event.hold_for else ""
    said = f": {event.message}" if event.message else ""
    return f'"{event.name}"{condition}{holding}{said}'


def in_minutes(span: timedelta) -> str:
    """A length of time in the units of rule files: "90s", "10m", "2h"."""
    seconds = span.total_seconds()
    if seconds % 60:
        return f"{seconds:g}s"
    return f"{seconds / 3600:g}h" if seconds % 3600 == 0 else f"{seconds / 60:g}m"


def planned(
    plan: Plan, begin: Start, end: datetime, forecast: Forecast | None, files: Sequence[str]
) -> Planned:
    """Work out the coming hours, from the beginning to `end`."""
    reserve = begin.setting.reserve
    house = House(grid=begin.grid, reserve=None if reserve is None else float(reserve))
    hold = None if begin.hold is None else Hold(begin.hold.setting, begin.hold.until)
    entries = timeline(
        plan, begin.at, end, house=house, inputs=begin.inputs, memory=begin.memory, hold=hold
    )
    always = [each for each in entries[0].also if all(each in entry.also for entry in entries)]
    return Planned(
        plan,
        begin,
        end,
        files,
        entries,
        always,
        prices_between(plan.rules.almanac, begin.inputs.prices, begin.at, end),
        due_events(plan, begin.at, end, begin.inputs, begin.memory),
        _now(plan, begin, house),
        forecast,
        tuple(_notes(plan, begin, entries)),
    )


def _now(plan: Plan, begin: Start, house: House) -> Now | None:
    if begin.soe is None:
        return None
    if begin.wanted is not None:
        known = begin.wanted
        return Now(begin.soe, written(plan, known.setting), known.reason, known.until, None)
    seen, memory = house.seen(begin.at, begin.soe), begin.memory or Memory(begin.at)
    found = explain(plan, seen, memory, begin.inputs, begin.at)
    decision, why = found.decision, found.reason()
    if begin.hold is not None:
        from scheduler.control.hold import laid_over, reason

        decision = laid_over(decision, begin.hold)
        why = reason(found, begin.hold, begin.at, plan.rules.almanac.zone)
    bounds = {name: (low, high) for name, low, high in decision.validity.bounds}
    low, high = bounds.get("soe", (0.0, 100.0))
    return Now(
        begin.soe, written(plan, decision.setting), why, decision.until, (max(0.0, low), high)
    )


def _notes(plan: Plan, begin: Start, entries: Sequence[Entry]) -> Iterator[str]:
    """What there is to say beside the timeline."""
    for name, missed in out_of_reach(plan).items():
        for each in missed:
            yield f"{_quoted(name)}: {each}"
    for name, sentence in without_prices(plan.rules, begin.inputs).items():
        yield f'"{name}": {sentence}'
    missing = uncovered(plan.rules, begin.inputs, begin.at)
    if missing:
        yield missing
    margins = sorted({each for entry in entries for each in _margins(plan, entry) if each})
    if margins:
        said = " or ".join(f"{each:g} %" for each in margins)
        yield f"a rule that is active by the SOE stays so until {said} beyond its limit"


def _margins(plan: Plan, entry: Entry) -> Iterator[float]:
    """How far the state of energy may go beyond the limits by which rules win in an entry."""
    steps = (step for case in entry.cases for step in case.steps)
    for name in {name for step in steps for name in step.outcome.winners.values()}:
        rule = plan.rule(name)
        for leaf in leaves(rule.conditions) if rule is not None else ():
            if isinstance(leaf, QuantityThreshold) and leaf.quantity is Quantity.SOE:
                yield leaf.margin


def _quoted(name: str) -> str:
    return name if name == DEFAULT else f'"{name}"'
