"""`pwsched replay`: what other rules would have wanted of the same past."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG, JOURNAL, SITE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scheduler.cli.replay_view import Replayed
    from scheduler.history import Difference
    from scheduler.journal import PastEvent

WARM_UP = timedelta(days=1)
"""So much earlier the other rules begin, to have something to remember."""


def replay(
    *,
    rules: Annotated[
        list[Path], typer.Option("--rules", metavar="FILE", help="The other rules; repeatable.")
    ],
    since: Annotated[
        str, typer.Option(metavar="TIME", help='From then on: "30d", "yesterday 16:05" or ISO.')
    ] = "30d",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Until then, written like --since.")
    ] = None,
    site: SITE = None,
    config: CONFIG = None,
    path: JOURNAL = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Save what is shown as a picture.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, times in UTC.")] = False,
) -> None:
    """Evaluate other rules on the recorded readings, and show what they would have wanted."""
    from rules.language import load_rules
    from scheduler.cli.journal import journal_path
    from scheduler.cli.replay_view import WIDTH, Replayed, replay_view
    from scheduler.history import compared
    from scheduler.journal.sqlite import Chronicle

    other = load_rules(rules)
    zone = other.almanac.zone
    start, end = span_of(since, until, zone)
    with Chronicle.opened(journal_path(config, path)) as chronicle:
        name = chronicle.site(site)
        first = chronicle.number_before(name, start - WARM_UP)
        last = chronicle.number_before(name, end)
        past = chronicle.happened_with_means(name, first, last + 1)
        before = chronicle.standing(name, first)
        with progress(start - WARM_UP, end) as watched:
            comparison = compared(watched(past), before, other, start)
        writes = chronicle.writes(name, start, end)
    found = Replayed(name, start, end, zone, comparison, len(writes))
    if as_json:
        print(json.dumps(_as_json(found), ensure_ascii=False, indent=2))
        return
    from rich.console import Console

    Console(highlight=False).print(replay_view(found))
    if picture is not None:
        from scheduler.cli.picture import save_picture

        save_picture(replay_view(found), picture, title="pwsched replay", width=WIDTH)


def span_of(since: str, until: str | None, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The time that --since and --until mean. Raises `ConfigProblem`."""
    from scheduler.cli.moment import past_moment
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem

    now = SystemClock().now()
    start = past_moment("--since", since, now, zone)
    end = now if until is None else past_moment("--until", until, now, zone)
    if start >= end:
        raise ConfigProblem("--since must be before --until")
    return start, end


class _Watched:
    """Passes the past on and tells how far it has come."""

    def __init__(self, tell: Any) -> None:  # noqa: ANN401 -- takes an instant
        self._tell = tell

    def __call__(self, past: Iterable[PastEvent]) -> Iterator[PastEvent]:
        for count, each in enumerate(past):
            if self._tell is not None and count % 1000 == 0:
                self._tell(each.at)
            yield each


@contextmanager
def progress(start: datetime, end: datetime) -> Iterator[_Watched]:
    """A bar on stderr, where a person looks at it."""
    if not sys.stderr.isatty():
        yield _Watched(None)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=(end - start).total_seconds())
        yield _Watched(lambda at: bar.update(task, completed=(at - start).total_seconds()))


def _as_json(found: Replayed) -> dict[str, Any]:
    from scheduler.cli.replay_view import caveats

    comparison = found.comparison
    return {
        "site": found.site,
        "since": found.start.isoformat(),
        "until": found.end.isoformat(),
        "seen_hours": round(comparison.seen.total_seconds() / 3600, 2),
        "differed_hours": round(comparison.differed.total_seconds() / 3600, 2),
        "readings": comparison.readings,
        "looks_at_means": comparison.from_means,
        "writes": found.writes,
        "changes": {"was": comparison.changes_was, "would": comparison.changes_would},
        "caveats": caveats(found),
        "differences": [_difference(each) for each in comparison.differences],
    }


def _difference(each: Difference) -> dict[str, Any]:
    from rules.domain import Part

    return {
        "start": each.start.isoformat(),
        "end": each.end.isoformat(),
        "seconds": each.lasted.total_seconds(),
        "was": {part.value: getattr(each.was, part) for part in Part},
        "was_by": each.was_by,
        "was_reason": each.was_reason,
        "would": {part.value: getattr(each.would, part) for part in Part},
        "would_by": each.would_by,
        "would_reason": each.would_reason,
    }
