"""What may pass by itself is waited for, or ends with an exit code after which systemd starts anew.

Nobody is there to start a daemon again that has ended with 2: that is for files to be mended.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from journaling import entries
from processes import (
    BACKUP_40,
    PIN,
    config_text,
    environment,
    gateway,
    install,
    pwsched,
    running,
    served,
    wait_for,
)
from simulated import mode_and_reserve

from scheduler.clock import SystemClock
from scheduler.domain import Kind
from scheduler.simulator.fault_plan import Fault, FaultKind, FaultPlan
from scheduler.simulator.gateway import SHIPPED, SimulatedGateway

OTHER_PIN = f"sha256:{'0' * 64}"
MOUNT = shutil.which("mount")
needs_mounts = pytest.mark.skipif(
    MOUNT is None or os.getuid() != 0, reason="only root may mount a file system"
)


READS = (
    "/api/operation",
    "/api/sitemaster",
    "/api/meters/aggregates",
    "/api/system_status/soe",
    "/api/system_status/grid_status",
)


def faulty(kind: FaultKind, *paths: str, profile: str = "1.49") -> SimulatedGateway:
    """A gateway with this fault for an hour, on these paths or on all."""
    now = SystemClock().now()
    end = now + timedelta(hours=1)
    faults = [Fault(kind, now, end, path) for path in paths or (None,)]
    return gateway(FaultPlan.scripted(faults), profile)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


# --- the gateway ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (FaultKind.BUSY, "accepts no logins at the moment (HTTP 503"),
        (FaultKind.RATE_LIMITED, "limits requests (429)"),
    ],
)
def test_a_first_start_waits_for_a_gateway_that_refuses_for_now(
    tmp_path: Path, kind: FaultKind, said: str
) -> None:
    with served(faulty(kind)) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until(said)
            daemon.until("running with rules")
            assert daemon.end() == 0


def test_a_first_start_waits_for_a_gateway_that_is_not_there(tmp_path: Path) -> None:
    port, simulated = closed_port(), gateway()
    config = install(tmp_path, f"127.0.0.1:{port}")
    with running("run", "--config", config, cwd=tmp_path) as daemon:
        daemon.until("cannot be reached: connection refused. Check that it has power")
        daemon.until("running with rules")
        with served(simulated, port):
            daemon.until("the gateway answers again")
            daemon.until("writing backup, reserve 40 %")
            assert daemon.end() == 0
    assert mode_and_reserve(simulated.record.settings[-1].setting) == BACKUP_40


def test_a_name_that_nobody_knows_is_waited_for(tmp_path: Path) -> None:
    config = install(tmp_path, "nowhere.invalid")
    with running("run", "--config", config, cwd=tmp_path) as daemon:
        daemon.until("cannot resolve the gateway's name, nowhere.invalid")
        daemon.until("running with rules")
        assert daemon.end() == 0


def test_another_certificate_is_waited_for_and_gets_no_request(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        config.write_text(config_text(address, pin=OTHER_PIN))
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until(f"shows the certificate {PIN}, but {OTHER_PIN} is the one")
            daemon.until("running with rules")
            assert daemon.end() == 0
    assert not simulated.record.requests


def test_a_new_certificate_is_taken_over_by_a_reload(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        config.write_text(config_text(address, pin=OTHER_PIN))
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until(f"shows the certificate {PIN}")
            daemon.until("running with rules")
            config.write_text(config_text(address))
            ended = pwsched("reload", "--config", config, cwd=tmp_path)
            assert ended.code == 0, ended.err
            assert "has changed; restart" not in ended.out
            assert f"the gateway's certificate is now {PIN}" in ended.out
            daemon.until("writing backup, reserve 40 %")
            again = pwsched("reload", "--config", config, cwd=tmp_path)
            assert again.out == "home: the rule files have not changed\n"
            assert daemon.end() == 0
    assert len(simulated.record.logins) == 1


def test_the_certificate_of_a_gateway_that_moved_waits_for_the_restart(tmp_path: Path) -> None:
    with served(gateway()) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("running with rules")
            config.write_text(config_text("192.168.1.2", pin=OTHER_PIN))
            ended = pwsched("reload", "--config", config, cwd=tmp_path)
            assert 'gateway of site "home" has changed; restart the daemon' in ended.out
            assert "the gateway's certificate is now" not in ended.out
            assert daemon.end() == 0


@pytest.mark.parametrize(
    ("profile", "login", "password", "said"),
    [
        ("21.44", "customer", SHIPPED.customer_password, "gives no reading (HTTP 502"),
        # where a login may stop the battery, that is looked at first
        ("1.49", "installer", SHIPPED.installer_password, "the battery runs (HTTP 502"),
    ],
)
def test_status_and_heartbeat_say_why_nothing_is_read(
    tmp_path: Path, profile: str, login: str, password: str, said: str
) -> None:
    with served(faulty(FaultKind.BAD_GATEWAY, *READS, profile=profile)) as address:
        config = install(tmp_path, address, password, login)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until(said)
            wait_for((tmp_path / "heartbeat.json").exists)
            status = pwsched("status", "--config", config, cwd=tmp_path)
            assert status.code == 1
            assert "nothing was read yet: " in status.out
            assert "HTTP 502" in status.out
            assert "unknown; energy unknown, grid unknown" in status.out
            beat = json.loads((tmp_path / "heartbeat.json").read_text())["sites"]["home"]
            assert beat["silence"]["since"] is None
            assert "HTTP 502" in beat["silence"]["why"]
            assert daemon.end() == 0
    told = [entry.fields["kind"] for entry in entries(tmp_path / "journal.sqlite", Kind.NOTE)]
    assert told.count("unreachable") == 1


def test_a_failed_reload_stays_in_status_until_one_succeeds(tmp_path: Path) -> None:
    with served(gateway()) as address:
        config, rules = install(tmp_path, address), tmp_path / "rules.toml"
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing")
            good = rules.read_text()
            rules.write_text(good.replace("backup", "no such mode"))
            assert pwsched("reload", "--config", config, cwd=tmp_path).code == 2
            for _ in range(2):
                out = pwsched("status", "--config", config, cwd=tmp_path).out
                assert "the rules that were in force stay" in out
                assert "no such mode" in out
            rules.write_text(good)
            assert pwsched("reload", "--config", config, cwd=tmp_path).code == 0
            assert "reload " not in pwsched("status", "--config", config, cwd=tmp_path).out
            assert daemon.end() == 0


def test_a_login_that_was_accepted_before_may_be_again(tmp_path: Path) -> None:
    with served(gateway()) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing")
            assert daemon.end() == 0
        (tmp_path / "journal-session-home.json").unlink()
        (tmp_path / "password").write_text("changed since")
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("refused the login as installer")
            daemon.until("running with rules")
            assert daemon.end() == 0


# --- the journal's disk -----------------------------------------------------------------------


class Disk:
    """A file system of its own on which a daemon has run once; the gateway is served."""

    def __init__(self, folder: Path, simulated: SimulatedGateway) -> None:
        self.folder, self.simulated = folder, simulated
        self.config, self.journal = folder / "pwsched.toml", folder / "journal.sqlite"

    def fill(self) -> None:
        """Take all the room that there is."""
        with (self.folder / "fill").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
            try:
                while True:
                    file.write(bytes(512))
            except OSError:
                pass

    def free(self) -> None:
        (self.folder / "fill").unlink()

    def mount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)

    @property
    def runs(self) -> int:
        return len(entries(self.journal, Kind.RUN))


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    try:
        options = ["-t", "tmpfs", "-o", "size=24m"]
        subprocess.run(["mount", *options, "tmpfs", str(folder)], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """The control socket is elsewhere, as the service's is."""
    folder = tmp_path / "disk"
    folder.mkdir()
    simulated = gateway()
    with mounted(folder), served(simulated) as address:
        config = install(folder, address)
        config.write_text(f'[control]\nsocket = "{tmp_path}/s"\n{config.read_text()}')
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("backup, reserve 40 %: held")
            wait_for((folder / "journal.sqlite.ballast").exists)
            assert daemon.end() == 0
        rules = folder / "rules.toml"
        rules.write_text(rules.read_text().replace("reserve = 40", "reserve = 60"))
        yield Disk(folder, simulated)


@needs_mounts
def test_a_start_on_a_read_only_disk_waits_writes_nothing_and_says_why(disk: Disk) -> None:
    disk.mount("ro")
    writes = len(disk.simulated.record.writes)
    with running("run", "--config", disk.config, cwd=disk.folder) as daemon:
        daemon.until("Read-only file system")
        daemon.until("ERROR home: ")  # told by the loop: it has come up
        status = pwsched("status", "--config", disk.config, cwd=disk.folder)
        assert status.code == 1
        assert "Read-only file system" in status.out
        held = pwsched("hold", "--reserve", "70", "--config", disk.config, cwd=disk.folder)
        assert held.code != 0
        assert len(disk.simulated.record.writes) == writes
        disk.mount("rw")
        daemon.until("running with rules")
        daemon.until("writing backup, reserve 60 %")
        assert daemon.end() == 0
    assert disk.runs == 2


@needs_mounts
def test_a_start_on_a_full_disk_is_what_the_ballast_is_for(disk: Disk) -> None:
    disk.fill()
    with running("run", "--config", disk.config, cwd=disk.folder) as daemon:
        daemon.until("the last reserve is in use; free some space")
        daemon.until("writing backup, reserve 60 %")
        assert daemon.end() == 0
    assert disk.runs == 2


@needs_mounts
def test_a_start_on_a_full_disk_without_ballast_waits_for_room(disk: Disk) -> None:
    (disk.folder / "journal.sqlite.ballast").unlink()
    disk.fill()
    with running("run", "--config", disk.config, cwd=disk.folder) as daemon:
        daemon.until("nothing is written until it can be opened")
        daemon.until("ERROR home: ")
        disk.free()
        daemon.until("running with rules")
        daemon.until("writing backup, reserve 60 %")
        assert daemon.end() == 0
    assert disk.runs == 2


@needs_mounts
def test_where_no_control_socket_can_be_made_systemd_may_try_again(disk: Disk) -> None:
    text = disk.config.read_text()
    disk.config.write_text(text[text.index("[[site]]") :])
    disk.mount("ro")
    ended = pwsched("run", "--config", disk.config, cwd=disk.folder, env=environment())
    assert ended.code == 1
    assert "no control socket can be made there: read-only file system" in ended.err
    assert "Traceback" not in ended.err
