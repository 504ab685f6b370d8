"""How the gateway's API differs by firmware, as data.

Three stand for the ages of the local API: "1.15" (2018, everything open, writes by anybody),
"1.49" (2020, the last that an installer's login could write to) and "21.44" (2021, every read
needs a login and no login of an owner may write). What they differ in is taken from the notes and
recorded answers of vloschiavo/powerwall2 and its issues 1, 10, 12, 15, 18, 26, 34, 41 and 57;
what nobody has recorded is marked as an assumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rules.domain import Mode


class Role(StrEnum):
    """What a session may do, in the gateway's own words."""

    HOME_OWNER = "Home_Owner"
    PROVIDER_ENGINEER = "Provider_Engineer"


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
UPDATE: Final = "/api/system/update"
UPDATE_STATUS: Final = "/api/system/update/status"
UPDATE_URGENCY: Final = "/api/system/update/urgency"
REGISTRATION: Final = "/api/customer/registration"
TOGGLE_SUPPORTED: Final = "/api/auth/toggle/supported"

READS: Final = frozenset(
    {
        SITEMASTER, SOE, GRID_STATUS, GRID_FAULTS, SYSTEM_STATUS, AGGREGATES, STATUS, SITE_INFO,
        SITE_NAME, POWERWALLS, UPDATE_STATUS, UPDATE_URGENCY, REGISTRATION, TOGGLE_SUPPORTED,
    }
)  # fmt: skip
ALWAYS_OPEN: Final = frozenset({LOGIN, LOGOUT, STATUS, REGISTRATION, TOGGLE_SUPPORTED})
NEEDS_BATTERY: Final = frozenset({AGGREGATES, SYSTEM_STATUS, SOE, GRID_STATUS, GRID_FAULTS})
"""502 without a body while the battery stands (recorded on 21.39.1 and 21.44)."""

_CHOSEN_IN_THE_APP: Final = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP, Mode.AUTONOMOUS})
_SETTABLE_HERE: Final = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP})


@dataclass(frozen=True, slots=True)
class Profile:
    """One firmware.

    `logins` maps user names to roles; `None` means that any user name will do and gives
    `any_login_role`. `physical_access` are user names that this firmware lets in only after the
    switch on the battery was toggled. `reserve_ceiling` (app percent): reserves above it and under
    100 are refused. `reserve_excess` is by how much a reserve reads back higher than it was
    written (raw percent; 21.44 shows 5.00002 for 5). `session_s` is the life of a token: nobody
    knows it, and a day is the most common guess.
    """

    name: str
    version: str
    git_hash: str
    open_paths: frozenset[str]
    no_token_status: int
    bad_password: str
    cookies: bool
    logins: Mapping[str, Role] | None
    any_login_role: Role = Role.PROVIDER_ENGINEER
    physical_access: frozenset[str] = frozenset()
    login_stops_battery: bool = False
    session_s: float = 86_400.0

    mode_key: str = "real_mode"
    may_write: frozenset[Role] = frozenset()
    modes: frozenset[Mode] = _SETTABLE_HERE
    reserve_ceiling: int = 100
    reserve_excess: float = 0.0
    shows_load_shed: bool = False
    completed_shows_status: bool = True
    stop_method: str = "GET"

    shows_din: bool = True
    sitemaster_has_status: bool = False
    shows_grid_services: bool = True
    grid_code_is_object: bool = False
    extra_meters: tuple[str, ...] = ()
    meters_have_times: bool = True
    update_idle: str = "/update_unknown"
    update_nothing_newer: str = "/update_succeeded"
    update_has_details: bool = True


PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile
    for profile in (
        Profile(
            name="1.15",
            version="1.15.0\n",
            git_hash="dc337851c6cbb15a7a82be66f6ec5c5b3ba24d4b",  # ours: none is recorded
            open_paths=ALWAYS_OPEN | READS | {COMPLETED, RUN, STOP, UPDATE},
            no_token_status=401,  # assumed
            bad_password="Invalid Credentials",  # noqa: S106 - the words of an answer
            cookies=False,
            logins=None,
            login_stops_battery=True,
            mode_key="mode",
            may_write=frozenset(Role),
            completed_shows_status=False,
            shows_din=False,
            shows_grid_services=False,
            extra_meters=("busway", "frequency", "generator"),
            meters_have_times=False,
            update_idle="/update_failed",
            update_nothing_newer="/update_failed",
            update_has_details=False,
        ),
        Profile(
            name="1.49",
            version="1.49.0 f7d0c6a1",
            git_hash="f7d0c6a18c2b40ff8d2ac1dd3cb1cbd9e9d0b9d5",  # ours: none is recorded
            open_paths=ALWAYS_OPEN | READS - {UPDATE_STATUS, UPDATE_URGENCY},
            no_token_status=403,
            bad_password="bad credentials",  # noqa: S106 - the words of an answer
            cookies=True,
            logins={"customer": Role.HOME_OWNER, "installer": Role.PROVIDER_ENGINEER},
            may_write=frozenset({Role.PROVIDER_ENGINEER}),
        ),
        Profile(
            name="21.44",
            version="21.44 223a56cd",
            git_hash="223a56cd5be1ea0f4bff4a5a1bd7c8b8c6d5c0a7",  # ours past the first eight
            open_paths=ALWAYS_OPEN,
            no_token_status=403,
            bad_password="bad credentials",  # noqa: S106 - the words of an answer
            cookies=True,
            logins={"customer": Role.HOME_OWNER, "installer": Role.PROVIDER_ENGINEER},
            physical_access=frozenset({"installer"}),
            may_write=frozenset({Role.PROVIDER_ENGINEER}),
            modes=_CHOSEN_IN_THE_APP,
            reserve_excess=0.00002,
            shows_load_shed=True,
            stop_method="POST",
            sitemaster_has_status=True,
            grid_code_is_object=True,
        ),
    )
}
