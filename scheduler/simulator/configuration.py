"""Mode and reserve at the simulated gateway: staged, shown and in effect.

A written setting is staged, is shown and takes effect when the configuration is completed. Under
faults the three come apart, which is what read-back and power flow are there to find out. This API
neither shows nor sets grid charging and export; the app does.

Storm Watch is the cloud's. That the local API shows it as mode `backup` with a reserve of 100 %,
as if somebody had set it, is an assumption; that the battery fills is what the app says. What the
owner sets meanwhile is what holds afterwards.

From firmware 26.2 on owners tell of a tariff in the app that wins over the reserve, which goes on
to be shown (alandtse/tesla issue 1171). Here the battery then knows no reserve at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rules.domain import AppPercent, Mode, RawPercent, Setting, app_from_raw, raw_from_app
from scheduler.simulator.agenda import Agenda
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Role
from scheduler.simulator.record import Record, SettingInEffect, WriteSeen
from scheduler.simulator.wire import WireResponse, as_json, error, json_object

_BAD_MODE: Final = error(
    500, "RealMode must be either self_consumption or backup", "Unable to set operational mode"
)
# Which status refuses a reserve is not recorded.
_BAD_RESERVE: Final = error(400, "invalid backup_reserve_percent", "Unable to set operational mode")


class ExactSetting(NamedTuple):
    """A mode with a reserve in app percent that need not be whole."""

    mode: Mode
    reserve: float

    @property
    def setting(self) -> Setting:
        """In whole percent; the other parts are left alone, for this API has no word for them."""
        return Setting(self.mode, round(self.reserve))

    def changed(self, setting: Setting) -> ExactSetting:
        """This, with the parts of `setting` that are present."""
        mode, reserve = setting.mode, setting.reserve
        return ExactSetting(
            self.mode if mode is None else mode, self.reserve if reserve is None else reserve
        )


STORM: Final = ExactSetting(Mode.BACKUP, 100.0)

STORED: Final = "signed configuration"
"""Who made a setting so that came by signed control, in the record of a gateway."""


class Configuration:
    """The settings of one gateway; `shown` is what it reports."""

    def __init__(self, home: Home, record: Record, agenda: Agenda) -> None:
        self._home = home
        self._record = record
        self._agenda = agenda
        self.shown = ExactSetting(home.mode, home.reserve)
        self._staged: ExactSetting | None = None
        self._completed_before: ExactSetting | None = None
        self._after_storm: ExactSetting | None = None
        self._tariff_wins = False

    @property
    def chosen(self) -> ExactSetting:
        """What somebody chose last, whatever Storm Watch makes of it."""
        return self.shown if self._after_storm is None else self._after_storm

    @property
    def storm_watch(self) -> bool:
        """Storm Watch has taken over."""
        return self._after_storm is not None

    def stage(
        self, now: datetime, request_body: bytes, role: Role, profile: Profile
    ) -> WireResponse:
        """Take a setting. It is whole: a part that is not sent is overwritten by its old value."""
        try:
            content = json_object(request_body)
        except ValueError as problem:
            return error(400, str(problem), "Unable to set operational mode")
        mode = self._wanted_mode(content, profile)
        if mode is None:
            return _BAD_MODE
        reserve = self._wanted_reserve(content, profile)
        if reserve is None:
            return _BAD_RESERVE
        self._staged = ExactSetting(mode, reserve)
        self._record.writes.append(WriteSeen(now, self._staged.setting, role))
        raw = raw_from_app(AppPercent(reserve))
        return as_json({profile.mode_key: mode.value, "backup_reserve_percent": raw})

    def complete(self, now: datetime, fault: Fault | None) -> None:
        """Make the staged setting the one in effect, as far as the fault lets it."""
        staged = self._staged
        kind = fault.kind if fault is not None else None
        if staged is None or kind is FaultKind.UNCOMPLETED_WRITE:
            return
        self._staged = None
        if kind is FaultKind.IGNORED_WRITE:
            return
        if kind is FaultKind.STEP_BEHIND:
            self._completed_before, staged = staged, self._completed_before
            if staged is None:
                return
        else:
            self._completed_before = staged
        if kind is FaultKind.SNAPPED_RESERVE:
            staged = staged._replace(reserve=_snapped(staged.reserve))
        if self._after_storm is not None:
            self._after_storm = staged
            return
        self.shown = staged
        if kind is FaultKind.LATE_WRITE and fault is not None:
            late = now + timedelta(seconds=fault.delay_s)
            self._agenda.plan(late, lambda at: self._late(at, staged))
        elif kind is not FaultKind.UNACTED_WRITE:
            self._put_in_effect(now, staged.setting, "config/completed")

    def store(self, now: datetime, setting: Setting, reserve: float, *, acts: bool) -> None:
        """Take these parts as somebody stored them, whose reserve need not be whole.

        Firmware that does not act goes on by what it had, until `obey`.
        """
        if self._after_storm is not None:
            self._after_storm = self._after_storm.changed(setting)._replace(reserve=reserve)
            setting = replace(setting, mode=None, reserve=None)
        else:
            self.shown = self.shown.changed(setting)._replace(reserve=reserve)
        if acts and not setting.empty:
            self._put_in_effect(now, setting, STORED)

    def obey(self, now: datetime, permitted: Setting) -> None:
        """Put into effect what is shown, and what is permitted beside it."""
        self._put_in_effect(now, permitted.over(self.shown.setting), STORED)

    def set_past_api(self, now: datetime, setting: Setting, cause: str) -> None:
        """Somebody else sets these parts: the owner in the app, the utility."""
        if self._after_storm is None:
            self.shown = self.shown.changed(setting)
        else:
            # Storm Watch has taken over mode and reserve, and nothing else.
            self._after_storm = self._after_storm.changed(setting)
            setting = replace(setting, mode=None, reserve=None)
        if not setting.empty:
            self._put_in_effect(now, setting, cause)

    def storm_begins(self, now: datetime) -> None:
        """Storm Watch takes over."""
        if self._after_storm is None:
            self._after_storm, self.shown = self.shown, STORM
            self._put_in_effect(now, STORM.setting, "storm watch")

    def storm_ends(self, now: datetime) -> None:
        """What was set before, or meanwhile, holds again."""
        if self._after_storm is not None:
            self.shown, self._after_storm = self._after_storm, None
            self._put_in_effect(now, self.shown.setting, "storm watch ended")

    def let_tariff_win(self, now: datetime, *, wins: bool) -> None:
        """From now on the battery goes by a tariff in place of its reserve, or no more."""
        self._tariff_wins = wins
        cause = "tariff in the app" if wins else "tariff in the app ended"
        self._put_in_effect(now, Setting(reserve=self.shown.setting.reserve), cause)

    def forget_staged(self) -> None:
        """A restart loses what was only staged."""
        self._staged = None

    def _late(self, now: datetime, wanted: ExactSetting) -> None:
        if self.shown == wanted:
            self._put_in_effect(now, wanted.setting, "config/completed")

    def _put_in_effect(self, now: datetime, setting: Setting, cause: str) -> None:
        self._home.put_in_effect(replace(setting, reserve=0) if self._tariff_wins else setting)
        self._record.settings.append(SettingInEffect(now, self._home.setting, cause))

    def _wanted_mode(self, content: Mapping[str, object], profile: Profile) -> Mode | None:
        """The mode that was sent; with another firmware's key, the gateway finds an empty one."""
        if profile.mode_key not in content:
            foreign = profile.mode_key == "real_mode" and "mode" in content
            return None if foreign else self.shown.mode
        word = content[profile.mode_key]
        return next((mode for mode in profile.modes if mode == word), None)

    def _wanted_reserve(self, content: Mapping[str, object], profile: Profile) -> float | None:
        raw = content.get("backup_reserve_percent")
        if raw is None:
            return self.shown.reserve
        if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 100:
            return None
        reserve = app_from_raw(RawPercent(raw))
        legal = round(reserve) <= profile.reserve_ceiling or round(reserve) == 100
        return reserve if legal else None


def _snapped(reserve: float) -> float:
    """The next lower step of the app; between 80 and 100 there is none."""
    if reserve > 80:
        return 100.0 if round(reserve) == 100 else 80.0
    return float(5 * (round(reserve) // 5))
