"""`pwsched journal verify`: whether the journal still says what was written into it."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.journal import journal_path
from scheduler.cli.options import CONFIG, JOURNAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scheduler.journal.sqlite import Progress, Verdict


def verify(
    config: CONFIG = None,
    path: JOURNAL = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Read the whole journal and name the first row that does not fit."""
    from scheduler.journal.sqlite import verify as verdict_on

    place = journal_path(config, path)
    with _progress() as progress:
        verdict = verdict_on(place, progress)
    print(_json(place, verdict) if as_json else _sentence(place, verdict))
    if verdict.misfit is not None:
        raise typer.Exit(1)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr, where a person looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _sentence(path: Path, verdict: Verdict) -> str:
    if verdict.misfit is not None:
        return f"{path}: {verdict.misfit}"
    lines = [f"{path}: all {verdict.rows} rows fit"]
    for site, end in verdict.ends.items():
        lines.append(f"{site}: the last link is that of row {end.id}: {end.chain}")
        if end.seal:
            lines.append(f"{site}: the last seal is number {end.seal}: {end.seal_chain}")
    return "\n".join(lines)


def _json(path: Path, verdict: Verdict) -> str:
    misfit = verdict.misfit
    return json.dumps(
        {
            "journal": str(path),
            "ok": misfit is None,
            "rows": verdict.rows,
            "ends": {
                site: {
                    "id": end.id,
                    "link": end.chain,
                    "seal": end.seal,
                    "seal_link": end.seal_chain,
                }
                for site, end in verdict.ends.items()
            },
            "misfit": None
            if misfit is None
            else {
                "table": misfit.table,
                "site": misfit.site,
                "id": misfit.id,
                "at": misfit.at,
                "text": misfit.text,
            },
        },
        ensure_ascii=False,
    )
