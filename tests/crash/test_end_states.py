"""Whole daemons on a disk that is full, beside a journal that is damaged, and in each other's way.

Each ends as documented, by its exit code, by the journal and by the gateway's own record.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from crash.life import open_intents
from journaling import stored
from processes import (
    BACKUP_40,
    BACKUP_60,
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
from scheduler.journal.sqlite import verify
from scheduler.journal.sqlite.backups import Backups
from scheduler.simulator.gateway import SimulatedGateway


class Place(NamedTuple):
    """A folder with all that a daemon needs, and its gateway."""

    folder: Path
    config: Path
    simulated: SimulatedGateway

    @property
    def journal(self) -> Path:
        return self.folder / "journal.sqlite"

    def settings(self) -> list[Setting]:
        return [mode_and_reserve(entry.setting) for entry in self.simulated.record.settings[1:]]

    def want(self, reserve: int) -> None:
        rules = self.folder / "rules.toml"
        rules.write_text(rules.read_text().replace("reserve = 40", f"reserve = {reserve}"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    simulated = gateway()
    with served(simulated) as address:
        yield Place(tmp_path, install(tmp_path, address), simulated)


def sent(place: Place) -> int:
    return len(stored(place.journal, "SELECT id FROM sent"))


def live_once(place: Place) -> None:
    """A run until its write is made, which nobody has read back yet; a backup of it all."""
    with running("run", "--config", place.config, cwd=place.folder) as daemon:
        daemon.until("writing backup, reserve 40 %")
        wait_for(lambda: sent(place) == 1)
        assert daemon.end() == 0
    Backups(place.journal).make(SystemClock().now())


def run_again(place: Place) -> None:
    """Run and end in order; nothing is amiss then."""
    with running("run", "--config", place.config, cwd=place.folder) as daemon:
        daemon.until("running with rules")
        wait_for(lambda: not open_intents(place.journal))
        assert daemon.end() == 0
    assert verify(place.journal).misfit is None


def outcomes(place: Place) -> list[str]:
    return [str(each) for (each,) in stored(place.journal, "SELECT outcome FROM outcome")]


# --- a full disk ---------------------------------------------------------------------------------


def full_by_limit(_place: Place, pid: int) -> Callable[[], object]:
    """Let the daemon make no file any longer; undone by what this gives back."""
    unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, unlimited[1]))
    return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)


def full_by_a_file(place: Place, _pid: int) -> Callable[[], object]:
    """Fill the disk under the journal, and keep it full when the ballast is given up."""
    filler = place.folder / "filler"
    place.journal.with_name("journal.sqlite.ballast").unlink(missing_ok=True)
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
    return filler.unlink


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A disk of its own for the folder; False where none may be mounted."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def nothing_is_written_while_it_is_full(
    place: Place, fill: Callable[[Place, int], Callable[[], object]]
) -> None:
    with running("run", "--config", place.config, cwd=place.folder) as daemon:
        daemon.until("writing backup, reserve 40 %")
        wait_for(lambda: sent(place) == 1)
        free = fill(place, daemon.pid)
        place.want(60)
        daemon.send(signal.SIGHUP)
        assert str(place.journal) in daemon.until("its disk")
        daemon.until("its disk")  # at the next poll it has tried again
        assert place.settings() == [BACKUP_40]
        free()
        daemon.until("writing backup, reserve 60 %")
        wait_for(lambda: sent(place) == 2)
        assert daemon.end() == 0
    assert place.settings() == [BACKUP_40, BACKUP_60]
    assert "Traceback" not in "".join(daemon.said)
    assert stored(place.journal, "SELECT count(*) FROM gap") == [(0,)]
    assert outcomes(place) == ["held"]
    assert len(open_intents(place.journal)) == 1
    assert verify(place.journal).misfit is None


def test_a_full_disk_stops_the_writes_and_not_the_daemon(tmp_path: Path) -> None:
    simulated = gateway()
    with small_disk(tmp_path) as mounted, served(simulated) as address:
        place = Place(tmp_path, install(tmp_path, address), simulated)
        fill = full_by_a_file if mounted else full_by_limit
        nothing_is_written_while_it_is_full(place, fill)


@pytest.mark.long
def test_a_disk_that_takes_no_more_stops_the_writes_and_not_the_daemon(place: Place) -> None:
    nothing_is_written_while_it_is_full(place, full_by_limit)


# --- a damaged journal ---------------------------------------------------------------------------


def spoil_a_page(journal: Path) -> None:
    with journal.open("r+b") as file:
        file.seek(journal.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "a spoilt page": spoil_a_page,
    "empty": lambda journal: os.truncate(journal, 0),
    "deleted": Path.unlink,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("backup", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_damaged_journal_gives_way_to_its_backup_and_a_gap(
    place: Place, damage: str, backup: bool
) -> None:
    live_once(place)
    if not backup:
        shutil.rmtree(place.folder / "backups")
    DAMAGE[damage](place.journal)
    spoilt = place.journal.read_bytes() if place.journal.exists() else None
    run_again(place)
    aside = [path.read_bytes() for path in place.folder.glob("*.corrupt-*")]
    assert aside == ([] if spoilt is None else [spoilt])
    ((site, since, reason),) = stored(place.journal, "SELECT site, since, reason FROM gap")
    assert site == "home"
    assert (since is not None) is backup
    assert str(place.journal) in str(reason)
    assert outcomes(place) == (["recovered_applied"] if backup else [])
    assert stored(place.journal, "SELECT count(*) FROM run") == [(2 if backup else 1,)]
    assert place.settings() == [BACKUP_40]  # what is lost is no reason for a write


# --- in the way ----------------------------------------------------------------------------------


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder in which nobody makes or changes anything, root neither."""
    if os.geteuid() != 0:
        mode = folder.stat().st_mode
        folder.chmod(0o500)
        yield
        folder.chmod(mode)
        return
    # Root may write whatever the mode says.
    bound = subprocess.run(
        ["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False
    )
    if bound.returncode != 0:
        pytest.skip("root may write everywhere, and nothing may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("there", [pytest.param(False, marks=pytest.mark.long), True])
def test_a_folder_that_may_not_be_written_is_told_in_a_sentence(place: Place, there: bool) -> None:
    if there:
        live_once(place)
    before = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    with read_only(place.folder):
        ended = pwsched("run", "--config", place.config, cwd=place.folder)
    cannot = f"journal {place.journal} cannot be written: "
    advice = "; check the owner and mode of its folder, and its disk"
    if os.geteuid() == 0:  # a read-only disk may pass: systemd starts the daemon again
        assert ended.code == 1
        waited, last = ended.err.splitlines()
        assert waited.startswith(f"ERROR {cannot}")
        assert waited.endswith(f"{advice}; nothing is written until it can be opened")
        assert "no control socket can be made there: read-only file system" in last
    else:
        assert ended.code == 2
        assert ended.err.startswith(f"pwsched: {cannot}")
        assert ended.err.endswith(f"{advice}\n")
        assert ended.err.count("\n") == 1
    after = {path: path.read_bytes() for path in place.folder.rglob("*") if path.is_file()}
    assert after == before
    assert place.settings() == ([BACKUP_40] if there else [])
    run_again(place)


def test_of_two_daemons_at_once_one_works(place: Place) -> None:
    with running("run", "--config", place.config, cwd=place.folder) as first:
        first.until("running with rules")
        second = pwsched("run", "--config", place.config, cwd=place.folder)
        assert second.code == 1
        assert f"another pwsched (process {first.pid}) is using this journal" in second.err
        assert second.err.count("\n") == 1
        wait_for(lambda: sent(place) == 1)
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
    run_again(place)
    assert stored(place.journal, "SELECT count(*) FROM run") == [(2,)]
    assert len(place.simulated.record.logins) == 1
