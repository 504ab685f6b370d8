"""Which flags the rules of a site ask for: so that a misspelt one is not set in vain."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from scheduler.config import Config, Site


def refuse_unasked(config: Config, site: Site, name: str) -> None:
    """Raises `FlagUnasked` where no rule asks for this flag.

    What counts are the rules in force, or where no daemon says them, those of the files. Where
    nobody can say them, that is told, and the flag may be set.
    """
    from rules.errors import RuleProblems
    from rules.language import load_rules
    from scheduler.errors import FlagUnasked

    asked = _in_force(config, site)
    if asked is None:
        try:
            asked = load_rules(site.rules).flags()
        except RuleProblems as error:
            reason = f"the rules cannot be read: {error.problems[0]}"
            typer.echo(f"pwsched: whether a rule asks for {name} is not known: {reason}", err=True)
            return
    if name not in asked:
        way_out = "nothing was set; --anyway sets it all the same"
        said = f'no rule of {site.name} asks for the flag "{name}"'
        raise FlagUnasked(f"{said}; {_meant(name, asked)}; {way_out}")


def _in_force(config: Config, site: Site) -> Collection[str] | None:
    """The flags that the daemon's rules ask for; `None` where no daemon says so."""
    from rules.errors import PwschedError
    from scheduler.ipc import ask

    try:
        answer = ask(config, "flags", site=site.name)
    except PwschedError:  # who may write into the folder need not be allowed to speak to the daemon
        return None
    return None if answer is None else answer["flags"]


def _meant(name: str, asked: Collection[str]) -> str:
    near = get_close_matches(name, asked, n=1)
    if near:
        return f'did you mean "{near[0]}"?'
    if not asked:
        return "they ask for none"
    return f"they ask for {', '.join(sorted(asked))}"
