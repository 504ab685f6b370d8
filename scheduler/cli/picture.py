"""Pictures in SVG: of what a command shows on the terminal, or drawn by itself."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

from rich.console import Console, RenderableType

from scheduler.errors import ConfigProblem


def save_picture(shown: RenderableType, path: Path, *, title: str, width: int) -> None:
    """Draw a terminal of `width` columns into an SVG file. Raises `ConfigProblem`."""
    recorder = Console(
        record=True, width=width, file=StringIO(), force_terminal=True, highlight=False
    )
    recorder.print(shown)
    drawn = recorder.export_svg(title=title, unique_id=re.sub(r"\W+", "-", title))
    # Without the fonts that rich would have a viewer fetch from elsewhere.
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    write_picture(drawn, path)


def write_picture(drawn: str, path: Path) -> None:
    """Write an SVG picture into a file. Raises `ConfigProblem`."""
    try:
        path.write_text(drawn, "utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot save the picture: {reason}") from None
