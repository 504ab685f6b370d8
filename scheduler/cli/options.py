"""Options that several commands have, each said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The configuration (default: PWSCHED_CONFIG, ./pwsched.toml, the service's).",
    ),
]

JOURNAL = Annotated[
    Path | None,
    typer.Option(
        "--journal", metavar="FILE", help="The journal itself (default: the configuration's)."
    ),
]

SITE = Annotated[str | None, typer.Option("--site", help="The site, if there are several.")]

TIMEZONE = Annotated[
    str | None,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="Zone of the times, read and shown (default: the site's).",
    ),
]
