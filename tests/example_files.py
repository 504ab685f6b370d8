"""The files of examples/: rules and their tests."""

from __future__ import annotations

from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"

TEST_FILES = sorted(EXAMPLES.rglob("*.test.toml"))

RULE_FILES = [path for path in sorted(EXAMPLES.rglob("*.toml")) if path not in TEST_FILES]

SINGLE = [path for path in RULE_FILES if path.parent == EXAMPLES]
"""Rule files that need no other."""
