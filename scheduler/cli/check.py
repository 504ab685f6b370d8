"""`pwsched check`: whether rule files are sound."""

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
    names = ", ".join(str(path) for path in rules)
    print(f"{names}: sound")
    print(f"  tariff   {tariff.title if tariff else 'none'} ({found.almanac.zone.key})")
    print(f"  default  {found.default}")
    for state_rule in found.state_rules:
        said = ", ".join(f"{key} {value}" for key, value in state_rule.said.items())
        print(f'  rule     "{state_rule.name}": {state_rule.want}  [{said}]')
    for event_rule in found.event_rules:
        print(f'  event    "{event_rule.name}": {event_rule.action.value}')
