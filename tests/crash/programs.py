"""How the crash tests start programs of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from processes import ROOT, environment

AROUND = environment(PYTHONPATH=os.pathsep.join(map(str, (ROOT, ROOT / "tests"))))
"""The environment of such a program: it finds what we ship and what the tests share."""


def program(name: str, *words: object) -> list[str]:
    """The call of a program of this folder; its warnings are errors as everywhere."""
    return [sys.executable, "-W", "error", "-m", f"crash.{name}", *map(str, words)]


def _strace_works() -> bool:
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-f", "true"], capture_output=True, check=False)
    return tried.returncode == 0


needs_strace = pytest.mark.skipif(
    not _strace_works(), reason="needs strace, and a machine that lets processes be traced"
)
