"""How the suite runs: its Hypothesis profiles, where its files lie, and what comes first."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None, max_examples=75)
settings.register_profile("ci", deadline=None, max_examples=75, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=600)
settings.load_profile("ci" if os.environ.get("CI") else "here")

IN_MEMORY = Path("/dev/shm")  # noqa: S108 -- pytest and tempfile make folders of their own in it
ROOM = 2 * 1024**3
"""Bytes; the files of the tests that run at one time take a tenth of it."""


def _quick_to_sync() -> bool:
    """Whether there is memory to lie in that does what a disk does."""
    if not IN_MEMORY.is_dir() or not os.access(IN_MEMORY, os.W_OK | os.X_OK):
        return False
    may_execute = not os.statvfs(IN_MEMORY).f_flag & os.ST_NOEXEC
    return may_execute and shutil.disk_usage(IN_MEMORY).free >= ROOM


if _quick_to_sync():
    # Hundreds of journals sync each commit. What a disk that loses power keeps is shown by
    # `crash/test_power_cut.py` from the calls that are made, and not by a disk.
    os.environ.setdefault("TMPDIR", str(IN_MEMORY))
    tempfile.tempdir = None  # it is worked out anew

FIRST = (
    "system",
    "crash",
    "scheduler/test_",
    "scheduler/control/test_",
    "rules/engine/test_engine_prop",
    "rules/check/test_brute",
    "scheduler/money/tuning",
    "test_reference_pages",
)
"""Whole processes and plays, from the slowest on: nobody is left alone with them at the end."""

TESTS = Path(__file__).parent


def pytest_xdist_auto_num_workers() -> int:
    """Two a core: tests that wait for a process or a disk leave the core to others."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(TESTS).as_posix()
        return next((n for n, start in enumerate(FIRST) if path.startswith(start)), len(FIRST))

    items.sort(key=place)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is imported stays: to look for garbage in it again and again takes long."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What commands keep in the user's data folder is kept elsewhere here."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))
