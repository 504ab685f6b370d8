"""Readings of power flows, some minutes after a setting was held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rules.domain import AppPercent, GridStatus, Mode, Observation, Setting
from scheduler.control.effect import SETTLING

SINCE = datetime(2026, 7, 15, 21, tzinfo=UTC)
POLL = timedelta(seconds=30)
SETTLED = SINCE + SETTLING
SELF_20, SELF_80 = (Setting(Mode.SELF_CONSUMPTION, reserve) for reserve in (20, 80))
FULL, HALF = Setting(Mode.BACKUP, 100), Setting(Mode.BACKUP, 50)
OFF, ON = (replace(FULL, grid_charging=each) for each in (False, True))
AUTONOMOUS = Setting(Mode.AUTONOMOUS, 20)
YES, NO, MUTE = True, False, None


def seen(
    battery: float | None = 0.0,
    *,
    load: float | None = 1_000.0,
    solar: float | None = 0.0,
    soe: float | None = 60.0,
    setting: Setting = SELF_20,
    at: datetime = SETTLED,
) -> Observation:
    """A reading in which the powers add up."""
    site = None if load is None or battery is None else load - (solar or 0.0) - battery
    return Observation(
        at,
        soe=None if soe is None else AppPercent(soe),
        site_power=site,
        battery_power=battery,
        load_power=load,
        solar_power=solar,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        mode=setting.mode,
        reserve=None if setting.reserve is None else AppPercent(setting.reserve),
        grid_charging=setting.grid_charging,
        export=setting.export,
        running=True,
    )
