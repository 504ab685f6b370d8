"""`pwsched` itself: what a call of it costs before it does anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = ("alembic", "apscheduler", "asyncio", "cryptography", "httpx", "rich", "sqlalchemy")
OF_TYPER = "pydantic"
"""Typer imports it by itself to read the arguments of a command."""

CALL = """
import sys
from scheduler.cli.main import main
sys.argv = ["pwsched", *{arguments!r}]
try:
    main()
finally:
    print(*(name for name in {heavy!r} if name in sys.modules), file=sys.stderr)
"""


def loaded_by(*arguments: str) -> list[str]:
    """The heavy modules that a call imports, in a process of its own."""
    code = CALL.format(arguments=arguments, heavy=(*HEAVY, OF_TYPER))
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout
    return said.stderr.split()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_before_there_is_a_command_nothing_heavy_is_imported(option: str) -> None:
    assert loaded_by(option) == []


@pytest.mark.parametrize("command", ["check", "demo", "journal", "run", "simulate gateway"])
def test_the_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    assert loaded_by(*command.split(), "--help") == [OF_TYPER]
