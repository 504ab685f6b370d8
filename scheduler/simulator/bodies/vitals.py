"""`/api/devices/vitals`: the devices behind the gateway, each with what it measures.

The answer is a Protocol Buffers message; field numbers are those of tesla.proto in
vloschiavo/powerwall2, names and kinds of values those of its decoded sample. The few lines that
write it stand here: a library for reading and writing any message would be a dependency for one
answer.
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Final, NamedTuple

from rules.domain import GridStatus, raw_from_app
from scheduler.simulator.bodies.device import HERTZ, VOLTS, Device, firmware_hash, units
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile
from scheduler.simulator.protobuf import EIGHT_BYTES, message, number, text, varint

_INVERTER_PART: Final = "1081100-10-U"
_THERMAL_PART: Final = "3012170-05-B"
_SYNC_PART: Final = "1493315-01-F"
_AMBIENT_C: Final = 21.5

Value = bool | float | str


class _Part(NamedTuple):
    """A device with its vitals. `kind` is the beginning of its name, as in `TETHC--...`."""

    kind: str
    part: str
    serial: str
    parent: str
    vitals: dict[str, Value]

    @property
    def name(self) -> str:
        return "--".join(filter(None, (self.kind, self.part, self.serial)))


def vitals(profile: Profile, home: Home, device: Device, now: datetime) -> bytes:
    """The message, with the devices of a Gateway 2 and its Powerwalls."""
    part, serial = device.din.split("--")
    gateway = _Part("STSTSM", part, serial, "", {"STSTSM-Location": "Gateway"})
    parts = [gateway, _sync(home, device, gateway.name)]
    for index in range(units(home)):
        parts += _unit(home, device.unit(index), gateway.name)
    return b"".join(message(1, _encoded(part, profile, now)) for part in parts)


def _unit(home: Home, serial: str, gateway: str) -> list[_Part]:
    """One Powerwall: its thermal controller, with inverter and pack below it."""
    count = units(home)
    full = home.battery.capacity_wh / 0.95 / count
    left = full * raw_from_app(home.soe) / 100
    counted, power = home.meters, home.flow.battery_w / count
    heat: dict[str, Value] = {
        "THC_State": "THC_STATE_AUTONOMOUSCONTROL",
        "THC_AmbientTemp": _AMBIENT_C,
    }
    thermal = _Part("TETHC", _THERMAL_PART, serial, gateway, heat)
    on_grid = home.grid is GridStatus.CONNECTED
    inverter: dict[str, Value] = {
        "PINV_EnergyCharged": counted.battery_charged / count,
        "PINV_EnergyDischarged": counted.battery_discharged / count,
        "PINV_Fout": HERTZ,
        "PINV_GridState": "Grid_Compliant" if on_grid else "Grid_Uncompliant",
        "PINV_Pout": power / 1000,
        "PINV_Qout": 0.0,
        "PINV_State": "PINV_GridFollowing" if on_grid else "PINV_GridForming",
        "PINV_VSplit1": VOLTS / 2,
        "PINV_VSplit2": VOLTS / 2,
        "PINV_Vout": VOLTS,
    }
    pack: dict[str, Value] = {
        "POD_available_charge_power": home.battery.charge_limit(home.energy_wh) / count,
        "POD_available_dischg_power": home.battery.power_w / count,
        "POD_nom_energy_remaining": left,
        "POD_nom_energy_to_be_charged": full - left,
        "POD_nom_full_pack_energy": full,
        "POD_state": "POD_ACTIVE" if home.running else "POD_STANDBY",
    }
    return [
        thermal,
        _Part("TEPINV", _INVERTER_PART, serial, thermal.name, inverter),
        _Part("TEPOD", _INVERTER_PART, serial, thermal.name, pack),
    ]


def _sync(home: Home, device: Device, gateway: str) -> _Part:
    """The switch to the grid, with the meters inside the gateway."""
    half, counted = home.flow.site_w / 2, home.meters
    on_grid = home.grid is GridStatus.CONNECTED
    grid_v = VOLTS / 2 if on_grid else 0.0
    measured: dict[str, Value] = {
        "ISLAND_FreqL1_Load": HERTZ,
        "ISLAND_FreqL1_Main": HERTZ if on_grid else 0.0,
        "ISLAND_GridConnected": on_grid,
        "ISLAND_VL1N_Load": VOLTS / 2,
        "ISLAND_VL1N_Main": grid_v,
        "ISLAND_VL2N_Load": VOLTS / 2,
        "ISLAND_VL2N_Main": grid_v,
        "METER_X_CTA_InstRealPower": half,
        "METER_X_CTB_InstRealPower": half,
        "METER_X_LifetimeEnergyExport": counted.site_exported,
        "METER_X_LifetimeEnergyImport": counted.site_imported,
        "SYNC_ExternallyPowered": False,
        "SYNC_SiteSwitchEnabled": False,
    }
    return _Part("TESYNC", _SYNC_PART, device.meter(), gateway, measured)


def _encoded(part: _Part, profile: Profile, now: datetime) -> bytes:
    version = "" if part.kind == "STSTSM" else firmware_hash(profile)
    words = {1: part.name, 2: part.part, 3: part.serial, 4: "TESLA", 6: part.parent, 7: version}
    said = b"".join(message(number, text(1, word)) for number, word in words.items())
    said += message(9, number(1, int(now.timestamp())))
    vitals = b"".join(message(2, _vital(name, value)) for name, value in part.vitals.items())
    return message(1, message(1, said)) + vitals


def _vital(name: str, value: Value) -> bytes:
    said = text(1, name)
    if isinstance(value, bool):
        return said + number(6, int(value))
    if isinstance(value, str):
        return said + text(5, value)
    return said + varint(4 << 3 | EIGHT_BYTES) + struct.pack("<d", value)
