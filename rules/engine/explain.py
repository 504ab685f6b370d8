"""Why a decision is what it is: every rule, every clause, wanted and got.

`explain` takes what `decide` takes and finds the same decision by another way: it tests every rule,
clause by clause, without the day tables, and lets the active ones compete. A property test holds
the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from rules.calendar import DayTest
from rules.domain import Observation, Part, Setting, in_words
from rules.engine.activation import activation
from rules.engine.conditions import Look, Verdict
from rules.engine.decide import DEFAULT, Contest, Decision, Memory, decide
from rules.engine.outcome import NOTHING_HELD, RuleMemory
from rules.engine.plan import Plan, StateRule
from rules.engine.reach import Shortfall, out_of_reach
from rules.inputs import Inputs


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """One clause: its key in the file, what it wanted, what was there, and the verdict."""

    key: str
    wanted: str
    got: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.key.partition('.')[2] or self.key} {self.got} ({self.wanted})"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One state rule: whether it was open and active, its clauses, and what it won.

    `active_otherwise` says why it is (or is not yet) active although its clauses say otherwise: a
    value is missing, or `for` or `keep` runs. `out_of_reach` are the parts that are not set here as
    it wants them; with `in_vain` nothing of what it wants can be set.
    """

    name: str
    priority: int
    open: bool
    active: bool
    active_otherwise: str
    clauses: tuple[ClauseTrace, ...]
    want: str
    why: str
    setting: Setting
    won: tuple[Part, ...]
    out_of_reach: tuple[Shortfall, ...]
    in_vain: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with the trace of every state rule, winners first.

    `written` is the setting as it would be sent: with a reserve that the route takes and the owner
    permits. `default_out_of_reach` is what `[default]` asks for in vain.
    """

    decision: Decision
    memory: Memory
    rules: tuple[RuleTrace, ...]
    written: Setting
    default_out_of_reach: tuple[Shortfall, ...]

    def reason(self) -> str:
        """Why, in a sentence: each part of the setting and the rule that won it."""
        by_winner: dict[str, list[str]] = {}
        for part, winner in self.decision.winners.items():
            value = getattr(self.decision.setting, part)
            by_winner.setdefault(winner, []).append(in_words(part, value))
        said = [
            f"{' and '.join(parts)} {self._because(winner)}" for winner, parts in by_winner.items()
        ]
        return "; ".join(said) or "nothing is wanted"

    def _because(self, winner: str) -> str:
        if winner == DEFAULT:
            return "by default"
        trace = next(trace for trace in self.rules if trace.name == winner)
        clauses = ", ".join(str(clause) for clause in trace.clauses)
        otherwise = f"; {trace.active_otherwise}" if trace.active_otherwise else ""
        why = f" ({trace.why})" if trace.why else ""
        # "charge to 60 %" says more than the setting it became; "backup" says the same again.
        want = "" if trace.want == str(trace.setting) else f", {trace.want}"
        return f'by "{winner}"{why}{want}: {clauses}{otherwise}'


def explain(
    plan: Plan, observation: Observation, memory: Memory, inputs: Inputs, now: datetime
) -> Explanation:
    """The decision that `decide` makes of the same arguments, with its reasons."""
    decided, after = decide(plan, observation, memory, inputs, now)
    contest = Contest(plan)
    missed = out_of_reach(plan)
    traces: list[RuleTrace] = []
    for rule in plan.rules.state_rules:
        look = Look(observation, inputs, plan.rules.almanac, now, decided.until)
        trace = _trace(plan, rule, memory, look, missed.get(rule.name, ()))
        traces.append(trace)
        if trace.active:
            contest.enter(rule, trace.setting)
    decision = replace(
        decided,
        setting=contest.end(),
        winners=contest.winners,
        active=tuple(contest.active),
        insists=contest.insists,
    )
    won = {
        name: tuple(part for part, winner in decision.winners.items() if winner == name)
        for name in decision.winners.values()
    }
    told = tuple(replace(trace, won=won.get(trace.name, ())) for trace in traces)
    written = plan.levers.legal(decision.setting, plan.limits.reserve_floor)
    return Explanation(decision, after, told, written, missed.get(DEFAULT, ()))


def explain_winners(
    plan: Plan,
    decision: Decision,
    observation: Observation,
    memory: Memory,
    inputs: Inputs,
    now: datetime,
) -> Explanation:
    """A decision that was made of these arguments, with the traces of its winners alone.

    Enough for its `reason`, and the same sentence.
    """
    winners = set(decision.winners.values())
    traces = tuple(
        _trace(
            plan,
            rule,
            memory,
            Look(observation, inputs, plan.rules.almanac, now, decision.until),
            (),
        )
        for rule in plan.rules.state_rules
        if rule.name in winners
    )
    return Explanation(decision, memory, traces, decision.setting, ())


def _trace(
    plan: Plan, rule: StateRule, memory: Memory, look: Look, missed: tuple[Shortfall, ...]
) -> RuleTrace:
    calendar = calendar_clauses(rule, look)
    is_open = all(clause.verdict for clause in calendar)
    before = memory.rules.get(rule.name) if is_open else None
    if before is not None and not plan.unbroken(rule, before.since, look.now):
        before = None
    look.turn_to(before.held if before else NOTHING_HELD)
    conditions = [
        ClauseTrace(each.key, each.wanted(look), each.got(look), each.test(look))
        for each in rule.conditions
    ]
    active, setting, otherwise = False, Setting(), ""
    if is_open:
        after, setting = activation(plan, rule, before, look)
        active = after.active
        otherwise = _otherwise(rule, after, [clause.verdict for clause in conditions], look)
    return RuleTrace(
        rule.name,
        rule.priority,
        is_open,
        active,
        otherwise,
        (*calendar, *conditions),
        str(rule.want),
        rule.why,
        setting,
        (),
        missed,
        bool(missed) and not plan.claims[rule.name] and rule.want.reserve_at_least is None,
    )


def _otherwise(rule: StateRule, after: RuleMemory, verdicts: list[Verdict], look: Look) -> str:
    """Why a rule is active, or not, although its clauses say otherwise."""
    if after.unknown_since is not None:
        until = after.unknown_since + rule.stale
        if look.now < until and not after.active:
            return "a value is missing"
        clock = f"{until.astimezone(look.almanac.zone):%H:%M}"
        kept = f"its verdict is kept until {clock}" if look.now < until else "it lets go"
        return f"a value is missing, {kept}"
    if after.holds and not after.active:
        return f"holds for less than {rule.hold_for}"
    if after.active and False in verdicts:
        until = after.holds_since + rule.keep
        return f"kept until {until.astimezone(look.almanac.zone):%H:%M}"
    return ""


def calendar_clauses(rule: StateRule, look: Look) -> list[ClauseTrace]:
    """The calendar part key by key, each by its own arithmetic."""
    almanac, calendar = look.almanac, rule.calendar
    local = look.now.astimezone(almanac.zone)
    today, minute = local.date(), local.hour * 60 + local.minute
    starts = calendar.starting_days(today, minute)
    # The window whose day fits, if one does, is the one worth telling of.
    day = next((each for each in starts if calendar.day.matches(each, almanac)), None)
    shown = day or (starts[0] if starts else today)
    holiday = " (a holiday)" if almanac.holiday(shown) else ""
    clauses: list[ClauseTrace] = []

    def clause(key: str, got: str, verdict: bool) -> None:
        clauses.append(ClauseTrace(key, rule.said.get(key, ""), got, verdict))

    if calendar.windows:
        clause("time", f"{local:%a %H:%M}", bool(starts))
    for key in ("days", "season", "months", "dates", "eve_of"):
        wanted = getattr(calendar.day, key)
        if wanted is not None:
            verdict = DayTest(**{key: wanted}).matches(shown, almanac)
            clause(key, f"{shown:%a %d %b}{holiday}", verdict)
    if calendar.periods:
        inside = any(
            start <= minute < end for start, end in almanac.period_minutes(today, calendar.periods)
        )
        clause("period", almanac.tariff.at(look.now).name if almanac.tariff else "none", inside)
    if calendar.inset:
        spans = calendar.spans(today, almanac)
        clause("inset", f"{local:%H:%M}", any(each.start <= look.now < each.end for each in spans))
    return clauses
