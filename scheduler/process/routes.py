"""The gateways of sites, by the routes that their configuration names."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from scheduler.clock import Clock
from scheduler.config import FleetAccess, GatewayAccess, SignedAccess, Site
from scheduler.gateways import Gateway, OnNote, SplitGateway
from scheduler.gateways.local import LocalGateway, SessionFile
from scheduler.loop import MakeGateway
from scheduler.process.compose import RouteTo, Run

_log = logging.getLogger(__name__)

MakeFleet = Callable[[FleetAccess], MakeGateway]
"""Makes the gateway of a site at the Fleet API."""


def shared_routes() -> RouteTo:
    """What makes the gateways of one process: sites of one application share its account.

    Raises, when it is asked for a site, `ConfigProblem` for what only a person can mend: a password
    or login that cannot be used, or a library that is not there.
    """
    fleet: MakeFleet | None = None

    def route_to(site: Site, journal: Path, clock: Clock, run: Run) -> MakeGateway:
        nonlocal fleet
        if site.warning:
            _log.warning("%s: %s", site.name, site.warning)
        if site.signed is not None:
            return _signed(site, site.signed, journal, clock)
        if site.fleet is None:
            return local_route(site, journal, clock, run)
        fleet = fleet or _fleet(journal, clock)
        writer = fleet(site.fleet)
        if site.gateway is None:
            return writer
        return _split(local_route(site, journal, clock, run), writer)

    return route_to


def local_route(site: Site, journal: Path, clock: Clock, run: Run) -> MakeGateway:
    """The local adapter for a site. Raises `ConfigProblem` where there is no usable password."""
    access = _home(site)
    password = access.password()
    session_file = SessionFile.beside(journal, site.name)

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


def _split(reader: MakeGateway, writer: MakeGateway) -> MakeGateway:
    """Read by the one, written by the other."""
    return lambda on_note: SplitGateway(reader(on_note), writer(on_note), on_note)


def _signed(site: Site, signed: SignedAccess, journal: Path, clock: Clock) -> MakeGateway:
    # As of the Fleet API: only with the extra, and only where it is asked for.
    from scheduler.gateways.pypowerwall import SignedGateway, check_installed

    check_installed()
    access = _home(site)
    password, key = access.password(), signed.key()
    session_file = SessionFile.beside(journal, site.name)

    def make(on_note: OnNote) -> Gateway:
        return SignedGateway(
            access.host,
            password,
            access.email,
            access.certificate,
            key,
            clock,
            allow_public=access.allow_public,
            session_file=session_file,
            on_note=on_note,
        )

    return make


def _home(site: Site) -> GatewayAccess:
    if site.gateway is None:
        raise ValueError("this route needs a gateway at home")
    return site.gateway


def _fleet(journal: Path, clock: Clock) -> MakeFleet:
    # Only with the extra, and only where it is asked for: half a second and 20 MB.
    from scheduler.gateways.pypowerwall import (
        Budget,
        FleetAccounts,
        FleetGateway,
        TokenStore,
        check_installed,
    )

    check_installed()
    accounts = FleetAccounts(journal, clock)

    def make_for(access: FleetAccess) -> MakeGateway:
        store = TokenStore.find(access.credential, access.tokens_file, journal)
        account = accounts.of(store, Budget(access.budget))
        site_id = None if access.site_id is None else str(access.site_id)
        return lambda on_note: FleetGateway(account, site_id, clock, on_note=on_note)

    return make_for
