"""What the gateway says of itself and of the battery at this moment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Final

from rules.domain import AppPercent, GridStatus, raw_from_app
from scheduler.simulator.bodies.device import (
    HERTZ,
    VOLTS,
    Device,
    firmware_hash,
    package,
    units,
)
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

_BOOT_ZONE: Final = timezone(timedelta(hours=8))


def status(profile: Profile, home: Home, device: Device, now: datetime) -> dict[str, Any]:
    """`/api/status`."""
    booted = device.booted.astimezone(_BOOT_ZONE)
    body: dict[str, Any] = {
        "start_time": booted.strftime("%Y-%m-%d %H:%M:%S %z"),
        "up_time_seconds": _go_duration(now - device.booted),
        "is_new": False,
        "version": profile.version,
        "git_hash": profile.git_hash,
    }
    if profile.shapes >= Recorded.V23_28:
        body |= {"teg_type": "unknown", "can_reboot": can_reboot(home) if home.running else ""}
    if profile.shapes >= Recorded.V1_46:
        body |= {
            "commission_count": device.commissions,
            "device_type": device.kind,
            "sync_type": "v2.1",
        }
    if profile.shapes >= Recorded.V20_49:
        more = {"leader": "", "followers": None, "cellular_disabled": False}
        return {"din": device.din, **body, **more}
    return body


def operation(profile: Profile, mode: str, reserve: float) -> dict[str, Any]:
    """`/api/operation`; `reserve` is app percent."""
    shown = round(raw_from_app(AppPercent(reserve)), 9) if reserve > 0 else profile.raw_zero
    body: dict[str, Any] = {profile.mode_key: mode, "backup_reserve_percent": shown}
    if profile.load_shed_soe is not None:
        body["freq_shift_load_shed_soe"] = profile.load_shed_soe
        body["freq_shift_load_shed_delta_f"] = -0.32
    return body


def sitemaster(profile: Profile, home: Home, device: Device, now: datetime) -> dict[str, Any]:
    """`/api/sitemaster`."""
    if profile.shapes >= Recorded.V1_46:
        body = {
            "status": "StatusUp" if home.running else "StatusDown",
            "running": home.running,
            "connected_to_tesla": True,
            "power_supply_mode": False,
        }
        if profile.shapes >= Recorded.V20_49:
            body["can_reboot"] = can_reboot(home) if home.running else ""
        return body
    uptime = f"{(now - device.booted).total_seconds():.0f}s," if home.running else "log:"
    return {"running": home.running, "uptime": uptime, "connected_to_tesla": home.running}


def soe(home: Home) -> dict[str, float]:
    """`/api/system_status/soe`."""
    return {"percentage": raw_from_app(home.soe)}


def grid_status(profile: Profile, home: Home) -> dict[str, Any]:
    """`/api/system_status/grid_status`."""
    body: dict[str, Any] = {"grid_status": home.grid.value}
    if profile.shows_grid_services:
        body["grid_services_active"] = home.grid_services
    return body


def system_status(profile: Profile, home: Home, device: Device) -> dict[str, Any]:
    """`/api/system_status`. Energies count the 5 % that the pack keeps for itself."""
    flow = home.flow
    full = home.battery.capacity_wh / 0.95
    remaining = full * raw_from_app(home.soe) / 100
    body = {
        "command_source": "Configuration",
        "battery_target_power": flow.battery_w,
        "battery_target_reactive_power": 0,
        "nominal_full_pack_energy": round(full),
        "nominal_energy_remaining": round(remaining),
        "max_power_energy_remaining": 0,
        "max_power_energy_to_be_charged": 0,
        "max_charge_power": home.battery.power_w,
        "max_discharge_power": home.battery.power_w,
        "max_apparent_power": home.battery.power_w,
        "instantaneous_max_discharge_power": home.battery.power_w,
        "instantaneous_max_charge_power": home.battery.charge_limit(home.energy_wh),
        "grid_services_power": 0,
        "system_island_state": home.grid.value,
        "available_blocks": units(home),
        "battery_blocks": [_block(profile, home, device, index) for index in range(units(home))],
        "ffr_power_availability_high": home.battery.power_w,
        "ffr_power_availability_low": home.battery.power_w,
        "load_charge_constraint": 0,
        "max_sustained_ramp_rate": 1_250_000,
        "grid_faults": [],
        "can_reboot": can_reboot(home),
        "smart_inv_delta_p": 0,
        "smart_inv_delta_q": 0,
        "last_toggle_timestamp": device.booted.isoformat(),
        "solar_real_power_limit": -1,
        "score": 10_000,
        "blocks_controlled": units(home),
        "primary": True,
        "auxiliary_load": 0,
        "all_enable_lines_high": True,
        "inverter_nominal_usable_power": home.battery.power_w,
        "expected_energy_remaining": 0,
    }
    if profile.shapes >= Recorded.V23_28:
        body |= {
            "instantaneous_max_apparent_power": home.battery.power_w,
            "hardware_capability_charge_power": home.battery.power_w,
            "hardware_capability_discharge_power": home.battery.power_w,
            "available_charger_blocks": 0,
        }
    return body


def _block(profile: Profile, home: Home, device: Device, index: int) -> dict[str, Any]:
    count = units(home)
    full = home.battery.capacity_wh / 0.95 / count
    power = home.flow.battery_w / count
    on_grid = home.grid is GridStatus.CONNECTED
    return {
        **package(profile, device, index),
        "disabled_reasons": [],
        "pinv_state": "PINV_GridFollowing" if on_grid else "PINV_GridForming",
        "pinv_grid_state": "Grid_Compliant" if on_grid else "Grid_Uncompliant",
        "nominal_energy_remaining": round(full * raw_from_app(home.soe) / 100),
        "nominal_full_pack_energy": round(full),
        "p_out": round(power),
        "q_out": 0,
        "v_out": VOLTS,
        "f_out": HERTZ,
        "i_out": round(power / VOLTS, 1),
        "energy_charged": round(home.meters.battery_charged / count),
        "energy_discharged": round(home.meters.battery_discharged / count),
        "off_grid": not on_grid,
        "vf_mode": not on_grid,
        "wobble_detected": False,
        "charge_power_clamped": False,
        "backup_ready": True,
        "OpSeqState": "Active",
        "version": firmware_hash(profile),
    }


def can_reboot(home: Home) -> str:
    """What speaks against a restart just now; "Yes" if nothing does."""
    return "Yes" if abs(home.flow.battery_w) < 1_000 else "Power flow is too high"


def _go_duration(span: timedelta) -> str:
    minutes, seconds = divmod(span.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}h{minutes}m{seconds:.6f}s"
