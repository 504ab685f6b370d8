"""`pwsched check`: whether rule files are sound, what is in them, and what a site cannot set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from rules.engine import Plan, RuleSet
    from rules.errors import Problem
    from rules.language import Path as Place
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
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Check rule files, and list mistakes with file and line."""
    from rules.errors import RuleProblems
    from rules.language import load_rules
    from scheduler.cli.chosen_site import rules_and_site
    from scheduler.cli.rule_list import rule_list

    chosen = rules_and_site(rules, config, site)
    files = chosen.files
    try:
        found = load_rules(files)
    except RuleProblems as error:
        if not as_json:
            raise
        print(json.dumps({"sound": False, "problems": [_as_json(each) for each in error.problems]}))
        raise typer.Exit(error.exit_code) from None
    findings: list[Problem] = []
    warning = "" if chosen.site is None else chosen.site.gateway.warning
    if chosen.site is not None and chosen.config is not None:
        findings = _beyond_the_site(found, files, chosen.site, chosen.config)
    if as_json:
        tariff = found.almanac.tariff
        summary = {
            "sound": True,
            "timezone": found.almanac.zone.key,
            "tariff": tariff.name if tariff else None,
            "state_rules": [rule.name for rule in found.state_rules],
            "event_rules": [rule.name for rule in found.event_rules],
            "digest": found.digest,
            "findings": [_as_json(each) for each in findings],
            "warnings": [warning] if warning else [],
        }
        print(json.dumps(summary))
    else:
        print(f"{', '.join(map(str, files))}: sound")
        for line in rule_list(found, files):
            print(line)
        if findings or warning:
            print()
        if warning:
            print(f"{config}: warning: {warning}")
        for finding in findings:
            print(finding)
    if findings:
        raise typer.Exit(1)


def _as_json(problem: Problem) -> dict[str, object]:
    return {"file": problem.file, "line": problem.line, "text": problem.text}


def _beyond_the_site(
    found: RuleSet, files: Sequence[Path], site: Site, config: Path
) -> list[Problem]:
    """What rules and safe state ask for in vain."""
    from rules.engine import Plan
    from scheduler.gateways import WIDEST_LEVERS

    plan = Plan.of(found, WIDEST_LEVERS, site.safety.limits)
    return [*sorted(_of_rules(plan, files)), *_of_safe_state(plan, site, config)]


def _of_rules(plan: Plan, files: Sequence[Path]) -> Iterator[Problem]:
    """What the rules ask for in vain, each with the place where they do."""
    from rules.engine import DEFAULT, out_of_reach
    from rules.errors import Problem
    from rules.language import line_of, positions, read_toml

    # A later file's rule may replace one of the same name.
    places: dict[str, tuple[Path, Place, Mapping[Place, int]]] = {}
    for file in files:
        text, values = read_toml(file)
        lines = positions(text)
        if DEFAULT in values:
            places[DEFAULT] = file, (DEFAULT,), lines
        for index, rule in enumerate(values.get("rule", ())):
            places[rule["name"]] = file, ("rule", index, "set"), lines
    for name, shortfalls in out_of_reach(plan).items():
        path, table, places_in = places[name]
        said = "[default]" if name == DEFAULT else f'rule "{name}"'
        for each in shortfalls:
            line = line_of((*table, each.key), places_in)
            yield Problem(str(path), line, f"{said}: {each}")


def _of_safe_state(plan: Plan, site: Site, config: Path) -> Iterator[Problem]:
    """What the owner's safe state asks for in vain."""
    from rules.engine import of_setting
    from rules.errors import Problem
    from rules.language import line_of, positions, read_toml

    text, values = read_toml(config)
    lines = positions(text)
    index = [each["name"] for each in values["site"]].index(site.name)
    for each in of_setting(plan, site.safety.safe):
        line = line_of(("site", index, "safety", "safe", each.key), lines)
        yield Problem(str(config), line, f"safe state of {site.name}: {each}")
