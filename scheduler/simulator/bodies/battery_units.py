"""The batteries as the commissioning wizard sees them: labels, and two diagnostics of each.

The diagnostics of the running system "fail", because only a standing one can be diagnosed; that is
how every gateway in good order answers.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from scheduler.simulator.bodies.device import Device, firmware_hash, package, units
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

_BUSY: Final = (
    "Cannot perform this action with site controller running. From landing page, either"
    ' "STOP SYSTEM" or "RUN WIZARD" to proceed.'
)
_UNIT_CHECKS: Final = (
    "CAN connectivity", "Enable switch", "Internal communications", "Firmware up-to-date",
)  # fmt: skip
_UNIT_UPDATES: Final = ("Powerwall firmware", "Battery firmware", "Inverter firmware", "Grid code")
_SYNC_CHECKS: Final = ("CAN connectivity", "Firmware up-to-date")
_SYNC_UPDATES: Final = ("Synchronizer firmware", "Islanding configuration", "Grid code")
_WHY_NOT_CHECKED: Final = {
    Recorded.V21_39: "sitemanager process is running, run sitemanager flag enabled",
    Recorded.V21_44: "run sitemanager flag enabled",
}
_NOT_RUN: Final = "on grid check not run"


def powerwalls(profile: Profile, home: Home, device: Device, now: datetime) -> dict[str, Any]:
    """`/api/powerwalls`: the units, from 1.40 on with their diagnostics."""
    labels = [package(profile, device, index) for index in range(units(home))]
    if profile.shapes == Recorded.V1_15:
        return {"powerwalls": labels, "has_sync": True}
    at = now.astimezone(home.household.timezone).isoformat()
    # Real gateways call the grid uncompliant here whenever the battery runs.
    unit: dict[str, Any] = {
        "type": "ACPW" if profile.shapes >= Recorded.V21_39 else "acpw",
        "grid_state": "Grid_Uncompliant" if home.running else "Grid_Compliant",
        "grid_reconnection_time_seconds": 0,
        "under_phase_detection": False,
        "updating": False,
        "commissioning_diagnostic": _commissioning(profile, home, _UNIT_CHECKS, at, "running"),
        "update_diagnostic": _update(profile, _UNIT_UPDATES),
    }
    if profile.shapes >= Recorded.V1_46:
        unit["bc_type"] = None
    if profile.shapes >= Recorded.V21_39:
        unit["in_config"] = True
    sync_updates = _SYNC_UPDATES if profile.shapes >= Recorded.V21_39 else _SYNC_UPDATES[::2]
    body = {
        **powerwalls_status(profile, home),
        "powerwalls": [{**label, **unit} for label in labels],
        "sync": {
            "updating": False,
            "commissioning_diagnostic": _commissioning(profile, home, _SYNC_CHECKS, at, "pass"),
            "update_diagnostic": _update(profile, sync_updates),
        },
    }
    if profile.shapes >= Recorded.V20_49:
        body["gateway_din"] = device.din
    if profile.shapes >= Recorded.V21_39:
        return {**body, "msa": None, "states": None}
    body |= {"has_sync": True, "states": []}
    if profile.shapes == Recorded.V1_40:
        body["phase_detection_attempt"] = 0
    return body


def powerwalls_status(profile: Profile, home: Home) -> dict[str, Any]:
    """`/api/powerwalls/status` from 21.39 on, and the beginning of `/api/powerwalls`."""
    newer = profile.shapes >= Recorded.V21_39
    phases = "no phase information" if newer else "phase detection not run"
    body: dict[str, Any] = {
        "enumerating": False,
        "updating": False,
        "checking_if_offgrid": False,
        "running_phase_detection": False,
        "phase_detection_last_error": phases,
        "bubble_shedding": False,
        "on_grid_check_error": _WHY_NOT_CHECKED.get(profile.shapes, _NOT_RUN),
        "grid_qualifying": False,
        "grid_code_validating": False,
    }
    if profile.shapes >= Recorded.V1_46:
        body["phase_detection_not_available"] = True
    if newer and not home.running:
        body |= {"is_on_grid": True, "on_grid_check_error": ""}
    return body


def _commissioning(
    profile: Profile, home: Home, names: tuple[str, ...], at: str, standing: str
) -> dict[str, Any]:
    """Whether the parts answer; `standing` is the state of a check with the battery stopped."""
    checks = []
    for name in names:
        check: dict[str, Any] = {
            "name": name,
            "status": "fail" if home.running else standing,
            "start_time": at,
            "end_time": None if standing == "running" and not home.running else at,
        }
        if home.running:
            check["message"] = _BUSY
        check["results"] = {}
        if standing == "pass" and not home.running and name == "Firmware up-to-date":
            check["results"] = {
                "/etc/commit": profile.git_hash,
                "SYNC.git_hash": firmware_hash(profile),
                "readyForFWUpdate": True,
            }
        checks.append(check | _newer_keys(profile, {}))
    return _diagnostic(profile, "Commissioning", checks, disruptive=False)


def _update(profile: Profile, names: tuple[str, ...]) -> dict[str, Any]:
    """The update of the parts' own firmware, which is not run here."""
    waiting = {"status": "not_run", "start_time": None, "end_time": None, "progress": 0}
    checks = [
        {"name": name, **waiting, "results": None, **_newer_keys(profile, None)} for name in names
    ]
    return _diagnostic(profile, "Firmware Update", checks, disruptive=True)


def _diagnostic(
    profile: Profile, name: str, checks: list[dict[str, Any]], *, disruptive: bool
) -> dict[str, Any]:
    body: dict[str, Any] = {"name": name, "category": "InternalComms", "disruptive": disruptive}
    if profile.shapes >= Recorded.V1_46:
        body["inputs"] = None
    body["checks"] = checks
    if profile.shapes >= Recorded.V21_39:
        body["alert"] = False
    return body


def _newer_keys(profile: Profile, debug: object) -> dict[str, object]:
    """What newer firmware says of a check beside what all do."""
    if profile.shapes >= Recorded.V21_39:
        return {"debug": debug, "checks": None}
    return {"debug": debug} if profile.shapes >= Recorded.V1_46 else {}
