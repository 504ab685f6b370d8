"""The gateway as a thing, and what hangs on it: batteries and meters with their serial numbers.

Part numbers are those of a Gateway 2 with Powerwall 2, unless the gateway is said to be another;
every serial number is made up from the gateway's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

VOLTS: Final = 240.0
HERTZ: Final = 60.0

_GATEWAY_PART: Final = "1232100-00-E"
_UNIT_PART: Final = "3012170-05-B"
_UNIT_POWER_W: Final = 5_000.0


@dataclass(frozen=True, slots=True)
class Device:
    """The gateway as a thing: its serial number, when it booted, how often it was configured.

    `part` is its part number, `kind` what it calls itself.
    """

    serial: str
    booted: datetime
    commissions: int
    part: str = _GATEWAY_PART
    kind: str = "teg"

    @property
    def din(self) -> str:
        """Part number and serial number, as everywhere on these devices."""
        return f"{self.part}--{self.serial}"

    def unit(self, index: int) -> str:
        """The serial number of a battery."""
        return f"{self.serial}B{index + 1}"

    def meter(self, kind: str = "") -> str:
        """The serial number of a meter; those inside the gateway have their `kind` at its end."""
        return f"M{self.serial}{kind}"


def units(home: Home) -> int:
    """How many batteries the home has."""
    return max(1, round(home.battery.power_w / _UNIT_POWER_W))


def package(profile: Profile, device: Device, index: int) -> dict[str, str]:
    """The label of a battery."""
    label = {"PackagePartNumber": _UNIT_PART, "PackageSerialNumber": device.unit(index)}
    return {"Type": "", **label} if profile.shapes >= Recorded.V1_46 else label


def firmware_hash(profile: Profile) -> str:
    """The commit of the firmware as the parts inside say it: its first 14 digits."""
    return profile.git_hash[:14]
