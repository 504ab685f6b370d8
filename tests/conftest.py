"""How the suite runs: Hypothesis without deadlines, the same examples in CI, two tests a core."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_xdist_auto_num_workers() -> int:
    """Two a core: tests that wait for a daemon's next poll leave the core to others."""
    return 2 * (os.cpu_count() or 1)
