"""Reads the configuration and all rule files again, and swaps the rules of all sites or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial

from rules.engine import RuleSet
from rules.errors import Problem, PwschedError, RuleProblems
from rules.language import load_rules
from scheduler.config import Config, Site, load_config
from scheduler.control.events import Reloaded, ReloadFailed
from scheduler.errors import RequestRefused
from scheduler.loop import MakeRequest, SiteLoop


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """What reading everything again came to: rules by site, or what is wrong with any of it.

    `restart` are sentences about what has changed in the configuration and needs a restart.
    """

    rules: Mapping[str, RuleSet]
    problem: str = ""
    restart: tuple[str, ...] = ()

    def request(self, site: str) -> MakeRequest:
        """The request to a site's loop."""
        if self.problem:
            return partial(ReloadFailed, text=self.problem)
        return partial(Reloaded, rules=self.rules[site])


class Reloader:
    """Reloads the sites of one process, which run under `config`."""

    def __init__(self, config: Config, loops: Sequence[SiteLoop]) -> None:
        self._config = config
        self._loops = loops

    def reload(self) -> tuple[str, ...]:
        """Let every loop go on with what was read, at its next tick; what needs a restart."""
        loaded = self._read()
        for loop in self._loops:
            loop.reload(loaded.request(loop.site.name))
        return loaded.restart

    async def reload_now(self, only: str | None = None) -> list[str]:
        """The same, with what came of it at each site, or at one of them.

        Everything is read in any case. Raises `RequestRefused` for what is wrong with any of it.
        """
        loaded = self._read()
        replies = [
            f"{loop.site.name}: {await loop.ask(loaded.request(loop.site.name))}"
            for loop in self._loops
            if only in {None, loop.site.name}
        ]
        if loaded.problem:
            raise RequestRefused("\n".join(replies))
        return [*replies, *loaded.restart]

    def _read(self) -> LoadedRules:
        try:
            restart = self._changes()
            rules = load_all(self._config.sites)
        except PwschedError as error:
            return LoadedRules({}, str(error))
        return LoadedRules(rules, restart=restart)

    def _changes(self) -> tuple[str, ...]:
        """What the configuration says now that this process does not do."""
        path = self._config.path
        if path is None:
            return ()
        fresh = load_config(path)
        changed = [
            f"{path}: {what} has changed; restart the daemon to apply it"
            for what in _differences(self._config, fresh)
        ]
        return tuple(changed)


def load_all(sites: Sequence[Site]) -> dict[str, RuleSet]:
    """The rules of every site. Raises `RuleProblems` with every problem in any of them."""
    rules: dict[str, RuleSet] = {}
    problems: list[Problem] = []
    for site in sites:
        try:
            rules[site.name] = load_rules(site.rules)
        except RuleProblems as error:
            problems += [each for each in error.problems if each not in problems]
    if problems:
        raise RuleProblems(problems)
    return rules


def _differences(running: Config, fresh: Config) -> list[str]:
    """What is different, in the words of the file."""
    found = [
        name for name in ("journal", "control") if getattr(running, name) != getattr(fresh, name)
    ]
    before = {site.name: site for site in running.sites}
    after = {site.name: site for site in fresh.sites}
    for name in before | after:
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            found.append(f'site "{name}"')
        else:
            found += [
                f'{field.name} of site "{name}"'
                for field in fields(Site)
                if getattr(old, field.name) != getattr(new, field.name)
            ]
    return found
