"""The child process that makes the proof: the same answer, and nothing left of it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from forked import ROOT
from house import AFTERNOON, BASE
from processes import PATIENCE_S, environment

from rules.check import Code, Finding
from rules.domain import Export
from rules.inputs import Inputs
from rules.language import load_rules
from rules.resolve import Limits
from scheduler.checking import CheckUnfinished, Question, ask, beside
from scheduler.checking.proof import answer
from scheduler.checking.proof.ground import refuses

FIRST = date(2026, 7, 15)


def question(folder: Path, text: str = AFTERNOON) -> Question:
    path = folder / "rules.toml"
    path.write_text(text)
    limits = Limits(grid_charging=False, export=Export.SOLAR, reserve_floor=30)
    return Question(load_rules([path]).sources, limits, Inputs({"storm": None}), FIRST)


@dataclass
class Children:
    """The processes that were started."""

    processes: list[Process] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def codes(self) -> list[int | None]:
        return [each.returncode for each in self.processes]


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Children:
    start, children = asyncio.create_subprocess_exec, Children()

    async def watched(*words: str, **more: object) -> Process:
        child = await start(*words, **more)  # type: ignore[arg-type]
        children.processes.append(child)
        children.started.set()
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    return children


def test_a_child_answers_as_this_process_does(tmp_path: Path, children: Children) -> None:
    asked = question(tmp_path)
    said = asyncio.run(ask(asked, PATIENCE_S))
    assert said == answer(asked)
    assert {each.text.partition(":")[0] for each in said.findings} == {"out-of-reach", "left-on"}
    assert children.codes == [0]


def test_one_that_takes_too_long_is_ended(tmp_path: Path, children: Children) -> None:
    with pytest.raises(CheckUnfinished, match="it took longer than 0 s"):
        asyncio.run(ask(question(tmp_path), 0.0))
    assert children.codes == [-9]


def test_one_whose_answer_nobody_wants_any_more_is_ended(
    tmp_path: Path, children: Children
) -> None:
    async def broken_off() -> None:
        asking = asyncio.create_task(ask(question(tmp_path), PATIENCE_S))
        await children.started.wait()
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()

    asyncio.run(broken_off())
    assert children.codes == [-9]


def test_one_that_fails_has_come_to_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "PROGRAM", "scheduler.no_such_program")
    with pytest.raises(CheckUnfinished, match="its process ended with 1"):
        asyncio.run(ask(question(tmp_path), PATIENCE_S))


def test_one_that_cannot_be_started_has_come_to_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(CheckUnfinished, match="no process can be started for it: no such file"):
        asyncio.run(ask(question(tmp_path), PATIENCE_S))


def test_it_ends_with_its_daemon_however_that_ends(tmp_path: Path) -> None:
    rules = "".join(
        f'[[rule]]\nname = "{each}"\npriority = {each}\n'
        f"while = {{ soe_above = {each / 2 + 0.3}, load_above = {each * 37} }}\n"
        f"set = {{ reserve = {each % 80} }}\n"
        for each in range(1, 190)
    )
    asked = question(tmp_path, BASE + rules)  # seconds of work
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", beside.PROGRAM],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    out, _ = child.communicate(json.dumps(asked.to_json()).encode() + b"\n", PATIENCE_S)
    assert (child.returncode, out) == (1, b"")


def test_the_folder_it_is_started_in_lends_it_no_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "__init__.py").write_text("raise SystemExit(7)")
    asked = question(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert asyncio.run(ask(asked, PATIENCE_S)) == answer(asked)


@pytest.mark.parametrize("code", Code)
def test_new_rules_are_refused_for_errors_and_not_for_what_nobody_could_decide(code: Code) -> None:
    found = Finding(code, "a sentence", ())
    assert refuses(found) is (found.is_error and code is not Code.UNDECIDED)
    assert not refuses(Finding(Code.UNDECIDED, "a sentence", ()))
