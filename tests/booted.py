"""A machine that runs the shipped unit under a real systemd, as its first process.

The machine is a set of namespaces over a copy of this one's files (`system/boot.sh`). It shares the
network with us, so that the service can reach a simulated gateway on loopback. Its systemd finds
the unit, journald and empty targets, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from forked import ROOT
from processes import PATIENCE_S, wait_for

SCRIPT = Path(__file__).parent / "system" / "boot.sh"
NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup")
TOOLS = ("unshare", "nsenter", "pivot_root", "mount", "systemctl")
JOURNAL = ("systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket")
TARGETS = ("sysinit", "basic", "sockets", "shutdown", "network-online", "time-sync", "multi-user")
PROGRAM = """\
#!/bin/sh
# A Python may have been built to look for its own library in the place where it was.
LD_LIBRARY_PATH=/opt/python/lib exec /opt/pwsched/bin/python -m pwsched "$@"
"""
EMPTY = "[Unit]\nDefaultDependencies=no\n"

USER = "pwsched"
USER_ID = 64998


class CannotBoot(Exception):
    """This machine does not let us have another one in it; the text says why."""


@dataclass(frozen=True)
class Machine:
    """A booted machine. `pid` is its systemd, as seen from outside."""

    pid: int
    cgroup: Path

    @property
    def root(self) -> Path:
        """Its files, as seen from outside."""
        return Path(f"/proc/{self.pid}/root")

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        """Run a command there, as root."""
        inside = ["nsenter", f"--target={self.pid}", *NAMESPACES]
        return subprocess.run(
            [*inside, *map(str, words)],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    def shown(self, unit: str, *names: str) -> dict[str, str]:
        """Properties of a unit, as `systemctl show` says them."""
        said = self.run("systemctl", "show", unit, f"--property={','.join(names)}").stdout
        return dict(line.split("=", 1) for line in said.splitlines())

    def processes(self, unit: str) -> set[int]:
        """The processes of a service, as seen from outside."""
        return _processes(self.cgroup / "system.slice" / unit)


@contextmanager
def machine(folder: Path, unit: str, files: Path) -> Iterator[Machine]:
    """A machine with this unit, not started yet, and with `files` laid over its own.

    Raises `CannotBoot` where there is no systemd, or none may be started.
    """
    systemd = _systemd()
    units = files / "etc" / "units"
    units.mkdir(parents=True)
    for name in JOURNAL:
        (units / name).symlink_to(systemd.parent / "system" / name)
    for name in TARGETS:
        (units / f"{name}.target").write_text(EMPTY)
    (units / "machine.target").write_text(f"{EMPTY}Wants={' '.join(JOURNAL)}\n")
    (units / "pwsched.service").write_text(unit)
    _add_user(files / "etc")
    shown = _install(files / "opt")

    cgroup = _cgroup2() / f"{folder.name}-{os.getpid()}"
    try:
        cgroup.mkdir()
    except OSError as error:
        raise CannotBoot(f"no control group of its own: {error.strerror}") from None
    place = folder / "machine"
    place.mkdir()
    words = ["sh", SCRIPT, place, cgroup, systemd, files, *shown]
    log = folder / "boot.log"
    with log.open("w") as said:
        booting = subprocess.Popen(
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield _booted(booting, cgroup, log)
    finally:
        booting.kill()
        booting.wait(PATIENCE_S)
        wait_for(lambda: "populated 0" in (cgroup / "cgroup.events").read_text())
        for group in sorted((each.parent for each in cgroup.rglob("cgroup.procs")), reverse=True):
            group.rmdir()


def _systemd() -> Path:
    """The program. Raises `CannotBoot` where something is missing that can be told beforehand."""
    if os.geteuid() != 0:
        raise CannotBoot("only root may start another systemd")
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise CannotBoot(f"not installed: {', '.join(missing)}")
    places = (Path("/usr/lib/systemd/systemd"), Path("/lib/systemd/systemd"))
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise CannotBoot("systemd is not installed")
    return found


def _cgroup2() -> Path:
    """Where control groups of version 2 are mounted."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(place)
    raise CannotBoot("no control groups of version 2 are mounted")


def _booted(booting: subprocess.Popen[bytes], cgroup: Path, log: Path) -> Machine:
    """The machine, as soon as its systemd answers."""
    first = cgroup / "init.scope"

    def answers() -> bool:
        if booting.poll() is not None:
            return True
        found = _processes(first)
        if not found:
            return False
        asked = Machine(min(found), cgroup).run("systemctl", "is-system-running")
        return asked.stdout.strip() in {"running", "degraded"}

    try:
        wait_for(answers)
    except AssertionError:
        raise CannotBoot("systemd started, and never answered") from None
    if booting.poll() is not None:
        said = " ".join(log.read_text().split())
        raise CannotBoot(said or f"systemd ended with {booting.returncode}")
    return Machine(min(_processes(first)), cgroup)


def _processes(cgroup: Path) -> set[int]:
    try:
        return set(map(int, (cgroup / "cgroup.procs").read_text().split()))
    except OSError:
        return set()


def _add_user(etc: Path) -> None:
    for name, line in (
        ("passwd", f"{USER}:x:{USER_ID}:{USER_ID}::/nonexistent:/usr/sbin/nologin\n"),
        ("group", f"{USER}:x:{USER_ID}:\n"),
    ):
        (etc / name).write_text(Path("/etc", name).read_text() + line)


def _install(opt: Path) -> Sequence[object]:
    """This checkout, at the place that the unit names; what is to be shown where beside it.

    The Python and the libraries are those of the tests. They are shown outside of home
    folders, which the unit hides.
    """
    ours = opt / "checkout"
    for room in ("rules", "scheduler", "migrations"):
        shutil.copytree(ROOT / room, ours / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pwsched.py", ours)
    libraries = sorted({sysconfig.get_path(kind) for kind in ("purelib", "platlib")})
    places = [f"/opt/libraries/{number}" for number in range(len(libraries))]

    environment = opt / "pwsched"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = environment / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "libraries.pth").write_text("\n".join(("/opt/checkout", *places, "")))
    (environment / "pyvenv.cfg").write_text("home = /opt/python/bin\n")
    (environment / "bin").mkdir()
    (environment / "bin" / "python").symlink_to(f"/opt/python/bin/{version}")
    program = environment / "bin" / "pwsched"
    program.write_text(PROGRAM)
    for path in (opt, *opt.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path == program else 0o644)

    shown = [(sys.base_prefix, "/opt/python"), *zip(libraries, places, strict=True)]
    return [word for pair in shown for word in pair]
