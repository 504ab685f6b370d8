"""Changes of a case, each judged alone by a backtest and its bill: what they cost, and earn."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from multiprocessing import get_context

from rules.engine import RuleSet
from rules.errors import RuleProblems
from rules.language import load_kept
from scheduler.money.backtest import backtest
from scheduler.money.bill import BillCalculator
from scheduler.money.comparison import Comparison, Gain, gain_of
from scheduler.money.sensitivity.scenarios import Case, scenarios
from scheduler.money.sensitivity.variants import variants

Progress = Callable[[int, int], None]
"""Told how many of how many changes are judged."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change costs in dollars, negative where it saves, and the gain over self-consumption.

    `rule` is the one that is changed; it is empty where the home is, and then the gain is over
    self-consumption in that home.
    """

    rule: str
    change: str
    dollars: float
    gain: Gain


@dataclass(frozen=True, slots=True)
class Task:
    """A change that waits: other rules for the home as it is, or another case."""

    rule: str
    change: str
    changed: RuleSet | Case


class Judge:
    """Judges rules at the site of a case, whose self-consumption it knows."""

    def __init__(self, case: Case, reserve: int) -> None:
        self.case, self.reserve = case, reserve
        data = case.site.data
        calculator = BillCalculator(case.plan, data.start, data.step, len(data))
        self._comparison = Comparison(case.site, calculator, reserve)

    def judged(self, rules: RuleSet) -> tuple[float, Gain]:
        """The cost of rules and their gain over self-consumption."""
        found = backtest(self.case.site, rules)
        ours = self._comparison.schedule("rules", found.flows)
        return ours.cost, gain_of(ours, self._comparison.beside([ours]))

    def judged_in(self, changed: RuleSet | Case) -> tuple[float, Gain]:
        """The same of a change: of rules here, or of a case with its own site and plan."""
        if isinstance(changed, Case):
            return Judge(changed, self.reserve).judged(changed.rules)
        return self.judged(changed)


def tasks(case: Case) -> list[Task]:
    """Every change of a case that there can be: of the home first, then rule by rule."""
    of_home = [Task("", each.change, each.case) for each in scenarios(case)]
    return of_home + list(_of_rules(case.rules))


def effects(
    case: Case, reserve: int, processes: int = 1, progress: Progress | None = None
) -> tuple[Effect, ...]:
    """The effect of every change: those of the home first, then those that matter most.

    `reserve` is what self-consumption keeps, in app percent. Raises `BillRefused`.
    """
    todo, said = tasks(case), progress or (lambda _done, _of: None)
    said(0, len(todo))
    changed = [case.rules, *(each.changed for each in todo)]
    (as_is, _), *others = _all_judged(case, reserve, changed, processes, said)
    found = [
        Effect(task.rule, task.change, cost - as_is, gain)
        for task, (cost, gain) in zip(todo, others, strict=True)
    ]
    of_home = [each for each in found if not each.rule]
    of_rules = [each for each in found if each.rule]
    return (*of_home, *sorted(of_rules, key=lambda each: -abs(each.dollars)))


def _of_rules(rules: RuleSet) -> Iterator[Task]:
    """Each variant of each file that loads: a figure that cannot be is none to think of."""
    files = rules.sources.rules
    for number, file in enumerate(files):
        for each in variants(file.text):
            other = (*files[:number], replace(file, text=each.text), *files[number + 1 :])
            try:
                changed = load_kept(replace(rules.sources, rules=other))
            except RuleProblems:
                continue
            yield Task(each.rule, each.change, changed)


def _all_judged(
    case: Case,
    reserve: int,
    changed: Sequence[RuleSet | Case],
    processes: int,
    progress: Progress,
) -> list[tuple[float, Gain]]:
    if processes < 2:
        judge, found = Judge(case, reserve), []
        for each in changed:
            found.append(judge.judged_in(each))
            progress(len(found), len(changed))
        return found
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (case, reserve))
    try:
        running = [pool.submit(_judged, each) for each in changed]
        for done, _ in enumerate(as_completed(running), start=1):
            progress(done, len(changed))
        return [each.result() for each in running]
    finally:
        pool.shutdown(cancel_futures=True)


_judges: list[Judge] = []
"""The judge of a process of the pool, made once for all that it judges."""


def _begin(case: Case, reserve: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt ends it at once, without a word
    _judges.append(Judge(case, reserve))


def _judged(changed: RuleSet | Case) -> tuple[float, Gain]:
    return _judges[0].judged_in(changed)
