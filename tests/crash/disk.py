"""What a disk may hold after a power cut, from the system calls of a process that wrote to it.

The rules are those of POSIX at their worst: what was written to a file since its last sync may be
there or not, each write for itself, in any order, and torn at sectors of 512 bytes; a file may have
its new length and zeros in it. Names that were made, moved or removed in a folder since its last
sync are there as far as any one of them, in their order, as journaling file systems keep it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

SECTOR = 512
CALLS = (
    "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,unlink,mkdir,"
    "writev,pwritev,truncate,renameat,renameat2,unlinkat,mkdirat,link,linkat,"
    "sendfile,copy_file_range,sync_file_range"
)
"""Recorded; of those in the second and the third line none is expected."""

_CALL = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)", re.DOTALL)
_UNFINISHED = re.compile(r"(\d+) +(.*) <unfinished \.\.\.>$", re.DOTALL)
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)$", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_FILE = re.compile(r"(\d+)<([^>]*)>")


class Call(NamedTuple):
    """A system call that succeeded. `path` is what it was about; the rest is as the call needs."""

    name: str
    path: Path
    content: bytes = b""
    offset: int = 0
    target: Path = Path()
    flags: str = ""


def calls_of(trace: Path) -> Iterator[Call]:
    """The calls in what `strace -f -y` wrote, in the order in which they ended."""
    positions: dict[str, int] = {}
    for line in _whole_lines(trace):
        match = _CALL.match(line)
        if match is None or match[4].startswith("-"):
            continue
        name, said, result = match[2], match[3], int(match[4])
        texts = [codecs.escape_decode(text.encode())[0] for text in _QUOTED.findall(said)]
        if name in {"rename", "unlink", "mkdir"}:
            paths = [Path(text.decode()) for text in texts]
            yield Call(name, paths[0], target=paths[-1])
        elif name == "openat":
            positions[str(result)] = 0
            yield Call(name, Path(texts[0].decode()), flags=said.rpartition('"')[2])
        else:
            file = _FILE.match(said)
            if file is None:
                continue
            descriptor, path = file[1], Path(file[2])
            last = int(said.rpartition(", ")[2]) if name in {"pwrite64", "ftruncate"} else 0
            if name == "write":
                last = positions.get(descriptor, 0)
                positions[descriptor] = last + result
            content = texts[0][:result] if texts else b""
            yield Call(name, path, content, last)


def _whole_lines(trace: Path) -> Iterator[str]:
    """Lines as if no thread had interrupted another."""
    begun: dict[str, str] = {}
    for line in trace.read_text("ascii").splitlines():
        if match := _UNFINISHED.match(line):
            begun[match[1]] = match[0].removesuffix(" <unfinished ...>")
        elif match := _RESUMED.match(line):
            yield begun.pop(match[1]) + match[2]
        else:
            yield line


Change = tuple[int, bytes | None]
"""Content at an offset, or `None` for a new length."""


@dataclass(eq=False)
class _File:
    """One file: what is on the disk of it, and what is on its way there."""

    kept: bytearray = field(default_factory=bytearray)
    waiting: list[Change] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.waiting:
            _apply(self.kept, change)
        self.waiting = []

    def after_a_cut(self, chance: Random, likely: float) -> bytes:
        content = bytearray(self.kept)
        for offset, written in self.waiting:
            fate = chance.random()
            if fate < likely * 0.8:
                _apply(content, (offset, written))
            elif written is not None and fate < likely:
                for start in range(0, len(written), SECTOR):
                    if chance.random() < 0.5:
                        _apply(content, (offset + start, written[start : start + SECTOR]))
            elif written is not None and fate > 0.95:
                content.extend(bytes(max(0, offset + len(written) - len(content))))
        return bytes(content)


def _apply(content: bytearray, change: Change) -> None:
    offset, written = change
    if written is None:
        del content[offset:]
        content.extend(bytes(offset - len(content)))
        return
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(written)] = written


Names = dict[Path, _File | None]
"""What lies in a folder; a folder in it has no file."""

Move = tuple[Path, Path | None, _File | None]
"""A name that is gone (or the same), a name that is there, and what it is of."""


class Disk:
    """The folder `top` on a disk, from empty on."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._now: Names = {}
        self._kept: Names = {}
        self._waiting: dict[Path, list[Move]] = {}

    def do(self, call: Call) -> None:
        """Follow a call. Raises `ValueError` for one that this disk does not know."""
        path = call.path
        if not path.is_relative_to(self._top):
            return
        if call.name == "openat":
            self._open(path, call.flags)
        elif call.name in {"write", "pwrite64", "ftruncate"}:
            self._change(path, (call.offset, None if call.name == "ftruncate" else call.content))
        elif call.name in {"fsync", "fdatasync"}:
            self._sync(path)
        elif call.name == "rename":
            self._move(path, call.target, self._now[path])
        elif call.name == "unlink":
            self._move(path, None, None)
        elif call.name == "mkdir":
            self._move(path, path, None)
        else:
            raise ValueError(f"nobody has said what {call.name} does to a disk")

    def after_a_cut(self, chance: Random) -> dict[Path, bytes | None]:
        """What may lie in the folder if the power fails now; a folder has no content."""
        names = dict(self._kept)
        for moves in self._waiting.values():
            for move in moves[: chance.randint(0, len(moves))]:
                _rename(names, move)
        likely = chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        return {
            path.relative_to(self._top): file and file.after_a_cut(chance, likely)
            for path, file in names.items()
            if path.parent == self._top or path.parent in names
        }

    def _open(self, path: Path, flags: str) -> None:
        if "O_CREAT" in flags and path not in self._now:
            self._move(path, path, _File())
        if "O_TRUNC" in flags:
            self._change(path, (0, None))

    def _change(self, path: Path, change: Change) -> None:
        file = self._now.get(path)
        if file is not None:  # not of one that was removed while it was open
            file.waiting.append(change)

    def _sync(self, path: Path) -> None:
        for move in self._waiting.pop(path, ()):
            _rename(self._kept, move)
        file = self._now.get(path)
        if file is not None:
            file.sync()

    def _move(self, path: Path, target: Path | None, file: _File | None) -> None:
        move = path, target, file
        _rename(self._now, move)
        self._waiting.setdefault(path.parent, []).append(move)


def _rename(names: Names, move: Move) -> None:
    gone, there, file = move
    names.pop(gone, None)
    if there is not None:
        names[there] = file


def cuts(
    calls: Sequence[Call], top: Path, count: int, seed: int
) -> Iterator[tuple[int, dict[Path, bytes | None]]]:
    """So many cuts: after how many of the calls, and what lies in `top` then."""
    chance = Random(seed)
    instants = sorted(chance.randint(0, len(calls)) for _ in range(count))
    disk, done = Disk(top), 0
    for instant in instants:
        for call in calls[done:instant]:
            disk.do(call)
        done = instant
        yield instant, disk.after_a_cut(chance)
