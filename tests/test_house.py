"""The house keeps its order: who may import whom, and what may be done only in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 450

DAEMON = ("scheduler.daemon", "scheduler.supervisor")
WORDS = {"scheduler.errors", "scheduler.clock", "scheduler.gateways.protocol", "scheduler.domain"}
"""What every part of the application may speak of."""

READ_OUTSIDE_DATA = {
    "rules.clause",
    "rules.load",
    "rules.model",
    "rules.problems",
    "rules.tariff_file",
    "rules.written",
    "scheduler.cli.schema",
    "scheduler.config",
    "scheduler.control",
    "scheduler.inputs",
    "scheduler.simulator.faults",
}
"""Where files of people come in, and pydantic looks at them."""

OF_THE_WORLD = {
    "asyncio", "httpx", "os", "random", "socket", "sqlalchemy", "sqlite3", "subprocess",
    "threading", "time",
}  # fmt: skip
"""Clock, network, database, chance: nothing of it is pure."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {
    name_of(path): path
    for folder in ("rules", "scheduler")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text("utf-8"))


def names_in(module: str) -> Iterator[str]:
    """Every name that is imported anywhere in a module, also inside a function."""
    for node in ast.walk(tree(module)):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                assert node.level == 0, f"{module}: relative import"
                assert node.module is not None
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that a module imports: ours in full, others by their first name."""
    found = set()
    for name in names_in(module):
        package = name.partition(".")[0]
        if package not in {"rules", "scheduler"}:
            found.add(package)
        else:
            found.add(name if name in FILES else name.rpartition(".")[0])
    return frozenset(found)


def below(package: str) -> list[str]:
    return [name for name in FILES if name == package or name.startswith(f"{package}.")]


def all_imports(modules: Iterable[str]) -> set[str]:
    """What these modules import of ours, and what that imports, and so on."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in FILES and module not in found:
            found.add(module)
            waiting += imports(module)
    return found


def breaches(importing: Iterable[str], *forbidden: str) -> list[str]:
    """Each import of a module in a forbidden package, as a sentence."""
    return [
        f"{module} imports {other}"
        for module in importing
        for other in sorted(imports(module))
        if any(other == package or other.startswith(f"{package}.") for package in forbidden)
    ]


def test_the_files_are_found() -> None:
    assert {"rules", "rules.engine", "scheduler.journal", "scheduler.cli.main"} <= set(FILES)
    assert "rules.engine" in imports("scheduler.daemon")
    assert "scheduler.supervisor" in imports("scheduler.cli.run")


def test_the_rules_know_nothing_of_the_application() -> None:
    assert breaches(below("rules"), "scheduler") == []


@pytest.mark.parametrize("module", sorted(set(below("rules")) - READ_OUTSIDE_DATA))
def test_the_rules_are_pure(module: str) -> None:
    assert imports(module) & OF_THE_WORLD == set()


def test_the_daemon_needs_no_simulator_no_money_and_no_pages() -> None:
    needed = all_imports(DAEMON)
    assert {"scheduler.writes", "scheduler.journal.writer", "rules.engine"} <= needed
    strangers = ("simulator", "money", "web", "cli", "service")
    assert breaches(needed, *(f"scheduler.{name}" for name in strangers)) == []


@pytest.mark.parametrize("package", ["scheduler.journal", "scheduler.gateways"])
def test_journal_and_gateways_stand_on_their_own(package: str) -> None:
    allowed = WORDS | set(below(package)) | set(below("rules"))
    ours = {other for module in below(package) for other in imports(module) if other in FILES}
    assert ours - allowed == set()


def test_what_decides_and_concludes_touches_nothing() -> None:
    pure = ["scheduler.reconcile", "scheduler.applying", "scheduler.observing"]
    for module in pure:
        ours = {other for other in imports(module) if other.startswith("scheduler")}
        assert ours - WORDS - set(pure) == set(), module
        assert imports(module) & OF_THE_WORLD == set(), module


def test_nobody_imports_the_commands() -> None:
    assert breaches(set(FILES) - set(below("scheduler.cli")), "scheduler.cli") == []


def test_only_commands_import_simulator_and_service() -> None:
    for package in ("scheduler.simulator", "scheduler.service"):
        others = set(FILES) - set(below("scheduler.cli")) - set(below(package))
        assert breaches(others, package) == []


def test_nothing_goes_in_a_circle() -> None:
    # A package is imported with each of its modules, so its own __init__ is left out.
    graph = {
        module: {other for other in imports(module) if other in FILES and other != module}
        for module in FILES
    }
    TopologicalSorter(graph).prepare()


def test_only_the_clock_reads_the_time() -> None:
    read = [
        f"{module}:{node.lineno}: {node.value.id}.{node.attr}"
        for module in FILES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr)
        in {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
    ]
    importing = {module for module in FILES if "time" in imports(module)}
    assert importing == {"scheduler.clock"}
    assert [place.partition(":")[0] for place in read] == ["scheduler.clock"]


def test_only_commands_print() -> None:
    printing = {
        module
        for module in FILES
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    }
    assert printing <= set(below("scheduler.cli"))
    assert printing


def test_pydantic_stays_where_outside_data_comes_in() -> None:
    assert {module for module in FILES if "pydantic" in imports(module)} <= READ_OUTSIDE_DATA


@pytest.mark.parametrize(
    ("library", "places"),
    [
        ("httpx", {"scheduler.gateways.local", "scheduler.gateways.transport"}),
        ("apscheduler", {"scheduler.clock"}),
        ("cryptography", {"scheduler.simulator.certificate"}),
        ("h11", {"scheduler.simulator.server"}),
    ],
)
def test_a_library_is_used_in_one_place(library: str, places: set[str]) -> None:
    assert {module for module in FILES if library in imports(module)} == places


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("alembic", "scheduler.journal"),
        ("sqlalchemy", "scheduler.journal"),
        ("rich", "scheduler.cli"),
    ],
)
def test_a_library_is_used_in_one_package(library: str, package: str) -> None:
    using = {module for module in FILES if library in imports(module)}
    assert using
    assert using <= set(below(package))


def test_no_file_is_too_long_to_read() -> None:
    paths = [*FILES.values(), *(ROOT / "migrations").rglob("*.py")]
    long = {
        str(path.relative_to(ROOT)): length
        for path in paths
        if (length := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}
