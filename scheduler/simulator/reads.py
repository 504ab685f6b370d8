"""Which paths the gateway lets be read on which firmware, and what it answers there.

Paths and answers of old firmware are of the notes in vloschiavo/powerwall2 that were taken on 1.15;
those from 20.49 on of its samples of 21.39.1 and of Tesla's own page. Where a path came or went
between two recordings, 20.49 is taken, with which Tesla rebuilt the page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import quote

from scheduler.simulator import bodies, profiles
from scheduler.simulator.home import Home
from scheduler.simulator.lifecycle import Lifecycle
from scheduler.simulator.profiles import Profile, Recorded
from scheduler.simulator.wire import NEVER, WireResponse, as_json, empty, error, silence

Read = Callable[[datetime], WireResponse]
_Body = Callable[[datetime], object]

_BRANDS: Final = "/api/solars/brands"
_CONNECTION_TESTS: Final = "/api/system/networks/conn_tests"
_PING_TEST: Final = "/api/system/networks/ping_test"

TESTS: Final = (_CONNECTION_TESTS, _PING_TEST)
"""These are begun by a POST, which is answered as their GET: they take no time here."""


def reads(profile: Profile, home: Home, life: Lifecycle) -> dict[str, Read]:
    """What answers a GET that changes nothing, by path."""
    older = profile.shapes < Recorded.V20_49
    shown = _always(profile, home, life) | _wizard(profile, home, life)
    shown |= _wizard_before() if older else _wizard_since()
    answers: dict[str, Read] = {path: partial(_answer, body) for path, body in shown.items()}
    answers[profiles.POWERWALLS_STATUS] = lambda now: _units_status(profile, home, life, now)
    if profile.readings_hang:
        answers[profiles.READINGS] = lambda _: silence(NEVER)
    if profile.shows_vitals:
        answers[profiles.VITALS] = lambda now: _vitals(profile, home, life, now)
    return answers if older else answers | _inside_gateway_2(home, life)


def _answer(body: _Body, now: datetime) -> WireResponse:
    return as_json(body(now))


def _always(profile: Profile, home: Home, life: Lifecycle) -> dict[str, _Body]:
    """What the first page of the gateway shows."""
    return {
        profiles.SOE: lambda _: bodies.soe(home),
        profiles.GRID_STATUS: lambda _: bodies.grid_status(profile, home),
        profiles.GRID_FAULTS: lambda _: [],
        profiles.AGGREGATES: lambda now: bodies.aggregates(profile, home, now),
        profiles.SYSTEM_STATUS: lambda _: bodies.system_status(profile, home, life.device),
        profiles.SITEMASTER: lambda now: bodies.sitemaster(profile, home, life.device, now),
        profiles.STATUS: lambda now: bodies.status(profile, home, life.device, now),
        profiles.SITE_INFO: lambda _: bodies.site_info(profile, home),
        profiles.SITE_NAME: lambda _: bodies.site_name(home),
        profiles.POWERWALLS: lambda now: bodies.powerwalls(profile, home, life.device, now),
        profiles.UPDATE_STATUS: life.updates.status,
        profiles.UPDATE_URGENCY: life.updates.urgency,
        profiles.REGISTRATION: lambda _: bodies.registration(profile),
        profiles.TOGGLE_SUPPORTED: lambda _: {"toggle_auth_supported": home.running},
        profiles.PROBLEMS: lambda _: {"problems": []},
    }


def _wizard(profile: Profile, home: Home, life: Lifecycle) -> dict[str, _Body]:
    """What every firmware's commissioning wizard reads."""
    models = {f"{_BRANDS}/{quote(brand)}": partial(_models, brand) for brand in bodies.INVERTERS}
    return models | {
        _BRANDS: lambda _: bodies.brands(),
        "/api/solars": lambda _: bodies.solars(),
        "/api/config": lambda _: bodies.config(life.device),
        "/api/customer": lambda _: bodies.customer(profile),
        "/api/generators": lambda _: bodies.generators(),
        "/api/generators/disconnect_types": lambda _: bodies.disconnect_types(),
        "/api/installer": lambda _: bodies.installer(profile, home),
        "/api/installer/companies": lambda _: bodies.companies(profile),
        "/api/meters": lambda _: bodies.meters(profile, life.device),
        "/api/meters/site": lambda now: bodies.site_meter(profile, home, life.device, now),
        "/api/meters/solar": lambda now: bodies.solar_meter(profile, home, life.device, now),
        profiles.READINGS: lambda _: bodies.readings(profile, home, life.device),
        "/api/networks": lambda _: bodies.networks(profile),
        _CONNECTION_TESTS: partial(bodies.connection_tests, profile, home),
        "/api/system/testing": lambda _: bodies.system_testing(profile, life.device),
    }


def _models(brand: str, _: datetime) -> object:
    return bodies.inverters(brand)


def _wizard_before() -> dict[str, _Body]:
    """What only the wizard of old firmware reads."""
    return {
        "/api/site_info/grid_codes": lambda _: bodies.grid_codes(),
        "/api/networks/wifi_security_types": lambda _: bodies.security_types(),
        "/api/system/networks": lambda _: bodies.configured(),
    }


def _wizard_since() -> dict[str, _Body]:
    """What only the wizard of new firmware reads."""
    return {
        "/api/autoconfig/status": lambda _: bodies.autoconfig(),
        "/api/meters/status": lambda _: bodies.meters_status(),
        "/api/networks/client_protocols": lambda _: bodies.client_protocols(),
        "/api/site_info/grid_regions": lambda _: bodies.grid_regions(),
        "/api/synchrometer/ct_voltage_references": lambda _: bodies.voltage_references(),
        _PING_TEST: lambda _: bodies.ping_test(),
    }


def _inside_gateway_2(home: Home, life: Lifecycle) -> dict[str, Read]:
    """What is asked of parts that only a Gateway 2 has, or that this home has not."""
    answers: dict[str, Read] = {
        profiles.SOLAR_POWERWALL: lambda _: empty(503),
        "/api/powerwalls/phase_usages": lambda _: error(
            500, "no phase information", "Failed getting phase detection information"
        ),
        "/api/synchrometer/ct_voltage_references/options": lambda _: _pairings(home),
    }
    for serial, kind in bodies.inner_meters(life.device).items():
        answers[f"/api/meters/{serial}/cts"] = partial(_answer, partial(_clamps, kind))
        answers[f"/api/meters/{serial}/ct_config"] = partial(_no_amperes, kind)
    return answers


def _clamps(kind: str, _: datetime) -> object:
    return bodies.clamps(kind)


def _no_amperes(kind: str, _: datetime) -> WireResponse:
    return error(500, f"meter type must be Neurio ({kind})", "Unable to get Amp configuration")


def _pairings(home: Home) -> WireResponse:
    if not home.running:
        return as_json(bodies.voltage_reference_options())
    return error(
        400,
        bodies.BUSY,
        "Failed to read Synchrometer Y CT available pairings. Please try again or reboot Gateway",
    )


def _units_status(profile: Profile, home: Home, life: Lifecycle, now: datetime) -> WireResponse:
    if profile.shapes >= Recorded.V21_39:
        return as_json(bodies.powerwalls_status(profile, home))
    if home.running:
        return error(409, "Sitemaster is current running", "Sitemaster is current running")
    return as_json(bodies.powerwalls(profile, home, life.device, now))


def _vitals(profile: Profile, home: Home, life: Lifecycle, now: datetime) -> WireResponse:
    message = bodies.vitals(profile, home, life.device, now)
    return WireResponse(200, (("content-type", "application/octet-stream"),), message)
