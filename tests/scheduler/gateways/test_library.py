"""The library pypowerwall: there or not, quiet, and in a thread of its own."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import warnings
from importlib import metadata
from typing import Any

import pytest

from scheduler.errors import ConfigProblem, Unreachable
from scheduler.gateways.pypowerwall import check_installed
from scheduler.gateways.pypowerwall.library import MASK, Mask, Worker, importing

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pypowerwall":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
import importlib.metadata as metadata
real = metadata.version
def version(name):
    if name == "pypowerwall":
        raise metadata.PackageNotFoundError(name)
    return real(name)
metadata.version = version
"""


def quiet_library() -> Any:
    with importing():
        from pypowerwall.fleetapi import fleetapi
    return fleetapi


def without_the_library(code: str) -> str:
    """What a process without the library says."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + code], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


class TestInstalled:
    def test_it_is(self) -> None:
        check_installed()

    def test_a_process_without_it_says_what_to_install(self) -> None:
        code = """
from scheduler.errors import ConfigProblem
from scheduler.gateways.pypowerwall.fleet.client import client_for
try:
    client_for("1", None)
except ConfigProblem as problem:
    print(problem)
"""
        assert without_the_library(code) == (
            "this route needs pypowerwall, which is not installed: "
            'pip install "powerwall-scheduler[pypowerwall]"\n'
        )

    def test_everything_else_works_without_it(self) -> None:
        code = """
import scheduler.gateways, scheduler.gateways.local, scheduler.cli.main
import scheduler.gateways.pypowerwall
print("pypowerwall" in sys.modules)
"""
        assert without_the_library(code) == "False\n"

    @pytest.mark.parametrize("version", ["0.16.2", "0.22.1", "0.23.0", "1.0", "nonsense"])
    def test_another_version_is_not_trusted(
        self, monkeypatch: pytest.MonkeyPatch, version: str
    ) -> None:
        monkeypatch.setattr(metadata, "version", lambda _name: version)
        with pytest.raises(ConfigProblem, match="is known to work here"):
            check_installed()

    def test_one_that_cannot_be_loaded(self) -> None:
        with pytest.raises(ConfigProblem, match="cannot be loaded"), importing():
            raise ImportError("no such module")


class TestQuiet:
    def test_its_log_is_ours_at_debug(self, caplog: pytest.LogCaptureFixture) -> None:
        loaded = quiet_library()
        MASK.add("CANARYtoken")
        with caplog.at_level(logging.DEBUG, "scheduler.gateways.pypowerwall.library"):
            loaded.log.error("it said CANARYtoken\nand a second line")
        ours = [each for each in caplog.records if each.name.startswith("scheduler")]
        assert [(each.levelno, each.getMessage()) for each in ours] == [
            (logging.DEBUG, "pypowerwall: it said •••")
        ]
        assert not logging.getLogger("pypowerwall").propagate

    def test_what_it_prints_is_not_printed(
        self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        loaded = quiet_library()
        with caplog.at_level(logging.DEBUG, "scheduler.gateways.pypowerwall.library"):
            loaded.print("a line", 2)
            loaded.print("to", file=sys.stderr)
        assert capsys.readouterr() == ("", "")
        assert [each.getMessage() for each in caplog.records] == [
            "pypowerwall: a line 2",
            "pypowerwall: to",
        ]

    def test_its_warnings_are_not_shown(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            quiet_library()
            warnings.warn_explicit("old", DeprecationWarning, "f.py", 1, "pypowerwall.tedapi")
        assert caught == []

    def test_what_it_speaks_through_logs_no_headers(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        quiet_library()
        for name in ("httpx", "httpcore.http2", "hpack.hpack", "urllib3.connectionpool"):
            assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)


class TestMask:
    def test_what_it_was_told(self) -> None:
        mask = Mask()
        mask.add("secret", None, "")
        assert mask.words("a secret, secret") == "a •••, •••"

    def test_what_is_as_long_as_a_token(self) -> None:
        token = "eyJhbGciOiJSUzI1NiJ9." + "a1B2" * 20 + "." + "x_-9" * 20
        assert Mask().words(f"Bearer {token}") == "Bearer eyJhbGciOiJSUzI1NiJ9.•••.•••"

    def test_addresses_stay(self) -> None:
        text = "https://fleet-api.prd.na.vn.cloud.tesla.com/api/1/energy_sites/1/site_info"
        assert Mask().words(text) == text

    def test_what_is_no_text(self) -> None:
        assert Mask().words({"a": 1}) == ""

    def test_it_does_not_grow_for_ever(self) -> None:
        mask = Mask()
        for number in range(1000):
            mask.add(f"secret-{number}")
        assert mask.words("secret-999 secret-0") == "••• secret-0"


class TestWorker:
    def test_results_and_errors_come_back(self) -> None:
        async def run() -> None:
            worker = Worker("the cloud")
            assert await worker.call(threading.current_thread, 5.0) is not threading.main_thread()
            with pytest.raises(ZeroDivisionError):
                await worker.call(lambda: 1 // 0, 5.0)
            assert await worker.call(lambda: 2, 5.0) == 2
            worker.close()

        asyncio.run(run())

    def test_an_overrun_call_is_left_alone_and_nothing_new_is_begun(self) -> None:
        go_on, begun, over = threading.Event(), [], threading.Event()

        def slow() -> None:
            go_on.wait(10)
            over.set()

        async def run() -> None:
            worker = Worker("the cloud")
            with pytest.raises(TimeoutError):
                await worker.call(slow, 0.01)
            with pytest.raises(Unreachable, match="the cloud has not come back yet"):
                await worker.call(lambda: begun.append(1), 5.0)
            assert not over.is_set()
            go_on.set()
            assert await asyncio.to_thread(over.wait, 10)
            while not begun:
                try:
                    await worker.call(lambda: begun.append(2), 5.0)
                except Unreachable:
                    await asyncio.sleep(0)
            worker.close()

        asyncio.run(run())
        assert begun == [2]

    def test_a_hanging_call_keeps_no_process_alive(self) -> None:
        async def run() -> None:
            worker = Worker("the cloud")
            assert await worker.call(lambda: threading.current_thread().daemon, 5.0)
            worker.close()

        asyncio.run(run())
