"""Has the proof made by a child process, so that no tick ever waits for it.

A child is also what can be broken off at any moment, and it gives its memory back.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler.checking.question import Answer, CheckUnfinished, Question

if TYPE_CHECKING:
    from asyncio.subprocess import Process

PROGRAM = "scheduler.checking.proof"
PACKAGES = Path(__file__).parents[2]
"""Where the child finds the packages that we are."""


async def ask(question: Question, longest: float) -> Answer:
    """The answer to a question, for which a child has `longest` seconds.

    Raises `CheckUnfinished`. Where it is cancelled the child ends too.
    """
    import asyncio

    try:
        # -P: nothing is imported from whatever folder the daemon was started in.
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", PROGRAM),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise CheckUnfinished(f"no process can be started for it: {reason}") from None
    try:
        async with asyncio.timeout(longest):
            said = await _said(child, question)
    except TimeoutError:
        raise CheckUnfinished(f"it took longer than {longest:.0f} s") from None
    finally:
        await _end(child)
    return said


async def _said(child: Process, question: Question) -> Answer:
    if child.stdin is None or child.stdout is None:
        raise ValueError("a child is started with pipes")
    try:
        child.stdin.write(json.dumps(question.to_json()).encode() + b"\n")
        await child.stdin.drain()
        said = await child.stdout.read()
    except OSError:  # it has gone
        said = b""
    code = await child.wait()
    if code != 0:
        raise CheckUnfinished(f"its process ended with {code}")
    return Answer.from_json(json.loads(said))


async def _end(child: Process) -> None:
    if child.stdin is not None:
        child.stdin.close()
    if child.returncode is None:
        child.kill()
        await child.wait()


def _environment() -> dict[str, str]:
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGES), known)))}
