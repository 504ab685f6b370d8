"""The documents say what is so: commands parse, links lead somewhere, examples load."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from rules.language import load_rules
from scheduler.cli import main
from scheduler.config import load_config

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDER = "sha256:..."


class Block(NamedTuple):
    """A fenced block of a document."""

    document: str
    language: str
    text: str


def documents() -> list[Path]:
    return sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")})


BLOCKS = [
    Block(str(path.relative_to(ROOT)), found[1], found[2])
    for path in documents()
    for found in FENCE.finditer(path.read_text("utf-8"))
]


def commands(program: str) -> Iterator[str]:
    """Every call of a program in a fenced block, as it would be typed."""
    for block in BLOCKS:
        for line in block.text.replace("\\\n", " ").splitlines():
            words = line.strip().removeprefix("$ ")
            if words.startswith(f"{program} "):
                yield words


def examples(mark: str) -> list[str]:
    return [block.text for block in BLOCKS if block.language == "toml" and mark in block.text]


def test_there_is_something_to_look_at() -> None:
    assert list(commands("pwsched"))
    assert list(commands("make"))
    assert examples("language =")
    assert examples("[[site]]")
    assert [block for block in BLOCKS if block.language == "python"]


@pytest.mark.parametrize("line", sorted(set(commands("pwsched"))))
def test_every_command_of_the_documents_exists(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    if words[-1] != "--help":
        words.append("--help")
    ended = CliRunner().invoke(main.application(), words)
    assert ended.exit_code == 0, ended.output
    assert "Usage:" in ended.output


@pytest.mark.parametrize("line", sorted(set(commands("make"))))
def test_every_make_target_of_the_documents_exists(line: str) -> None:
    ended = subprocess.run(
        ["make", "--dry-run", *shlex.split(line, comments=True)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    targets = LINK.findall(FENCE.sub("", document.read_text("utf-8")))
    relative = [target for target in targets if not re.match(r"[a-z]+:|#", target)]
    missing = [
        target for target in relative if not (document.parent / target.partition("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("text", examples("language ="))
def test_every_rule_file_of_the_documents_is_sound(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    assert load_rules([path]).state_rules


@pytest.mark.parametrize("text", examples("[[site]]"))
def test_every_configuration_of_the_documents_can_be_used(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pwsched.toml"
    path.write_text(text.replace(PLACEHOLDER, f"sha256:{'0' * 64}"))
    assert load_config(path).sites


@pytest.mark.parametrize("text", [block.text for block in BLOCKS if block.language == "python"])
def test_every_program_of_the_documents_runs(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(ROOT)
    assert "assert " in text
    exec(compile(text, "a document", "exec"), {})  # noqa: S102 -- our own documents


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda p: p.name)
def test_every_example_is_sound(path: Path) -> None:
    rules = load_rules([path])
    assert rules.state_rules or rules.event_rules
