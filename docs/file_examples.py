"""An example of each key of `pwsched.toml` and of tariff files; a test loads each of them."""

from __future__ import annotations

from collections.abc import Mapping

CONFIGURATION: Mapping[str, Mapping[str, str]] = {
    "ConfigFile": {
        "journal": 'journal = "/var/lib/pwsched/journal.sqlite"',
        "control": "[control]",
        "site": "[[site]]",
    },
    "ControlTable": {"socket": 'socket = "/run/pwsched/pwsched.sock"'},
    "SiteTable": {
        "name": 'name = "home"',
        "rules": 'rules = ["base.toml", "home.toml"]',
        "poll": 'poll = "1m"',
        "inputs": 'inputs = "inputs"',
        "gateway": "[site.gateway]",
        "safety": "[site.safety]",
    },
    "GatewayTable": {
        "route": 'route = "local"',
        "host": 'host = "192.168.1.50"',
        "certificate": 'certificate = "sha256:..."',
        "login": 'login = "installer"',
        "email": 'email = "me@example.org"',
        "password_file": 'password_file = "gateway-password"',
        "credential": 'credential = "cabin-password"',
        "allow_public": "allow_public = true",
    },
    "SafetyTable": {
        "reserve_floor": "reserve_floor = 10",
        "safe": 'safe = { mode = "self_consumption", reserve = 20 }',
        "grid_charging": "grid_charging = false",
        "export": 'export = "pv_only"',
        "writes_an_hour": "writes_an_hour = 4",
        "writes_a_day": "writes_a_day = 12",
        "dwell": 'dwell = "30m"',
        "hold_max": 'hold_max = "6h"',
    },
    "SafeTable": {
        "mode": 'mode = "self_consumption"',
        "reserve": "reserve = 20",
        "grid_charging": "grid_charging = false",
        "export": 'export = "never"',
    },
}

TARIFFS: Mapping[str, Mapping[str, str]] = {
    "TariffFile": {
        "title": 'title = "Valley Light and Power TOU-R"',
        "source": 'source = "Schedule TOU-R, effective 2026-03-01"',
        "timezone": 'timezone = "America/Los_Angeles"',
        "currency": 'currency = "USD"',
        "seasons": 'seasons = { summer = "05-01..10-31", winter = "11-01..04-30" }',
        "holidays": "[holidays]",
        "periods": "[[periods.summer]]",
        "prices": "[[prices]]",
    },
    "Holidays": {
        "days": 'days = ["07-04", "4th-thu-nov", "last-mon-may"]',
        "sunday_to_monday": "sunday_to_monday = true",
    },
    "Period": {
        "period": 'period = "off-peak"',
        "days": 'days = ["weekends", "holidays"]',
        "time": 'time = "20:00-16:00"',
    },
    "Prices": {"effective": 'effective = "2026-03-01"'},
}
