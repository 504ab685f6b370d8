"""The commands in commands.md, made of what `--help` says and of what they really print.

The examples are called in a folder that has everything they name: rules, a configuration, and the
journal of a simulated afternoon.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from typer.main import get_command

from scheduler.cli.exit_codes import EXIT_CODES, FALLS_SHORT
from scheduler.cli.main import application, main
from scheduler.household import Household
from scheduler.money.intervals import synthetic

ROOT = Path(__file__).parents[1]
DOCUMENT = Path(__file__).with_name("commands.md")

PARTS = re.compile(r"(<!-- (exit codes|commands) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)

CONFIGURATION = """\
[[site]]
name   = "home"
rules  = ["my_rules.toml", "storms.toml"]
inputs = "inputs"

[site.gateway]
host = "192.168.1.50"

[site.safety]
reserve_floor = 10
safe          = { mode = "self_consumption", reserve = 20 }
"""


FAILING = """\
rules = "my_rules.toml"

[[test]]
name  = "half full at one"
start = "2026-07-06 11:00"
given = { soe = 40 }

[[test.expect]]
at      = "13:00"
winner  = "full before the peak"
setting = { mode = "backup", reserve = 60 }
"""


STORMS = """\
[[rule]]
name     = "a storm is coming"
priority = 100
while    = { flag = "storm" }
set      = { battery = "charge", to = 100 }
"""


class Example(NamedTuple):
    """A call that is made, and whether what it prints is shown; `about` stands above it."""

    line: str
    about: str = ""
    code: int = 0


ALL = "--config pwsched.toml"
ZONE = "--timezone America/Los_Angeles"
EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "check": (
        Example("check my_rules.toml --from 2026-07-01"),
        Example("check wrong.toml", "With mistakes, all of them at once:", 2),
    ),
    "test": (
        Example("test my_rules.test.toml"),
        Example("test failing.test.toml", "Where a test fails:", 1),
    ),
    "plan": (
        Example("plan my_rules.toml --from 2026-07-17T13:00 --hours 24"),
        Example(
            "plan my_rules.toml --from 2026-07-17T13:00 --hours 12 --soe 40 --home 7",
            "With a simulated home:",
        ),
    ),
    "explain": (Example("explain my_rules.toml --at 2026-07-15T16:05 --soe 40 --grid up"),),
    "backtest": (
        Example("backtest my_rules.toml --history two_weeks.csv --export flat --export-price 0.05"),
    ),
    "status": (Example(f"status {ALL}", "Where no daemon runs:", 1),),
    "reload": (Example(f"reload {ALL}", "Where no daemon runs:", 1),),
    "replay": (
        Example(f"replay --rules new.toml --since 2026-07-15 --until 2026-07-16T00:00 {ALL}"),
    ),
    "why": (
        Example(f"why --at 2026-07-15T13:00 {ALL}"),
        Example(f"why --at 2026-07-14T13:00 {ALL}", "Where nothing is known:", 1),
    ),
    "flag": (Example(f"flag storm on {ALL}"), Example(f"flag storm off {ALL}")),
    "journal": (Example(f"journal --since 2026-07-15T22:00 --kind intent --kind outcome {ALL}"),),
    "journal export": (
        Example(f"journal export --format csv --kind outcome --since 2026-07-15T21:30 {ALL}"),
    ),
    "journal verify": (Example(f"journal verify {ALL}"),),
    "tariff list": (Example("tariff list"),),
    "history": (Example(f"history home.csv {ZONE}", "", 1),),
}
"""What is really called, by command."""

ELSEWHERE: Mapping[str, str] = {
    "demo": "It prints each decision as it is made, and a summary at the end: the picture in the"
    " [README](../README.md). With another route, the summary also says what that was asked and"
    " what it would have cost ([What if](running.md#what-if)).",
    "run": "It logs what it does to stderr, a line for each thing that is recorded."
    " [Running pwsched](running.md) tells how to begin.",
    "hold": "It prints what is held, and until when ([Manual holds](running.md#manual-holds)).",
    "resume": "It prints what ended ([Manual holds](running.md#manual-holds)).",
    "release": "It prints the safe state ([Manual holds](running.md#manual-holds)).",
    "schema": "It prints one JSON document ([The rule language](rules.md#a-first-file)).",
    "simulate gateway": "It prints its certificate, login and password, and the lines for"
    " `pwsched.toml` ([The simulated gateway](simulator.md)).",
    "simulate faults": "It prints one line for each fault, and how to write a script of them.",
    "autonomous": "It prints a table ([Tesla's own control](money/autonomous.md)).",
    "optimum": "It prints a table ([What was possible](money/optimum.md)).",
    "tune": "It prints a rule file"
    " ([What was possible](money/optimum.md#rules-from-your-own-data)).",
    "tariff import": "It prints the tariff file, or where it is"
    " ([Tariffs](tariffs.md#from-another-format)).",
    "tariff show": "[Tariffs](tariffs.md#from-a-bill-to-a-file) shows what it prints.",
}
"""What is said instead of an example."""


class Said(NamedTuple):
    """What a call printed, and its exit code."""

    text: str
    code: int


def page() -> str:
    """The page with its table of exit codes and its commands written anew."""
    with _house() as folder:
        sections = [
            part for name, command in commands().items() for part in _section(name, command, folder)
        ]
    parts = {"exit codes": _exit_codes(), "commands": "\n".join(["", *sections, ""])}
    return PARTS.sub(
        lambda found: f"{found[1]}{parts[found[2]]}{found[3]}", DOCUMENT.read_text("utf-8")
    )


def commands() -> dict[str, Any]:
    """Every command by the words that call it; a group only if it does something by itself."""
    found: dict[str, Any] = {}
    for name, command in get_command(application()).commands.items():
        inner = getattr(command, "commands", {})
        if not inner or command.invoke_without_command:
            found[name] = command
        found |= {f"{name} {each}": inside for each, inside in sorted(inner.items())}
    return found


def said(line: str, folder: Path) -> Said:
    """Call `pwsched` in a folder; its exit code and what a terminal of 80 columns shows."""
    printed, code = io.StringIO(), 0
    with (
        chdir(folder),
        patch.dict(os.environ, {"COLUMNS": "80"}),
        patch.object(sys, "argv", ["pwsched", *line.split()]),
        redirect_stdout(printed),
        redirect_stderr(printed),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    text = re.sub(r"\b[0-9a-f]{64}\b", "…", printed.getvalue())
    text = re.sub(r", \w{3} \d\d:\d\d in ", ", Thu 16:05 in ", text)  # the time of the call
    return Said("\n".join(each.rstrip() for each in text.splitlines()).strip("\n"), code)


def fenced(line: str, folder: Path, code: int = 0) -> list[str]:
    """A call and what it prints, as blocks. Raises `ValueError` for another exit code."""
    heard = said(line, folder)
    if heard.code != code:
        raise ValueError(f"pwsched {line}: exit code {heard.code}, not {code}: {heard.text}")
    note = f"   # exit code {code}" if code else ""
    return [f"```console\n$ pwsched {line}{note}\n```\n", f"```text\n{heard.text}\n```\n"]


def _exit_codes() -> str:
    rows = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    return "\n".join(("| code | meaning |", "|---|---|", *rows, ""))


def _section(name: str, command: Any, folder: Path) -> Iterator[str]:  # noqa: ANN401 -- typer's own
    yield f"## {name}\n"
    yield f"{' '.join(command.help.split())}\n"
    yield _options(command)
    if name in FALLS_SHORT:
        yield f"Exit code 1: {FALLS_SHORT[name]}.\n"
    if name in ELSEWHERE:
        yield f"{ELSEWHERE[name]}\n"
    for example in EXAMPLES.get(name, ()):
        if example.about:
            yield f"{example.about}\n"
        yield from fenced(example.line, folder, example.code)


def _options(command: Any) -> str:  # noqa: ANN401 -- typer's own
    context = command.make_context(command.name, [], resilient_parsing=True)
    records = [found for each in command.params if (found := each.get_help_record(context))]
    rows = [f"| `{_cell(names)}` | {_cell(meaning)} |" for names, meaning in records]
    if not rows:
        return "It takes no arguments.\n"
    return "\n".join(("| argument or option | meaning |", "|---|---|", *rows, ""))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _two_weeks(household: Household) -> str:
    """Two weeks of a household, as the CSV of a history."""
    from house import local

    hours = [local(7, 6, "00:00") + n * timedelta(hours=1) for n in range(14 * 24)]
    rows = [
        f"{hour.astimezone(household.timezone).isoformat()},{household.load_w(hour) / 1000:.3f},"
        f"{household.solar_w(hour) / 1000:.3f}"
        for hour in hours
    ]
    return "\n".join(["time,load_kW,solar_kW", *rows, ""])


@contextmanager
def _house() -> Iterator[Path]:
    """The folder of the examples."""
    from house import EXAMPLES as SHIPPED
    from house import LOS_ANGELES, House, local

    rules = (SHIPPED / "tou_sce.toml").read_text("utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        household, poll = Household(7, LOS_ANGELES), timedelta(minutes=1)
        house = House(
            folder, rules, local(7, 15, "11:30"), soe=45.0, poll=poll, household=household
        )
        house.play(local(7, 15, "17:00"))
        shutil.move(house.rules, folder / "my_rules.toml")
        (folder / "new.toml").write_text(rules.replace("to = 60", "to = 80"))
        wrong = rules.replace("soe_below = 30", "soe_below = 400").replace("12:00-14", "12-14")
        (folder / "wrong.toml").write_text(wrong)
        (folder / "two_weeks.csv").write_text(_two_weeks(household))
        (folder / "storms.toml").write_text(STORMS)
        (folder / "pwsched.toml").write_text(CONFIGURATION)
        shutil.copy(SHIPPED / "tou_sce.test.toml", folder / "my_rules.test.toml")
        (folder / "failing.test.toml").write_text(FAILING)
        (folder / "home.csv").write_text("".join(_history(household)))
        yield folder


def _history(household: Household) -> Iterator[str]:
    """A spring and a summer of a home as CSV, with a hole and a negative load."""
    start, end = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 8))
    data = synthetic(household, start, end, timedelta(hours=1))
    yield "time,load_kW,solar_kW,temperature\n"
    for number, (at, *watts) in enumerate(
        zip(data.times(), data.load_w, data.solar_w, strict=True)
    ):
        load, solar = (each / 1000 for each in watts)
        if not 1000 <= number < 1005:
            sign = "-" if number == 2000 else ""
            yield f"{at.isoformat()},{sign}{load:.3f},{solar:.3f},21\n"
