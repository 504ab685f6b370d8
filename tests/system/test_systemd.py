"""What systemd is told by the daemon, and what the shipped unit asks of systemd."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from configparser import RawConfigParser
from datetime import timedelta
from pathlib import Path

import pytest
from processes import PATIENCE_S, ROOT, environment, gateway, install, pwsched, running, served

from rules.errors import PwschedError
from scheduler.config import LONGEST_POLL, SERVICE_FOLDER, GatewayTable

UNIT = ROOT / "packaging" / "systemd" / "pwsched.service"
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd listens to its service."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(PATIENCE_S)
        listening.bind(str(tmp_path / "notify"))
        yield listening


def fields(datagram: bytes) -> list[str]:
    return [line.partition("=")[0] for line in datagram.decode().splitlines()]


def stages(heard: list[bytes]) -> list[list[str]]:
    """What was heard besides finished ticks."""
    return [told for datagram in heard if (told := fields(datagram)) != ["WATCHDOG", "STATUS"]]


def until(systemd: socket.socket, wanted: Callable[[str], bool]) -> list[bytes]:
    """The datagrams up to the first one with these words."""
    heard = [systemd.recv(4096)]
    while not wanted(heard[-1].decode()):
        heard.append(systemd.recv(4096))
    return heard


def test_systemd_hears_of_each_stage_in_order(tmp_path: Path, systemd: socket.socket) -> None:
    simulated = gateway()
    rules = tmp_path / "rules.toml"
    with served(simulated) as address:
        config = install(tmp_path, address)
        env = environment(NOTIFY_SOCKET=systemd.getsockname())
        with running("run", "--config", config, cwd=tmp_path, env=env) as daemon:
            began = [systemd.recv(4096), systemd.recv(4096)]
            assert [fields(datagram) for datagram in began] == [["READY"], ["WATCHDOG", "STATUS"]]
            assert b"STATUS=home: energy 50 %, wanted: backup, reserve 40 %" in began[1]

            good = rules.read_text()
            rules.write_text(good.replace("mode", "mood"))
            daemon.send(signal.SIGHUP)
            heard = until(systemd, lambda said: "STATUS" in said and "stay" in said)
            assert stages(heard) == [["RELOADING"], ["READY"]]

            rules.write_text(good)
            daemon.send(signal.SIGHUP)
            heard = until(systemd, lambda said: "STATUS" in said and "stay" not in said)
            assert stages(heard) == [["RELOADING"], ["READY"]]

            assert daemon.end() == 0
            assert fields(until(systemd, lambda said: "STOPPING" in said)[-1]) == ["STOPPING"]


def test_a_daemon_that_cannot_start_never_says_ready(
    tmp_path: Path, systemd: socket.socket
) -> None:
    with served(gateway()) as address:
        config = install(tmp_path, address, password="wrong")
        env = environment(NOTIFY_SOCKET=systemd.getsockname())
        with running("run", "--config", config, cwd=tmp_path, env=env) as daemon:
            daemon.until("refused the login")
            assert daemon.end() in {2, -signal.SIGTERM}
    systemd.settimeout(0)
    with pytest.raises(BlockingIOError):
        systemd.recv(4096)


@pytest.fixture
def service() -> dict[str, str]:
    """The [Service] section; of a key given twice the last."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNIT)
    return dict(parser["Service"])


def test_the_unit_says_what_the_program_does(tmp_path: Path, service: dict[str, str]) -> None:
    program, *words = service["ExecStart"].split()
    assert Path(program).name == "pwsched"
    assert pwsched(*words, "--help", cwd=tmp_path).code == 0
    assert int(service["RestartPreventExitStatus"]) == PwschedError.exit_code
    credential = service["LoadCredential"].partition(":")[0]
    assert credential == GatewayTable.model_fields["credential"].default
    assert service["Type"] == "notify"
    assert Path("/run") / service["RuntimeDirectory"] == SERVICE_FOLDER
    # A group member of the host must not look like nobody on the control socket.
    assert (service["RuntimeDirectoryMode"], service["PrivateUsers"]) == ("0750", "no")
    # A tick makes at most six reads, a login with a look at the battery, and a write of four steps.
    slowest_tick = 13 * timedelta(seconds=10)
    assert timedelta(seconds=int(service["WatchdogSec"])) > LONGEST_POLL + slowest_tick


@needs_systemd
def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    program = tmp_path / "pwsched"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/pwsched/bin/pwsched", str(program)))
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@needs_systemd
def test_the_unit_exposes_little() -> None:
    ended = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
