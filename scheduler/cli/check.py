"""`pwsched check`: the proof that rule files are sound for the coming thirteen months."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rules.check import Report
    from rules.engine import Plan, RuleSet
    from rules.errors import Problem
    from scheduler.cli.check_view import View
    from scheduler.config import Site


def check(
    rules: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="RULES...",
            help="A base file and any other rule files (default: the site's).",
        ),
    ] = None,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The configuration. Also report what the site cannot set."
        ),
    ] = None,
    site: Annotated[str | None, typer.Option(help="The site, if there are several.")] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day (default: today).")
    ] = None,
    list_rules: Annotated[
        bool, typer.Option("--list", help="Also list the rules, in the words of the files.")
    ] = False,
    explain: Annotated[
        str | None, typer.Option(metavar="CODE", help="Print what a kind of finding means.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Prove that rule files are sound for the coming thirteen months."""
    from rules.errors import RuleProblems
    from rules.language import load_rules
    from scheduler.cli.chosen_site import rules_and_site

    if explain is not None:
        print(page_of(explain))
        return
    files, chosen = rules_and_site(rules, config, site)
    try:
        found = load_rules(files)
    except RuleProblems as error:
        if not as_json:
            raise
        print(json.dumps({"sound": False, "problems": [_as_json(each) for each in error.problems]}))
        raise typer.Exit(error.exit_code) from None
    plan, report = _proved(found, chosen, _first_day(first, found))
    outside = _of_safe_state(plan, chosen, config) if chosen and config else []
    if as_json:
        _print_json(found, files, report, outside)
    else:
        _print_text(found, files, report, outside, list_rules=list_rules)
    if report.errors or outside:
        raise typer.Exit(1)


def _proved(found: RuleSet, site: Site | None, first: date) -> tuple[Plan, Report]:
    from rules.check import check as prove
    from rules.engine import Plan
    from scheduler.cli.chosen_site import limits_of
    from scheduler.gateways import WIDEST_LEVERS

    plan = Plan.of(found, WIDEST_LEVERS, limits_of(site))
    return plan, prove(plan, first)


def _first_day(said: str | None, found: RuleSet) -> date:
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem

    if said is None:
        return SystemClock().now().astimezone(found.almanac.zone).date()
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ConfigProblem(f'--from: must be a date like 2026-07-01, got "{said}"') from None


def _print_text(
    found: RuleSet,
    files: Sequence[Path],
    report: Report,
    outside: Sequence[Problem],
    *,
    list_rules: bool,
) -> None:
    from scheduler.cli.check_view import facts
    from scheduler.cli.rule_list import rule_list

    view = _view(found, files)
    for finding in report.findings:
        print(*view.lines(finding), "", sep="\n")
    for problem in outside:
        print(problem)
    if list_rules:
        print(*rule_list(found, files), "", sep="\n")
    print(*facts(report), sep="\n")
    print(_verdict(files, report, outside))


def _verdict(files: Sequence[Path], report: Report, outside: Sequence[Problem]) -> str:
    """The last line: what was proved, and for which dates."""
    named = ", ".join(map(str, files))
    dates = f"from {report.first:%d %b %Y} to {report.until:%d %b %Y}"
    warnings = len(report.warnings)
    beside = f", {warnings} warning{'s' * (warnings != 1)}" if warnings else ""
    errors = len(report.errors) + len(outside)
    if errors:
        return f"{named}: {errors} error{'s' * (errors != 1)}{beside} ({dates})"
    return f"{named}: sound {dates}{beside}"


def _print_json(
    found: RuleSet, files: Sequence[Path], report: Report, outside: Sequence[Problem]
) -> None:
    view = _view(found, files)
    tariff = found.almanac.tariff
    summary = {
        "sound": not report.errors and not outside,
        "first": report.first.isoformat(),
        "until": report.until.isoformat(),
        "timezone": found.almanac.zone.key,
        "tariff": tariff.name if tariff else None,
        "state_rules": [rule.name for rule in found.state_rules],
        "event_rules": [rule.name for rule in found.event_rules],
        "digest": found.digest,
        "findings": [view.as_json(each) for each in report.findings],
        "problems": [_as_json(each) for each in outside],
        "composed": [
            {
                "mode_from": each.mode_from,
                "reserve_from": each.reserve_from,
                "hours_a_year": round(each.a_year.total_seconds() / 3600, 1),
            }
            for each in report.composed
        ],
        "left_to_default": {
            "always_hours": round(report.default.always.total_seconds() / 3600, 1),
            "at_times_hours": round(report.default.at_times.total_seconds() / 3600, 1),
        },
        "events": [{"rule": each.rule, "days_a_year": each.days} for each in report.events],
    }
    print(json.dumps(summary))


def _view(found: RuleSet, files: Sequence[Path]) -> View:
    from rules.check import Places
    from scheduler.cli.check_view import View

    return View(Places(found.sources), files, found.almanac.zone)


def page_of(code: str) -> str:
    """The page about a kind of finding. Raises `ConfigProblem` for one that does not exist."""
    from rules.check import Code
    from scheduler.errors import ConfigProblem

    try:
        known = Code(code)
    except ValueError:
        said = ", ".join(Code)
        raise ConfigProblem(f'--explain: there is no finding "{code}"; say one of {said}') from None
    installed = Path(__file__).with_name("checks")
    folder = installed if installed.is_dir() else Path(__file__).parents[2] / "docs" / "checks"
    return (folder / f"{known}.md").read_text("utf-8").rstrip()


def _as_json(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "text": problem.text}


def _of_safe_state(plan: Plan, site: Site, config: Path) -> list[Problem]:
    """What the owner's safe state asks for in vain."""
    from rules.engine import of_setting
    from rules.errors import Problem
    from rules.language import line_of, positions, read_toml

    text, values = read_toml(config)
    lines = positions(text)
    index = [each["name"] for each in values["site"]].index(site.name)
    return [
        Problem(
            str(config),
            line_of(("site", index, "safety", "safe", each.key), lines),
            f"safe state of {site.name}: {each}",
        )
        for each in of_setting(plan, site.safety.safe)
    ]
