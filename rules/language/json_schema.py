"""The JSON Schema of a file's model, with the text under each field as its description.

pydantic could read those texts itself (`use_attribute_docstrings`), but it would do so whenever the
models are made: it parses their source files, which is a quarter of the time of `pwsched check`.
Only who asks for the schema needs them.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model and of those inside of it, with a description for each key."""
    found = model.model_json_schema(by_alias=True, schema_generator=_Describing)
    return {"$schema": _Describing.schema_dialect, **found}


class _Describing(GenerateJsonSchema):
    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        model, texts = schema["cls"], _texts(schema["cls"])
        for name, field in model.model_fields.items():
            if name in texts:
                found["properties"][field.alias or name]["description"] = texts[name]
        return found


def _texts(model: type[BaseModel]) -> Mapping[str, str]:
    """The texts under the fields of a model, also those that it inherits."""
    found: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= _own_texts(base)
    return found


def _own_texts(model: type[BaseModel]) -> Mapping[str, str]:
    (table,) = ast.parse(inspect.getsource(model)).body
    statements = table.body if isinstance(table, ast.ClassDef) else []
    found = {}
    for field, below in pairwise(statements):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
    return found
