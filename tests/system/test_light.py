"""What another route needs is neither installed nor loaded for a site of the local one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from processes import ROOT, environment, gateway, install, running, served

OF_THE_EXTRA = ("bs4", "google.protobuf", "pypowerwall", "requests", "urllib3")
"""Not h2: httpcore, which the local route uses, loads it wherever it is installed."""

SAYING_WHAT_IS_LOADED = f"""
import atexit, sys
import pwsched
names = {OF_THE_EXTRA!r}
atexit.register(lambda: print("loaded:", *(name for name in names if name in sys.modules)))
pwsched.main()
"""

PLAIN, EXTRA, DEVELOPING = (
    "requirements.txt",
    "requirements-pypowerwall.txt",
    "requirements-dev.txt",
)


def pins(lock: str) -> set[str]:
    """The versions in a lock, each with the platforms that it is for."""
    text = (ROOT / lock).read_text("utf-8")
    return set(re.findall(r"^([^\s#]+==[^\\\n]+?) *\\?$", text, re.MULTILINE))


def test_a_local_site_loads_nothing_of_another_route(tmp_path: Path) -> None:
    call = (sys.executable, "-c", SAYING_WHAT_IS_LOADED)
    with served(gateway()) as address:
        words = ("run", "--config", install(tmp_path, address))
        with running(*words, cwd=tmp_path, env=environment(), call=call) as daemon:
            daemon.until("writing backup, reserve 40 %")
            assert daemon.end() == 0
    assert daemon.said[-1] == "loaded:\n"


def test_the_extra_adds_to_the_plain_lock_and_changes_nothing_of_it() -> None:
    plain, extra, developing = pins(PLAIN), pins(EXTRA), pins(DEVELOPING)
    assert {each.partition("==")[0] for each in plain} >= {"httpx", "hatchling", "sqlalchemy"}
    assert plain < extra < developing
    added = {each.partition("==")[0] for each in extra - plain}
    assert {"pypowerwall", "requests", "protobuf"} <= added
    assert not added & {each.partition("==")[0] for each in plain}


@pytest.mark.parametrize("lock", [PLAIN, EXTRA, DEVELOPING])
def test_a_lock_has_a_hash_of_each_version(lock: str) -> None:
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(lock))
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
