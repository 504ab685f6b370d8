"""How the suite runs: its Hypothesis profiles, and what comes first."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None, max_examples=75)
settings.register_profile("ci", deadline=None, max_examples=75, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=600)
settings.load_profile("ci" if os.environ.get("CI") else "here")

FIRST = (
    "system",
    "crash",
    "scheduler/test_",
    "scheduler/control/test_",
    "rules/engine/test_engine_prop",
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


def pytest_collection_finish() -> None:
    """All that was imported stays: to look for garbage in it again and again takes long."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What commands keep in the user's data folder is kept elsewhere here."""
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data"))
