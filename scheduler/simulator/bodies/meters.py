"""What the gateway's meters measure, and what is known of them.

Firmware before 20.49 has a Neurio in the fuse box here, as in the recordings of its time; later
firmware has the two meters inside Gateway 2. Both count the site with two clamps, the sun with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from scheduler.simulator.bodies.device import HERTZ, VOLTS, Device, firmware_hash
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

_NEVER: Final = "0001-01-01T00:00:00Z"
_TIMEOUT: Final = 1_500_000_000
_PHASE_V: Final = VOLTS / 2
_EMPTY: Final = ("busway", "frequency", "generator")
"""Meters of 1.15 that have never anything to say."""

_NEURIO: Final = ""
_X: Final = "synchrometerX"
_Y: Final = "synchrometerY"
_SITE_CLAMPS: Final = [True, True, False, False]
_SUN_CLAMPS: Final = [False, False, True, False]
_UPRIGHT: Final = [False, False, False, False]

BUSY: Final = "run sitemanager flag enabled, sitemanager process is running"
"""Why a meter is not read out while the battery runs (recorded on 21.39.1)."""


class _Measured(NamedTuple):
    """A power (W) with what has flowed so far (Wh), in the gateway's signs."""

    power_w: float
    exported: float
    imported: float


def aggregates(profile: Profile, home: Home, now: datetime) -> dict[str, Any]:
    """`/api/meters/aggregates`: watts and watt hours with the gateway's signs."""
    flow, meters = home.flow, home.meters
    site, sun = _measured(home)
    battery = _Measured(flow.battery_w, meters.battery_discharged, meters.battery_charged)
    load = _Measured(flow.load_w, 0.0, meters.load)
    seen = _local(home, now)
    body = {
        "site": _reading(profile, site, seen, 2),
        "battery": _reading(profile, battery, seen, 1),
        "load": _reading(profile, load, seen, None),
        "solar": _reading(profile, sun, seen, 1),
    }
    if profile.shapes == Recorded.V1_15:
        nothing = _Measured(0.0, 0.0, 0.0)
        body |= {name: _reading(profile, nothing, _NEVER, None) for name in _EMPTY}
    return body


def meters(profile: Profile, device: Device) -> list[dict[str, Any]]:
    """`/api/meters`: which meters there are, and what each of their clamps is for."""
    if profile.shapes < Recorded.V20_49:
        meter = {
            "serial": device.meter(),
            "short_id": device.serial[-5:],
            "connected": True,
            "cts": [_clamps("solar", _SUN_CLAMPS), _clamps("site", _SITE_CLAMPS)],
        }
        return [{**meter, "type": "neurio_tcp"} if profile.shapes >= Recorded.V1_46 else meter]
    return [
        {
            "serial": device.meter(kind),
            "short_id": device.din,
            "type": kind,
            "cts": clamps(kind),
        }
        for kind in (_X, _Y)
    ]


def clamps(kind: str) -> list[dict[str, Any]]:
    """`/api/meters/<serial number>/cts` of a meter inside the gateway."""
    site = _clamps("site", _SITE_CLAMPS) | {"real_power_scale_factor": 1}
    if kind == _X:
        return [site]
    return [site, _clamps("solar", _SUN_CLAMPS) | {"real_power_scale_factor": 2}]


def inner_meters(device: Device) -> Mapping[str, str]:
    """The serial numbers of the meters inside the gateway, with their kinds."""
    return {device.meter(kind): kind for kind in (_X, _Y)}


def site_meter(profile: Profile, home: Home, device: Device, now: datetime) -> list[dict[str, Any]]:
    """`/api/meters/site`."""
    site, _ = _measured(home)
    return [_meter(profile, device, _X, "site", site, _local(home, now))]


def solar_meter(
    profile: Profile, home: Home, device: Device, now: datetime
) -> list[dict[str, Any]]:
    """`/api/meters/solar`."""
    _, sun = _measured(home)
    return [_meter(profile, device, _Y, "solar", sun, _local(home, now))]


def readings(profile: Profile, home: Home, device: Device) -> dict[str, Any]:
    """`/api/meters/readings`: clamp by clamp; those inside the gateway only while it stands."""
    site, sun = _measured(home)
    half = _Measured(site.power_w / 2, site.exported / 2, site.imported / 2)
    nothing = _Measured(0.0, 0.0, 0.0)
    if profile.shapes < Recorded.V20_49:
        data = {
            "IP": f"Neurio-{device.serial[-5:]}",
            "sensorId": f"0x{int.from_bytes(device.serial[-8:].encode()):016X}",
            "firmwareVersion": "Tesla-0.0.7",
            "f_Hz": HERTZ,
            "cts": [_clamp(n, of) for n, of in enumerate((half, half, sun, nothing), 1)],
        }
        return {device.meter(_NEURIO): {"error": "", "data": data}}
    if home.running:
        silent = {"firmwareVersion": "", "cts": [_clamp(0, nothing)] * 4}
        return {device.meter(kind): {"error": BUSY, "data": silent} for kind in (_X, _Y)}
    version = firmware_hash(profile)
    clamped = {_X: (half, half, nothing, nothing), _Y: (half, half, sun, nothing)}
    return {
        device.meter(kind): {
            "error": "",
            "data": {
                "firmwareVersion": version,
                "cts": [_clamp(n % 4, of) for n, of in enumerate(measured, 1)],
            },
        }
        for kind, measured in clamped.items()
    }


def meters_status() -> dict[str, Any]:
    """`/api/meters/status`."""
    return {"status": "", "errors": None}


def voltage_references() -> dict[str, str]:
    """`/api/synchrometer/ct_voltage_references`."""
    return {"ct1": "Phase1", "ct2": "Phase2", "ct3": "Phase1"}


def voltage_reference_options() -> dict[str, list[str]]:
    """`/api/synchrometer/ct_voltage_references/options`."""
    return {"ct1": ["Phase1"], "ct2": ["Phase2"], "ct3": ["Phase1", "Phase2"]}


def _measured(home: Home) -> tuple[_Measured, _Measured]:
    """The site and the sun."""
    flow, counted = home.flow, home.meters
    return (
        _Measured(flow.site_w, counted.site_exported, counted.site_imported),
        _Measured(flow.solar_w, counted.solar, 0.0),
    )


def _local(home: Home, now: datetime) -> str:
    return now.astimezone(home.household.timezone).isoformat()


def _clamps(kind: str, valid: list[bool]) -> dict[str, Any]:
    return {"type": kind, "valid": valid, "inverted": _UPRIGHT}


def _clamp(number: int, measured: _Measured) -> dict[str, float]:
    """One clamp; its energies are watt seconds."""
    return {
        "ct": number,
        "v_V": _PHASE_V if number else 0,
        "p_W": round(measured.power_w, 2),
        "q_VAR": 0,
        "eExp_Ws": round(measured.exported * 3_600),
        "eImp_Ws": round(measured.imported * 3_600),
    }


def _reading(
    profile: Profile, measured: _Measured, seen: str, meters: int | None
) -> dict[str, Any]:
    """A meter's reading; `meters` is of how many it is the sum, `None` for what is calculated."""
    power = round(measured.power_w, 2)
    amperes = round(measured.power_w / VOLTS, 3)
    silent = seen == _NEVER
    body: dict[str, Any] = {
        "last_communication_time": seen,
        "instant_power": power,
        "instant_reactive_power": 0,
        "instant_apparent_power": abs(power),
        "frequency": 0 if silent else HERTZ,
        "energy_exported": round(measured.exported, 3),
        "energy_imported": round(measured.imported, 3),
        "instant_average_voltage": 0 if silent else VOLTS,
        "instant_total_current": amperes,
        "i_a_current": 0,
        "i_b_current": 0,
        "i_c_current": 0,
    }
    if profile.shapes >= Recorded.V1_46:
        body["timeout"] = _TIMEOUT
    if profile.shapes >= Recorded.V21_39:
        body["instant_average_current"] = amperes
        body["last_phase_voltage_communication_time"] = _NEVER
        body["last_phase_power_communication_time"] = _NEVER
        if meters is not None:
            body["num_meters_aggregated"] = meters
    if profile.shapes >= Recorded.V21_44:
        body["last_phase_energy_communication_time"] = _NEVER
    return body


def _meter(
    profile: Profile, device: Device, kind: str, place: str, measured: _Measured, seen: str
) -> dict[str, Any]:
    """One meter with its last reading, phase by phase."""
    phases = ("a", "b") if place == "site" else ("a",)
    inside = profile.shapes >= Recorded.V20_49
    reading = _reading(profile, measured, seen, None)
    for number, phase in enumerate(phases, 1):
        reading[f"v_l{number}n"] = _PHASE_V
        if profile.shapes >= Recorded.V21_39:
            reading[f"i_{phase}_current"] = round(measured.power_w / len(phases) / _PHASE_V, 3)
            reading[f"real_power_{phase}"] = round(measured.power_w / len(phases), 2)
            reading[f"reactive_power_{phase}"] = 0
    if profile.shapes >= Recorded.V21_39:
        reading["last_phase_voltage_communication_time"] = seen
        reading["last_phase_power_communication_time"] = seen
    reading["serial_number"] = device.meter()
    reading["version"] = firmware_hash(profile) if inside else "Tesla-0.0.7"
    return {
        "id": 0,
        "location": place,
        "type": kind if inside else "neurio_tcp",
        "cts": _SITE_CLAMPS if place == "site" else _SUN_CLAMPS,
        "inverted": _UPRIGHT,
        "connection": _inside(device, kind) if inside else _beside(device),
        "Cached_readings": reading,
    }


def _inside(device: Device, kind: str) -> dict[str, Any]:
    return {"short_id": device.din, "device_serial": device.meter(kind), "https_conf": {}}


def _beside(device: Device) -> dict[str, Any]:
    """The connection to a Neurio; the paths are on the gateway's own disk."""
    return {
        "ip_address": f"Neurio-{device.serial[-5:]}",
        "port": 443,
        "short_id": device.serial[-5:],
        "device_serial": device.meter(),
        "neurio_connected": True,
        "https_conf": {
            "client_cert": "/etc/site/certs/neurio/neurio.crt",
            "client_key": "/etc/site/certs/neurio/neurio.key",
            "server_ca_cert": "/etc/site/certs/neurio/neurio-ca-chain.cert.pem",
            "max_idle_conns_per_host": 1,
        },
    }
