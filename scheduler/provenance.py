"""Start-up refuses foreign packages: `scheduler` and `rules` are common names.

Both packages of ours carry a mark. A package of the same name that was installed over ours, or that
comes first on the path, does not.
"""

from __future__ import annotations

from importlib import import_module

OURS = "powerwall-scheduler"


def foreign_packages() -> list[str]:
    """Which of our package names are taken by somebody else's package, and where it lies."""
    found = []
    for name in ("scheduler", "rules"):
        package = import_module(name)
        if getattr(package, "DISTRIBUTION", None) != OURS:
            place = package.__file__ or list(package.__path__)
            found.append(f"{name} ({place})")
    return found
