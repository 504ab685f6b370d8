"""`pwsched` itself: what a call of it costs before it does anything."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = ("alembic", "apscheduler", "asyncio", "cryptography", "httpx", "rich", "sqlalchemy")
OF_RULES = ("rules.calendar", "rules.engine", "rules.language")
OF_OURS = (*OF_RULES, "scheduler.config", "scheduler.domain")
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
    code = CALL.format(arguments=arguments, heavy=(*HEAVY, *OF_OURS, OF_TYPER))
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout
    return said.stderr.split()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_before_there_is_a_command_nothing_heavy_is_imported(option: str) -> None:
    assert loaded_by(option) == []


@pytest.mark.parametrize(
    "command", ["check", "demo", "history", "journal", "plan", "run", "simulate gateway"]
)
def test_the_help_of_a_command_imports_nothing_heavy(command: str) -> None:
    assert loaded_by(*command.split(), "--help") == [OF_TYPER]


def test_a_check_imports_the_rules_and_nothing_else() -> None:
    assert set(loaded_by("check", "examples/tou_sce.toml")) == {*OF_RULES, OF_TYPER}


def test_a_plan_without_a_home_needs_no_controller_and_no_gateway() -> None:
    loaded = set(loaded_by("plan", "examples/tou_sce.toml"))
    assert loaded <= {*OF_RULES, OF_TYPER, "rich", "scheduler.domain"}


def test_a_call_makes_no_other_command_than_its_own() -> None:
    others = ("scheduler.cli.journal", "scheduler.cli.why", "scheduler.cli.check")
    code = CALL.format(arguments=("check", "--help"), heavy=others)
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stderr.split() == ["scheduler.cli.check"]


def test_nobody_looks_for_plug_ins_of_pydantic() -> None:
    code = (
        "import importlib.metadata, sys, pwsched\n"
        "importlib.metadata.entry_points = None\n"  # who calls it fails
        "sys.argv = ['pwsched', 'check', 'examples/tou_sce.toml']\n"
        "pwsched.main()\n"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYDANTIC_")}
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
