"""What befalls the simulated gateway by itself: reboots, updates, the grid, other people.

Faults of the world are put on the agenda when the run begins. An update changes the firmware and
with it the whole API: an installer's login that could write yesterday is refused after 1.50.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from scheduler.simulator import bodies
from scheduler.simulator.agenda import Agenda
from scheduler.simulator.configuration import Configuration
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import PROFILES, Profile, profile_of
from scheduler.simulator.record import FirmwareSeen, Record, RunningChange
from scheduler.simulator.sessions import Sessions
from scheduler.simulator.updates import INSTALL, RESTART, Updates

_UP_AT_START = timedelta(hours=230)
_COMMISSIONS_AT_START = 9


class Lifecycle:
    """One gateway as a device: what runs on it, since when, and what else happens to it."""

    def __init__(
        self,
        home: Home,
        profile: Profile,
        serial: str,
        agenda: Agenda,
        configuration: Configuration,
        sessions: Sessions,
        record: Record,
        newer: str | None,
    ) -> None:
        self.profile = profile
        self.device = bodies.Device(serial, home.at - _UP_AT_START, _COMMISSIONS_AT_START)
        self.updates = Updates(profile, self.device.booted, newer)
        self._home = home
        self._agenda = agenda
        self._configuration = configuration
        self._sessions = sessions
        self._record = record
        self._offline_until = home.at
        self._updates_fail_until = home.at
        record.running.append(RunningChange(home.at, home.running, "start"))
        record.firmware.append(FirmwareSeen(home.at, profile.version, "start"))

    def expect(self, faults: Iterable[Fault]) -> None:
        """Plan all that these faults do to the world."""
        for fault in faults:
            self._agenda.plan(fault.start, partial(self._begins, fault))
            self._agenda.plan(fault.end, partial(self._ends, fault))

    def is_offline(self, now: datetime) -> bool:
        """Nobody gets a connection."""
        return now < self._offline_until

    def set_running(self, now: datetime, *, running: bool, cause: str) -> None:
        """Let the battery run, or stop it."""
        if self._home.running != running:
            self._home.running = running
            self._record.running.append(RunningChange(now, running, cause))

    def commissioned(self) -> None:
        """The configuration was completed once more, whether or not anything had changed."""
        self.device = replace(self.device, commissions=self.device.commissions + 1)

    def check_for_update(self, now: datetime) -> None:
        """Look for newer firmware."""
        self.updates.check(now, fails=now < self._updates_fail_until)
        self._record.update_checks.append(now)

    def install(self, now: datetime) -> bool:
        """Install the firmware that is staged; false if none is."""
        if not self.updates.staged(now):
            return False
        self._install(now, now + INSTALL, "install")
        return True

    def _begins(self, fault: Fault, now: datetime) -> None:
        match fault.kind:
            case FaultKind.REBOOT:
                self._go_down(now, now + (fault.end - fault.start) / 2, "reboot")
            case FaultKind.SELF_UPDATE:
                self._install(now, fault.end, "self update")
            case FaultKind.UPDATE_ERROR:
                self._updates_fail_until = fault.end
            case FaultKind.APP_CHANGE:
                self._configuration.set_past_api(now, fault.setting, "app")
            case FaultKind.STORM_WATCH:
                self._configuration.storm_begins(now)
            case FaultKind.GRID_SERVICES:
                self._home.grid_services = True
            case FaultKind.GRID_STATE:
                self._home.grid_state(fault.grid, now, fault.end)
            case FaultKind.SWITCH_TOGGLED:
                self._sessions.toggled(now)
            case _:
                raise AssertionError(f"{fault.kind} does not befall the world")

    def _ends(self, fault: Fault, now: datetime) -> None:
        match fault.kind:
            case FaultKind.REBOOT:
                self.set_running(now, running=True, cause="boot")
            case FaultKind.STORM_WATCH:
                self._configuration.storm_ends(now)
            case FaultKind.GRID_SERVICES:
                self._home.grid_services = False
            case _:
                pass

    def _go_down(self, now: datetime, back: datetime, cause: str) -> None:
        """Nothing answers until `back`; sessions and what was only staged are lost."""
        self._offline_until = back
        self._sessions.drop_all()
        self._configuration.forget_staged()
        self.device = replace(self.device, booted=back)
        self.set_running(now, running=False, cause=cause)

    def _install(self, now: datetime, battery_back: datetime, cause: str) -> None:
        back = now + min(RESTART, (battery_back - now) / 2)
        self._go_down(now, back, "update")
        if now < self._updates_fail_until:
            self.updates.failed(now)
        else:
            self._agenda.plan(back, partial(self._run_newer, cause))
        self._agenda.plan(battery_back, partial(self.set_running, running=True, cause="boot"))

    def _run_newer(self, cause: str, now: datetime) -> None:
        self.profile = self._newer_profile()
        self._sessions.profile = self.profile
        self.updates.installed(now, self.profile)
        self._record.firmware.append(FirmwareSeen(now, self.profile.version, cause))

    def _newer_profile(self) -> Profile:
        """The firmware that was to be found, or else the generation after this one."""
        if self.updates.newer is not None:
            return profile_of(self.updates.newer)
        generations = list(PROFILES.values())
        names = list(PROFILES)
        following = names.index(self.profile.name) + 1
        return generations[min(following, len(generations) - 1)]
