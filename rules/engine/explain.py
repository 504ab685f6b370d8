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
from rules.engine.activation import Answer, RuleState, activation
from rules.engine.conditions import NOTHING_HELD, Context, Verdict
from rules.engine.decide import decide
from rules.engine.decision import DEFAULT, Decision
from rules.engine.memory import Memory
from rules.engine.plan import Plan
from rules.engine.reach import Shortfall, out_of_reach
from rules.engine.rule_set import StateRule
from rules.inputs import Inputs
from rules.resolve import Intent


@dataclass(frozen=True, slots=True)
class ClauseTrace:
    """One clause: its key (`while.soe_below`), what it wanted, what was there, and the verdict."""

    key: str
    wanted: str
    got: str
    verdict: Verdict

    def __str__(self) -> str:
        return f"{self.key.partition('.')[2] or self.key} {self.got} ({self.wanted})"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One state rule: whether it was open, what it is doing, its clauses, and what it won.

    `active_otherwise` says why it is (or is not yet) active although its clauses say otherwise: a
    value is missing, or `for` or `keep` runs. `out_of_reach` are the parts that are not set here as
    it wants them; with `in_vain` nothing of what it wants can be set.
    """

    name: str
    priority: int
    open: bool
    state: RuleState
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
    permits, and nothing of it where the route cannot set the mode. `default_out_of_reach` is what
    `[default]` asks for in vain.
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
        holds = "; ".join(part for part in (clauses, trace.active_otherwise) if part)
        why = f" ({trace.why})" if trace.why else ""
        # "charge to 60 %" says more than the setting it became; "backup" says the same again.
        want = "" if trace.want == str(trace.setting) else f", {trace.want}"
        return f'by "{winner}"{why}{want}: {holds or "always"}'


def explain(
    plan: Plan, observation: Observation, memory: Memory, inputs: Inputs, now: datetime
) -> Explanation:
    """The decision that `decide` makes of the same arguments, with its reasons."""
    decided, after = decide(plan, observation, memory, inputs, now)
    contest = _Contest(plan)
    missed = out_of_reach(plan)
    traces: list[RuleTrace] = []
    for number, rule in enumerate(plan.rules.state_rules):
        context = Context(observation, inputs, plan.rules.almanac, now)
        trace = _trace(plan, number, memory, context, missed.get(rule.name, ()))
        traces.append(trace)
        if trace.active:
            contest.enter(rule, trace.setting)
    decision = replace(
        decided,
        setting=contest.end(observation.reserve),
        winners=contest.winners,
        active=tuple(contest.active),
        insists=contest.insists,
    )
    won = {
        name: tuple(part for part, winner in decision.winners.items() if winner == name)
        for name in decision.winners.values()
    }
    told = tuple(replace(trace, won=won.get(trace.name, ())) for trace in traces)
    return Explanation(
        decision, after, told, written(plan, decision.setting), missed.get(DEFAULT, ())
    )


def written(plan: Plan, wanted: Setting) -> Setting:
    """What is sent where this is wanted: nothing, if the route cannot set the mode."""
    if wanted.mode is not None and wanted.mode not in plan.route.modes:
        return Setting()  # a write waits as a whole
    return plan.levers.legal(wanted, plan.limits.reserve_floor)


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
        _trace(plan, number, memory, Context(observation, inputs, plan.rules.almanac, now), ())
        for number, rule in enumerate(plan.rules.state_rules)
        if rule.name in winners
    )
    return Explanation(decision, memory, traces, decision.setting, ())


class _Contest:
    """The active rules, winners first, and what each of them wins."""

    __slots__ = (
        "_floor", "_floor_from", "_left_alone", "_plan", "_values", "active", "insists", "winners",
    )  # fmt: skip

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.active: list[str] = []
        self.winners: dict[Part, str] = {}
        self.insists = False
        self._values: dict[Part, object] = {}
        self._floor = -1
        self._floor_from = ""
        self._left_alone = False

    def enter(self, rule: StateRule, setting: Setting) -> None:
        """An active rule takes the parts that nobody before it has claimed."""
        want = rule.want
        self.active.append(rule.name)
        for part in self._plan.claims[rule.name]:
            if part not in self.winners:
                self.winners[part] = rule.name
                self._values[part] = getattr(setting, part)
                self.insists = self.insists or rule.insists
        self._left_alone = self._left_alone or want.battery is Intent.LEAVE
        floor = want.reserve_at_least
        if floor is not None and floor > self._floor and not self._left_alone:
            self._floor, self._floor_from = floor, rule.name

    def end(self, reserve: float | None) -> Setting:
        """What `[default]` adds to what was won, and the setting that comes of it all.

        `reserve` is the one that is set: it counts where nobody says what it is to be.
        """
        values, winners = self._values, self.winners
        for part in self._plan.default_claims:
            if part not in winners:
                winners[part] = DEFAULT
                values[part] = getattr(self._plan.default_setting, part)
        wanted = values.get(Part.RESERVE)
        reserve = wanted if isinstance(wanted, int) else reserve
        if reserve is not None and reserve < self._floor:
            values[Part.RESERVE], winners[Part.RESERVE] = self._floor, self._floor_from
        return Setting(*map(values.get, Part))  # type: ignore[arg-type]  # each part has its type


def _trace(
    plan: Plan, number: int, memory: Memory, context: Context, missed: tuple[Shortfall, ...]
) -> RuleTrace:
    rule = plan.rules.state_rules[number]
    calendar = calendar_clauses(rule, context)
    is_open = all(clause.verdict for clause in calendar)
    before = memory.rules.get(rule.name) if is_open else None
    if before is not None and not plan.timetable.unbroken(number, before.since, context.now):
        before = None
    context.begin(before.held if before else NOTHING_HELD)
    conditions = [
        ClauseTrace(each.key, each.wanted(context), each.got(context), each.test(context))
        for each in rule.conditions
    ]
    answer = activation(plan, rule, before, context) if is_open else None
    return RuleTrace(
        rule.name,
        rule.priority,
        is_open,
        RuleState.INACTIVE if answer is None else answer.state,
        answer is not None and answer.memory.active,
        "" if answer is None else _otherwise(rule, answer, context),
        (*calendar, *conditions),
        str(rule.want),
        rule.why,
        Setting() if answer is None else answer.setting,
        (),
        missed,
        bool(missed) and not plan.claims[rule.name] and rule.want.reserve_at_least is None,
    )


def _otherwise(rule: StateRule, answer: Answer, context: Context) -> str:
    """Why a rule is active, or not, although its clauses say otherwise."""
    memory, zone = answer.memory, context.almanac.zone
    match answer.state:
        case RuleState.STALE if memory.unknown_since is not None:
            until = memory.unknown_since + rule.stale
            if context.now >= until:
                return "a value is missing, the rule ends"
            if not memory.active:
                return "a value is missing"
            kept = f"{until.astimezone(zone):%H:%M}"
            return f"a value is missing, the rule stays active until {kept}"
        case RuleState.PENDING:
            return f"holds for less than {rule.hold_for}"
        case RuleState.KEPT:
            return f"kept until {(memory.holds_since + rule.keep).astimezone(zone):%H:%M}"
    return ""


def calendar_clauses(rule: StateRule, context: Context) -> list[ClauseTrace]:
    """The calendar part key by key, each by its own arithmetic."""
    almanac, calendar = context.almanac, rule.calendar
    local = context.now.astimezone(almanac.zone)
    today, minute = local.date(), local.hour * 60 + local.minute
    starts = calendar.starting_days(today, minute)
    # The window whose day fits, if one does, is the one worth telling of.
    day = next((each for each in starts if calendar.day.matches(each, almanac)), None)
    shown = day or (starts[0] if starts else today)
    holiday = " (a holiday)" if almanac.holiday(shown) else ""
    clauses: list[ClauseTrace] = []

    def clause(key: str, got: str, verdict: bool) -> None:
        place = key if key == "inset" else f"while.{key}"
        clauses.append(ClauseTrace(place, rule.said.get(key, ""), got, verdict))

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
        clause("period", almanac.tariff.at(context.now).name if almanac.tariff else "none", inside)
    if calendar.inset:
        spans = calendar.spans(today, almanac)
        clause(
            "inset", f"{local:%H:%M}", any(each.start <= context.now < each.end for each in spans)
        )
    return clauses
