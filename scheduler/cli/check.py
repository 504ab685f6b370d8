"""`pwsched check`: the proof that rule files are sound for the coming thirteen months."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from rules.check import Comparison, Finding, Report
    from rules.engine import Plan, RuleSet
    from rules.errors import Problem
    from rules.inputs import Inputs
    from rules.resolve import Levers
    from scheduler.cli.check_readings import Counted
    from scheduler.cli.check_view import View
    from scheduler.cli.chosen_site import Chosen
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
    config: CONFIG = None,
    site: SITE = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="OLD",
            help="Rule files to compare with: tell the first moment at which the two differ, "
            "and only what is found since.",
        ),
    ] = None,
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also count how often each rule would have won on the readings of this journal.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Count on the readings from then on, without --journal in the site's journal "
            '(default with --journal: "30d").',
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Until then, written like --since.")
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the moments that show findings as rule tests."),
    ] = None,
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
    # Of a journal that is named, --site may say a site that no configuration has.
    of_journal = journal is not None and config is None and bool(rules)
    chosen = rules_and_site(rules, config, None if of_journal else site)
    try:
        found = load_rules(chosen.files)
    except RuleProblems as error:
        if not as_json:
            raise
        print(json.dumps({"sound": False, "problems": [_as_json(each) for each in error.problems]}))
        raise typer.Exit(error.exit_code) from None
    checked = _checked(found, chosen, _first_day(first, found), against)
    counted = _counted(found, chosen, journal, site, since, until)
    if tests is not None:
        from scheduler.cli.check_tests import write_tests

        written = write_tests(tests, checked.files, checked.findings, checked.plan)
        typer.echo(f"{tests}: {written} test{'s' * (written != 1)} written", err=True)
    if as_json:
        _print_json(checked, counted)
    else:
        _print_text(checked, counted, list_rules=list_rules)
    if not checked.sound:
        raise typer.Exit(1)


@dataclass(frozen=True)
class _Checked:
    """What a check found: in the rules, and around them in the configuration of a site."""

    rules: RuleSet
    plan: Plan
    files: Sequence[Path]
    report: Report
    findings: Sequence[Finding]
    of_site: Sequence[Problem]
    warning: str
    against: Sequence[Path]
    comparison: Comparison | None

    @property
    def sound(self) -> bool:
        return not self.errors and not self.of_site

    @property
    def errors(self) -> list[Finding]:
        return [each for each in self.findings if each.is_error]


def _checked(
    found: RuleSet, chosen: Chosen, first: date, against: Sequence[Path] | None
) -> _Checked:
    from rules.check import check as prove
    from rules.check import compare, since
    from rules.engine import Plan
    from rules.language import load_rules
    from scheduler.cli.chosen_site import limits_of

    levers, limits, comparison = _levers(chosen.site), limits_of(chosen.site), None
    plan = Plan.of(found, levers, limits)
    known = chosen.site is not None
    if chosen.site is None:
        priced, report = None, prove(plan, first, route_known=False)
    else:
        from scheduler.checking.proof import priced_by, report_on

        inputs = _inputs(chosen.site)
        priced, report = priced_by(inputs), report_on(plan, inputs, first)
    findings = report.findings
    if against:
        old = Plan.of(load_rules(against), levers, limits)
        comparison = compare(old, plan, first, priced=priced)
        before = prove(old, first, route_known=known, priced=priced)
        findings = since(before.findings, findings)
    of_site: list[Problem] = []
    warning = ""
    if chosen.site is not None and chosen.config is not None:
        of_site = _of_safe_state(plan, chosen.site, chosen.config)
        if said := chosen.site.warning:
            warning = f"{chosen.config}: warning: {said}"
    return _Checked(
        found, plan, chosen.files, report, findings, of_site, warning, against or (), comparison
    )


def _counted(
    found: RuleSet,
    chosen: Chosen,
    journal: Path | None,
    site: str | None,
    since: str | None,
    until: str | None,
) -> Counted | None:
    """How often the rules would have won, if that was asked for."""
    if journal is None and since is None and until is None:
        return None
    from scheduler.cli.check_readings import counted
    from scheduler.errors import ConfigProblem

    if journal is None:
        if chosen.config is None:
            raise ConfigProblem("--since, --until: say which readings: --journal FILE or --config")
        from scheduler.config import load_config

        journal = load_config(chosen.config).journal
    name = site if chosen.site is None else chosen.site.name
    return counted(found, journal, name, since or "30d", until)


def _levers(site: Site | None) -> Levers:
    """What the site can set; where there is none, mode and reserve, which every route can."""
    if site is None:
        from rules.domain import Mode
        from rules.resolve import Levers

        return Levers(frozenset(Mode))
    from scheduler.gateways import WIDEST_LEVERS

    return WIDEST_LEVERS


def _inputs(site: Site) -> Inputs:
    """What is in the site's input folder now."""
    from scheduler.inputs import InputFolder

    def warn(problem: str) -> None:
        typer.echo(f"pwsched: {problem}", err=True)

    return InputFolder(site.inputs).read(warn)


def _first_day(said: str | None, found: RuleSet) -> date:
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem

    if said is None:
        return SystemClock().now().astimezone(found.almanac.zone).date()
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ConfigProblem(f'--from: must be a date like 2026-07-01, got "{said}"') from None


def _print_text(checked: _Checked, counted: Counted | None, *, list_rules: bool) -> None:
    from scheduler.cli.check_view import compared, facts
    from scheduler.cli.rule_list import rule_list

    view = _view(checked)
    for finding in checked.findings:
        print(*view.lines(finding), "", sep="\n")
    for said in (checked.warning, *map(str, checked.of_site)):
        if said:
            print(said)
    if list_rules:
        print(*rule_list(checked.rules, checked.files), "", sep="\n")
    print(*facts(checked.report), sep="\n")
    if counted is not None:
        from scheduler.cli.check_readings import lines

        print(*lines(counted), sep="\n")
    if checked.comparison is not None:
        names = ", ".join(map(str, checked.against))
        print(*compared(checked.comparison, names, checked.rules.almanac.zone), sep="\n")
    print(_verdict(checked))


def _verdict(checked: _Checked) -> str:
    """The last line: what was proved, and for which dates."""
    report = checked.report
    named = ", ".join(map(str, checked.files))
    dates = f"from {report.first:%d %b %Y} to {report.until:%d %b %Y}"
    warnings = len(checked.findings) - len(checked.errors) + bool(checked.warning)
    beside = f", {warnings} warning{'s' * (warnings != 1)}" if warnings else ""
    errors = len(checked.errors) + len(checked.of_site)
    if checked.against:
        old = ", ".join(map(str, checked.against))
        new = f"{errors or 'no'} new error{'s' * (errors != 1)}{beside}"
        return f"{named}: {new} since {old} ({dates})"
    if errors:
        return f"{named}: {errors} error{'s' * (errors != 1)}{beside} ({dates})"
    return f"{named}: sound {dates}{beside}"


def _print_json(checked: _Checked, counted: Counted | None) -> None:
    from scheduler.cli.check_view import comparison_as_json, facts_as_json

    readings = None
    if counted is not None:
        from scheduler.cli.check_readings import as_json

        readings = as_json(counted)
    view, found, report = _view(checked), checked.rules, checked.report
    tariff = found.almanac.tariff
    summary = {
        "sound": checked.sound,
        "first": report.first.isoformat(),
        "until": report.until.isoformat(),
        "timezone": found.almanac.zone.key,
        "tariff": tariff.name if tariff else None,
        "state_rules": [rule.name for rule in found.state_rules],
        "event_rules": [rule.name for rule in found.event_rules],
        "digest": found.digest,
        "findings": [view.as_json(each) for each in checked.findings],
        "of_site": [_as_json(each) for each in checked.of_site],
        "warnings": [checked.warning] if checked.warning else [],
        **facts_as_json(report),
        "compared": comparison_as_json(checked.comparison),
        "readings": readings,
    }
    print(json.dumps(summary))


def _view(checked: _Checked) -> View:
    from rules.check import Places
    from scheduler.cli.check_view import View

    found = checked.rules
    return View(Places(found.sources), checked.files, found.almanac.zone)


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
