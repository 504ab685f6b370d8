"""Which rule files a command is about, and whose limits hold for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.resolve import Limits
    from scheduler.config import Site


def rules_and_site(
    rules: Sequence[Path] | None, config: Path | None, name: str | None
) -> tuple[list[Path], Site | None]:
    """The files that are named, or those of the chosen site; and that site, if there is one.

    Raises `ConfigProblem` where the call leaves open which.
    """
    from scheduler.errors import ConfigProblem

    if config is not None:
        from scheduler.config import load_config

        chosen = load_config(config).one(name)
        return list(rules or chosen.rules), chosen
    if name is not None:
        raise ConfigProblem("--site: goes with --config FILE")
    if not rules:
        raise ConfigProblem("say which rule files, or --config FILE for those of a site")
    return list(rules), None


def limits_of(site: Site | None) -> Limits:
    """What the owner of a site permits; where there is no site, everything."""
    from rules.resolve import NO_LIMITS

    return NO_LIMITS if site is None else site.safety.limits
