"""What `pwsched backtest` shows: the bills by month and part, and how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rules.engine import DEFAULT
from rules.errors import printable
from scheduler.cli.backtest_further_view import attainable_view, sensitivity_view
from scheduler.money.comparison import CENT, Gain, Schedule, gain_of, saving_of

if TYPE_CHECKING:
    from scheduler.money.backtest import Backtest, Endured, Site
    from scheduler.money.bill import BillMonth
    from scheduler.money.report import Report

WIDTH = 80
_QUIET = "dim"
_HOUR = timedelta(hours=1)


def backtest_view(report: Report) -> RenderableType:
    """A backtest for a terminal of 80 columns or more."""
    site, schedules = report.site, report.schedules
    parts: list[RenderableType] = [
        Text(printable(site.data.source) or "interval data", "bold"),
        Text(_about(site), _QUIET),
        "",
        _bills(schedules),
        "",
        Text(_savings(report)),
        "",
        _measures(schedules),
    ]
    if report.attainable:
        parts += ["", *attainable_view(report)]
    for each in schedules:
        if each.found is not None:
            parts += ["", _rules(each.name, each.found)]
    if report.sensitivities:
        parts += ["", *sensitivity_view(report)]
    if site.outages:
        parts += ["", Text("Outages", "bold"), *_outages(schedules, site)]
    notes = [*schedules[0].bill.notes, *(each.what for each in site.data.repairs)]
    if notes:
        parts += ["", Text("Told", "bold")]
        parts += [Padding(Text(printable(each)), (0, 0, 0, 2)) for each in notes]
    return Group(*parts)


def _about(site: Site) -> str:
    data, battery = site.data, site.battery
    start, end = (each.astimezone(data.zone) for each in (data.start, data.end))
    return (
        f"{start:%Y-%m-%d} to {end:%Y-%m-%d}, steps of {data.step / timedelta(minutes=1):g}"
        f" minutes; {battery.capacity_wh / 1000:g} kWh, {battery.power_w / 1000:g} kW,"
        f" {site.soe:g} % at first"
    )


def _bills(schedules: Sequence[Schedule]) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column(schedules[0].bill.currency)
    for each in schedules:
        table.add_column(printable(each.name), justify="right", overflow="fold")

    def row(name: str, sums: Iterable[float], style: str | None = None) -> None:
        table.add_row(name, *(f"{each:,.2f}" for each in sums), style=style)

    bills = [each.bill for each in schedules]
    for number, month in enumerate(bills[0].months):
        row(_month(month), (bill.months[number].total for bill in bills))
    table.add_section()
    for kind in dict.fromkeys(kind for bill in bills for kind in bill.by_kind):
        row(f"  of it {kind.value}", (bill.by_kind.get(kind, 0.0) for bill in bills), _QUIET)
    row("total", (bill.total for bill in bills), "bold")
    row("left in the battery", (each.left for each in schedules), _QUIET)
    return table


def _month(month: BillMonth) -> str:
    return f"{month.start:%b %Y}" + ("" if month.complete else " (part)")


def _savings(report: Report) -> str:
    """What the first rules save, with the model's uncertainty, and how that is counted."""
    schedules = report.schedules
    ours = schedules[0]
    saving, gain = saving_of(ours, schedules), gain_of(ours, schedules)
    how = "less" if gain.sum >= -CENT else "MORE"
    return (
        f"{printable(ours.name)} costs {abs(gain.sum):,.2f} {how} than self-consumption"
        f" ({may_be(gain)} with a real battery, which loses more at high power), and saves"
        f" {saving.sum:,.2f} over no battery, which may be"
        f" {saving.at_least:,.2f} to {saving.at_most:,.2f} (1.5 to 3.5 %) too high. What is left"
        f" in the battery counts, at {report.kwh_worth:.3f} a kWh."
    )


def may_be(gain: Gain) -> str:
    """From what to what a gain may be, in words that need no sign: "1.00 to 3.00 more"."""
    low, high = gain.low, gain.high
    if high < -CENT:
        return f"{-high:,.2f} to {-low:,.2f} more"
    if low < -CENT:
        return f"from {-low:,.2f} more to {max(0.0, high):,.2f} less"
    return f"{abs(low):,.2f} to {abs(high):,.2f} less"


def _measures(schedules: Sequence[Schedule]) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    for name in ("", "kWh bought", "kWh sold", "highest kW", "own energy", "cycles", "writes"):
        table.add_column(name, justify="right" if name else "left")
    for each in schedules:
        flows = each.flows
        table.add_row(
            printable(each.name),
            f"{sum(flows.energies.imported) / 1000:,.0f}",
            f"{sum(flows.energies.exported) / 1000:,.0f}",
            f"{flows.highest_import_w / 1000:.2f}",
            f"{100 * flows.self_sufficiency:.0f} %",
            f"{flows.cycles:.0f}",
            "" if each.found is None else f"{len(each.found.writes):,}",
        )
    return table


def _rules(name: str, found: Backtest) -> Table:
    table = Table(box=None, pad_edge=False, header_style=_QUIET)
    table.add_column(f"{printable(name)}: rule")
    table.add_column("hours it won", justify="right")
    table.add_column("of the time", justify="right")
    data = found.flows.site.data
    total, never = (data.end - data.start) / _HOUR, set(found.never_won)
    for rule, hours in found.hours_by_rule.items():
        leaves = rule == DEFAULT and not hours
        won = "leaves all as it is" if leaves else "never won" if rule in never else f"{hours:,.1f}"
        table.add_row(printable(rule), won, f"{100 * hours / total:.1f} %" if hours else "")
    return table


def _outages(schedules: Sequence[Schedule], site: Site) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for number, outage in enumerate(site.outages):
        start = outage.start.astimezone(site.data.zone)
        shown.append(Text(f"{start:%Y-%m-%d %H:%M}, {_length(outage.length)}"))
        shown += [
            Padding(Text(f"{printable(each.name)}: {_stood(each.flows.endured[number])}"), (0, 2))
            for each in schedules[:-1]
        ]
    return shown


def _stood(endured: Endured) -> str:
    began = f"began with {endured.soe:.0f} %"
    if not endured.unserved_wh:
        return f"{began} and stood it"
    kwh = endured.unserved_wh / 1000
    return f"{began}, stood {_length(endured.stood)}; {kwh:.2f} kWh were not served"


def _length(length: timedelta) -> str:
    minutes = round(length / timedelta(minutes=1))
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
