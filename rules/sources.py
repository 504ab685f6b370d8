"""The texts that a rule set was made of: whoever keeps them can make it again.

Everything that decides is in them, the priced periods too: a tariff changes under a rule file that
stays the same, an owner's own as well as a shipped one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file by its name, without the folder, and what stands in it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Rule files in their order, and the tariff that the base file names."""

    rules: tuple[SourceFile, ...]
    tariff: SourceFile | None

    @property
    def digest(self) -> str:
        """SHA-256 over the names and texts of all files, as hexadecimal."""
        found = hashlib.sha256()
        for file in (*self.rules, *([self.tariff] if self.tariff else [])):
            found.update(f"{file.name}\0{len(file.text)}\0{file.text}".encode())
        return found.hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "rules": [_to_json(file) for file in self.rules],
            "tariff": None if self.tariff is None else _to_json(self.tariff),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Sources:
        """What `to_json` wrote."""
        tariff = kept["tariff"]
        return cls(
            tuple(SourceFile(**file) for file in kept["rules"]),
            None if tariff is None else SourceFile(**tariff),
        )


def _to_json(file: SourceFile) -> dict[str, str]:
    return {"name": file.name, "text": file.text}
