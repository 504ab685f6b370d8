"""The files of this package that are no Python: styles and the script of a page."""

from __future__ import annotations

from importlib import resources


def own_text(name: str) -> str:
    """What is in such a file."""
    return resources.files(__package__).joinpath(name).read_text("utf-8")
