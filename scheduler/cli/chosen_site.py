"""Which rule files a command is about, and whose limits hold for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.resolve import Limits
    from scheduler.config import Site


@dataclass(frozen=True, slots=True)
class Chosen:
    """The rule files of a call; the site that they are for and where it stands, if there is one."""

    files: tuple[Path, ...]
    site: Site | None = None
    config: Path | None = None


def rules_and_site(rules: Sequence[Path] | None, config: Path | None, name: str | None) -> Chosen:
    """The files that are named, or those of the chosen site.

    Files that are named on their own belong to no site: a configuration that happens to lie in the
    working folder would change what is said of them. Raises `ConfigProblem`.
    """
    if rules and config is None and name is None:
        return Chosen(tuple(rules))
    from scheduler.config import find_config, load_config

    place = find_config(config, or_else="the rule files")
    site = load_config(place).one(name)
    return Chosen(tuple(rules or site.rules), site, place)


def limits_of(site: Site | None) -> Limits:
    """What the owner of a site permits; where there is no site, everything."""
    from rules.resolve import NO_LIMITS

    return NO_LIMITS if site is None else site.safety.limits
