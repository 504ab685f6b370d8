"""The simulated Fleet API over TLS on loopback: plain httpx, and pypowerwall's own `FleetAPI`."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from processes import served
from pypowerwall.fleetapi import fleetapi
from simulated_cloud import OTHER, SITE, CloudClient, cloud_client, lasting

from rules.domain import Export, Mode, Setting
from scheduler.simulator import LOOPBACK_NAMES, self_signed
from scheduler.simulator.cloud import Application
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Kind
from scheduler.simulator.server import Address

CERTIFICATE = self_signed(datetime(2026, 1, 1, tzinfo=UTC), LOOPBACK_NAMES)
PATIENCE_S = 20.0
LIVE = f"/api/1/energy_sites/{SITE}/live_status"


def trusting() -> ssl.SSLContext:
    """As a client that verifies certificate and name by a CA of its own."""
    return ssl.create_default_context(cadata=CERTIFICATE.certificate.decode())


class LoginHere(httpx.HTTPTransport):
    """pypowerwall's login host is a constant: what goes there goes to `address` instead."""

    def __init__(self, address: Address) -> None:
        super().__init__(verify=trusting())
        self._address = address

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "auth.tesla.com":
            request.url = request.url.copy_with(host=self._address.host, port=self._address.port)
        assert request.url.host == self._address.host
        return super().handle_request(request)


@contextmanager
def browser(asker: CloudClient) -> Iterator[httpx.Client]:
    bearer = {"authorization": f"Bearer {asker.tokens.access}"}
    with (
        served(asker.cloud, certificate=CERTIFICATE) as address,
        httpx.Client(
            base_url=f"https://{address}",
            verify=trusting(),
            trust_env=False,
            headers=bearer,
            timeout=PATIENCE_S,
        ) as http,
    ):
        yield http


@contextmanager
def library(
    asker: CloudClient, folder: Path, patch: pytest.MonkeyPatch, **settings: str
) -> Iterator[fleetapi.FleetAPI]:
    """pypowerwall as it comes, on a file of tokens."""
    patch.delenv("PW_FLEETAPI_HTTP", raising=False)
    tokens = folder / "tokens.json"
    with served(asker.cloud, certificate=CERTIFICATE) as address:
        content = {
            "CLIENT_ID": asker.cloud.application.client_id,
            "CLIENT_SECRET": asker.cloud.application.client_secret,
            "AUDIENCE": f"https://{address}",
            "access_token": asker.tokens.access,
            "refresh_token": asker.tokens.refresh,
            "site_id": SITE,
        } | settings
        tokens.write_text(json.dumps(content), "utf-8")
        with httpx.Client(transport=LoginHere(address), trust_env=False) as http:
            patch.setattr(fleetapi, "_http2_client", http)
            yield fleetapi.FleetAPI(configfile=str(tokens), timeout=int(PATIENCE_S))


def test_httpx_reads_and_commands_over_one_verified_connection() -> None:
    asker = cloud_client()
    with browser(asker) as http:
        answers = [
            http.get("/api/1/products"),
            http.get(LIVE),
            http.post(f"/api/1/energy_sites/{SITE}/backup", json={"backup_reserve_percent": 60}),
            http.get("/api/1/elsewhere"),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404]
    assert answers[1].json()["response"]["percentage_charged"] == pytest.approx(50)
    asker.pass_time(30)
    assert asker.obeyed.reserve == 60


def test_a_client_that_does_not_know_the_certificate_is_not_talked_to() -> None:
    asker = cloud_client()
    with served(asker.cloud, certificate=CERTIFICATE) as address, pytest.raises(httpx.ConnectError):
        httpx.get(f"https://{address}/api/1/products", trust_env=False)
    assert not asker.cloud.record.requests


def test_nobody_else_is_taken_for_the_cloud() -> None:
    with (
        browser(cloud_client(lasting(FaultKind.IMPOSTOR))) as http,
        pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        http.get(LIVE)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (CloudFaultKind.DOWN, httpx.TransportError),
        (CloudFaultKind.COMMAND_LOST, httpx.RemoteProtocolError),
        (CloudFaultKind.COMMAND_ANSWER_LOST, httpx.RemoteProtocolError),
        (FaultKind.TRUNCATED, httpx.RemoteProtocolError),
    ],
)
def test_a_command_that_gets_no_answer(kind: Kind, failure: type[Exception]) -> None:
    asker = cloud_client(lasting(kind))
    path = f"/api/1/energy_sites/{SITE}/backup"
    with browser(asker) as http, pytest.raises(failure):
        http.post(path, json={"backup_reserve_percent": 60})
    asker.pass_time(30)
    taken = kind in {CloudFaultKind.COMMAND_ANSWER_LOST, FaultKind.TRUNCATED}
    assert asker.obeyed.reserve == (60 if taken else 20)


def test_pypowerwall_reads_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asker = cloud_client(sites=(SITE, OTHER))
    with library(asker, tmp_path, monkeypatch) as api:
        assert api.battery_level(force=True) == pytest.approx(50)
        powers = (api.battery_power(), api.load_power(), api.grid_power(), api.solar_power())
        assert powers == (1_000, 1_000, 0, 0)
        assert (api.grid_status(), api.island_status()) == ("Active", "on_grid")
        assert (api.get_operating_mode(), api.get_battery_reserve()) == ("self_consumption", 20)
        assert (api.get_grid_charging(), api.get_grid_export()) == (True, "pv_only")
        assert api.get_site_info()["version"] == "26.18.3"
        assert api.get_site_status(force=True)["battery_type"] == "ac_powerwall"
        assert len(api.getsites()) == 3
    assert {each.status for each in asker.cloud.record.requests} == {200}


def test_pypowerwall_finds_the_first_site_beside_a_car(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library(cloud_client(), tmp_path, monkeypatch, site_id="") as api:
        assert api.site_id == int(SITE)


def test_pypowerwall_sets_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asker = cloud_client()
    with library(asker, tmp_path, monkeypatch) as api:
        updated = {"response": {"code": 201, "message": "Updated"}}
        assert api.set_operating_mode("backup") == updated
        assert api.set_battery_reserve(60) == updated
        assert api.set_grid_charging(False) == updated
        assert api.set_grid_export("never") == updated
        asker.pass_time(30)
        assert (api.get_operating_mode(force=True), api.get_battery_reserve()) == ("backup", 60)
        assert (api.get_grid_charging(), api.get_grid_export()) == (False, "never")
        api.set_grid_charging("on")
        asker.pass_time(30)
        assert api.get_grid_charging(force=True) is True
    assert asker.obeyed == Setting(Mode.BACKUP, 60, grid_charging=True, export=Export.NEVER)
    assert [each.billed for each in asker.cloud.record.requests].count("command") == 5


def test_pypowerwall_renews_its_tokens_and_writes_them_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = cloud_client()
    with library(asker, tmp_path, monkeypatch) as api:
        old = asker.tokens
        asker.pass_time(8 * 3_600)
        assert api.battery_level(force=True) is not None
        kept = json.loads((tmp_path / "tokens.json").read_text("utf-8"))
        assert kept["access_token"] == api.access_token != old.access
        assert kept["refresh_token"] == api.refresh_token != old.refresh
        asker.pass_time(8 * 3_600)
        assert api.set_battery_reserve(60) is not None
    assert [each.status for each in asker.cloud.record.requests] == [401, 200, 200, 401, 200, 200]
    assert [each.refusal for each in asker.cloud.record.refreshes] == ["", ""]


def test_pypowerwall_gives_up_without_a_good_refresh_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = cloud_client()
    asker.pass_time(8 * 3_600)
    with library(asker, tmp_path, monkeypatch, refresh_token="NA_used") as api:
        assert api.battery_level(force=True) is None
    with library(asker, tmp_path, monkeypatch, CLIENT_ID="somebody") as api:
        assert api.battery_level(force=True) is None
    refusals = [each.refusal for each in asker.cloud.record.refreshes]
    assert refusals == ["login_required", "unauthorized_client"]


@pytest.mark.parametrize(
    ("kind", "more", "status"),
    [
        (CloudFaultKind.OVER_LIMIT, {}, 429),
        (CloudFaultKind.DISABLED, {}, 403),
        (CloudFaultKind.GONE, {}, 410),
        (CloudFaultKind.SERVER_ERROR, {"status": 408}, 408),
        (CloudFaultKind.SERVER_ERROR, {"status": 500}, 500),
        (CloudFaultKind.SERVER_ERROR, {"status": 503}, 503),
    ],
)
def test_pypowerwall_says_none_to_every_refusal(
    kind: Kind,
    more: dict[str, Any],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asker = cloud_client(lasting(kind, **more))
    with library(asker, tmp_path, monkeypatch) as api:
        assert api.set_operating_mode("backup") is None
        if kind is CloudFaultKind.OVER_LIMIT:  # it read how long it has to wait, at most a minute
            assert 50 < api._rate_backoff_remaining() <= 60
    assert [each.status for each in asker.cloud.record.requests] == [status]


def test_pypowerwall_may_read_and_not_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Application(scopes=frozenset({"openid", "offline_access", "energy_device_data"}))
    asker = cloud_client(application=reading)
    with library(asker, tmp_path, monkeypatch) as api:
        assert api.battery_level(force=True) == pytest.approx(50)
        assert api.set_battery_reserve(60) is None
    assert [each.status for each in asker.cloud.record.requests] == [200, 403]
    assert asker.cloud.record.commands == []
