"""Runs what `pwsched backtest` asks for, with progress: rule sets, the optimum, the sensitivity."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from scheduler.money.backtest import Progress, Site
    from scheduler.money.bill import Plan
    from scheduler.money.comparison import Schedule
    from scheduler.money.report import Attainable, Report, Sensitivity
    from scheduler.money.sensitivity import Case

Said = Callable[[int, int], None]
"""Is told how much of how much is done."""


@dataclass(frozen=True, slots=True)
class Further:
    """What is asked for beside the schedules, and in how many processes."""

    optimum: bool = False
    sensitivity: bool = False
    processes: int = 1


def check_first(further: Further, report: Path | None) -> None:
    """What need not wait for the end of a long run.

    Raises `ConfigProblem` where a library is not installed that the call needs, or where the folder
    of the report is none.
    """
    from scheduler.errors import ConfigProblem
    from scheduler.money.report import chart_script

    if report is not None:
        chart_script()
        if not report.parent.is_dir():
            raise ConfigProblem(f"{report}: cannot save the report: {report.parent} is no folder")
    needed = [
        *(("highspy", "numpy") if further.optimum else ()),
        *(("tomli_w",) if further.sensitivity else ()),
    ]
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        asked = "--optimum" if further.optimum and missing != ["tomli_w"] else "--sensitivity"
        raise ConfigProblem(
            f"{asked} needs {' and '.join(missing)}, which is not installed: pip install"
            " 'powerwall-scheduler[money]'"
        )


def run(site: Site, plan: Plan, sets: Mapping[str, RuleSet], further: Further) -> Report:
    """All of it, the first rule set before others. Raises `ConfigProblem`, `BillRefused`."""
    from scheduler.cli.backtest_optimum import STEP, attainable
    from scheduler.money.backtest import backtest, reserve_of
    from scheduler.money.bill import BillCalculator
    from scheduler.money.comparison import Comparison
    from scheduler.money.report import Report

    data, ours = site.data, next(iter(sets.values()))
    reserve = reserve_of(ours)
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    bounds: Sequence[Attainable] = ()
    if further.optimum:
        with _progress("optimum"):
            bounds = attainable(site, plan, tuple(sets.values()), reserve)
    comparison = Comparison(site, calculator, reserve)
    found: list[Schedule] = []
    for name, rules in sets.items():
        with _progress(name) as said:
            result = backtest(site, rules, _of_time(said, site))
        found.append(comparison.schedule(name, result.flows, result))
    matters: Sequence[Sensitivity] = ()
    if further.sensitivity:
        from scheduler.money.sensitivity import Case

        matters = _sensitivities(Case(site, plan, ours), reserve, further.processes)
    return Report(
        site,
        comparison.beside(found),
        plan.tariff.tariff,
        calculator.prices(),
        comparison.kwh_worth,
        bounds,
        STEP,
        matters,
    )


def _sensitivities(case: Case, reserve: int, processes: int) -> list[Sensitivity]:
    from scheduler.money.report import Sensitivity
    from scheduler.money.sensitivity import effects

    with _progress("what matters") as said:
        return [
            Sensitivity(each.rule, each.change, each.dollars, each.gain)
            for each in effects(case, reserve, processes, said)
        ]


def _of_time(said: Said | None, site: Site) -> Progress | None:
    """Progress of a backtest, in parts of a thousand."""
    if said is None:
        return None
    start, length = site.data.start, site.data.end - site.data.start
    return lambda at: said(round((at - start) / length * 1000), 1000)


@contextmanager
def _progress(name: str) -> Iterator[Said | None]:
    """A bar on stderr, where a person looks at it: told how much of how much is done."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
