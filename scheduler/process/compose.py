"""The only place where a site is put together: for the daemon, the commands and the demo."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rules.engine import RuleSet
from scheduler.clock import Clock
from scheduler.config import Site
from scheduler.control import Terms
from scheduler.gateways import Gateway, OnNote
from scheduler.gateways.local import LocalGateway, SessionFile
from scheduler.journal import Journal
from scheduler.loop import Listener, MakeGateway, SiteLoop

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """What tells this run from others in the journal.

    With `allow_login` a dry run makes logins that may stop the battery, and undoes that.
    """

    version: str
    process: str
    dry_run: bool = False
    allow_login: bool = False


RouteTo = Callable[[Site, Path, Clock, Run], MakeGateway]
"""Makes the adapter for a site; what it stores for the next process goes beside the journal."""


@dataclass(frozen=True, slots=True)
class Services:
    """What the sites of one process share."""

    journal: Journal
    clock: Clock
    run: Run
    listeners: Sequence[Listener] = ()


def compose(site: Site, rules: RuleSet, make_gateway: MakeGateway, services: Services) -> SiteLoop:
    """A site that is ready to run."""
    terms = terms_of(site, services.run)
    return SiteLoop(
        site, rules, terms, make_gateway, services.journal, services.clock, services.listeners
    )


def terms_of(site: Site, run: Run) -> Terms:
    """What a site is run under."""
    return Terms(site.safety, site.poll, run.dry_run, run.version, run.process)


def local_route(site: Site, journal: Path, clock: Clock, run: Run) -> MakeGateway:
    """The local adapter for a site. Raises `ConfigProblem` where there is no usable password."""
    access = site.gateway
    if access is None:
        raise ValueError("a site without a gateway at home has no local route")
    password = access.password()
    session_file = SessionFile.beside(journal, site.name)
    if access.warning:
        _log.warning("%s: %s", site.name, access.warning)

    def make(on_note: OnNote) -> Gateway:
        return LocalGateway(
            access.host,
            access.login,
            password,
            access.email,
            access.certificate,
            clock,
            allow_public=access.allow_public,
            session_file=session_file,
            hands_off=run.dry_run and not run.allow_login,
            on_note=on_note,
        )

    return make
