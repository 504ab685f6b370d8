"""The simulated signed control, asked by the library's own signing client without HTTP between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pypowerwall.tedapi.protobuf.V2024_06 import tedapi_combined_pb2 as messages
from signing import PASSWORD, PW3, Signed, lasting, new_key

from rules.domain import Export, Mode, Setting
from scheduler.clock import SimulatedClock
from scheduler.simulator import PROFILES, SignedControl
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.protobuf import Fields, message, number, text
from scheduler.simulator.signed import DIN, V1R
from scheduler.simulator.signed.envelope import SignedFault, public_bytes
from scheduler.simulator.signed_fault_kinds import SignedFaultKind
from scheduler.simulator.wire import WireRequest, WireResponse

HOME = "1118431-00-L--SIM1800001234"


class Owner:
    """Whoever has the key, logged in at a gateway."""

    def __init__(self, site: Signed | None = None, key: bytes | None = None) -> None:
        self.site = site or Signed()
        self.site.host = "10.0.0.1"
        gateway = self.site.gateway(key=key or self.site.key)
        self.client: Any = gateway._session._client
        body = json.dumps({"username": "customer", "password": PASSWORD}).encode()
        answer = self.ask("POST", "/api/login/Basic", body)
        self.headers = {"authorization": f"Bearer {json.loads(answer.body)['token']}"}

    headers: dict[str, str] = {}  # noqa: RUF012 -- replaced, never changed

    def ask(self, method: str, path: str, body: bytes = b"") -> WireResponse:
        return self.site.simulated.handle(WireRequest(method, path, {}, self.headers, body))

    def send(
        self,
        asked: Callable[[Any], None],
        din: str = HOME,
        change: Callable[[Any], None] | None = None,
    ) -> Any:
        """Sign a request, change its envelope, and return the answer's."""
        envelope = messages.MessageEnvelope()
        asked(envelope)
        signed = messages.RoutableMessage.FromString(
            self.client._signed_payload(envelope.SerializeToString(), din)
        )
        if change is not None:
            change(signed)
        return self.sent(signed.SerializeToString())

    def sent(self, content: bytes) -> Any:
        answer = self.ask("POST", V1R, content)
        assert answer.status == 200
        return messages.RoutableMessage.FromString(answer.body)

    def fault(self, *args: Any) -> int:
        return int(self.send(read, *args).signed_message_status.message_fault)

    def file(self) -> Any:
        """The configuration file and its hash."""
        answer = self.send(read)
        inside = messages.MessageEnvelope.FromString(answer.protobuf_message_as_bytes)
        return inside.filestore.readFileResponse

    def replace(self, content: object, of: bytes | None = None) -> Any:
        """The gateway's answer to a new configuration."""
        found = self.file().hash if of is None else of

        def asked(envelope: Any) -> None:
            update = envelope.filestore.updateFileRequest
            update.domain = messages.FILE_STORE_API_DOMAIN_CONFIG_JSON
            update.file.name = "config.json"
            update.file.blob = json.dumps(content).encode()
            update.hash = found

        answer = self.send(asked)
        return messages.MessageEnvelope.FromString(answer.protobuf_message_as_bytes)


def read(envelope: Any) -> None:
    request = envelope.filestore.readFileRequest
    request.domain = messages.FILE_STORE_API_DOMAIN_CONFIG_JSON
    request.name = "config.json"


def set_domain(signed: Any) -> None:
    signed.to_destination.domain = messages.DOMAIN_INFOTAINMENT


def set_expiry(signed: Any) -> None:
    signed.signature_data.rsa_data.expires_at += 1


def set_payload(signed: Any) -> None:
    signed.protobuf_message_as_bytes += b" "


def test_its_name() -> None:
    owner = Owner()
    assert owner.ask("GET", DIN).body.decode() == HOME
    assert json.loads(owner.ask("GET", "/api/status").body)["din"] == HOME
    owner.headers = {}
    assert owner.ask("GET", DIN).status == 403


class TestEnvelope:
    def test_one_that_is_signed_well(self) -> None:
        owner = Owner()
        answer = owner.send(read)
        assert answer.signed_message_status.message_fault == 0
        assert answer.request_uuid
        assert owner.file().hash == hashlib.sha256(owner.file().file.blob).digest()

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            (set_domain, SignedFault.INVALID_DOMAINS),
            (set_expiry, SignedFault.INVALID_SIGNATURE),
            (set_payload, SignedFault.INVALID_SIGNATURE),
        ],
    )
    def test_one_that_was_changed(self, change: Callable[[Any], None], fault: int) -> None:
        assert Owner().fault(HOME, change) == fault

    def test_one_for_another_gateway(self) -> None:
        assert Owner().fault("1118431-00-L--ANOTHER") == SignedFault.INVALID_SIGNATURE

    def test_one_by_another_key(self) -> None:
        assert Owner(key=new_key(1)).fault() == SignedFault.UNKNOWN_KEY_ID

    @pytest.mark.parametrize("content", [b"\xff\xff", b"\x0a\xff", b"\x0b", b"\x08" + b"\xff" * 12])
    def test_what_is_none(self, content: bytes) -> None:
        answer = Owner().sent(content)
        assert answer.signed_message_status.message_fault == SignedFault.DECODING

    @pytest.mark.parametrize(("ahead_s", "expired"), [(-3_600, False), (0, False), (60, True)])
    def test_signatures_expire_by_the_clock_that_is_given_for_it(
        self, ahead_s: float, expired: bool
    ) -> None:
        site = Signed()
        site.control._real = SimulatedClock(datetime.now(UTC) + timedelta(seconds=ahead_s))
        assert Owner(site).fault() == (SignedFault.TIME_EXPIRED if expired else 0)

    def test_the_gateways_own_clock_has_nothing_to_do_with_it(self) -> None:
        site = Signed()
        owner = Owner(site)
        site.clock.pass_time(3_000)
        assert owner.fault() == 0

    def test_a_signature_is_no_session(self) -> None:
        owner = Owner()
        owner.headers = {}
        assert owner.ask("POST", V1R, b"").status == 403
        owner.headers = {"authorization": "Bearer forgotten"}
        assert owner.ask("POST", V1R, b"").status == 401


class TestRegistration:
    def test_no_key(self) -> None:
        site = Signed()
        site.control._key = None
        assert Owner(site).fault() == SignedFault.UNKNOWN_KEY_ID

    @pytest.mark.parametrize(("after_s", "confirmed"), [(60, True), (599, True), (700, False)])
    def test_the_switch_confirms_it_within_ten_minutes(
        self, after_s: float, confirmed: bool
    ) -> None:
        site = Signed()
        owner = Owner(site)
        site.control.register(public_bytes(site.key))
        said = owner.send(read).protobuf_message_as_bytes
        assert said == b"v1r: client authorization not verified"
        site.clock.pass_time(after_s)
        site.simulated.toggle_switch()
        assert (b"not verified" not in owner.send(read).protobuf_message_as_bytes) is confirmed

    def test_the_switch_of_a_plan_confirms_it_too(self) -> None:
        site = Signed(lasting(FaultKind.SWITCH_TOGGLED, 60, 1), verified=False)
        owner = Owner(site)
        site.clock.pass_time(61)
        assert b"not verified" not in owner.send(read).protobuf_message_as_bytes


class TestConfiguration:
    def test_what_it_shows(self) -> None:
        owner = Owner(Signed(setting=Setting(Mode.BACKUP, 20)))
        shown = json.loads(owner.file().file.blob)
        assert shown["default_real_mode"] == "backup"
        assert shown["vin"] == HOME
        assert shown["site_info"]["backup_reserve_percent"] == 24
        assert shown["site_info"]["customer_preferred_export_rule"] == "pv_only"
        assert "disallow_charge_from_grid_with_solar_installed" not in shown["site_info"]

    def test_what_is_stored_is_obeyed_and_shown_by_the_other_api(self) -> None:
        owner = Owner()
        content = json.loads(owner.file().file.blob)
        content["default_real_mode"] = "autonomous"
        content["site_info"] |= {
            "backup_reserve_percent": 90.5,
            "disallow_charge_from_grid_with_solar_installed": True,
            "customer_preferred_export_rule": "never",
            "of_somebody_else": [1, 2],
        }
        assert owner.replace(content).filestore.HasField("updateFileResponse")
        wanted = Setting(Mode.AUTONOMOUS, 90, grid_charging=False, export=Export.NEVER)
        assert owner.site.obeyed == wanted
        assert json.loads(owner.file().file.blob) == content
        shown = json.loads(owner.ask("GET", "/api/operation").body)
        assert (shown["real_mode"], shown["backup_reserve_percent"]) == ("autonomous", 90.5)
        assert owner.site.simulated.record.settings[-1].cause == "signed configuration"

    def test_a_file_that_has_changed_since_is_not_replaced(self) -> None:
        owner = Owner()
        before = owner.file()
        owner.site.simulated.set_in_app(Setting(reserve=55))
        said = owner.replace(json.loads(before.file.blob), before.hash)
        assert said.common.error_response.status.code == 10
        assert owner.site.writes == []
        assert owner.site.obeyed.reserve == 55

    @pytest.mark.parametrize(
        "change",
        [
            {"default_real_mode": "siphon"},
            {"site_info": None},
            {"site_info": {"backup_reserve_percent": 101}},
            {"site_info": {"backup_reserve_percent": "20"}},
        ],
    )
    def test_nonsense_is_not_stored(self, change: dict[str, object]) -> None:
        owner = Owner()
        content = {**json.loads(owner.file().file.blob), **change}
        assert owner.replace(content).common.error_response.status.code == 3
        assert owner.site.writes == []

    @pytest.mark.parametrize(
        ("firmware", "acts"),
        [("26.2.1", True), ("26.10.3", False), ("26.10.4", False), ("26.18.3", True)],
    )
    def test_firmware_that_stores_and_does_not_act(self, firmware: str, acts: bool) -> None:
        owner = Owner(Signed(firmware=firmware))
        before = owner.site.obeyed
        content = json.loads(owner.file().file.blob)
        content["default_real_mode"] = "backup"
        content["site_info"]["customer_preferred_export_rule"] = "never"
        owner.replace(content)
        assert json.loads(owner.file().file.blob) == content
        wanted = Setting(Mode.BACKUP, export=Export.NEVER).over(before)
        assert owner.site.obeyed == (wanted if acts else before)
        owner.site.simulated.open_app()
        assert owner.site.obeyed == wanted

    def test_under_a_fault_any_firmware_only_stores(self) -> None:
        owner = Owner(Signed(lasting(SignedFaultKind.CONFIG_UNACTED)))
        before = owner.site.obeyed
        content = json.loads(owner.file().file.blob) | {"default_real_mode": "backup"}
        owner.replace(content)
        assert owner.site.obeyed == before

    def test_during_storm_watch_it_is_what_holds_afterwards(self) -> None:
        owner = Owner(Signed(lasting(FaultKind.STORM_WATCH, 60, 600)))
        owner.site.clock.pass_time(61)
        content = json.loads(owner.file().file.blob)
        assert content["site_info"]["backup_reserve_percent"] == 100
        content["default_real_mode"] = "autonomous"
        content["site_info"]["backup_reserve_percent"] = 24
        owner.replace(content)
        assert (owner.site.obeyed.mode, owner.site.obeyed.reserve) == (Mode.BACKUP, 100)
        owner.site.clock.pass_time(600)
        assert (owner.site.obeyed.mode, owner.site.obeyed.reserve) == (Mode.AUTONOMOUS, 20)

    def test_nothing_else_can_be_done(self) -> None:
        owner = Owner()

        def dispatch(envelope: Any) -> None:
            envelope.teg.dispatch_battery_power_request.real_power.power_watts = 5_000

        said = messages.MessageEnvelope.FromString(owner.send(dispatch).protobuf_message_as_bytes)
        assert said.common.error_response.status.code == 12

    def test_there_is_no_other_file(self) -> None:
        def other(envelope: Any) -> None:
            read(envelope)
            envelope.filestore.readFileRequest.name = "passwords.json"

        said = messages.MessageEnvelope.FromString(Owner().send(other).protobuf_message_as_bytes)
        assert said.common.error_response.status.code == 3


def test_a_powerwall_3_has_little_of_the_other_api() -> None:
    owner = Owner(Signed(hardware=PW3))
    assert owner.ask("GET", DIN).body.startswith(b"1707000-")
    for path in ("/api/meters/aggregates", "/api/system_status/soe"):
        assert owner.ask("GET", path).status == 200
    for path in ("/api/operation", "/api/status", "/api/sitemaster", "/api/config/completed"):
        assert owner.ask("GET", path).status == 404


def test_a_gateway_without_it_has_neither_path() -> None:
    from simulated_client import client

    plain = client("26.18")
    assert plain.log_in("customer").status == 200
    assert [plain.ask(path).status for path in (DIN, V1R)] == [404, 404]
    assert "26.18" in PROFILES


def test_a_gateway_without_a_key_takes_none() -> None:
    assert SignedControl(SimulatedClock(datetime(2026, 7, 1, tzinfo=UTC)))._key is None


class TestWireFormat:
    def test_what_is_written_is_read(self) -> None:
        content = text(1, "word") + message(15, number(3, 300)) + number(2, 2**40)
        fields = Fields(content)
        assert fields.bytes(1) == b"word"
        assert fields.message(15).number(3) == 300
        assert fields.number(2) == 2**40
        assert (3 in fields, 15 in fields) == (False, True)
        assert (fields.number(1), fields.bytes(2), fields.message(9, 9).number(1)) == (0, b"", 0)

    @pytest.mark.parametrize("content", [b"\x0a\x05abc", b"\x08", b"\x0d\x01", b"\x0f"])
    def test_what_breaks_off_or_is_something_else(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="protobuf"):
            Fields(content)
