"""The documents say what is so: commands parse, links lead somewhere, examples load."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from example_files import SINGLE
from typer.testing import CliRunner

from rules.language import load_rules
from scheduler.cli import main
from scheduler.config import load_config

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDER = "sha256:..."
HEADING = re.compile(r"^### (.*)$", re.MULTILINE)


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


def test_every_path_that_contributors_are_sent_to_exists() -> None:
    text = FENCE.sub("", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    paths = re.findall(r"`([\w./-]+/[\w.-]*)`", text)
    assert "rules/language/clauses.py" in paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@cache
def texts_of_the_program() -> str:
    """Every string of the program, one a line; what a format string fills in is "…"."""
    files = [path for room in ("rules", "scheduler") for path in (ROOT / room).rglob("*.py")]
    return "\n".join(
        _text_of(node)
        for path in (*files, ROOT / "pwsched.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant | ast.JoinedStr)
    )


def _text_of(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
    )


@pytest.mark.parametrize(
    "heading", HEADING.findall((ROOT / "docs" / "troubleshooting.md").read_text("utf-8"))
)
def test_every_heading_of_the_troubleshooting_page_is_a_message(
    heading: str,
) -> None:
    fragments = [each.strip() for each in re.split("…|, ", heading)]
    missing = [each for each in fragments if each not in texts_of_the_program()]
    assert missing == []


def anchors(document: Path) -> set[str]:
    """The names of a document's headings in links, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", document.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_every_link_to_a_heading_leads_to_one(document: Path) -> None:
    targets = LINK.findall(FENCE.sub("", document.read_text("utf-8")))
    local = [target.partition("#") for target in targets if not re.match(r"[a-z]+:", target)]
    missing = [
        f"{file}#{anchor}"
        for file, _, anchor in local
        if anchor and anchor not in anchors(document.parent / file if file else document)
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


@pytest.mark.parametrize("path", SINGLE, ids=lambda p: p.name)
def test_every_example_is_sound(path: Path) -> None:
    rules = load_rules([path])
    assert rules.state_rules or rules.event_rules
