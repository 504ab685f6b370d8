"""`pwsched schema`: the JSON Schema of rule files, for editors."""

from __future__ import annotations

import json
from typing import Any

NOTHING = {"type": "null"}


def schema() -> None:
    """Print the JSON Schema of rule files, for help in an editor."""
    print(json.dumps(rule_schema(), indent=2))


def rule_schema() -> dict[str, object]:
    """The JSON Schema of rule files, with a description for each key."""
    from rules.language import RuleFile, json_schema

    return {**_without_null(json_schema(RuleFile)), "title": "pwsched rules"}


def _without_null(found: Any) -> Any:  # noqa: ANN401 -- any part of a schema
    """The same without null, which TOML lacks: a lone choice lets an editor name what is wrong."""
    if isinstance(found, list):
        return [_without_null(each) for each in found]
    if not isinstance(found, dict):
        return found
    kept = {key: _without_null(each) for key, each in found.items() if each is not None}
    choices = kept.get("anyOf")
    if not isinstance(choices, list) or NOTHING not in choices:
        return kept
    del kept["anyOf"]
    others = [each for each in choices if each != NOTHING]
    return kept | (others[0] if len(others) == 1 else {"anyOf": others})
