"""What the gateway says of itself and of the home, as the contents of its JSON answers.

Key sets are those of the answers recorded on firmware 21.39.1; older firmware leaves some out.
Values come from the home's state. Percent leaves here on the raw scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from rules.domain import AppPercent, GridStatus, raw_from_app
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile

_NEVER: Final = "0001-01-01T00:00:00Z"
_VOLTS: Final = 240.0
_HERTZ: Final = 60.0
_BLOCK_POWER_W: Final = 5_000.0
_BOOT_ZONE: Final = timezone(timedelta(hours=8))
_SITE_NAME: Final = "Simulated Home"


@dataclass(frozen=True, slots=True)
class Device:
    """The gateway as a thing: its serial number, when it booted, how often it was configured."""

    serial: str
    booted: datetime
    commissions: int

    @property
    def din(self) -> str:
        """Part number and serial number, as everywhere on these devices."""
        return f"1232100-00-E--{self.serial}"


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
    if not profile.shows_din:
        return body
    if profile.has_capabilities:
        body |= {"teg_type": "unknown", "can_reboot": can_reboot(home) if home.running else ""}
    return {
        "din": device.din,
        **body,
        "commission_count": device.commissions,
        "device_type": "teg",
        "sync_type": "v2.1",
        "leader": "",
        "followers": None,
        "cellular_disabled": False,
    }


def operation(profile: Profile, mode: str, reserve: float) -> dict[str, Any]:
    """`/api/operation`; `reserve` is app percent."""
    raw = raw_from_app(AppPercent(reserve))
    shown = raw + profile.reserve_excess if raw < 100 else raw
    body: dict[str, Any] = {profile.mode_key: mode, "backup_reserve_percent": shown}
    if profile.load_shed_soe is not None:
        body["freq_shift_load_shed_soe"] = profile.load_shed_soe
        body["freq_shift_load_shed_delta_f"] = -0.32
    return body


def sitemaster(profile: Profile, home: Home, device: Device, now: datetime) -> dict[str, Any]:
    """`/api/sitemaster`."""
    if profile.sitemaster_has_status:
        return {
            "status": "StatusUp" if home.running else "StatusDown",
            "running": home.running,
            "connected_to_tesla": True,
            "power_supply_mode": False,
            "can_reboot": can_reboot(home) if home.running else "",
        }
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


def aggregates(profile: Profile, home: Home, now: datetime) -> dict[str, Any]:
    """`/api/meters/aggregates`: watts and watt hours with the gateway's signs."""
    flow, meters = home.flow, home.meters
    seen = now.astimezone(home.household.timezone).isoformat()
    times = profile.meters_have_times
    body = {
        "site": _meter(seen, times, flow.site_w, meters.site_exported, meters.site_imported, 2),
        "battery": _meter(
            seen, times, flow.battery_w, meters.battery_discharged, meters.battery_charged, 1
        ),
        "load": _meter(seen, times, flow.load_w, 0.0, meters.load, None),
        "solar": _meter(seen, times, flow.solar_w, meters.solar, 0.0, 1),
    }
    for name in profile.extra_meters:
        body[name] = _meter(seen, times, 0.0, 0.0, 0.0, None)
    return body


def _meter(
    seen: str, times: bool, power_w: float, exported: float, imported: float, meters: int | None
) -> dict[str, Any]:
    power = round(power_w, 2)
    amperes = round(power_w / _VOLTS, 3)
    body: dict[str, Any] = {
        "last_communication_time": seen,
        "instant_power": power,
        "instant_reactive_power": 0,
        "instant_apparent_power": abs(power),
        "frequency": _HERTZ,
        "energy_exported": round(exported, 3),
        "energy_imported": round(imported, 3),
        "instant_average_voltage": _VOLTS,
        "instant_total_current": amperes,
        "i_a_current": 0,
        "i_b_current": 0,
        "i_c_current": 0,
    }
    if times:
        body["instant_average_current"] = amperes
        body["last_phase_voltage_communication_time"] = _NEVER
        body["last_phase_power_communication_time"] = _NEVER
        body["timeout"] = 1_500_000_000
        if meters is not None:
            body["num_meters_aggregated"] = meters
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
        "available_blocks": _blocks(home),
        "battery_blocks": [_block(profile, home, device, index) for index in range(_blocks(home))],
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
        "blocks_controlled": _blocks(home),
        "primary": True,
        "auxiliary_load": 0,
        "all_enable_lines_high": True,
        "inverter_nominal_usable_power": home.battery.power_w,
        "expected_energy_remaining": 0,
    }
    if profile.has_capabilities:
        body |= {
            "instantaneous_max_apparent_power": home.battery.power_w,
            "hardware_capability_charge_power": home.battery.power_w,
            "hardware_capability_discharge_power": home.battery.power_w,
            "available_charger_blocks": 0,
        }
    return body


def _block(profile: Profile, home: Home, device: Device, index: int) -> dict[str, Any]:
    blocks = _blocks(home)
    full = home.battery.capacity_wh / 0.95 / blocks
    power = home.flow.battery_w / blocks
    on_grid = home.grid is GridStatus.CONNECTED
    return {
        **_package(device, index),
        "disabled_reasons": [],
        "pinv_state": "PINV_GridFollowing" if on_grid else "PINV_GridForming",
        "pinv_grid_state": "Grid_Compliant" if on_grid else "Grid_Uncompliant",
        "nominal_energy_remaining": round(full * raw_from_app(home.soe) / 100),
        "nominal_full_pack_energy": round(full),
        "p_out": round(power),
        "q_out": 0,
        "v_out": _VOLTS,
        "f_out": _HERTZ,
        "i_out": round(power / _VOLTS, 1),
        "energy_charged": round(home.meters.battery_charged / blocks),
        "energy_discharged": round(home.meters.battery_discharged / blocks),
        "off_grid": not on_grid,
        "vf_mode": not on_grid,
        "wobble_detected": False,
        "charge_power_clamped": False,
        "backup_ready": True,
        "OpSeqState": "Active",
        "version": profile.git_hash[:14],
    }


def powerwalls(profile: Profile, home: Home, device: Device) -> dict[str, Any]:
    """`/api/powerwalls`: the units, without the diagnostics that only installers read."""
    units = [_package(device, index) for index in range(_blocks(home))]
    if not profile.grid_code_is_object:
        return {"powerwalls": units, "has_sync": True}
    # Real gateways call the grid uncompliant here whenever the battery runs.
    grid_state = "Grid_Uncompliant" if home.running else "Grid_Compliant"
    return {
        **powerwalls_status(),
        "powerwalls": [
            {**unit, "type": "ACPW", "grid_state": grid_state, "updating": False, "in_config": True}
            for unit in units
        ],
        "gateway_din": device.din,
        "sync": {"updating": False},
        "msa": None,
        "states": None,
    }


def site_info(profile: Profile, home: Home) -> dict[str, Any]:
    """`/api/site_info`."""
    energy, power = home.battery.capacity_wh / 1000, home.battery.power_w / 1000
    code: object = "60Hz_240V_s_UL1741SA:2019_California"
    if profile.grid_code_is_object:
        code = {
            "grid_code": code,
            "grid_voltage_setting": 240,
            "grid_freq_setting": 60,
            "grid_phase_setting": "Split",
            "country": "United States",
            "state": "California",
            "distributor": "*",
            "utility": "Southern California Edison",
            "retailer": "*",
            "region": "UL1741SA-CA:2019",
        }
    body = {
        "measured_frequency": _HERTZ,
        "max_system_energy_kWh": energy,
        "max_system_power_kW": power,
        **site_name(home),
        "max_site_meter_power_kW": 1_000_000_000,
        "min_site_meter_power_kW": -1_000_000_000,
        "nominal_system_energy_kWh": energy,
        "nominal_system_power_kW": power,
        "grid_code": code,
    }
    if profile.has_capabilities:
        body["panel_max_current"] = 100
    return body


def powerwalls_status() -> dict[str, Any]:
    """`/api/powerwalls/status` of firmware 21 and later."""
    return {
        "enumerating": False,
        "updating": False,
        "checking_if_offgrid": False,
        "running_phase_detection": False,
        "phase_detection_last_error": "no phase information",
        "bubble_shedding": False,
        "on_grid_check_error": "",
        "grid_qualifying": False,
        "grid_code_validating": False,
        "phase_detection_not_available": True,
    }


def site_name(home: Home) -> dict[str, str]:
    """`/api/site_info/site_name`."""
    return {"site_name": _SITE_NAME, "timezone": home.household.timezone.key}


def registration() -> dict[str, bool]:
    """`/api/customer/registration`."""
    return {
        "privacy_notice": True,
        "limited_warranty": True,
        "grid_services": False,
        "marketing": False,
        "registered": True,
        "timed_out_registration": False,
    }


def _package(device: Device, index: int) -> dict[str, str]:
    return {
        "Type": "",
        "PackagePartNumber": "3012170-05-B",
        "PackageSerialNumber": f"{device.serial}B{index + 1}",
    }


def _blocks(home: Home) -> int:
    return max(1, round(home.battery.power_w / _BLOCK_POWER_W))


def can_reboot(home: Home) -> str:
    """What speaks against a restart just now; "Yes" if nothing does."""
    return "Yes" if abs(home.flow.battery_w) < 1_000 else "Power flow is too high"


def _go_duration(span: timedelta) -> str:
    minutes, seconds = divmod(span.total_seconds(), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}h{minutes}m{seconds:.6f}s"
