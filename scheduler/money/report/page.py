"""The report as one HTML page that needs nothing from anywhere else.

Its policy forbids every connection, and every script but the two that it brings: nothing in a file
name, a rule or a source can run, whatever is written there.
"""

from __future__ import annotations

import pkgutil
from base64 import b64encode
from hashlib import sha256

from scheduler.errors import ConfigProblem
from scheduler.money.report.course import course_of
from scheduler.money.report.document import Report
from scheduler.money.report.drawing import said
from scheduler.money.report.own_files import own_text
from scheduler.money.report.sections import Shown, about, sections
from scheduler.money.report.year_map import map_data


def chart_script() -> str:
    """Plotly's JavaScript, from its Python package. Raises `ConfigProblem` where that is not."""
    try:
        found = pkgutil.get_data("plotly", "package_data/plotly.min.js")
    except (ImportError, OSError):
        found = None
    if found is None:
        raise ConfigProblem(
            "a report needs plotly, which is not installed: pip install"
            " 'powerwall-scheduler[report]'"
        )
    return found.decode("utf-8")


def page(report: Report) -> str:
    """The page. Raises `ConfigProblem` where plotly is not installed."""
    scripts = [chart_script(), own_text("page.js")]
    shown = [Shown(each, course_of(each, report)) for each in report.schedules]
    parts = list(sections(report, shown))
    style = own_text("charts.css") + own_text("page.css")
    title = f"What {report.schedules[0].name} would have cost"
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in parts)
    body = "".join(
        f'<section id="{name}" aria-labelledby="{name}-heading">\n'
        f'<h2 id="{name}-heading">{heading}</h2>\n{content}</section>\n'
        for name, heading, content in parts
    )
    data = map_data([(each.schedule.name, each.course) for each in shown])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{said(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{said(title)}</h1>\n{about(report)}"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav>\n</header>\n'
        f"<main>\n{body}</main>\n"
        '<footer><p class="quiet">Made by pwsched backtest.</p></footer>\n'
        f'<script type="application/json" id="year-data">{data}</script>\n'
        + "".join(f"<script>{each}</script>\n" for each in scripts)
        + "</body>\n</html>\n"
    )


def _policy(scripts: list[str]) -> str:
    allowed = " ".join(
        f"'sha256-{b64encode(sha256(each.encode()).digest()).decode()}'" for each in scripts
    )
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:;"
        " base-uri 'none'; form-action 'none'"
    )
