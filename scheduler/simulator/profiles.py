"""How the gateway's API differs by firmware, as data.

Each generation is written as what changed since the one before; version numbers between two known
ones take the ways of the older. Facts are from the notes and recorded answers of
vloschiavo/powerwall2, its issues (1, 4, 9, 10, 12, 15, 18, 26, 34, 41, 57, 103), home-assistant
issues 128506 and 129440, the firmware history of jasonacox/pypowerwall, and evcc-io/evcc issue
22743. What nobody has recorded is marked as an assumption.

What a route can do with a firmware (transport, logins, modes, reserves) is not here: that is in
`scheduler.gateways`, one table for all. Powerwall 3 is another device.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum, auto
from typing import Final

from rules.domain import Mode
from scheduler.gateways import Generation, Login, Transport, Version, generation_of


class Role(StrEnum):
    """What a session may do, in the gateway's own words."""

    HOME_OWNER = "Home_Owner"
    PROVIDER_ENGINEER = "Provider_Engineer"


class Recorded(IntEnum):
    """The firmware on which the answers were recorded whose shapes are taken, oldest first.

    1.15: notes and samples of vloschiavo/powerwall2 of 2018. 1.40: the same of 2019. 1.46: fixtures
    of jrester/tesla_powerwall of 2020, which are of 1.46 to 1.50.1. 20.49: no whole set is known;
    with this firmware a DIN is shown (assumed) and `can_reboot`. 21.39 and 21.44: samples of
    vloschiavo/powerwall2, running and stopped. 23.28: fixtures of jasonacox/pypowerwall.
    """

    V1_15 = auto()
    V1_40 = auto()
    V1_46 = auto()
    V20_49 = auto()
    V21_39 = auto()
    V21_44 = auto()
    V23_28 = auto()


OPERATION: Final = "/api/operation"
COMPLETED: Final = "/api/config/completed"
SITEMASTER: Final = "/api/sitemaster"
RUN: Final = "/api/sitemaster/run"
STOP: Final = "/api/sitemaster/stop"
LOGIN: Final = "/api/login/Basic"
LOGOUT: Final = "/api/logout"
SOE: Final = "/api/system_status/soe"
GRID_STATUS: Final = "/api/system_status/grid_status"
GRID_FAULTS: Final = "/api/system_status/grid_faults"
SYSTEM_STATUS: Final = "/api/system_status"
AGGREGATES: Final = "/api/meters/aggregates"
STATUS: Final = "/api/status"
SITE_INFO: Final = "/api/site_info"
SITE_NAME: Final = "/api/site_info/site_name"
POWERWALLS: Final = "/api/powerwalls"
POWERWALLS_STATUS: Final = "/api/powerwalls/status"
PROBLEMS: Final = "/api/troubleshooting/problems"
READINGS: Final = "/api/meters/readings"
VITALS: Final = "/api/devices/vitals"
SOLAR_POWERWALL: Final = "/api/solar_powerwall"
ISLANDING: Final = "/api/v2/islanding/mode"
UPDATE: Final = "/api/system/update"
UPDATE_STATUS: Final = "/api/system/update/status"
UPDATE_URGENCY: Final = "/api/system/update/urgency"
REGISTRATION: Final = "/api/customer/registration"
TOGGLE_SUPPORTED: Final = "/api/auth/toggle/supported"
TOGGLE_START: Final = "/api/auth/toggle/start"
TOGGLE_LOGIN: Final = "/api/auth/toggle/login"

READS: Final = frozenset(
    {
        SITEMASTER, SOE, GRID_STATUS, GRID_FAULTS, SYSTEM_STATUS, AGGREGATES, STATUS, SITE_INFO,
        SITE_NAME, POWERWALLS, UPDATE_STATUS, UPDATE_URGENCY, REGISTRATION, TOGGLE_SUPPORTED,
        PROBLEMS,
    }
)  # fmt: skip
"""What every firmware shows to whoever is logged in."""
ALWAYS_OPEN: Final = frozenset(
    {LOGIN, LOGOUT, STATUS, REGISTRATION, TOGGLE_SUPPORTED, TOGGLE_START, TOGGLE_LOGIN}
)
NEEDS_BATTERY: Final = frozenset({AGGREGATES, SYSTEM_STATUS, SOE, GRID_STATUS, GRID_FAULTS})
"""502 without a body while the battery stands (recorded on 21.39.1 and 21.44)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One firmware.

    Logins. `logins` maps user names to roles; `None` means that any user name will do and gives
    `any_login_role`. `default_password`: the end of the serial number is accepted. `session_s` is
    the life of a token, and `password_life_s` how long after it was set the owner's password works.

    Settings. `may_write` are the roles that may set them. `raw_zero` is what a reserve of 0 reads
    back as (raw percent; the others read back as they were written). `load_shed_soe` is shown
    beside them, `None` by firmware that has none. `may_island` are the roles that may go off the
    grid; `None` without that call.

    `shapes` names the recording from which the shapes of the answers are. The rest are details
    that changed apart from these, named after what they show.
    """

    name: str
    version: str
    shapes: Recorded
    open_paths: frozenset[str]
    no_token_status: int
    bad_password: str
    cookies: bool
    logins: Mapping[str, Role] | None
    any_login_role: Role = Role.PROVIDER_ENGINEER
    default_password: bool = True
    session_s: float = 86_400.0
    password_life_s: float | None = None

    may_write: frozenset[Role] = frozenset()
    raw_zero: float = 5.0
    load_shed_soe: int | None = None
    completed_shows_status: bool = True
    stop_method: str = "GET"
    may_island: frozenset[Role] | None = None

    shows_vitals: bool = False
    shows_grid_services: bool = True
    readings_hang: bool = False
    update_idle: str = "/update_unknown"
    update_nothing_newer: str = "/update_succeeded"
    update_has_details: bool = True

    @property
    def generation(self) -> Generation:
        """What the table of all firmware says of this one."""
        return generation_of(Version(*_numbers(self.version)))

    @property
    def plain_http(self) -> bool:
        """It speaks plain http, and nothing else."""
        return self.generation.transport.value is Transport.HTTP

    @property
    def login_stops_battery(self) -> bool:
        """Each login does."""
        return self.generation.login.value is Login.STOPS_BATTERY

    @property
    def login_needs_force(self) -> bool:
        """While the battery runs, a login must ask for it to be stopped."""
        return self.generation.login.value is Login.MUST_STOP_BATTERY

    @property
    def physical_access(self) -> frozenset[str]:
        """User names that are let in only after the switch on the battery was toggled."""
        guarded = self.generation.login.value is Login.AT_THE_SWITCH
        return frozenset({"installer"}) if guarded else frozenset()

    @property
    def mode_key(self) -> str:
        """The key of the mode, in what is shown and in what is written."""
        return self.generation.mode_key.value

    @property
    def modes(self) -> frozenset[Mode]:
        """Those that can be set."""
        return self.generation.levers.modes

    @property
    def reserve_ceiling(self) -> int:
        """Reserves above it and under 100 are refused; app percent."""
        return self.generation.reserve_ceiling.value

    @property
    def git_hash(self) -> str:
        """The commit of the firmware: the digits that its version shows, the rest is ours."""
        shown = re.search(r"[0-9a-f]{8}", self.version)
        rest = hashlib.sha1(self.version.encode(), usedforsecurity=False).hexdigest()
        return (shown.group() if shown else "") + rest[8 if shown else 0 :]

    @property
    def unattended_login(self) -> str:
        """The user name that gets the most of this firmware with nobody at the battery."""
        return "customer" if "installer" in self.physical_access else "installer"


_DAY_S: Final = 86_400.0
_EITHER: Final = frozenset(Role)

_1_15: Final = Profile(
    name="1.15",
    version="1.15.0\n",
    shapes=Recorded.V1_15,
    open_paths=ALWAYS_OPEN | READS | {COMPLETED, RUN, STOP, UPDATE},
    no_token_status=401,  # assumed
    bad_password="Invalid Credentials",  # noqa: S106 - the words of an answer
    cookies=False,
    logins=None,
    may_write=_EITHER,
    completed_shows_status=False,
    shows_grid_services=False,
    readings_hang=True,
    update_idle="/update_failed",
    update_nothing_newer="/update_failed",
    update_has_details=False,
)
_1_20: Final = replace(
    _1_15,
    name="1.20",
    version="1.20.0 5ad31e2c",
    readings_hang=False,
)
_1_21: Final = replace(
    _1_20,
    name="1.21",
    version="1.21.0 9b1f0c7e",
    shows_grid_services=True,
    update_idle="/update_unknown",
    update_nothing_newer="/update_succeeded",
    update_has_details=True,
)
_1_25: Final = replace(
    _1_21,
    name="1.25",
    version="1.25.0 c40a7d9f",
    open_paths=ALWAYS_OPEN | READS - {UPDATE_STATUS, UPDATE_URGENCY} | {COMPLETED, RUN, STOP},
    no_token_status=403,
)
_1_37: Final = replace(
    _1_25,
    name="1.37",
    version="1.37.1 6f2b9a10",
    bad_password="bad credentials",  # noqa: S106 - the words of an answer
    cookies=True,
    logins={"customer": Role.HOME_OWNER, "installer": Role.PROVIDER_ENGINEER},
    may_write=frozenset({Role.PROVIDER_ENGINEER}),
)
_1_43: Final = replace(
    _1_37,
    name="1.43.3",
    version="1.43.3 0e8d5b2a",
    shapes=Recorded.V1_40,
    open_paths=ALWAYS_OPEN | READS - {UPDATE_STATUS, UPDATE_URGENCY},  # since 1.40.2
    completed_shows_status=True,
)
_1_46: Final = replace(
    _1_43,
    name="1.46",
    version="1.46.0 3d7a90e5",
    shapes=Recorded.V1_46,
)
_1_49: Final = replace(
    _1_46,
    name="1.49",
    version="1.49.0 f7d0c6a1",
)
_1_50: Final = replace(
    _1_49,
    name="1.50.1",
    version="1.50.1 c58c2df3",
)
_20_49: Final = replace(
    _1_50,
    name="20.49",
    version="20.49.0 4ac5f0e7",
    shapes=Recorded.V20_49,
    open_paths=ALWAYS_OPEN,
    session_s=3_600.0,  # seen on this firmware; nobody knows the life of a token
    stop_method="POST",
    may_island=_EITHER,
    shows_vitals=True,
)
_21_39: Final = replace(
    _20_49,
    name="21.39",
    version="21.39.1 7759c368",
    shapes=Recorded.V21_39,
    session_s=_DAY_S,
    raw_zero=5.000019999999999,
    load_shed_soe=75,
    update_nothing_newer="/update_unknown",
)
_21_44: Final = replace(
    _21_39,
    name="21.44",
    version="21.44 223a56cd",
    shapes=Recorded.V21_44,
    update_idle="/update_succeeded",
    update_nothing_newer="/update_succeeded",
)
_23_28: Final = replace(
    _21_44,
    name="23.28",
    version="23.28.2 27626f98",
    shapes=Recorded.V23_28,
    load_shed_soe=65,
)
_23_44: Final = replace(
    _23_28,
    name="23.44",
    version="23.44.3-msa 9d1c0f5e",
    shows_vitals=False,
)
_24_36: Final = replace(
    _23_44,
    name="24.36",
    version="24.36.2 46990655",
    default_password=False,
    password_life_s=_DAY_S,
    session_s=365 * _DAY_S,  # a token outlives the password; for how long is unknown
    may_island=frozenset({Role.PROVIDER_ENGINEER}),
)
_25_10: Final = replace(
    _24_36,
    name="25.10",
    version="25.10.0 3c5e7a90",
    password_life_s=None,  # assumed: the reports are of 24.36
)
_25_18: Final = replace(
    _25_10,
    name="25.18.4",
    version="25.18.4 a1f4c2d8",
)
_26_18: Final = replace(
    _25_18,  # assumed: reads by an owner's login are reported up to 25.18.2
    name="26.18",
    version="26.18.3 e7b09d1f",
)

PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        _1_15, _1_20, _1_21, _1_25, _1_37, _1_43, _1_46, _1_49, _1_50, _20_49, _21_39, _21_44,
        _23_28, _23_44, _24_36, _25_10, _25_18, _26_18,
    )
}  # fmt: skip
"""By name, oldest first."""


def profile_of(version: str) -> Profile:
    """The firmware of this version: a generation by its name, else the latest not newer than it.

    Raises `LookupError` for what is no version, or is older than all.
    """
    if version in PROFILES:
        return PROFILES[version]
    wanted = _numbers(version)
    older = [profile for profile in PROFILES.values() if _numbers(profile.version) <= wanted]
    if not older:
        raise LookupError(version)
    return replace(older[-1], version=version)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", version, re.ASCII)
    return tuple(int(number or 0) for number in found.groups()) if found else ()
