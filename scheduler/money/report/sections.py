"""The sections of a report, each as HTML: what is told, its charts, its tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from scheduler.money.comparison import CENT, Schedule, gain_of, saving_of
from scheduler.money.report import bills, times
from scheduler.money.report.bill_chart import bill_chart
from scheduler.money.report.bills import gain_said, money
from scheduler.money.report.course import Course
from scheduler.money.report.document import Report
from scheduler.money.report.drawing import FRAMES, said
from scheduler.money.report.table import Table
from scheduler.money.report.typical_week import typical_weeks
from scheduler.money.report.week_chart import week_chart

VIEWS = {"soe": "energy in the battery", "grid": "bought and sold", "held": "which rule held"}

LIMITS = (
    "Within a step powers are means: shorter peaks are seen neither by a rule nor by the meter.",
    "A write takes effect at once; a real gateway needs up to a minute.",
    "Tesla's time-based control is not public: that mode is taken for self-consumption.",
)


WEEKS_SAID = (
    "<p>Of each season the week whose load and sun, hour by hour, are most like the mean of its"
    " weeks.</p>\n"
)


class Shown(NamedTuple):
    """A schedule with its course."""

    schedule: Schedule
    course: Course


def sections(report: Report, shown: Sequence[Shown]) -> Iterator[tuple[str, str, str]]:
    """Each with its name, its heading and its content."""
    yield "result", "Result", _result(report)
    yield "bill", "Bill by month and part", _bill(report)
    yield "weeks", "Typical weeks", _weeks(report, shown)
    yield "year", "The year", _year(shown)
    yield "rules", "Rules", _rules(report)
    if report.site.outages:
        yield "outages", "Outages", times.outages(report).html()
    if report.sensitivities:
        yield "sensitivity", "What matters", _sensitivity(report)
    yield "data", "Data and limits", _data(report)


def about(report: Report) -> str:
    """What stands at the head of the page."""
    data, battery = report.site.data, report.site.battery
    start, end = (each.astimezone(data.zone) for each in (data.start, data.end))
    minutes = data.step / timedelta(minutes=1)
    return (
        f'<p class="quiet">{said(data.source or "interval data")}, {start:%Y-%m-%d} to'
        f" {end:%Y-%m-%d}, in steps of {minutes:g} minutes. Tariff {said(report.tariff.name)}."
        f" {battery.capacity_wh / 1000:g} kWh, {battery.power_w / 1000:g} kW,"
        f" {report.site.soe:g} % at first.</p>\n"
    )


def _result(report: Report) -> str:
    ours, currency = report.schedules[0], said(report.schedules[0].bill.currency)
    gain, saving = gain_of(ours, report.schedules), saving_of(ours, report.schedules)
    how = "less" if gain.sum >= -CENT else "<strong>more</strong>"
    too_much = f"{money(saving.at_least)} to {money(saving.at_most)}"
    shares = [(bills.share_said(each.share(gain.sum)), each.name) for each in report.attainable]
    reached = [f"{share} of what the {name} gains" for share, name in shares if share]
    return (
        f'<p class="result">{said(ours.name)} costs {money(ours.bill.total)} {currency}:'
        f" {money(abs(gain.sum))} {how} than self-consumption, the battery left to itself; and it"
        f" saves {money(saving.sum)} over no battery."
        + (f" It reaches {' and '.join(reached)}." if reached else "")
        + "</p>\n<p>A real battery loses more at high power than the model does. A saving over no"
        f" battery is too much by 1.5 to 3.5 % of it, here by {too_much}. Where two schedules do"
        " not do the same, their losses may differ by as much, so beside what one costs less than"
        f" self-consumption stands in brackets what that may be, here {gain_said(gain)}.</p>\n"
        + bills.comparison(report).html()
        + _left(report)
        + _perfect(report)
        + bills.measures(report).html()
    )


def _left(report: Report) -> str:
    currency = said(report.schedules[0].bill.currency)
    return (
        '<p class="quiet">What the battery holds more, or less, at the end than at first is on no'
        f" bill. It counts in savings, at {report.kwh_worth:.3f} {currency} for each kWh that it"
        " would give: the mean price of what a home without battery buys.</p>\n"
    )


def _perfect(report: Report) -> str:
    """What was attainable, and how it is compared; empty where it was not asked for."""
    if not report.attainable:
        return ""
    minutes = report.step_of_attainable / timedelta(minutes=1)
    tolerance = max(each.tolerance for each in report.attainable)
    outages = " Neither knows of outages." if report.site.outages else ""
    return (
        '<p class="quiet">The optima know every interval ahead: the lever optimum tells the battery'
        f" what a Powerwall can be told, and may be {money(tolerance)} lower; the optimum tells it"
        f" any power at any time. Both are of intervals of {minutes:g} minutes, and their savings"
        f" those over self-consumption in the same intervals.{outages}</p>\n"
    )


def _bill(report: Report) -> str:
    schedules = report.schedules
    tables = bills.by_month(schedules).html() + bills.by_part(schedules).html()
    return (
        _figure([bill_chart(report, frame) for frame in FRAMES], "Bill by month")
        + tables
        + _details("Each schedule by month and part", [bills.items_of(each) for each in schedules])
    )


def _weeks(report: Report, shown: Sequence[Shown]) -> str:
    weeks = typical_weeks(report.site.data, report.tariff)
    if not weeks:
        return "<p>The data have no whole week from Monday to Sunday within one season.</p>\n"
    currency = report.schedules[0].bill.currency
    said_all = [WEEKS_SAID]
    for place, (each, course) in enumerate(shown[:-2]):
        content = "".join(
            _figure(
                [week_chart(each.name, week, course, currency, frame) for frame in FRAMES],
                f"{each.name}, {week.season}",
            )
            + _details("The same as a table", [times.by_day(each.name, week, course)])
            for week in weeks
        )
        said_all.append(
            f"<h3>{said(each.name)}</h3>\n{content}"
            if place == 0
            else f"<details><summary>{said(each.name)}</summary>\n{content}</details>\n"
        )
    return "".join(said_all)


def _year(shown: Sequence[Shown]) -> str:
    views = "".join(f'<option value="{name}">{said_}</option>' for name, said_ in VIEWS.items())
    names_of = [each.name for each, _ in shown]
    names = "".join(f'<option value="{n}">{said(name)}</option>' for n, name in enumerate(names_of))
    tables = [times.by_hour(each.name, course) for each, course in shown]
    return (
        '<p class="choice"><label for="year-what">Show</label>'
        f'<select id="year-what">{views}</select>\n'
        f'<label for="year-which">of</label><select id="year-which">{names}</select></p>\n'
        '<div id="year-map" role="img" aria-label="A map of the year, a column a day, with the time'
        ' of day downwards; the tables below have its means"></div>\n<ul class="key" id="year-key">'
        "</ul>\n<noscript><p>The map needs JavaScript; the tables have its means.</p></noscript>\n"
        + _details("Means by hour of the day", tables)
    )


def _rules(report: Report) -> str:
    said_all = []
    for each in report.by_rules:
        if each.found is None:
            continue
        said_all.append(times.rules_won(each.name, each.found).html())
        if each.found.never_won:
            names = ", ".join(said(name) for name in each.found.never_won)
            said_all.append(f"<p>Never won in {said(each.name)}: {names}.</p>\n")
    return "".join(said_all)


def _sensitivity(report: Report) -> str:
    ours, currency = report.schedules[0], report.schedules[0].bill.currency
    columns = ["", f"costs {currency} more", "less than self-consumption (may be)"]
    rows = [
        [
            f"{each.of}: {each.what}" if each.of else each.what,
            f"{each.dearer_by:+,.2f}",
            gain_said(each.gain),
        ]
        for each in report.sensitivities
    ]
    days = (report.site.data.end - report.site.data.start) / timedelta(days=1)
    return (
        f"<p>Each alone, over {days:,.0f} days. A figure that makes it dearer either way is well"
        " chosen.</p>\n" + Table(f"{ours.name} where one thing is otherwise", columns, rows).html()
    )


def _data(report: Report) -> str:
    data, bill = report.site.data, report.schedules[0].bill
    start, end = (each.astimezone(data.zone) for each in (data.start, data.end))
    minutes = data.step / timedelta(minutes=1)
    span = f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    told = [
        f"Source: {data.source or 'interval data'}.",
        f"{span}, {len(data):,} intervals of {minutes:g} minutes; times in {data.zone.key}.",
        f"Tariff: {report.tariff.title} ({report.tariff.source}).",
        *(f"{each[:1].upper()}{each[1:]}." for each in bill.notes),
    ]
    return _list(told) + _repairs(report) + "<h3>Limits</h3>\n" + _list(LIMITS)


def _repairs(report: Report) -> str:
    data = report.site.data
    if not data.repairs:
        return "<p>Nothing in the data was repaired.</p>\n"
    rows = [
        [
            f"{each.start.astimezone(data.zone):%Y-%m-%d %H:%M}",
            f"{each.end.astimezone(data.zone):%Y-%m-%d %H:%M}",
            each.what,
        ]
        for each in data.repairs
    ]
    caption = "What was repaired in the data on request"
    return Table(caption, ["from", "to", "what"], rows, worded=frozenset({2})).html()


def _list(sentences: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{said(each)}</li>" for each in sentences) + "</ul>\n"


def _figure(charts: Sequence[str], name: str) -> str:
    """A chart in each of its frames, of which the page shows the one that fits."""
    return f'<figure aria-label="{said(name)}">{"".join(charts)}</figure>\n'


def _details(summary: str, tables: Sequence[Table]) -> str:
    inside = "".join(each.html() for each in tables)
    return f"<details><summary>{summary}</summary>\n{inside}</details>\n"
