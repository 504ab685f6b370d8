"""How the gateway is connected: by Wi-Fi, with a cellular modem behind it.

Its addresses here are of the documentation's ranges: nobody can take them for those of a house.
"""

from __future__ import annotations

import base64
import socket
from datetime import datetime
from typing import Any, Final

from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

_WIFI: Final = "Simulated Wi-Fi"
_ADDRESS: Final = "192.0.2.10"
_ROUTER: Final = "192.0.2.1"
_CELL_ADDRESS: Final = "198.51.100.10"
_CELL_ROUTER: Final = "198.51.100.1"
_HOME_NET: Final = "255.255.255.0"
_ONE_HOST: Final = "255.255.255.255"
_TESTS: Final = ("Config Syncer Test", "Gle GET Test", "Hermes Status Test", "Synergy Data Test")


def networks(profile: Profile) -> list[dict[str, Any]]:
    """`/api/networks`: adapters on old firmware, configured networks from 20.49 on."""
    if profile.shapes < Recorded.V20_49:
        return [
            _adapter(2, "can0"),
            _adapter(3, "eth0"),
            _adapter(170, "rpine0"),
            {
                **_adapter(171, "wifi0"),
                "ip_address": _ADDRESS,
                "subnet": _HOME_NET,
                "config": {**_configured(_WIFI, "WifiType", "WPA2_Personal"), "enabled": True},
            },
            {**_adapter(172, "wifi1"), "ip_address": "192.168.91.1", "subnet": _HOME_NET},
        ]
    cable = _network("ethernet_tesla_internal_default", "EthType", active=False, primary=False)
    cell = _network("gsm_tesla_internal_default", "GsmType", active=True, primary=False)
    wifi = _network(_WIFI, "WifiType", active=True, primary=True)
    return [
        {**cable, "extra_ips": [{"ip": "192.168.90.2", "netmask": 24}]},
        {
            **cell,
            "dhcp": None,
            "iface_network_info": _link(
                profile, cell, _CELL_ADDRESS, _ONE_HOST, _CELL_ROUTER, strength=71, mac=""
            ),
        },
        {
            **wifi,
            "security_type": "WPA2_Personal",
            "username": "",
            "iface_network_info": _link(
                profile, wifi, _ADDRESS, _HOME_NET, _ROUTER, strength=59, mac="02:00:00:00:00:01"
            ),
        },
    ]


def configured() -> list[dict[str, Any]]:
    """`/api/system/networks`, gone with 20.49."""
    return [
        {**_configured("default_gsm", "GsmType", "NONE"), "dhcp": None},
        _configured("default_eth", "EthType", "NONE"),
        {**_configured(_WIFI, "WifiType", "WPA2_Personal"), "enabled": True},
    ]


def security_types() -> list[str]:
    """`/api/networks/wifi_security_types`, gone with 20.49."""
    return ["NONE", "WEP", "WPAorWPA2_Personal"]


def client_protocols() -> dict[str, bool]:
    """`/api/networks/client_protocols`: nothing but this API is spoken."""
    return {"dnp3": False, "m2m": False, "mtls": False, "modbus": False, "allow_public_ip": False}


def connection_tests(profile: Profile, home: Home, now: datetime) -> dict[str, Any]:
    """`/api/system/networks/conn_tests`: what was tested before 20.49; later, what could be."""
    if profile.shapes < Recorded.V20_49:
        at = now.astimezone(home.household.timezone).isoformat()
        return {"results": {name: {"pass": True, "error": ""} for name in _TESTS}, "timestamp": at}
    waiting = {"status": "not_run", "start_time": None, "end_time": None}
    check = {"name": "Network device", **waiting, "results": None, "debug": None, "checks": None}
    return {
        "name": "Network connection",
        "category": "Network",
        "disruptive": False,
        "inputs": None,
        "checks": [check],
        "alert": False,
    }


def ping_test() -> dict[str, Any]:
    """`/api/system/networks/ping_test`, as it answers to a call without a target."""
    return {"Error": {}}


def _adapter(number: int, name: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "connected": True,
        "is_dhcp": True,
        "ip_address": "",
        "subnet": "",
        "config": None,
    }


def _configured(name: str, interface: str, security: str) -> dict[str, Any]:
    return {"network_name": name, "interface": interface, "security_type": security, "dhcp": True}


def _network(name: str, interface: str, *, active: bool, primary: bool) -> dict[str, Any]:
    return {
        "network_name": name,
        "interface": interface,
        "dhcp": True,
        "enabled": True,
        "active": active,
        "primary": primary,
        "lastTeslaConnected": primary,
        "lastInternetConnected": primary,
    }


def _link(
    profile: Profile,
    network: dict[str, Any],
    address: str,
    mask: str,
    router: str,
    *,
    strength: int,
    mac: str,
) -> dict[str, Any]:
    if profile.shapes >= Recorded.V23_28:
        bits = base64.b64encode(socket.inet_aton(mask)).decode()
        addressed = {"IP": address, "Mask": bits}
    else:
        addressed = {"ip": address, "mask": mask}
    return {
        "network_name": network["network_name"],
        "ip_networks": [addressed],
        "gateway": router,
        "interface": network["interface"],
        "state": "DeviceStateReady",
        "state_reason": "DeviceStateReasonNone",
        "signal_strength": strength,
        "hw_address": mac,
    }
