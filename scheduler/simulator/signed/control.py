"""Signed control: the configuration file, read and replaced by whoever has the registered key.

A key that was registered is taken once somebody has turned a switch at the battery, within ten
minutes (pypowerwall, README). That a request needs a session as well as a signature is assumed:
pypowerwall logs in anew where it gets a 401. A write must name the file that it replaces by its
hash; what the hash is of, and what a gateway answers to a wrong one, is not recorded.

Firmware 26.10.3 and 26.10.4 stores a configuration and does not act on it until the owner opens the
app, 26.18 acts at once (pypowerwall issues 316 and 321); in between, here, it does not.

Signatures expire by the time of the world, as their client makes them, and not by the clock that
the home lives by: that one may run faster.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rules.domain import AppPercent, Export, Mode, RawPercent, Setting, app_from_raw, raw_from_app
from scheduler.clock import Clock
from scheduler.gateways import Version, parse_version
from scheduler.gateways import number as number_of
from scheduler.simulator.protobuf import Fields, message, number, text
from scheduler.simulator.record import Record, WriteSeen
from scheduler.simulator.signed.envelope import NotCarriedOut, Request, answered, opened, refused
from scheduler.simulator.signed.hardware import BACKUP_GATEWAY_1, Hardware
from scheduler.simulator.signed_fault_kinds import SignedFaultKind
from scheduler.simulator.wire import DROPPED, WireResponse, json_object, silence

if TYPE_CHECKING:
    from scheduler.simulator.configuration import Configuration
    from scheduler.simulator.fault_plan import Fault
    from scheduler.simulator.home import Home
    from scheduler.simulator.lifecycle import Lifecycle

DIN: Final = "/tedapi/din"
V1R: Final = "/tedapi/v1r"

ROLE: Final = "signed"
"""Who wrote, in the record of a gateway."""

CONFIRM_WITHIN: Final = timedelta(minutes=10)
_STORED_ONLY: Final = (Version(26, 10, 3), Version(26, 18))
"""Firmware that does not act on what is stored, from the first to before the second."""

_NOT_VERIFIED: Final = b"v1r: client authorization not verified"
_BINARY: Final = (("content-type", "application/octet-stream"), ("cache-control", "no-store"))

_FILESTORE, _COMMON = 15, 4
_READ, _READ_ANSWER, _UPDATE, _UPDATE_ANSWER = 1, 2, 5, 6
_FILE_NAME, _FILE_BLOB = 1, 100
_CONFIG_DOMAIN: Final = 1
_NAME: Final = "config.json"
_UNIMPLEMENTED, _ABORTED, _INVALID = 12, 10, 3

_MODE, _SITE = "default_real_mode", "site_info"
_RESERVE, _EXPORT = "backup_reserve_percent", "customer_preferred_export_rule"
_NO_GRID_CHARGING: Final = "disallow_charge_from_grid_with_solar_installed"


@dataclass(slots=True)
class _Key:
    """A public key as it was registered, and whether somebody has confirmed it at the battery."""

    public: bytes
    registered: datetime
    verified: bool


@dataclass(frozen=True, slots=True)
class _Place:
    """The gateway that this is part of."""

    home: Home
    life: Lifecycle
    configuration: Configuration
    record: Record


class SignedControl:
    """Signed control of a gateway, for whoever has the private key of `public_key` (DER, PKCS #1).

    Without one no key is registered yet. With `verified` it has been confirmed at the battery.
    `real` is the clock by which signatures expire.
    """

    def __init__(
        self,
        real: Clock,
        public_key: bytes | None = None,
        hardware: Hardware = BACKUP_GATEWAY_1,
        *,
        verified: bool = True,
    ) -> None:
        self.hardware = hardware
        self._real = real
        self._first = public_key, verified
        self._key: _Key | None = None
        self._place: _Place
        self._document: dict[str, Any] = {}
        self._unacted = Setting()

    def join(
        self, home: Home, life: Lifecycle, configuration: Configuration, record: Record
    ) -> None:
        """Become part of a gateway."""
        self._place = _Place(home, life, configuration, record)
        public_key, verified = self._first
        if public_key is not None:
            self._key = _Key(public_key, home.at, verified)
        self._document = {
            "vin": life.device.din,
            _SITE: {
                "site_name": "Simulated home",
                "timezone": home.household.timezone.key,
                "max_system_energy_kWh": home.battery.capacity_wh / 1_000,
                "non_export_configured": False,
            },
            "customer": {"registered": True},
        }

    def register(self, public_key: bytes) -> None:
        """The owner registers this key in place of any other; it waits to be confirmed."""
        self._key = _Key(public_key, self._place.home.at, verified=False)

    def toggled(self, now: datetime) -> None:
        """Somebody turns the switch at the battery."""
        if self._key is not None and now <= self._key.registered + CONFIRM_WITHIN:
            self._key.verified = True

    def app_opened(self, now: datetime) -> None:
        """The owner opens the app: what is only stored takes effect."""
        if not self._unacted.empty:
            self._place.configuration.obey(now, _permissions(self._unacted))
            self._unacted = Setting()

    @property
    def config(self) -> dict[str, Any]:
        """The configuration file as it is shown now."""
        place, stored = self._place, self._unacted
        mode, reserve = place.configuration.shown
        may_charge = (
            place.home.grid_charging if stored.grid_charging is None else stored.grid_charging
        )
        site = dict(self._document[_SITE])
        site[_RESERVE] = round(raw_from_app(AppPercent(reserve)), 9)
        site[_EXPORT] = (stored.export or place.home.export).value
        # What was never forbidden is not mentioned.
        if not may_charge or _NO_GRID_CHARGING in site:
            site[_NO_GRID_CHARGING] = not may_charge
        return {**self._document, _MODE: mode.value, _SITE: site}

    def show_din(self) -> WireResponse:
        """`GET /tedapi/din`."""
        return WireResponse(200, _BINARY, self._place.life.device.din.encode())

    def answer(self, now: datetime, body: bytes, fault: Fault | None) -> WireResponse:
        """`POST /tedapi/v1r`."""
        kind = fault.kind if fault is not None else None
        public = self._key.public if self._key is not None else None
        try:
            request = opened(body, self._place.life.device.din, public, self._real.now())
        except NotCarriedOut as refusal:
            return _binary(refused(refusal.fault, refusal.uuid))
        if fault is not None and kind is SignedFaultKind.SIGNED_FAULT:
            return _binary(refused(fault.status, request.uuid))
        if kind is SignedFaultKind.NOT_VERIFIED or not (self._key and self._key.verified):
            return _binary(answered(_NOT_VERIFIED, request.uuid))
        try:
            return self._carried_out(now, request, kind)
        except ValueError as problem:
            return _problem(request, _INVALID, str(problem))

    def _carried_out(self, now: datetime, request: Request, kind: object) -> WireResponse:
        files = Fields(request.payload).message(_FILESTORE)
        if _READ in files:
            _check_name(files.message(_READ).number(1), files.message(_READ).bytes(2))
            shown = self.config
            if kind is SignedFaultKind.CONFIG_MEAGRE:
                shown = {key: shown[key] for key in ("vin", "customer")}
            return _files(request, _READ_ANSWER, _file(shown) + message(2, self._hash))
        if _UPDATE not in files:
            return _problem(request, _UNIMPLEMENTED, "not implemented")
        if kind is SignedFaultKind.CONFIG_LOST:
            return silence(DROPPED)
        update = files.message(_UPDATE)
        _check_name(update.number(1), update.message(2).bytes(_FILE_NAME))
        if kind is SignedFaultKind.CONFIG_CHANGED or update.bytes(3) != self._hash:
            return _problem(request, _ABORTED, "the file has changed")
        if kind is not SignedFaultKind.CONFIG_IGNORED:
            acts = kind is not SignedFaultKind.CONFIG_UNACTED and self._acts()
            self._replace(now, json_object(update.message(2).bytes(_FILE_BLOB)), acts=acts)
        done = _files(request, _UPDATE_ANSWER, message(2, self._hash))
        lost = kind is SignedFaultKind.CONFIG_ANSWER_LOST
        return WireResponse(done.status, done.headers, done.body, DROPPED) if lost else done

    @property
    def _hash(self) -> bytes:
        return hashlib.sha256(_json(self.config)).digest()

    def _acts(self) -> bool:
        version = parse_version(self._place.life.profile.version)
        first, last = _STORED_ONLY
        return version is None or not first <= version < last

    def _replace(self, now: datetime, content: Mapping[str, Any], *, acts: bool) -> None:
        """Store this file, and act on what it sets. Raises `ValueError` for nonsense."""
        site = content.get(_SITE)
        if not isinstance(site, dict):
            raise ValueError(_SITE)  # noqa: TRY004 -- as in `_word`
        raw = number_of(site.get(_RESERVE))
        if raw is None or not 0 <= raw <= 100:
            raise ValueError(_RESERVE)
        forbidden = site.get(_NO_GRID_CHARGING, False)
        if not isinstance(forbidden, bool):
            raise ValueError(_NO_GRID_CHARGING)  # noqa: TRY004 -- as in `_word`
        reserve = app_from_raw(RawPercent(raw))
        setting = Setting(
            _word(Mode, content.get(_MODE), _MODE),
            round(reserve),
            grid_charging=not forbidden,
            export=_word(Export, site.get(_EXPORT, Export.BATTERY.value), _EXPORT),
        )
        self._document = dict(content)
        self._place.record.writes.append(WriteSeen(now, setting, ROLE))
        self._unacted = Setting() if acts else setting
        self._place.configuration.store(now, setting, reserve, acts=acts)


def _permissions(setting: Setting) -> Setting:
    return Setting(grid_charging=setting.grid_charging, export=setting.export)


def _check_name(domain: int, name: bytes) -> None:
    if domain != _CONFIG_DOMAIN or name != _NAME.encode():
        raise ValueError("no such file")


def _word(words: Callable[[str], Any], said: object, key: str) -> Any:  # noqa: ANN401 -- of its kind
    try:
        return words(str(said))
    except ValueError:
        raise ValueError(key) from None


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _file(content: object) -> bytes:
    return message(1, text(_FILE_NAME, _NAME) + message(_FILE_BLOB, _json(content)))


def _files(request: Request, kind: int, content: bytes) -> WireResponse:
    return _binary(answered(message(_FILESTORE, message(kind, content)), request.uuid))


def _problem(request: Request, code: int, words: str) -> WireResponse:
    status = number(1, code) + text(2, words)
    said = message(_COMMON, message(1, message(1, status)))
    return _binary(answered(said, request.uuid))


def _binary(content: bytes) -> WireResponse:
    return WireResponse(200, _BINARY, content)
