"""The owner speaks to a daemon, or to nobody: real processes, real sockets."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from journaling import entries
from processes import (
    BACKUP_40,
    BACKUP_60,
    PATIENCE_S,
    ROOT,
    Running,
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

from rules.domain import Mode, Setting
from scheduler.domain import Kind
from scheduler.simulator.gateway import SimulatedGateway

SAFE = Setting(Mode.SELF_CONSUMPTION, 20)
BACKUP_55 = Setting(Mode.BACKUP, 55)
NOBODY, STAFF = 65534, 4242


class Place:
    """A folder with everything in it, and a gateway that is served."""

    def __init__(self, folder: Path, config: Path, simulated: SimulatedGateway) -> None:
        self.folder, self.config, self.simulated = folder, config, simulated
        self.socket, self.journal = folder / "pwsched.sock", folder / "journal.sqlite"

    def say(self, *words: object) -> tuple[int, str, str]:
        return pwsched(*words, "--config", self.config, cwd=self.folder)

    @contextmanager
    def daemon(self, *, until: str = "backup, reserve 40 %: held") -> Iterator[Running]:
        with running("run", "--config", self.config, cwd=self.folder) as daemon:
            daemon.until(until)
            yield daemon

    @property
    def setting(self) -> Setting:
        return mode_and_reserve(self.simulated.record.settings[-1].setting)

    @property
    def said(self) -> list[tuple[object, ...]]:
        found = entries(self.journal, Kind.HOLD)
        return [(entry.fields["word"], entry.fields["by"]) for entry in found]

    def ask(self, request: bytes) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(PATIENCE_S)
            asking.connect(str(self.socket))
            asking.sendall(request)
            with asking.makefile("rb") as answering:
                answer = json.loads(answering.readline())
        assert isinstance(answer, dict)
        return answer

    def request(self, command: str, **words: object) -> bytes:
        return json.dumps({"command": command, "journal": str(self.journal), **words}).encode()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    simulated = gateway()
    with served(simulated) as address:
        yield Place(tmp_path, install(tmp_path, address), simulated)


def me() -> str:
    import pwd

    return f"{pwd.getpwuid(os.getuid()).pw_name} (uid {os.getuid()})"


# --- with a daemon ----------------------------------------------------------------------------


def test_a_plan_begins_with_what_the_daemon_knows(place: Place) -> None:
    with place.daemon() as daemon:
        assert place.say("hold", "--reserve", "55", "--for", "2h")[0] == 0
        daemon.until("backup, reserve 55 %: held")
        code, out, _ = place.say("plan", "--hours", "3", "--json")
        assert code == 0
        found = json.loads(out)
        assert found["now"]["setting"]["reserve"] == 55
        assert found["now"]["soe"] == pytest.approx(place.simulated.home.soe, abs=1)
        assert [entry["cases"][0]["setting"]["reserve"] for entry in found["timeline"]] == [55, 40]
        assert found["timeline"][0]["cases"][0]["winners"]["reserve"] == "owner"
    code, out, _ = place.say("plan", "--hours", "3")
    assert code == 0
    assert "no daemon runs: it begins with what the call says" in out


def test_a_hold_from_another_process_and_its_end(place: Place) -> None:
    with place.daemon() as daemon:
        code, out, _ = place.say("hold", "--reserve", "55", "--for", "2h")
        assert code == 0
        assert out.startswith("home: reserve 55 % by manual hold until ")
        daemon.until("requested hold reserve 55 %")
        daemon.until("backup, reserve 55 %: held")
        assert place.setting == BACKUP_55
        code, out, _ = place.say("resume")
        assert code == 0
        assert out.splitlines() == [
            "home: the hold is ended; the rules decide again",
            "home: the gateway has backup, reserve 40 %",
        ]
        daemon.until("backup, reserve 40 %: held")
        assert place.say("resume", "--no-wait").out == "home: nothing was held; the rules decide\n"
        assert daemon.end() == 0
    assert place.said == [("hold", me()), ("resume", me())]


def test_a_flag_is_one_that_the_rules_in_force_ask_for(place: Place) -> None:
    config = place.config.read_text("utf-8")
    place.config.write_text(config.replace("[[site]]", '[[site]]\ninputs = "inputs"'), "utf-8")
    rules = place.folder / "rules.toml"
    asking = '[[rule]]\nname = "storm"\nwhile = { flag = "storm" }\nset = { reserve = 90 }\n'
    before = rules.read_text("utf-8")
    rules.write_text(before + asking, "utf-8")
    with place.daemon():
        rules.write_text(before + asking.replace("storm", "party"), "utf-8")
        code, _, error = place.say("flag", "strom", "on")
        assert (code, 'did you mean "storm"?' in error) == (1, True)
        assert place.say("flag", "storm", "on") == (0, "storm: set\n", "")
        assert place.say("flag", "party", "on").code == 1
        assert place.say("reload").code == 0
        assert place.say("flag", "party", "on").code == 0


def test_a_release_outlives_the_daemon(place: Place) -> None:
    with place.daemon() as daemon:
        assert place.say("release").code == 0
        daemon.until("self_consumption, reserve 20 %: held")
        assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
    with place.daemon(until="running with rules") as daemon:
        wait_for(lambda: "owner" in place.say("status").out)
        assert place.setting == SAFE
        assert daemon.end() == 0


def test_what_cannot_be_held_is_refused(place: Place) -> None:
    with place.daemon() as daemon:
        for words, sentence in (
            (("--reserve", "3"), "under the floor of 5 %; hold at least 5 %"),
            (("--reserve", "30", "--until", "25:00"), "until: must be a time like"),
            (("--reserve", "30", "--until", "2020-01-01 10:00"), "over already"),
            (("--reserve", "30", "--until", "22:00", "--for", "1h"), "not both"),
            ((), "nothing to hold"),
            (("--reserve", "30", "--site", "hut"), 'there is no site "hut"; there are: home'),
        ):
            code, out, err = place.say("hold", *words)
            assert (code, out) == (2, "")
            assert err.startswith("pwsched: ")
            assert sentence in err
            assert "Traceback" not in err
        assert daemon.end() == 0
    assert place.said == []


def test_status_tells_what_is_set_wanted_and_held(place: Place) -> None:
    with place.daemon() as daemon:
        place.say("hold", "--reserve", "60", "--until", "2h")  # refused, changes nothing
        place.say("hold", "--reserve", "60", "--for", "2h")
        daemon.until("backup, reserve 60 %: held")
        ended = place.say("status", "--json")
        status = json.loads(ended.out)
        home = status["sites"]["home"]
        assert (ended.code, status["running"], status["pid"]) == (0, True, daemon.pid)
        assert (home["mode"], round(home["reserve"]), home["grid"]) == (
            "backup",
            60,
            "SystemGridConnected",
        )
        assert home["hold"]["by"] == me()
        assert home["wanted"] == {"mode": "backup", "reserve": 60}
        assert "by manual hold" in home["reason"]
        assert "wrote backup, reserve 60 %: held" in home["last_write"]["text"]
        text = place.say("status").out
        for told in ("set ", "wanted ", "why ", "until ", "owner ", "last write ", "heartbeat "):
            assert told in text
        beats = json.loads((place.folder / "heartbeat.json").read_text())
        assert beats["sites"]["home"]["wanted"] == {"mode": "backup", "reserve": 60}
        assert stat.S_IMODE((place.folder / "heartbeat.json").stat().st_mode) == 0o640
        assert daemon.end() == 0


def test_what_is_not_done_yet_is_said_with_its_reason(place: Place) -> None:
    with place.daemon() as daemon:
        for reserve in (61, 62, 63, 64, 65, 66):
            code, out, _ = place.say("hold", "--reserve", reserve, "--no-wait")
            assert (code, len(out.splitlines())) == (0, 1)
            daemon.until(f"requested hold reserve {reserve} %")
        code, out, err = place.say("hold", "--reserve", "67")
        assert code == 1
        assert out == "home: reserve 67 % by manual hold until resumed\n"
        reason = "6 of 6 writes that the owner requested in the last hour"
        assert err.startswith(f"pwsched: not written yet: {reason}; next at ")
        text = " ".join(place.say("status").out.split())
        assert f"not set yet {reason}; next at " in text
        (blocker,) = json.loads(place.say("status", "--json").out)["sites"]["home"]["blockers"]
        assert blocker["text"] == reason
        assert place.say("release").out.endswith(
            "home: the gateway has self_consumption, reserve 20 %\n"
        )
        assert daemon.end() == 0


def test_reload_answers_with_what_it_found(place: Place) -> None:
    rules = place.folder / "rules.toml"
    with place.daemon() as daemon:
        good = rules.read_text()
        assert place.say("reload").out == "home: the rule files have not changed\n"
        rules.write_text(good.replace("backup", "no such mode").replace('"down"', '"sideways"'))
        code, _, err = place.say("reload")
        assert code == 2
        assert err.count("rules.toml:") == 3
        assert "the rules that were in force stay" in err
        rules.write_text(good.replace("40", "60"))
        assert "home: new rules are in force" in place.say("reload").out
        daemon.until("backup, reserve 60 %: held")
        assert place.setting == BACKUP_60
        assert daemon.end() == 0


# --- the socket -------------------------------------------------------------------------------


def test_the_socket_of_a_killed_daemon_is_replaced_and_goes_with_its_own(place: Place) -> None:
    with place.daemon() as daemon:
        assert stat.S_IMODE(place.socket.stat().st_mode) == 0o660
        assert daemon.end(signal.SIGKILL) == -signal.SIGKILL
    assert place.socket.is_socket()
    with place.daemon(until="running with rules") as daemon:
        wait_for(lambda: place.say("status").code == 0)
        assert daemon.end() == 0
    assert not place.socket.exists()


def test_the_socket_of_a_living_daemon_is_not_stolen(place: Place) -> None:
    with place.daemon() as daemon:
        other = place.folder / "other.toml"
        text = place.config.read_text()
        other.write_text(f'journal = "other.sqlite"\n[control]\nsocket = "pwsched.sock"\n{text}')
        second = pwsched("run", "--config", other, cwd=place.folder)
        assert second.code == 2
        assert "another daemon answers there" in second.err
        assert place.say("status").code == 0
        # A daemon with another journal is another house.
        asked = pwsched("resume", "--config", other, cwd=place.folder)
        assert "no daemon is running" in asked.out
        third = pwsched("run", "--config", place.config, cwd=place.folder)
        assert "another pwsched" in third.err
        assert place.say("status").code == 0
        assert daemon.end() == 0


def test_a_file_in_the_place_of_the_socket_is_left_alone(place: Place) -> None:
    place.socket.write_text("mine")
    ended = place.say("run")
    assert ended.code == 2
    assert "exists and is not a socket; move it away" in ended.err
    assert place.socket.read_text() == "mine"


def test_garbage_gets_an_answer_and_the_loop_goes_on(place: Place) -> None:
    good = place.request("hold", reserve=60)
    with place.daemon() as daemon:
        for garbage, said in (
            (b"\n", "not a request"),
            (b"hold\n", "not a request"),
            (b"\xff\xfe\x00\n", "not a request"),
            (b"[" * 4000 + b"\n", "not a request"),
            (b"{}\n", "not a request"),
            (place.request("stop") + b"\n", "not a request"),
            (place.request("hold", reserve=1e400) + b"\n", "not a request"),
            (place.request("hold", reserve="60") + b"\n", "not a request"),
            (place.request("hold", reserve=10**400) + b"\n", "not a request"),
            (place.request("hold", reserve=-(2**70)) + b"\n", "not a request"),
            (place.request("hold", reserve=-1) + b"\n", "a reserve is 0 to 100 %"),
            (place.request("hold", reserve=60, until="\0" * 64) + b"\n", "must be a time like"),
            (place.request("status", more=1) + b"\n", "not a request"),
            (place.request("status", site="x" * 4096) + b"\n", "at most 4096 bytes"),
            (good.replace(b"journal.sqlite", b"x.sqlite") + b"\n", "writes the journal"),
        ):
            answer = place.ask(garbage)
            assert answer["ok"] is False, garbage
            assert said in answer["error"], (garbage, answer)
            assert len(answer["error"]) < 300
        assert place.say("status").code == 0
        assert daemon.end() == 0
    assert "Traceback" not in "".join(daemon.said)
    assert place.said == []


def test_slow_clients_are_broken_off_and_too_many_turned_away(place: Place) -> None:
    with place.daemon() as daemon:
        slow = [socket.socket(socket.AF_UNIX) for _ in range(8)]
        for each in slow:
            each.settimeout(PATIENCE_S)
            each.connect(str(place.socket))
            each.sendall(b'{"command":')
        assert "too many ask at once" in place.ask(place.request("status") + b"\n")["error"]
        answers = [each.makefile("rb").readline() for each in slow]
        assert all(b"no request within 5 s" in answer for answer in answers)
        for each in slow:
            each.close()
        assert place.say("status").code == 0
        assert daemon.end() == 0


def test_an_end_is_not_held_up_by_who_asks_slowly(place: Place) -> None:
    with place.daemon() as daemon, socket.socket(socket.AF_UNIX) as slow:
        slow.connect(str(place.socket))
        slow.sendall(b"{")
        assert daemon.end() == 0
        assert slow.recv(4096) == b""  # broken off, not waited for
    assert "Traceback" not in "".join(daemon.said)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(
    ("mode", "group", "said"),
    [
        # By the mode of the socket, and where that has been opened, by what the kernel says.
        (0o660, 0, "you may not speak to the daemon; use sudo, or join the group root"),
        (0o666, 0, "(uid 65534) may not speak to this daemon"),
        (0o660, STAFF, "not a request"),
    ],
    ids=["closed", "open", "member"],
)
def test_another_user_may_speak_by_the_group_alone(
    place: Place, mode: int, group: int, said: str
) -> None:
    folder = Path(tempfile.mkdtemp(prefix="pwsched-"))
    folder.chmod(0o755)  # others cannot enter the folders of pytest
    path = folder / "s"
    text = place.config.read_text()
    place.config.write_text(f'[control]\nsocket = "{path}"\n{text}')
    asking = (
        "import os; from pathlib import Path; from scheduler.ipc.client import _ask\n"
        f"os.setgroups([{STAFF}]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        f"print(_ask(Path('{path}'), {{}}))"
    )
    try:
        with place.daemon() as daemon:
            os.chown(path, -1, group)
            path.chmod(mode)
            other = subprocess.run(
                [sys.executable, "-c", asking],
                env=environment(PYTHONPATH=str(ROOT)),
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
            assert daemon.end() == 0
    finally:
        shutil.rmtree(folder)
    assert said in other.stdout + other.stderr


# --- without a daemon -------------------------------------------------------------------------


def test_a_hold_without_a_daemon_is_brought_to_the_gateway(place: Place) -> None:
    code, out, err = place.say("hold", "--reserve", "55", "--mode", "backup")
    assert (code, place.setting) == (0, BACKUP_55)
    assert "home: reserve 55 %" in out or "backup and reserve 55 %" in out
    assert "nothing maintains or ends this hold" in out
    assert "backup, reserve 55 %: held" in err
    (ended,) = entries(place.journal, Kind.RUN_END)
    assert ended.fields["reason"] == "the hold is in effect"
    with place.daemon(until="running with rules") as daemon:
        wait_for(lambda: place.say("status").code == 0)
        assert place.setting == BACKUP_55
        assert daemon.end() == 0


def test_a_release_of_what_is_safe_already_writes_nothing(place: Place) -> None:
    assert place.say("release").code == 0
    before = len(place.simulated.record.writes)
    assert place.say("release").code == 0
    assert len(place.simulated.record.writes) == before
    assert place.setting == SAFE


def test_what_is_refused_without_a_daemon_writes_nothing(place: Place) -> None:
    code, _, err = place.say("hold", "--reserve", "3")
    assert code == 2
    assert "under the floor of 5 %" in err
    assert place.simulated.record.writes == []
    assert place.setting != BACKUP_40


def test_a_resume_without_a_daemon_is_for_the_next_one(place: Place) -> None:
    assert place.say("release").code == 0
    code, out, _ = place.say("resume")
    assert code == 0
    assert "the rules decide again" in out
    assert "no daemon is running" in out
    assert place.setting == SAFE
    with place.daemon() as daemon:
        assert place.setting == BACKUP_40
        assert daemon.end() == 0


def test_status_and_reload_without_a_daemon(place: Place) -> None:
    assert place.say("status").code == 2  # there is no journal yet
    with place.daemon() as daemon:
        place.say("hold", "--reserve", "40")
        assert daemon.end() == 0
    code, out, _ = place.say("status")
    assert code == 1
    assert "no daemon has run since " in out
    assert "stopped: SIGTERM" in out
    assert "requested hold" in out
    assert "wrote backup, reserve 40 %: held" in out
    assert place.say("reload") == (
        1,
        "",
        "pwsched: no daemon is running; it reads the rules when it starts\n",
    )
    with place.daemon(until="running with rules") as daemon:
        place.socket.unlink()
        code, out, _ = place.say("status")
        assert (code, f"a daemon is running (process {daemon.pid}) but" in out) == (1, True)
        assert "another pwsched" in place.say("release").err
        assert daemon.end() == 0


def test_an_account_that_may_not_write_is_told_of(tmp_path: Path) -> None:
    simulated = gateway(profile="21.44")
    with served(simulated) as address:
        config = install(tmp_path, address, simulated.credentials.customer_password, "customer")
        ended = pwsched("hold", "--reserve", "55", "--config", config, cwd=tmp_path)
    assert ended.code == 1
    assert "not held: nothing may be written" in ended.err
    assert simulated.record.writes == []


def test_which_site_is_meant_must_be_clear(place: Place) -> None:
    text = place.config.read_text()
    place.config.write_text(text + text.replace('"home"', '"cabin"'))
    for words in (("hold", "--reserve", "30"), ("release",), ("resume",)):
        code, _, err = place.say(*words)
        assert (code, err) == (2, "pwsched: --site: say which of home, cabin\n")


def test_a_socket_whose_path_is_too_long(place: Place) -> None:
    deep = config_text("127.0.0.1:1")
    place.config.write_text(f'[control]\nsocket = "{"x" * 108}"\n{deep}')
    code, _, err = place.say("status")
    assert code == 2
    assert "are too long for a socket, which may have 107; name a shorter one" in err
