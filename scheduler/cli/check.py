"""`pwsched check`: whether rule files are sound, and what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def check(
    rules: Annotated[
        list[Path], typer.Argument(metavar="RULES...", help="A base file and any rule files.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The answer as JSON.")] = False,
) -> None:
    """Read rule files and tell every mistake, with file and line."""
    from rules.errors import RuleProblems
    from rules.load import load_rules
    from scheduler.cli.rule_list import rule_list

    try:
        found = load_rules(rules)
    except RuleProblems as error:
        if not as_json:
            raise
        problems = [
            {"file": problem.file, "line": problem.line, "text": problem.text}
            for problem in error.problems
        ]
        print(json.dumps({"sound": False, "problems": problems}))
        raise typer.Exit(error.exit_code) from None
    tariff = found.almanac.tariff
    summary = {
        "sound": True,
        "timezone": found.almanac.zone.key,
        "tariff": tariff.name if tariff else None,
        "state_rules": [rule.name for rule in found.state_rules],
        "event_rules": [rule.name for rule in found.event_rules],
        "digest": found.digest,
    }
    if as_json:
        print(json.dumps(summary))
        return
    print(f"{', '.join(map(str, rules))}: sound")
    for line in rule_list(found, rules):
        print(line)
