"""The entry point, under a name that nobody else uses.

`scheduler` and `rules` are common package names. Both of ours carry a mark; a package of the same
name that was installed over ours, or that comes first on the path, does not, and start-up refuses
it. This module imports neither before it has looked.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

DISTRIBUTION = "powerwall-scheduler"


def main() -> None:
    """Run the command line. Exits with 2 where another package stands in the way of ours."""
    for name in ("scheduler", "rules"):
        package = import_module(name)
        if getattr(package, "DISTRIBUTION", None) != DISTRIBUTION:
            place = package.__file__ or ", ".join(package.__path__)
            print(
                f"pwsched: another package is in the way: {name} ({place});"
                f" install {DISTRIBUTION} into an environment of its own",
                file=sys.stderr,
            )
            sys.exit(2)
    # To find plug-ins, pydantic would read what every installed package says of itself.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from scheduler.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
