"""An example of each key of `pwsched.toml`, of tariff and test files; a test loads each of them."""

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
        "route": 'route = "fleet"',
        "gateway": "[site.gateway]",
        "v1r": "[site.v1r]",
        "fleet": "[site.fleet]",
        "safety": "[site.safety]",
    },
    "SignedTable": {
        "key_file": 'key_file = "gateway-key.pem"',
        "credential": 'credential = "cabin-key"',
    },
    "FleetTable": {
        "tokens_file": 'tokens_file = "fleet-tokens.json"',
        "credential": 'credential = "cabin-tokens"',
        "site_id": "site_id = 429124",
        "budget": "budget = 5",
    },
    "GatewayTable": {
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
        "saturday_to_friday": "saturday_to_friday = true",
    },
    "Period": {
        "period": 'period = "off-peak"',
        "days": 'days = ["weekends", "holidays"]',
        "time": 'time = "20:00-16:00"',
    },
    "Prices": {
        "effective": 'effective = "2026-03-01"',
        "adders": "adders = { state-surcharge = 0.0003 }",
        "generation": "generation.summer = { on-peak = 0.26, off-peak = 0.10 }",
    },
}

TERMS: Mapping[str, Mapping[str, str]] = {
    "TermsFile": {
        "charges": "[[charges]]",
        "baseline": "[baseline]",
        "export": "[export]",
    },
    "ChargesTable": {
        "effective": 'effective = "2026-03-01"',
        "fixed_per_day": "fixed_per_day = 0.42",
        "minimum_per_day": "minimum_per_day = 0.35",
        "baseline_credit": "baseline_credit = 0.08",
        "non_bypassable": "non_bypassable = { public-purpose = 0.034, wildfire-fund = 0.006 }",
        "credits": 'credits = [{ name = "climate credit", months = [4, 10], amount = 56.0 }]',
        "demand": "demand = { price_per_kw = 8.50 }",
    },
    "CreditTable": {
        "name": 'name = "climate credit"',
        "months": "months = [4, 10]",
        "amount": "amount = 56.0",
    },
    "DemandTable": {"price_per_kw": "price_per_kw = 8.50", "periods": 'periods = ["on-peak"]'},
    "ExportTable": {
        "nem1": "[export.nem1]",
        "nem2": "[export.nem2]",
        "nbt": "[export.nbt]",
        "flat": "[export.flat]",
    },
    "NetMeteringTable": {"source": 'source = "Schedule NEM, 2026"'},
    "NetBillingTable": {
        "source": 'source = "Schedule NBT, 2026"',
        "unused": 'unused = "ends"',
        "buckets": 'buckets = "together"',
        "holidays": 'holidays = { days = ["07-04"], saturday_to_friday = true }',
        "acc_plus": "acc_plus = { 2025 = 0.024, 2026 = 0.016 }",
        "acc_plus_unused": 'acc_plus_unused = "carries over"',
        "credits": 'credits = "export_credits_2025.csv"',
    },
    "FlatTable": {"source": 'source = "the feed-in contract of 2026"', "price": "price = 0.08"},
}

FORMS: Mapping[str, Mapping[str, str]] = {
    "FormFile": {
        "title": 'title = "By the half hour"',
        "source": 'source = "the supplier\'s page, 2026-03-01"',
        "timezone": 'timezone = "Europe/London"',
        "currency": 'currency = "GBP"',
        "series": "[series]",
    },
    "SeriesTable": {
        "step": 'step = "30m"',
        "prices_from": 'prices_from = "https://example.org/prices"',
    },
}

RULE_TESTS: Mapping[str, Mapping[str, str]] = {
    "TestFile": {
        "rules": 'rules = ["base.toml", "home.toml"]',
        "can_set": 'can_set = ["export"]',
        "reserve_ceiling": "reserve_ceiling = 80",
        "reserve_floor": "reserve_floor = 10",
        "test": "[[test]]",
    },
    "Test": {
        "name": 'name = "a summer day"',
        "start": 'start = "2026-07-06 13:00"',
        "end": 'end = "36h"',
        "step": 'step = "30s"',
        "given": "given = { soe = 40 }",
        "then": 'then = [{ at = "14:00", soe = 60 }]',
        "home": "home = { soe = 40, seed = 7 }",
        "expect": "[[test.expect]]",
    },
    "Values": {
        "soe": "soe = 40",
        "grid": 'grid = "down"',
        "grid_services": "grid_services = true",
        "load": 'load = "2 kW"',
        "solar": 'solar = "unknown"',
        "charging": "charging = 1500",
        "discharging": 'discharging = "1 kW"',
        "import": 'import = "3 kW"',
        "export": "export = 4900",
        "setting": 'setting = { mode = "backup", reserve = 100 }',
        "flags": 'flags = { storm = true, away = "22:00" }',
        "inputs": 'inputs = { sun = { value = 25, age = "3h" } }',
        "prices": 'prices = [{ from = "00:00", every = "30m", import = [0.2, 0.3] }]',
    },
    "At": {"at": 'at = "tue 13:00"', "ramp": "ramp = true"},
    "Dated": {
        "value": "value = 25",
        "age": 'age = "3h"',
        "at": 'at = "2026-07-06 05:00"',
    },
    "Slot": {
        "from": 'from = "2026-07-06 00:00"',
        "to": 'to = "16:00"',
        "every": 'every = "30m"',
        "import": 'import = [0.2, 0.3, "unknown"]',
        "export": "export = 0.05",
    },
    "Home": {"soe": "soe = 40", "seed": "seed = 7", "panels": 'panels = "8 kW"'},
    "Expect": {
        "at": 'at = "13:00"',
        "from": 'from = "16:00"',
        "to": 'to = "21:00"',
        "always": "always = false",
        "never": "never = true",
        "setting": "setting = { reserve = 20 }",
        "wanted": 'wanted = { mode = "backup" }',
        "winner": 'winner = { reserve = "storm" }',
        "active": 'active = ["storm", "sun"]',
        "state": 'state = { storm = "kept" }',
        "fired": 'fired = ["noon"]',
        "missed": "missed = { noon = 1 }",
        "writes": "writes = { at_most = 3 }",
    },
    "SettingOf": {
        "mode": 'mode = "backup"',
        "reserve": "reserve = 20",
        "grid_charging": "grid_charging = false",
        "export": 'export = "never"',
    },
    "PartWinners": {
        "any": 'any = "storm"',
        "mode": 'mode = "default"',
        "reserve": 'reserve = "storm"',
        "grid_charging": 'grid_charging = "default"',
        "export": 'export = "default"',
    },
    "HowOften": {"at_least": "at_least = 1", "at_most": "at_most = 3"},
}
