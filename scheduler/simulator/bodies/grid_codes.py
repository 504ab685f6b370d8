"""The grid codes that the wizard offers: a few of the real ones, by country."""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class GridCode(NamedTuple):
    """One set of rules for the grid: where it holds, and its voltage, frequency and phases."""

    name: str
    region: str
    country: str
    state: str
    volts: int
    hertz: int
    phases: str

    @property
    def settings(self) -> dict[str, Any]:
        """As it stands in most answers."""
        return {
            "grid_code": self.name,
            "grid_voltage_setting": self.volts,
            "grid_freq_setting": self.hertz,
            "grid_phase_setting": self.phases,
        }


_AMERICA: Final = "United States"
CALIFORNIA: Final = GridCode(
    "60Hz_240V_s_UL1741SA:2019_California",
    "UL1741SA-CA:2019",
    _AMERICA,
    "California",
    240,
    60,
    "Split",
)
_CODES: Final = (
    GridCode(
        "50Hz_230V_1_ASNZS4777.2:2015_AU", "ASS4777.2:2015", "Australia", "*", 230, 50, "Single"
    ),
    GridCode("50Hz_230V_1_VDE4105_2018_Germany", "VDE4105:2018", "Germany", "*", 230, 50, "Single"),
    GridCode("50Hz_202V_s_JEAC9701_2019_Japan", "JEAC9701:2019", "Japan", "*", 202, 50, "Split"),
    GridCode("50Hz_230V_1_G98_2018_UK", "G98:2018", "United Kingdom", "*", 230, 50, "Single"),
    GridCode("60Hz_240V_s_IEEE1547a_2014", "IEEE1547a:2014", _AMERICA, "*", 240, 60, "Split"),
    CALIFORNIA,
)
_ADJUSTABLE: Final = {
    "name": "vf_limit_under_voltage_1_grid_following",
    "units": "V_pu",
    "min": 0.8,
    "max": 0.9,
    "file_value": 0.8,
    "override": None,
    "value": 0.8,
}
"""One of the limits that an installer in Japan may move."""


def grid_codes() -> dict[str, Any]:
    """`/api/site_info/grid_codes` before 20.49: country, state, region."""
    body: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
    for code in _CODES:
        entry = code.settings
        if code.state != "*":
            entry |= {"country": code.country, "state": code.state, "region": code.region}
        body.setdefault(code.country, {}).setdefault(code.state, {})[code.region] = [entry]
    return body


def grid_regions() -> dict[str, Any]:
    """`/api/site_info/grid_regions` from 20.49 on: a CSV of regions, and the settings by name."""
    lines = ["grid_code,country,state,distributor,utility,retailer,standard"]
    lines += [f"{code.name},{code.country},{code.state},*,*,*,{code.region}" for code in _CODES]
    settings = {code.name: code.settings for code in _CODES}
    for code in _CODES:
        if code.country == "Japan":
            settings[code.name]["grid_customizable_points"] = [_ADJUSTABLE]
    return {"regions": "\n".join(lines), "grid_code_settings": settings}
