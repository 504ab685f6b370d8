"""`pwsched schema`: the JSON Schema of rule files, for editors."""

from __future__ import annotations

import json


def schema() -> None:
    """Print the JSON Schema of rule files, which editors show help and mistakes from."""
    print(json.dumps(rule_schema(), indent=2))


def rule_schema() -> dict[str, object]:
    """The JSON Schema of rule files, with a description for each key."""
    from pydantic.json_schema import GenerateJsonSchema

    from rules.model import RuleFile

    found = RuleFile.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": GenerateJsonSchema.schema_dialect, **found, "title": "pwsched rules"}
