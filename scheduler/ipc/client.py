"""Speaking to the daemon that runs, by its control socket."""

from __future__ import annotations

import grp
import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scheduler.config import Config
from scheduler.errors import ConfigProblem, NotAnswered

PATIENCE_S = 210.0
"""Seconds to wait for an answer: the longest tick is one whose every request is timed out.

To wait for what came of a request is half a minute more.
"""


def ask(config: Config, command: str, **arguments: object) -> dict[str, Any] | None:
    """What the daemon answers; `None` where none runs for this configuration.

    Raises `NotAnswered` with the daemon's reason if it refuses, and `ConfigProblem` where one
    runs that may not be spoken to.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    request = {"command": command, "journal": str(config.journal.resolve()), **given}
    for path in config.sockets():
        answer = _ask(path, request)
        if answer is None or "another" in answer:
            continue
        if not answer.get("ok"):
            raise NotAnswered(str(answer.get("error")), int(answer.get("exit", 2)))
        return answer
    return None


def _ask(path: Path, request: Mapping[str, object]) -> dict[str, Any] | None:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
            asking.settimeout(PATIENCE_S)
            asking.connect(str(path))
            with suppress(BrokenPipeError):  # turned away at the door, with an answer
                asking.sendall(json.dumps(request).encode() + b"\n")
            with asking.makefile("rb") as answering:
                answer = json.loads(answering.readline() or b"null")
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        return None
    except PermissionError:
        raise ConfigProblem(
            f"{path}: you may not speak to the daemon; {_whom_to_join(path)}"
        ) from None
    except TimeoutError:
        raise NotAnswered(f"the daemon did not answer within {PATIENCE_S:.0f} s", 1) from None
    except (OSError, ValueError) as error:
        raise NotAnswered(f"the daemon broke off: {error}", 1) from None
    if not isinstance(answer, dict):
        raise NotAnswered("the daemon ended before it answered", 1)
    return answer


def _whom_to_join(path: Path) -> str:
    try:
        group = grp.getgrgid(path.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "use sudo, or join the group of its folder"
    return f"use sudo, or join the group {group}"
