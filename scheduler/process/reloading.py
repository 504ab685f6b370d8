"""Reads the configuration and all rule files again, and swaps the rules of all sites or none.

Rules that are new are checked first, beside the loops. A gateway's certificate is taken over with
them. What else has changed needs a restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, TypeVar

from rules.engine import RuleSet
from rules.errors import Problem, PwschedError, RuleProblems
from rules.language import load_rules
from scheduler.config import Config, Site, load_config
from scheduler.control.events import Reloaded, ReloadFailed
from scheduler.domain import RuleCheck
from scheduler.errors import RequestRefused
from scheduler.loop import MakeRequest, SiteLoop
from scheduler.process.rule_checks import RuleChecks

log = logging.getLogger("pwsched")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """What reading everything again came to: rules by site, or what is wrong with any of it.

    `certificates` are those of the gateways, by site, where there is one. `restart` are sentences
    about what has changed in the configuration and needs a restart, `checks` what was found of
    rules that are new.
    """

    rules: Mapping[str, RuleSet]
    problem: str = ""
    certificates: Mapping[str, str] = field(default_factory=dict)
    restart: tuple[str, ...] = ()
    checks: Mapping[str, RuleCheck] = field(default_factory=dict)

    def request(self, loop: SiteLoop) -> MakeRequest:
        """The request to a site's loop."""
        if self.problem:
            return partial(ReloadFailed, text=self.problem)
        site = loop.site.name
        certificate = self.certificates.get(site)
        if certificate is not None and certificate == loop.certificate:
            certificate = None
        return partial(
            Reloaded,
            rules=self.rules[site],
            certificate=certificate,
            check=self.checks.get(site),
        )


class Reloader:
    """Reloads the sites of one process, which run under `config`.

    One reload follows the other, so that what was read last is in force in the end.
    """

    def __init__(self, config: Config, loops: Sequence[SiteLoop], checks: RuleChecks) -> None:
        self._config = config
        self._loops = loops
        self._checks = checks
        self._one_by_one = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()

    def reload(self) -> None:
        """Let every loop go on with what is read, at its next tick or once it is checked.

        What needs a restart is logged.
        """
        loaded = self._read()
        if self._checks.accepts(loaded.rules) and not self._one_by_one.locked():
            self._put_in_force(loaded)
            return
        self._begin(self._reload_checked())

    async def reload_now(self, only: str | None = None) -> list[str]:
        """The same, with what came of it at each site, or at one of them.

        Everything is read in any case. Raises `RequestRefused` for what is wrong with any of it.
        """
        async with self._one_by_one:
            loaded = await self._checked()
            replies = []
            for loop in self._loops:
                if only in {None, loop.site.name}:
                    reply = await loop.ask(loaded.request(loop))
                    self._take(loop, loaded)
                    replies.append(f"{loop.site.name}: {reply}")
        if loaded.problem:
            raise RequestRefused("\n".join(replies))
        return [*replies, *loaded.restart]

    async def close(self) -> None:
        """Break off what is still being checked."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that ends with this reloader at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _reload_checked(self) -> None:
        async with self._one_by_one:
            self._put_in_force(await self._checked())

    def _put_in_force(self, loaded: LoadedRules) -> None:
        for loop in self._loops:
            loop.reload(loaded.request(loop))
            self._take(loop, loaded)
        for sentence in loaded.restart:
            log.warning("%s", sentence)

    def _take(self, loop: SiteLoop, loaded: LoadedRules) -> None:
        if (check := loaded.checks.get(loop.site.name)) is not None:
            self._checks.take(loop.site.name, check)

    async def _checked(self) -> LoadedRules:
        """What is read, and found of what is new in it."""
        loaded = self._read()
        try:
            checks = await self._begin(self._checks.admit(loaded.rules))
        except RuleProblems as problems:
            return LoadedRules({}, str(problems))
        return replace(loaded, checks=checks)

    def _read(self) -> LoadedRules:
        try:
            path = self._config.path
            fresh = self._config if path is None else load_config(path)
            rules = load_all(self._config.sites)
        except PwschedError as error:
            return LoadedRules({}, str(error))
        certificates = {} if path is None else _certificates(self._config, fresh)
        restart = tuple(
            f"{path}: {what} has changed; restart the daemon to apply it"
            for what in _differences(self._config, fresh)
        )
        return LoadedRules(rules, certificates=certificates, restart=restart)


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


def _certificates(running: Config, fresh: Config) -> dict[str, str]:
    """Those of the gateways that are still where they were; one that moved is another."""
    hosts = {site.name: site.host for site in running.sites}
    return {
        site.name: site.certificate
        for site in fresh.sites
        if site.certificate is not None and site.host == hosts.get(site.name)
    }


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
            kept = _with_certificate_of(old, new)
            found += [
                f'{each.name} of site "{name}"'
                for each in fields(Site)
                if getattr(old, each.name) != getattr(kept, each.name)
            ]
    return found


def _with_certificate_of(old: Site, new: Site) -> Site:
    """The new site, but for a certificate that a reload takes over."""
    if new.gateway is None or new.gateway.certificate is None:
        return new
    return replace(new, gateway=replace(new.gateway, certificate=old.certificate))
