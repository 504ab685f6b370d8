"""Why a decision is what it is: every rule, every clause, wanted and got.

`explain` takes what `decide` takes and finds the same decision by another way: it tests every rule,
clause by clause, without the day tables, and lets the active ones compete. A property test holds
the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from rules.conditions import Condition, Verdict
from rules.domain import Observation, Quantity, Setting
from rules.engine import DEFAULT, Decision, Memory, Part, RuleMemory, decide
from rules.plan import Plan, StateRule
from rules.resolve import resolve
from rules.schedule import ONE_DAY, Almanac, Calendar


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """One clause: its key in the file, what it wanted, what was there, and the verdict."""

    key: str
    wanted: str
    got: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.key.rpartition('.')[2]} {self.got} ({self.wanted})"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One state rule: whether it was open and active, its clauses, and what it won."""

    name: str
    priority: int
    open: bool
    active: bool
    kept: bool
    clauses: tuple[ClauseTrace, ...]
    want: str
    setting: Setting
    won: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with the trace of every state rule, winners first."""

    decision: Decision
    memory: Memory
    rules: tuple[RuleTrace, ...]

    def reason(self) -> str:
        """Why, in a sentence: each part of the setting and the rule that won it."""
        by_winner: dict[str, list[str]] = {}
        setting = self.decision.setting
        values = {
            Part.MODE: setting.mode.value if setting.mode else "mode left alone",
            Part.RESERVE: "reserve left alone"
            if setting.reserve is None
            else f"reserve {setting.reserve} %",
        }
        for part, winner in self.decision.winners.items():
            by_winner.setdefault(winner, []).append(values[part])
        said = [
            f"{' and '.join(parts)} {self._because(winner)}" for winner, parts in by_winner.items()
        ]
        return "; ".join(said) or "nothing is wanted"

    def _because(self, winner: str) -> str:
        if winner == DEFAULT:
            return "by default"
        trace = next(trace for trace in self.rules if trace.name == winner)
        clauses = ", ".join(str(clause) for clause in trace.clauses)
        kept = "; kept while a value is missing" if trace.kept else ""
        # "charge to 60 %" says more than the setting it became; "backup" says the same again.
        want = "" if trace.want == str(trace.setting) else f", {trace.want}"
        return f'by "{winner}"{want}: {clauses}{kept}'


def explain(plan: Plan, observation: Observation, memory: Memory, now: datetime) -> Explanation:
    """The decision that `decide` makes of the same arguments, with its reasons."""
    decided, after = decide(plan, observation, memory, now)
    traces: list[RuleTrace] = []
    taken: dict[Part, str] = {}
    for rule in plan.rules.state_rules:
        trace = _trace(plan, rule, observation, memory, after, now)
        won = tuple(part for part in _claims(rule) if trace.active and part not in taken)
        taken.update(dict.fromkeys(won, rule.name))
        traces.append(replace(trace, won=won))
    return Explanation(_compose(plan, traces, decided), after, tuple(traces))


def _compose(plan: Plan, traces: list[RuleTrace], decided: Decision) -> Decision:
    """The decision that follows from the traces alone; what it does not say is taken over."""
    default = plan.rules.default
    mode, reserve = default.mode, default.reserve
    winners = dict.fromkeys(
        [Part.MODE] * default.claims_mode + [Part.RESERVE] * default.claims_reserve, DEFAULT
    )
    for trace in traces:
        for part in trace.won:
            winners[part] = trace.name
            if part is Part.MODE:
                mode = trace.setting.mode
            else:
                reserve = trace.setting.reserve
    return Decision(
        Setting(mode, reserve),
        winners,
        tuple(trace.name for trace in traces if trace.active),
        decided.occurrences,
        until=decided.until,
        limits=decided.limits,
    )


def _claims(rule: StateRule) -> list[Part]:
    return [Part.MODE] * rule.want.claims_mode + [Part.RESERVE] * rule.want.claims_reserve


def _trace(
    plan: Plan,
    rule: StateRule,
    observation: Observation,
    memory: Memory,
    after: Memory,
    now: datetime,
) -> RuleTrace:
    calendar = _calendar_clauses(rule, plan.rules.almanac, now)
    is_open = all(clause.verdict for clause in calendar)
    before = memory.rules.get(rule.name) if is_open else None
    if before is not None and not plan.unbroken(rule, before.since, now):
        before = None
    conditions = tuple(
        _condition_clause(condition, observation, before, index)
        for index, condition in enumerate(rule.conditions)
    )
    verdicts = [clause.verdict for clause in conditions]
    kept = is_open and False not in verdicts and None in verdicts
    active = is_open and all(verdicts)
    if kept:
        remembered = after.rules.get(rule.name)
        active = remembered is not None and remembered.active
    captured = before.captured if before and active else None
    setting = Setting()
    if active:
        setting = resolve(rule.want, plan.levers, observation.soe, captured).setting
    return RuleTrace(
        rule.name,
        rule.priority,
        is_open,
        active,
        kept and active,
        (*calendar, *conditions),
        str(rule.want),
        setting,
        (),
    )


def _condition_clause(
    condition: Condition, observation: Observation, before: RuleMemory | None, index: int
) -> ClauseTrace:
    held = before.held[index] if before else False
    verdict, _ = condition.test(observation, held=held)
    got = getattr(observation, condition.quantity)
    if got is None:
        shown = "unknown"
    elif condition.quantity is Quantity.SOE:
        shown = f"{got:.1f} %"
    else:
        shown = str(got)
    return ClauseTrace(condition.key, condition.wanted(held=held), shown, verdict)


def _calendar_clauses(rule: StateRule, almanac: Almanac, now: datetime) -> list[ClauseTrace]:
    """The calendar part key by key, each by its own arithmetic."""
    local = now.astimezone(almanac.zone)
    minute = local.hour * 60 + local.minute
    calendar = rule.calendar
    day, inside = _window_day(calendar, almanac, local.date(), minute)
    clauses: list[ClauseTrace] = []
    if calendar.windows:
        clauses.append(_clause(rule, "time", f"{local:%H:%M}", verdict=inside))
    if calendar.days is not None:
        holiday = almanac.holiday(day)
        got = f"{day:%A}{' (a holiday)' if holiday else ''}"
        verdict = calendar.days.include(day, holiday=holiday)
        clauses.append(_clause(rule, "days", got, verdict=verdict))
    if calendar.season is not None:
        clauses.append(
            _clause(rule, "season", f"{day:%d %b}", verdict=calendar.season.includes(day))
        )
    if calendar.periods:
        verdict = any(
            start <= minute < end
            for start, end in almanac.period_minutes(local.date(), calendar.periods)
        )
        period = almanac.tariff.at(now).name if almanac.tariff else "none"
        clauses.append(_clause(rule, "period", period, verdict=verdict))
    if calendar.inset:
        open_now = any(
            span.start <= now < span.end for span in calendar.spans(local.date(), almanac)
        )
        clauses.append(_clause(rule, "inset", f"{local:%H:%M}", verdict=open_now))
    return clauses


def _clause(rule: StateRule, key: str, got: str, *, verdict: bool) -> ClauseTrace:
    return ClauseTrace(key, rule.said.get(key, ""), got, verdict)


def _window_day(
    calendar: Calendar, almanac: Almanac, today: date, minute: int
) -> tuple[date, bool]:
    """The day on which the window around this minute starts, and whether there is one."""
    if not calendar.windows:
        return today, True
    days = [
        day
        for window in calendar.windows
        for day, part in ((today, window.on_first_day()), (today - ONE_DAY, window.on_next_day()))
        if part and part[0] <= minute < part[1]
    ]
    matching = (day for day in days if calendar.matches(day, almanac))
    return next(matching, days[0] if days else today), bool(days)
