"""What `pwsched backtest` shows of the optimum and of what matters, where they are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rules.errors import printable
from scheduler.money.comparison import gain_of

if TYPE_CHECKING:
    from scheduler.money.comparison import Gain
    from scheduler.money.report import Report

MOST = 20
"""Changes of rules that a terminal shows; the report and --json have them all."""
_QUIET = "dim"


def attainable_view(report: Report) -> list[RenderableType]:
    """What was attainable, and which share of it the rule sets reach."""
    currency, minutes = report.schedules[0].bill.currency, timedelta(minutes=1)
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column("with perfect foresight")
    for name in (currency, "less than self-consumption"):
        table.add_column(name, justify="right")
    for each in report.by_rules:
        table.add_column(f"{printable(each.name)} reaches", justify="right")
    gains = [gain_of(each, report.schedules).sum for each in report.by_rules]
    for bound in report.attainable:
        shares = (bound.share(gain) for gain in gains)
        table.add_row(
            bound.name,
            f"{bound.total:,.2f}",
            f"{bound.gain:,.2f}",
            *("" if share is None else f"{100 * share:.0f} %" for share in shares),
        )
    tolerance = max(each.tolerance for each in report.attainable)
    said = (
        "The lever optimum tells the battery what a Powerwall can be told, the optimum any power at"
        f" any time; the first may be {tolerance:.2f} lower. Both are of intervals of"
        f" {report.step_of_attainable / minutes:g} minutes, and compared with self-consumption in"
        f" those; the rules are of {report.site.data.step / minutes:g} minutes."
    )
    outages = " Neither knows of outages." if report.site.outages else ""
    return [table, "", Text(said + outages)]


def sensitivity_view(report: Report) -> list[RenderableType]:
    """What each change alone costs."""
    currency, name = report.schedules[0].bill.currency, printable(report.schedules[0].name)
    days = (report.site.data.end - report.site.data.start) / timedelta(days=1)
    of_rules = [each for each in report.sensitivities if each.of]
    shown = [each for each in report.sensitivities if not each.of] + of_rules[:MOST]
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column(f"{name}, one thing otherwise")
    table.add_column(f"{currency} more", justify="right")
    table.add_column("less than self-consumption", justify="right")
    for of in dict.fromkeys(each.of for each in shown):
        if of:
            table.add_row(printable(of), style=_QUIET)
        for each in shown:
            if each.of == of:
                indent = "  " if of else ""
                table.add_row(
                    f"{indent}{printable(each.what)}", f"{each.dearer_by:+,.2f}", _gain(each.gain)
                )
    told = f"Each alone, over {days:,.0f} days; in brackets what may be so."
    if len(of_rules) > MOST:
        least = abs(of_rules[MOST - 1].dearer_by)
        told += (
            f" Another {len(of_rules) - MOST} changes make a difference of {least:.2f} at most;"
            " --json and --report have them."
        )
    return [table, "", Text(told)]


def _gain(gain: Gain) -> str:
    return f"{gain.sum:,.2f} ({gain.low:,.2f} to {gain.high:,.2f})"
