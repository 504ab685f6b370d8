"""The process that makes the proof: a question on stdin, its answer on stdout.

It is to be no trouble to its daemon: it is the first to go where memory runs out, and it ends when
the daemon does.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread

from scheduler.checking import Question
from scheduler.checking.proof.ground import answer

STDIN = 0


def main() -> None:
    """Answer one question."""
    _go_first()
    question = Question.from_json(json.loads(_line()))
    Thread(target=_end_with_the_daemon, daemon=True).start()
    sys.stdout.write(json.dumps(answer(question).to_json()))


def _go_first() -> None:
    """Where memory runs out: 1000 is the most that a process can offer itself (proc(5))."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _line() -> bytes:
    """All up to the end of the line; nothing comes after it."""
    read = b""
    while not read.endswith(b"\n") and (more := os.read(STDIN, 65_536)):
        read += more
    return read


def _end_with_the_daemon() -> None:
    """The daemon holds the other end of stdin for as long as it wants an answer."""
    os.read(STDIN, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
