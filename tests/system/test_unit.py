"""The shipped unit under a real systemd: what it promises holds where it is the first process.

`WatchdogSec=` is shortened, everything else is as shipped. The tests of a worker share a
machine and a gateway; each finds the service running.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from booted import USER_ID, CannotBoot, Machine, machine
from processes import BACKUP_40, ROOT, RULES, config_text, environment, gateway, served, wait_for
from simulated import mode_and_reserve

from scheduler.simulator.gateway import SHIPPED, SimulatedGateway

UNIT = ROOT / "packaging" / "systemd" / "pwsched.service"
SERVICE = "pwsched.service"
CREDENTIAL = Path("/run/credentials", SERVICE, "gateway-password")
CONFIG, RULES_FILE = Path("etc/pwsched/pwsched.toml"), Path("etc/pwsched/rules.toml")
WATCHDOG = "WatchdogSec=600\n"


@dataclass(frozen=True)
class Service:
    """The installed service, and the gateway that it talks to."""

    machine: Machine
    gateway: SimulatedGateway
    config: str

    def systemctl(self, verb: str) -> subprocess.CompletedProcess[str]:
        return self.machine.run("systemctl", verb, SERVICE)

    def shown(self, name: str) -> str:
        return self.machine.shown(SERVICE, name)[name]

    def process(self) -> int:
        """The daemon's own, as seen from outside."""
        (found,) = self.machine.processes(SERVICE)
        return found

    def log(self) -> str:
        return self.machine.run("journalctl", "--unit", SERVICE, "--output=cat").stdout

    def wait_for_another(self, process: int) -> None:
        """Until it runs again, in another process than this one, and has ticked."""
        wait_for(lambda: self.machine.processes(SERVICE) - {process})
        wait_for(lambda: self.shown("ActiveState") != "activating")
        assert self.shown("ActiveState") == "active", self.log()

    def restarts(self) -> int:
        return int(self.shown("NRestarts"))


def write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """On a machine of its own."""
    folder = tmp_path_factory.mktemp("unit")
    folder.chmod(0o755)
    unit = UNIT.read_text()
    assert unit.count(WATCHDOG) == 1
    simulated = gateway()
    with served(simulated) as address:
        config = 'journal = "/var/lib/pwsched/journal.sqlite"\n' + config_text(address).replace(
            'password_file = "password"\n', ""
        )
        etc = folder / "files" / "etc"
        write(etc / "pwsched" / "gateway-password", SHIPPED.installer_password, 0o600)
        write(etc / CONFIG.relative_to("etc"), config)
        write(etc / RULES_FILE.relative_to("etc"), RULES)
        try:
            with machine(
                folder, unit.replace(WATCHDOG, "WatchdogSec=15\n"), folder / "files"
            ) as booted:
                yield Service(booted, simulated, config)
        except CannotBoot as reason:
            pytest.skip(f"the unit was not tried under systemd: {reason}")


@pytest.fixture
def service(installed: Service) -> Service:
    """Active, with a sound configuration."""
    write(installed.machine.root / CONFIG, installed.config)
    installed.systemctl("reset-failed")
    started = installed.systemctl("start")
    assert started.returncode == 0, started.stderr + installed.log()
    return installed


class TestUnderSystemd:
    pytestmark = pytest.mark.long

    def test_it_is_active_once_it_has_ticked(self, service: Service) -> None:
        # `systemctl start` came back: systemd waited for READY.
        assert service.shown("ActiveState") == "active"
        assert service.shown("StatusText").startswith("home: energy ")
        assert service.gateway.record.requests

    def test_it_runs_as_its_user_without_any_right(self, service: Service) -> None:
        status = Path(f"/proc/{service.process()}/status").read_text()
        said = {key: value.split() for key, _, value in map(parted, status.splitlines())}
        assert said["Uid"] == [str(USER_ID)] * 4
        assert {int(said[key][0], 16) for key in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
        assert (said["NoNewPrivs"], said["Seccomp"]) == (["1"], ["2"])

    def test_only_the_service_reads_the_password(self, service: Service) -> None:
        assert [login.ok for login in service.gateway.record.logins] == [True]
        passwords = (CREDENTIAL, "/etc/pwsched/gateway-password")
        for path in passwords:
            read = service.machine.run("setpriv", "--reuid=65534", "--clear-groups", "cat", path)
            assert (read.returncode, read.stdout) == (1, "")
        asked = service.machine.run("cat", *passwords)
        assert asked.stdout == SHIPPED.installer_password * 2

    def test_a_reload_takes_new_rules_over(self, service: Service) -> None:
        before = service.process()
        wait_for(lambda: mode_and_reserve(service.gateway.shown) == BACKUP_40)
        write(service.machine.root / RULES_FILE, RULES.replace("reserve = 40", "reserve = 55"))
        assert service.systemctl("reload").returncode == 0
        wait_for(lambda: service.gateway.shown.reserve == 55)
        assert service.process() == before
        assert service.shown("ActiveState") == "active"

    def test_it_is_started_again_after_a_kill(self, service: Service) -> None:
        before, restarts = service.process(), service.restarts()
        os.kill(before, signal.SIGKILL)
        service.wait_for_another(before)
        assert service.restarts() == restarts + 1

    def test_a_daemon_that_hangs_is_killed_and_started_again(self, service: Service) -> None:
        before, restarts = service.process(), service.restarts()
        os.kill(before, signal.SIGSTOP)
        service.wait_for_another(before)
        assert service.restarts() == restarts + 1
        assert "Watchdog timeout" in service.log()

    def test_it_is_not_started_again_where_only_a_person_can_mend(self, service: Service) -> None:
        restarts = service.restarts()
        write(service.machine.root / CONFIG, service.config.replace("[site.safety]", "[site.s]"))
        assert service.systemctl("restart").returncode == 1
        # While systemd waits for RestartSec= the service would be "activating".
        assert service.shown("ActiveState") == "failed"
        assert (service.shown("Result"), service.shown("ExecMainStatus")) == ("exit-code", "2")
        assert service.restarts() <= restarts

    def test_it_stops_in_order(self, service: Service) -> None:
        assert service.systemctl("stop").returncode == 0
        assert (service.shown("ActiveState"), service.shown("Result")) == ("inactive", "success")


def parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


def test_what_was_not_tried_is_told_at_the_end_with_the_reason(tmp_path: Path) -> None:
    """Without the tools on the path."""
    words = ("-m", "pytest", "-m", "long", "-n", "0", f"--basetemp={tmp_path / 'base'}", __file__)
    ended = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment(PATH=""),
        capture_output=True,
        text=True,
        check=False,
    )
    told = [line for line in ended.stdout.splitlines() if line.startswith("SKIPPED [")]
    assert told
    assert all("the unit was not tried under systemd: " in line for line in told), told
