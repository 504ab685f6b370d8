"""`pwsched run` as a process: what it does to a gateway, and how it ends and begins again."""

from __future__ import annotations

import json
import shutil
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from journaling import entries
from processes import (
    BACKUP_40,
    BACKUP_60,
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

from rules.domain import Setting
from scheduler.clock import SystemClock
from scheduler.domain import Kind
from scheduler.simulator.fault_plan import Fault, FaultKind, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway

GONE_ON = "stopped (SIGTERM); the gateway keeps its setting"
DRY_RUN = ("--dry-run", "--allow-login")
"""The simulated firmware is old: a dry run logs in only where that is permitted."""


def settings(simulated: SimulatedGateway) -> list[Setting]:
    """What was put into effect after the start, by anybody."""
    return [mode_and_reserve(entry.setting) for entry in simulated.record.settings[1:]]


def outcomes(journal: Path) -> list[str]:
    became: dict[object, object] = {
        each.fields["intent_id"]: each.fields["outcome"] for each in entries(journal, Kind.OUTCOME)
    }
    return [str(became.get(intent.id)) for intent in entries(journal, Kind.INTENT)]


def ends(journal: Path) -> list[str]:
    return [str(entry.fields["reason"]) for entry in entries(journal, Kind.RUN_END)]


def test_the_two_commands_together_change_the_setting_and_end_in_order(tmp_path: Path) -> None:
    simulate = ("simulate", "gateway", "--port", "0", "--json")
    with running(*simulate, cwd=tmp_path) as simulation:
        told = json.loads(simulation.until("{"))
        config = install(tmp_path, f"127.0.0.1:{told['port']}", told["password"])
        config.write_text(config_text(f"127.0.0.1:{told['port']}", pin=told["certificate"]))
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing backup, reserve 40 %")
            daemon.until("backup, reserve 40 %: held")
            assert daemon.end() == 0
            assert GONE_ON in daemon.said[-1]
        with running("run", "--config", config, cwd=tmp_path) as again:
            again.until("running with rules")
            assert again.end(signal.SIGINT) == 0
        assert simulation.end(signal.SIGINT) == 0
    journal = tmp_path / "journal.sqlite"
    assert outcomes(journal) == ["held"]
    assert ends(journal) == ["SIGTERM", "SIGINT"]


def test_over_plain_http_it_does_the_same_and_warns(tmp_path: Path) -> None:
    simulate = ("simulate", "gateway", "--port", "0", "--profile", "1.15", "--json")
    with running(*simulate, cwd=tmp_path) as simulation:
        told = json.loads(simulation.until("{"))
        assert told["url"] == f"http://127.0.0.1:{told['port']}"
        config = install(tmp_path, told["url"], told["password"])
        config.write_text(config_text(told["url"], pin=told["certificate"]))
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("anybody in your network can read the gateway's password")
            daemon.until("writing backup, reserve 40 %")
            daemon.until("backup, reserve 40 %: held")
            assert daemon.end() == 0
        assert simulation.end(signal.SIGINT) == 0
    assert outcomes(tmp_path / "journal.sqlite") == ["held"]
    assert told["password"] not in "".join(daemon.said)


def test_it_stops_without_a_write_and_shows_no_password(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, "--verbose", cwd=tmp_path) as daemon:
            daemon.until("writing")
            assert daemon.end() == 0
    assert settings(simulated) == [BACKUP_40]
    assert ends(tmp_path / "journal.sqlite") == ["SIGTERM"]
    password = simulated.credentials.installer_password
    assert password not in "".join(daemon.said)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "password"]
    assert "backups" in {path.parent.name for path in files}
    assert not [path for path in files if password.encode() in path.read_bytes()]


def test_sighup_takes_over_new_rules_and_keeps_the_old_ones_over_bad_ones(tmp_path: Path) -> None:
    simulated = gateway()
    rules = tmp_path / "rules.toml"
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing backup, reserve 40 %")
            good = rules.read_text()
            rules.write_text(good.replace("backup", "no such mode"))
            daemon.send(signal.SIGHUP)
            complaint = daemon.until("the rules that were in force stay")
            assert "no such mode" in complaint
            rules.write_text(good.replace("40", "60"))
            daemon.send(signal.SIGHUP)
            daemon.until("new rules are in force")
            daemon.until("writing backup, reserve 60 %")
            assert daemon.end() == 0
    assert settings(simulated) == [BACKUP_40, BACKUP_60]
    assert outcomes(tmp_path / "journal.sqlite")[0] == "held"


def test_a_dry_run_writes_nothing_and_journals_what_it_would(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, *DRY_RUN, cwd=tmp_path) as daemon:
            daemon.until("would write backup, reserve 40 %")
            assert daemon.end() == 0
    assert simulated.record.writes == []
    assert outcomes(tmp_path / "journal.sqlite") == ["would"]


def test_a_dry_run_makes_no_login_that_may_stop_the_battery(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, "--dry-run", cwd=tmp_path) as daemon:
            said = daemon.until("a dry run makes none")
            assert "WARNING home" in said
            assert "--allow-login" in said
            assert daemon.end() == 0
    assert simulated.record.logins == []


@pytest.mark.parametrize(
    ("moment", "became", "written"),
    [
        # The intent is on the disk and the request on its way: nobody knows, so it is made again.
        ("writing", ["recovered_applied", "held"], [BACKUP_40, BACKUP_40]),
        # Sent and not read back yet: what is true at the next start closes it.
        ("tick", ["recovered_applied"], [BACKUP_40]),
        ("held", ["held"], [BACKUP_40]),
    ],
)
def test_after_kill_9_the_next_run_goes_on(
    tmp_path: Path, moment: str, became: list[str], written: list[Setting]
) -> None:
    begin = SystemClock().now()
    late = Fault(
        FaultKind.LATE_ANSWER, begin, begin + timedelta(hours=1), "/api/config/completed", 8.0
    )
    simulated = gateway(FaultPlan.scripted([late] if moment == "writing" else []))
    journal = tmp_path / "journal.sqlite"
    with served(simulated) as address:
        config = install(tmp_path, address)
        words = ("run", "--config", config, "--verbose")
        with running(*words, cwd=tmp_path, hurried=moment == "held") as daemon:
            daemon.until("writing")
            if moment == "writing":
                wait_for(lambda: settings(simulated))
            elif moment == "tick":
                wait_for(lambda: entries(journal, Kind.SENT))
            else:
                daemon.until("held")
            assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
        assert ends(journal) == []
        with running("run", "--config", config, cwd=tmp_path) as again:
            if len(became) > 1:
                again.until("held")
            else:
                again.until("found in effect" if moment == "tick" else "running with rules")
            assert again.end() == 0
    assert settings(simulated) == written
    assert outcomes(journal) == became
    assert len(entries(journal, Kind.RUN)) == 2
    assert ends(journal) == ["SIGTERM"]


def test_a_second_daemon_on_the_same_journal_is_turned_away(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as first:
            first.until("writing")
            second = pwsched("run", "--config", config, cwd=tmp_path)
            assert second.code == 1  # it may end at any time
            assert second.err == (
                f"pwsched: another pwsched (process {first.pid}) is using this journal:"
                f" {tmp_path}/journal.sqlite; end it or name another journal\n"
            )
            assert first.end() == 0
    assert ends(tmp_path / "journal.sqlite") == ["SIGTERM"]


def test_a_gateway_that_is_away_at_a_later_start_is_waited_for(tmp_path: Path) -> None:
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            daemon.until("writing")
            assert daemon.end() == 0
    (tmp_path / "rules.toml").write_text(
        (tmp_path / "rules.toml").read_text().replace("reserve = 40", "reserve = 60")
    )
    with running("run", "--config", config, cwd=tmp_path) as daemon:
        daemon.until("cannot be reached")
        daemon.until("running with rules")
        with served(simulated, address.port):
            daemon.until("the gateway answers again")
            daemon.until("writing backup, reserve 60 %")
            assert daemon.end() == 0
    assert settings(simulated) == [BACKUP_40, BACKUP_60]


def test_two_sites_in_one_process_each_get_their_own(tmp_path: Path) -> None:
    homes = gateway(), gateway()
    with served(homes[0]) as here, served(homes[1]) as there:
        config = install(tmp_path, here)
        other = (tmp_path / "rules.toml").read_text().replace("reserve = 40", "reserve = 60")
        (tmp_path / "cabin.toml").write_text(other)
        config.write_text(
            config_text(here) + config_text(there, name="cabin", rules='["cabin.toml"]')
        )
        with running("run", "--config", config, cwd=tmp_path) as daemon:
            writing = {daemon.until("writing").strip(), daemon.until("writing").strip()}
            assert daemon.end() == 0
    assert {line.split(",")[0] for line in writing} == {
        "INFO home: writing backup",
        "INFO cabin: writing backup",
    }
    assert [settings(home) for home in homes] == [[BACKUP_40], [BACKUP_60]]
    ended = entries(tmp_path / "journal.sqlite", Kind.RUN_END)
    assert [(entry.site, entry.fields["reason"]) for entry in ended] == [
        ("cabin", "SIGTERM"),
        ("home", "SIGTERM"),
    ]


def test_the_password_of_a_systemd_credential_is_used(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    simulated = gateway()
    with served(simulated) as address:
        config = install(tmp_path, address)
        shutil.move(tmp_path / "password", credentials / "gateway-password")
        text = config.read_text().replace('password_file = "password"\n', "")
        config.write_text(text)
        env = environment(CREDENTIALS_DIRECTORY=str(credentials))
        with running("run", "--config", config, cwd=tmp_path, env=env) as daemon:
            daemon.until("writing")
            assert daemon.end() == 0
    assert [login.ok for login in simulated.record.logins] == [True]
