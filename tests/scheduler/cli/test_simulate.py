"""`pwsched simulate gateway`: what it refuses, and as a process what it serves."""

from __future__ import annotations

import hashlib
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from typer.testing import CliRunner

from scheduler.cli.simulate import KNOWN, app
from scheduler.cli.simulated_gateway import GatewayOptions, home_of
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import FaultPlan
from scheduler.simulator.profiles import PROFILES

ROOT = Path(__file__).parents[3]
SERVE = "from scheduler.cli.simulate import app; app()"


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "gateway", "--port", "0", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def browser(told: dict[str, Any]) -> httpx.Client:
    pem = ssl.get_server_certificate((told["host"], told["port"]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=pem)
    return httpx.Client(base_url=told["url"], verify=context, trust_env=False)


def interrupted(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Press Ctrl-C; what it ends with, and its last words on stderr."""
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    return process.returncode, errors


def test_the_help_names_the_firmware_of_every_profile() -> None:
    assert ", ".join(PROFILES) == KNOWN


def test_it_tells_a_machine_where_it_is_and_serves_until_ctrl_c() -> None:
    with running("--json", "--soe", "80", "--profile", "1.49") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with browser(told) as http:
            login = {"username": told["login"], "password": told["password"]}
            assert http.post("/api/login/Basic", json=login).status_code == 200
            assert http.get("/api/system_status/soe").json()["percentage"] == pytest.approx(
                81, 0.02
            )
            written = http.post("/api/operation", json={"real_mode": "backup"})
            assert written.status_code == 200
        assert told["certificate"].startswith("sha256:")
        assert interrupted(process) == (0, "")


def pinned(told: dict[str, Any], pin: str) -> bool:
    """Whether a client that knows this certificate would talk to it."""
    pem = ssl.get_server_certificate((told["host"], told["port"]))
    return f"sha256:{hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()}" == pin


def served_by(*arguments: str) -> Iterator[dict[str, Any]]:
    with running("--json", *arguments) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())


def test_a_pinned_client_goes_on_working_with_the_next_run(tmp_path: Path) -> None:
    mine = ("--certificate", str(tmp_path / "gateway.pem"))
    first = ""
    for told in served_by(*mine):
        first = told["certificate"]
        assert told["certificate_file"] == mine[1]
        assert pinned(told, first)
    for told in served_by(*mine):
        assert told["certificate"] == first
        assert pinned(told, first)
    for told in served_by(*mine, "--fresh-certificate"):
        assert not pinned(told, first)
        assert pinned(told, told["certificate"])


@pytest.mark.parametrize(
    ("named", "place"), [("data", "data/pwsched"), ("", ".local/share/pwsched")]
)
def test_unless_told_it_keeps_its_certificate_in_the_users_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, place: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / named) if named else "relative")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert CliRunner().invoke(app, ["gateway", "--port", port]).exit_code == 2
    assert [path.name for path in (tmp_path / place).iterdir()] == ["simulated-gateway.pem"]


def test_it_tells_a_person_how_to_point_the_configuration_at_it() -> None:
    with running("--start", "2026-07-01T12:00", "--pace", "60") as process:
        assert process.stdout is not None
        lines = []
        while "Ctrl-C" not in (line := process.stdout.readline()):
            lines.append(line.strip())
        assert interrupted(process) == (0, "")
    text = "\n".join(lines)
    assert "https://127.0.0.1:" in text
    assert "login        installer\npassword     S" in text
    assert '[site.gateway]\nroute = "local"\nhost = "127.0.0.1:' in text
    assert 'certificate = "sha256:' in text
    assert "\nkept in /" in text


def test_simulated_time_moves_by_itself() -> None:
    with running("--json", "--start", "2026-07-01T12:00", "--pace", "86400") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with browser(told) as http:
            first = latest = http.get("/api/status").json()["up_time_seconds"]
            while latest == first:
                latest = http.get("/api/status").json()["up_time_seconds"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--profile", "1.14"], "--profile 1.14: there is 1.15, 1.20, "),
        (["--profile", "new"], "--profile new: there is 1.15, 1.20, "),
        (["--newer", "best"], "--newer best: there is 1.15, 1.20, "),
        (["--pace", "0"], "--pace 0.0: must be a number above 0"),
        (["--pace", "nan"], "--pace nan: must be a number above 0"),
        (["--start", "noon"], "--start noon: must be a time like"),
        (["--timezone", "Mars"], "--timezone: unknown time zone"),
        (["--timezone", "Europe/Zurich", "--start", "2026-03-29 02:30"], "go forward over 02:30"),
        (["--outage", "2026-07-01T16:00"], "write START/END"),
        (["--outage", "2026-07-01T16:00/2026-07-01T15:00"], "the end must be after the start"),
        (["--faults", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--certificate", "/dev/null"], "/dev/null: is not a regular file"),
        (["--certificate", "/proc/x"], "/proc/x: cannot keep the certificate here"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(arguments: list[str], complaint: str) -> None:
    ended = CliRunner().invoke(app, ["gateway", "--port", "0", *arguments])
    assert ended.exit_code == 2
    assert complaint in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_home_stands_in_its_zone_and_its_times_are_those_there() -> None:
    zone, start = ZoneInfo("Australia/Sydney"), datetime(2026, 7, 15, 2, tzinfo=UTC)  # noon there
    outage = "15:00/15:10"
    wanted = GatewayOptions(
        "1.49", "::1", 0, 1, 50, None, None, (outage,), None, None, None, zone.key
    )
    home = home_of(wanted, zone, start)
    assert home.household.solar_w(start) > 0
    assert home.household.solar_w(start + timedelta(hours=12)) == 0
    grid = []
    for minutes in (179, 181, 200):
        home.advance_to(start + timedelta(minutes=minutes))
        grid.append(home.grid.up)
    assert grid == [True, False, True]


def test_a_port_in_use_is_one_sentence_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = CliRunner().invoke(app, ["gateway", "--port", port])
    assert ended.exit_code == 2
    assert ended.stderr == (
        f"port {port} on 127.0.0.1 is in use: stop what listens there, or choose another port\n"
    )


def test_all_faults_are_listed_by_the_names_that_a_script_uses(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["faults"])
    assert ended.exit_code == 0
    listed = [line.split()[0] for line in ended.stdout.splitlines() if line.startswith("  ")]
    assert sorted(listed) == sorted(FaultKind)
    script = tmp_path / "faults.toml"
    script.write_text(
        "".join(f'[[fault]]\nkind = "{name}"\nafter_s = 0\nfor_s = 1\n' for name in listed)
    )
    plan = FaultPlan.from_toml(script, datetime(2026, 7, 1, tzinfo=UTC))
    assert len(plan.faults) == len(listed)


def test_it_acts_out_a_script_that_counts_from_the_start(tmp_path: Path) -> None:
    script = tmp_path / "faults.toml"
    script.write_text('[[fault]]\nkind = "bad_gateway"\nafter_s = 0\nfor_s = 3600\n')
    arguments = ("--json", "--faults", str(script), "--profile", "23.4.2-1 fe55682a")
    with running(*arguments, "--fault-seed", "3") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert (told["firmware"], told["login"]) == ("23.4.2-1 fe55682a", "customer")
        with browser(told) as http:
            assert http.get("/api/status").status_code == 502
        assert interrupted(process) == (0, "")
