"""The tables of bills: schedules beside each other, by month, by part."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.money.bill import Kind
from scheduler.money.comparison import Gain, Schedule, gain_of, saving_of
from scheduler.money.report.bill_chart import month_said
from scheduler.money.report.document import Attainable, Report
from scheduler.money.report.table import Table


def money(amount: float) -> str:
    """A sum to the cent."""
    return f"{round(amount, 2) + 0.0:,.2f}"  # nothing has no sign


def gain_said(gain: Gain) -> str:
    """A gain over self-consumption with what it may be."""
    return f"{money(gain.sum)} ({money(gain.low)} to {money(gain.high)})"


def comparison(report: Report) -> Table:
    """Every schedule, and what was attainable, in a row."""
    currency = report.schedules[0].bill.currency
    columns = [
        "", f"bill, {currency}", "of it energy", "left in the battery", "saves over no battery",
        "that is too much by", "less than self-consumption (may be)",
        *(f"share of the {each.name}" for each in report.attainable),
    ]  # fmt: skip
    rows = [_compared(each, report) for each in report.schedules]
    rows += [_attainable(each, report) for each in report.attainable]
    return Table("Rule sets, and what they are compared with", columns, rows, frozenset({0}))


def _compared(schedule: Schedule, report: Report) -> list[str]:
    schedules, bill = report.schedules, schedule.bill
    saving, gain = saving_of(schedule, schedules), gain_of(schedule, schedules)
    bare, alone = schedule is schedules[-1], schedule is schedules[-2]
    return [
        schedule.name, money(bill.total), money(bill.energy),
        "" if bare else money(schedule.left),
        "" if bare else money(saving.sum),
        "" if bare else f"{money(saving.at_least)} to {money(saving.at_most)}",
        "" if bare or alone else gain_said(gain),
        *("" if bare or alone else share_said(each.share(gain.sum)) for each in report.attainable),
    ]  # fmt: skip


def share_said(share: float | None) -> str:
    """A part of what was attainable, where anything was."""
    return "" if share is None else f"{100 * share:.0f} %"


def _attainable(bound: Attainable, report: Report) -> list[str]:
    name = f"{bound.name} ({bound.what})" if bound.what else bound.name
    shares = ["" for _ in report.attainable]
    return [name, money(bound.total), "", "", money(bound.saving), "", money(bound.gain), *shares]


def measures(report: Report) -> Table:
    """What flowed under each schedule."""
    columns = [
        "", "kWh bought", "kWh sold", "highest kW bought", "own energy, %", "cycles", "writes",
        "in the battery at the end, %",
    ]  # fmt: skip
    rows = [
        [
            each.name,
            f"{sum(month.imported_kwh for month in each.bill.months):,.0f}",
            f"{sum(month.exported_kwh for month in each.bill.months):,.0f}",
            f"{each.flows.highest_import_w / 1000:.2f}",
            f"{100 * each.flows.self_sufficiency:.0f}",
            "" if each is report.schedules[-1] else f"{each.flows.cycles:.0f}",
            "" if each.found is None else f"{len(each.found.writes):,}",
            "" if each is report.schedules[-1] else f"{each.flows.soe_at_end:.0f}",
        ]
        for each in report.schedules
    ]
    return Table("What flowed", columns, rows)


def by_month(schedules: Sequence[Schedule]) -> Table:
    """The months in rows, with the total."""
    currency = schedules[0].bill.currency
    rows = [
        [month_said(month), *(money(each.bill.months[number].total) for each in schedules)]
        for number, month in enumerate(schedules[0].bill.months)
    ]
    rows.append(["total", *(money(each.bill.total) for each in schedules)])
    columns = ["month", *(each.name for each in schedules)]
    return Table(f"Bill by month, {currency}", columns, rows, frozenset({len(rows) - 1}))


def by_part(schedules: Sequence[Schedule]) -> Table:
    """The kinds of items in rows, with the total."""
    currency = schedules[0].bill.currency
    kinds = [kind for kind in Kind if any(kind in each.bill.by_kind for each in schedules)]
    rows = [
        [kind.value, *(money(each.bill.by_kind.get(kind, 0.0)) for each in schedules)]
        for kind in kinds
    ]
    rows.append(["total", *(money(each.bill.total) for each in schedules)])
    columns = ["part", *(each.name for each in schedules)]
    return Table(f"Bill by part, {currency}", columns, rows, frozenset({len(rows) - 1}))


def items_of(schedule: Schedule) -> Table:
    """The months of one schedule in rows, its kinds of items in columns."""
    bill = schedule.bill
    rows = []
    for month in bill.months:
        sums = [
            sum(item.dollars for item in month.items if item.kind is kind) for kind in bill.by_kind
        ]
        kwh = [f"{each:,.0f}" for each in (month.imported_kwh, month.exported_kwh)]
        rows.append([month_said(month), *kwh, *map(money, sums), money(month.total)])
    columns = ["month", "kWh bought", "kWh sold", *(kind.value for kind in bill.by_kind), "total"]
    return Table(f"{schedule.name}: by month and part, {bill.currency}", columns, rows)
