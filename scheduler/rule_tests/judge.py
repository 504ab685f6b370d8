"""What came of a test beside what was expected, with the reasons of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from rules.domain import Setting, in_words
from rules.engine import Explanation, Happened, RuleState, RuleTrace, explain
from rules.testing import Count, Expectation, Holds
from scheduler.rule_tests.play import Played, Tick

_VERDICTS = {True: "yes", False: "no", None: "unknown"}

_MOST_REASONS = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected, in words."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: the first moment at which it was not, and why it is so."""

    line: int
    at: datetime
    holds: Holds
    differences: tuple[Difference, ...]
    reasons: tuple[str, ...]


def failures(expect: tuple[Expectation, ...], played: Played, zone: ZoneInfo) -> Iterator[Failure]:
    """The expectations that were not met, in their order."""
    for each in expect:
        judged = _Judge(each, played, zone)
        yield from judged.of_moments()
        yield from judged.of_counts()


class _Judge:
    """Compares one expectation."""

    def __init__(self, expected: Expectation, played: Played, zone: ZoneInfo) -> None:
        self._expected, self._played, self._zone = expected, played, zone
        self._named = {
            *expected.states,
            *expected.active,
            *expected.winners.values(),
            *([expected.winner] if expected.winner else []),
        }

    def of_moments(self) -> Iterator[Failure]:
        """What has to be so at a moment, or at each or none of a span."""
        expected, played = self._expected, self._played
        if not self._says_of_moments():
            return
        start, end = expected.start, expected.end
        ticks = [played.tick_at(start)] if end is None else list(played.ticks_in(start, end))
        found = [(tick, self._differences(tick)) for tick in ticks]
        match expected.holds:
            case Holds.ALWAYS:
                wrong = next(((tick, each) for tick, each in found if each), None)
            case Holds.NEVER:
                met = next((tick for tick, each in found if not each), None)
                wrong = None if met is None else (met, self._as_told(met))
            case Holds.SOMETIME:
                wrong = found[-1] if all(each for _, each in found) else None
        if wrong is not None:
            tick, differences = wrong
            at = max(tick.at, start)
            reasons = self._reasons(tick, at)
            yield Failure(expected.line, at, expected.holds, tuple(differences), reasons)

    def of_counts(self) -> Iterator[Failure]:
        """What is counted over a span, or at a moment."""
        expected, played = self._expected, self._played
        differences: list[Difference] = []
        if expected.writes is not None:
            differences += self._counted("writes", expected.writes, list(played.writes))
        for happened, counts in (
            (Happened.FIRED, expected.fired),
            (Happened.MISSED, expected.missed),
        ):
            for name, count in counts.items():
                instants = [
                    at for at, rule, how in played.events if (rule, how) == (name, happened)
                ]
                differences += self._counted(f'"{name}" {happened.value}', count, instants)
        if differences:
            waits = _waits(played.tick_at(expected.end or expected.start))
            reasons = (waits,) if waits else ()
            yield Failure(expected.line, expected.start, Holds.ALWAYS, tuple(differences), reasons)

    def _counted(self, what: str, count: Count, instants: list[datetime]) -> Iterator[Difference]:
        start, end = self._expected.start, self._expected.end
        inside = [at for at in instants if (at == start if end is None else start <= at < end)]
        if len(inside) not in count:
            listed = ", ".join(f"{at.astimezone(self._zone):%a %H:%M}" for at in inside[:6])
            more = ", ..." if len(inside) > 6 else ""
            got = f"{len(inside)} ({listed}{more})" if inside else "none"
            if not inside and instants:
                other = instants[0].astimezone(self._zone)
                got = f"none then; the first is {other:%a %d %b %H:%M}"
            yield Difference(what, "none" if count == Count(0, 0) else str(count), got)

    def _says_of_moments(self) -> bool:
        expected = self._expected
        said = (expected.winner, expected.winners, expected.states, expected.active)
        return any(said) or not (expected.setting.empty and expected.wanted.empty)

    def _differences(self, tick: Tick) -> list[Difference]:
        """What is not as expected at a moment."""
        expected, decision = self._expected, tick.decision
        found = [
            *_of_setting("setting", expected.setting, tick.setting),
            *_of_setting("wanted", expected.wanted, decision.setting),
        ]
        if expected.winner is not None and expected.winner not in decision.winners.values():
            got = ", ".join(dict.fromkeys(decision.winners.values())) or "nobody"
            found.append(Difference("winner", expected.winner, got))
        for part, name in expected.winners.items():
            winner = decision.winners.get(part, "nobody")
            if winner != name:
                found.append(Difference(f"winner of {part.value}", name, winner))
        found += [
            Difference(f'"{name}"', "active", "not active")
            for name in expected.active
            if name not in decision.active
        ]
        if expected.states:
            found += self._of_states(_states(_explained(tick, tick.at)))
        return found

    def _of_states(self, states: Mapping[str, RuleState]) -> Iterator[Difference]:
        for name, expected in self._expected.states.items():
            if states[name] is not expected:
                yield Difference(f'"{name}"', expected.value, states[name].value)

    def _as_told(self, tick: Tick) -> list[Difference]:
        """What is so at a moment at which it should not be."""
        expected, winners = self._expected, tick.decision.winners
        told: list[tuple[str, str]] = []
        for what, setting in (("setting", expected.setting), ("wanted", expected.wanted)):
            told += [(what, in_words(part, value)) for part, value in setting.present.items()]
        if expected.winner is not None:
            parts = [part.value for part, name in winners.items() if name == expected.winner]
            told.append(("winner", f"{expected.winner} ({', '.join(parts)})"))
        told += [(f"winner of {part.value}", name) for part, name in expected.winners.items()]
        told += [(f'"{name}"', "active") for name in expected.active]
        told += [(f'"{name}"', state.value) for name, state in expected.states.items()]
        return [Difference(what, "never", got) for what, got in told]

    def _reasons(self, tick: Tick, at: datetime) -> tuple[str, ...]:
        """Why it is as it is: the engine's reason, the rules that the test names, what waits."""
        explanation = _explained(tick, at)
        named = self._named - set(tick.decision.winners.values())
        told = [explanation.reason()]
        told += [_traced(trace) for trace in explanation.rules if trace.name in named]
        if waits := _waits(tick):
            told.append(waits)
        return tuple(told[:_MOST_REASONS])


def _of_setting(what: str, expected: Setting, got: Setting) -> Iterator[Difference]:
    for part, value in expected.present.items():
        found = getattr(got, part)
        if found != value:
            yield Difference(what, in_words(part, value), in_words(part, found))


def _explained(tick: Tick, at: datetime) -> Explanation:
    """The decision of a tick, rule by rule, at an instant at which it still stands."""
    state = tick.state
    if state.observation is None:
        raise ValueError("nothing was read yet")
    decisions = state.decisions
    return explain(decisions.plan, state.observation, decisions.memory, state.inputs, at)


def _states(explanation: Explanation) -> dict[str, RuleState]:
    return {trace.name: trace.state for trace in explanation.rules}


def _traced(trace: RuleTrace) -> str:
    clauses = "; ".join(f"{_VERDICTS[clause.verdict]}: {clause}" for clause in trace.clauses)
    otherwise = f"; {trace.active_otherwise}" if trace.active_otherwise else ""
    return f'"{trace.name}" is {trace.state.value}, priority {trace.priority}: {clauses}{otherwise}'


def _waits(tick: Tick) -> str:
    blockers = [each.text for each in tick.state.writing.blockers]
    return f"a write waits: {'; '.join(blockers)}" if blockers else ""
