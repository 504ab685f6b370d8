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

LONGEST_LOOP = 100
"""Lines of the class that loops, and of the one that carries out actions."""

WORDS = frozenset({"scheduler.domain", "scheduler.errors"})
"""What every part of the application may speak of, beside the rules."""

ROOMS: dict[str, frozenset[str]] = {
    "rules.calendar": frozenset({"rules.errors"}),
    "rules.engine": frozenset(
        {"rules.calendar", "rules.domain", "rules.inputs", "rules.resolve", "rules.sources"}
    ),
    "rules.language": frozenset(
        {
            "rules.calendar",
            "rules.domain",
            "rules.engine",
            "rules.errors",
            "rules.inputs",
            "rules.resolve",
            "rules.sources",
        }
    ),
    "rules.terms": frozenset({"rules.calendar", "rules.errors", "rules.language"}),
    "rules.testing": frozenset(
        {
            "rules.domain",
            "rules.engine",
            "rules.errors",
            "rules.inputs",
            "rules.language",
            "rules.resolve",
        }
    ),
    "rules.timeline": frozenset(
        {
            "rules.calendar",
            "rules.domain",
            "rules.engine",
            "rules.inputs",
            "rules.resolve",
        }
    ),
    "rules.check": frozenset(
        {
            "rules.battery",
            "rules.calendar",
            "rules.domain",
            "rules.engine",
            "rules.inputs",
            "rules.language",
            "rules.resolve",
            "rules.sources",
        }
    ),
    "scheduler.words": frozenset(),
    "scheduler.domain": frozenset({"scheduler.words"}),
    "scheduler.errors": frozenset(),
    "scheduler.private_files": frozenset({"scheduler.errors"}),
    "scheduler.clock": frozenset(),
    "scheduler.inputs": WORDS,
    "scheduler.gateways": WORDS,
    "scheduler.gateways.local": WORDS
    | {"scheduler.clock", "scheduler.gateways", "scheduler.private_files"},
    "scheduler.gateways.pypowerwall": WORDS
    | {
        "scheduler.clock",
        "scheduler.gateways",
        "scheduler.gateways.local",
        "scheduler.private_files",
    },
    "scheduler.checking": WORDS,
    "scheduler.checking.proof": frozenset({"scheduler.checking", "scheduler.gateways"}),
    "scheduler.config": WORDS | {"scheduler.gateways", "scheduler.private_files"},
    "scheduler.control": frozenset({"scheduler.domain"}),
    "scheduler.journal": WORDS,
    "scheduler.journal.sqlite": WORDS | {"scheduler.clock", "scheduler.journal"},
    "scheduler.loop": WORDS
    | {
        "scheduler.clock",
        "scheduler.config",
        "scheduler.control",
        "scheduler.gateways",
        "scheduler.inputs",
        "scheduler.journal",
    },
    "scheduler.listeners": WORDS | {"scheduler.control", "scheduler.loop"},
    "scheduler.history": WORDS | {"scheduler.control", "scheduler.journal"},
    "scheduler.ipc": WORDS | {"scheduler.config", "scheduler.control", "scheduler.loop"},
    "scheduler.process": WORDS
    | {
        "scheduler.checking",
        "scheduler.clock",
        "scheduler.config",
        "scheduler.control",
        "scheduler.gateways",
        "scheduler.gateways.local",
        "scheduler.gateways.pypowerwall",
        "scheduler.inputs",
        "scheduler.ipc",
        "scheduler.journal",
        "scheduler.journal.sqlite",
        "scheduler.listeners",
        "scheduler.loop",
    },
    "scheduler.money": frozenset(),
    "scheduler.money.backtest": frozenset(
        {"scheduler.control", "scheduler.domain", "scheduler.money"}
    ),
    "scheduler.money.bill": frozenset({"scheduler.errors", "scheduler.money"}),
    "scheduler.money.lanes": frozenset(),
    "scheduler.money.measured": frozenset(
        {
            "scheduler.journal.sqlite",
            "scheduler.money",
            "scheduler.money.backtest",
            "scheduler.money.bill",
            "scheduler.money.intervals",
        }
    ),
    "scheduler.money.optimum": frozenset(
        {"scheduler.errors", "scheduler.money", "scheduler.money.bill", "scheduler.money.lanes"}
    ),
    "scheduler.money.comparison": frozenset({"scheduler.money.backtest", "scheduler.money.bill"}),
    "scheduler.money.sensitivity": frozenset(
        {
            "scheduler.money",
            "scheduler.money.backtest",
            "scheduler.money.bill",
            "scheduler.money.comparison",
        }
    ),
    "scheduler.money.tuning": frozenset(
        {
            "scheduler.errors",
            "scheduler.money",
            "scheduler.money.intervals",
            "scheduler.money.lanes",
            "scheduler.money.optimum",
        }
    ),
    "scheduler.money.intervals": frozenset(
        {
            "scheduler.errors",
            "scheduler.household",
            "scheduler.journal.sqlite",
            "scheduler.money",
        }
    ),
    "scheduler.money.report": frozenset(
        {
            "scheduler.errors",
            "scheduler.money",
            "scheduler.money.backtest",
            "scheduler.money.bill",
            "scheduler.money.comparison",
        }
    ),
    "scheduler.money.tariff_import": frozenset({"scheduler.errors"}),
    "scheduler.rule_tests": frozenset({"scheduler.control", "scheduler.domain"}),
    "scheduler.household": frozenset(),
    "scheduler.simulator": WORDS | {"scheduler.clock", "scheduler.gateways", "scheduler.household"},
}
"""The rooms below the commands, and the rooms that each may import."""

READ_OUTSIDE_DATA = {
    "rules.language.clauses",
    "rules.language.json_schema",
    "rules.language.source",
    "rules.language.model",
    "rules.language.problems",
    "rules.language.tariff_file",
    "rules.language.field_types",
    "rules.terms.file",
    "rules.testing.file",
    "rules.testing.house_model",
    "rules.testing.model",
    "scheduler.config.loading",
    "scheduler.config.tables",
    "scheduler.control.codec",
    "scheduler.inputs",
    "scheduler.ipc.server",
    "scheduler.simulator.fault_plan",
}
"""Where data comes in that this process did not make, and pydantic looks at it."""

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

FACES = tuple(room for room in ROOMS if FILES[room].name == "__init__.py")
"""Rooms of several modules; outsiders import what `__init__` names, and nothing else."""


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


def room_of(module: str) -> str:
    """The innermost room in which a module is; the module itself if it is in none."""
    rooms = (room for room in ROOMS if module == room or module.startswith(f"{room}."))
    return max(rooms, key=len, default=module)


@cache
def face(room: str) -> frozenset[str]:
    """What a room's `__init__` names."""
    for node in tree(room).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                return frozenset(ast.literal_eval(node.value))
    return frozenset()


def behind(room: str, importing: str) -> list[str]:
    """What a module imports of a room that is not on its face.

    On it are the names that `__init__` gives, and what is in a module that it names.
    """
    named = {f"{room}.{name}" for name in face(room)}
    return [
        name
        for name in names_in(importing)
        if name.startswith(f"{room}.")
        and room_of(name) == room
        and not any(name == each or name.startswith(f"{each}.") for each in named)
    ]


def lines_of(module: str, name: str) -> int:
    """The length of a class."""
    (found,) = (
        node
        for node in tree(module).body
        if isinstance(node, ast.ClassDef) and node.name == name and node.end_lineno is not None
    )
    assert found.end_lineno is not None
    return found.end_lineno - found.lineno + 1


def test_the_files_are_found() -> None:
    assert {"rules", "rules.engine", "scheduler.journal", "scheduler.cli.main"} <= set(FILES)
    assert "rules.engine" in imports("scheduler.control.tick")
    assert "scheduler.process" in imports("scheduler.cli.run")


def test_every_module_below_the_commands_is_in_a_room() -> None:
    above = {"scheduler", *below("scheduler.cli"), *below("scheduler.service")}
    assert {module for module in below("scheduler") if room_of(module) not in ROOMS} == above


def test_the_rooms_stand_one_upon_the_other() -> None:
    TopologicalSorter({room: {room_of(each) for each in ROOMS[room]} for room in ROOMS}).prepare()


def test_the_rules_know_nothing_of_the_application() -> None:
    assert breaches(below("rules"), "scheduler") == []


@pytest.mark.parametrize("module", sorted(set(below("rules")) - READ_OUTSIDE_DATA))
def test_the_rules_are_pure(module: str) -> None:
    assert imports(module) & OF_THE_WORLD == set()


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    strangers = [
        f"{module} imports {other}"
        for module in below(room)
        if room_of(module) == room
        for other in sorted(imports(module))
        if other.partition(".")[0] == room.partition(".")[0]
        and room_of(other) != room
        and room_of(other) not in ROOMS[room]
    ]
    assert strangers == []


@pytest.mark.parametrize("room", FACES)
def test_a_room_says_what_it_is_for(room: str) -> None:
    assert ast.get_docstring(tree(room))
    assert face(room)


@pytest.mark.parametrize("room", FACES)
def test_outsiders_import_what_a_room_shows(room: str) -> None:
    found = [
        f"{module} imports {name}"
        for module in FILES
        if room_of(module) != room
        for name in behind(room, module)
    ]
    assert found == []


def test_the_controller_is_pure() -> None:
    room = set(below("scheduler.control"))
    known = all_imports(room)
    shared = {*below("scheduler.domain"), "scheduler.words"}
    assert {module for module in known if module.startswith("scheduler.")} == room | shared
    of_the_world = OF_THE_WORLD | {"logging", "pathlib"}
    for module in room | shared:
        assert imports(module) & of_the_world == set(), module
    assert {module for module in room if "pydantic" in imports(module)} == {
        "scheduler.control.codec"
    }


def test_the_daemon_needs_no_simulator_no_money_and_no_pages() -> None:
    needed = all_imports(below("scheduler.process"))
    assert {"scheduler.control.tick", "scheduler.journal.sqlite.writer", "rules.engine"} <= needed
    strangers = ("simulator", "money", "web", "cli", "service")
    assert breaches(needed, *(f"scheduler.{name}" for name in strangers)) == []


def test_what_a_journal_and_a_gateway_need_has_no_controller_in_it() -> None:
    needed = all_imports([*below("scheduler.journal"), *below("scheduler.gateways")])
    assert breaches(needed, "scheduler.control", "scheduler.loop") == []


def test_the_loop_can_be_seen_at_a_glance() -> None:
    assert lines_of("scheduler.loop.site", "SiteLoop") < LONGEST_LOOP
    assert lines_of("scheduler.loop.driver", "Driver") < LONGEST_LOOP


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
    assert {module for module in FILES if "pydantic" in imports(module)} == READ_OUTSIDE_DATA


@pytest.mark.parametrize(
    ("library", "places"),
    [
        (
            "httpx",
            {
                "scheduler.gateways.local.adapter",
                "scheduler.gateways.local.connection",
                "scheduler.gateways.local.transport",
                "scheduler.gateways.pypowerwall.fleet.transport",
                "scheduler.gateways.pypowerwall.signed.transport",
            },
        ),
        ("apscheduler", {"scheduler.clock"}),
        (
            "cryptography",
            {"scheduler.simulator.certificate", "scheduler.simulator.signed.envelope"},
        ),
        ("h11", {"scheduler.simulator.server"}),
    ],
)
def test_a_library_is_used_in_one_place(library: str, places: set[str]) -> None:
    assert {module for module in FILES if library in imports(module)} == places


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("alembic", "scheduler.journal.sqlite"),
        ("pypowerwall", "scheduler.gateways.pypowerwall"),
        ("requests", "scheduler.gateways.pypowerwall.signed"),
        ("sqlalchemy", "scheduler.journal.sqlite"),
        ("sqlite3", "scheduler.journal.sqlite"),
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
