"""The wheel as a user gets it: what is in it, and that it works away from the checkout."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest
from journaling import entries
from processes import ROOT, Ended, gateway, install, pwsched, running, served
from processes import environment as checkout

from scheduler.domain import Kind

pytestmark = pytest.mark.xdist_group("package")
"""Built and installed once: one worker has them all."""


@dataclass(frozen=True)
class Installed:
    """An environment into which the wheel was installed."""

    wheel: Path
    bin: Path
    site_packages: Path

    @property
    def command(self) -> Sequence[str]:
        return [str(self.bin / "pwsched")]

    def run(self, *words: object, cwd: Path, **env: str) -> Ended:
        return pwsched(*words, cwd=cwd, env=environment(**env), call=self.command)


def environment(**more: str) -> dict[str, str]:
    """Without the checkout on the path."""
    return {name: value for name, value in checkout().items() if name != "PYTHONPATH"} | more


def quietly(*words: object) -> None:
    ended = subprocess.run(
        [str(word) for word in words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Built and installed without a network; the libraries are those of this environment."""
    folder = tmp_path_factory.mktemp("package")
    quietly(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (wheel,) = folder.glob("*.whl")
    venv = folder / "venv"
    quietly(sys.executable, "-m", "venv", "--without-pip", venv)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", venv)
    quietly(*pip, "install", "--no-index", "--no-deps", wheel)
    (site_packages,) = venv.glob("lib/python*/site-packages")
    # A folder named in a .pth file comes last, and its own .pth files are not looked at: the
    # checkout, which may be installed there, is not found.
    libraries = sysconfig.get_path("purelib")
    (site_packages / "libraries.pth").write_text(f"{libraries}\n")
    return Installed(wheel, venv / "bin", site_packages)


def below(folder: str, pattern: str = "**/*") -> set[str]:
    """The files of the checkout below a folder, as the package has them."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_both_packages_and_what_they_read(installed: Installed) -> None:
    with ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "pwsched = pwsched:main" in archive.read(entry_points).decode()
    migrations = {f"scheduler/_{name}" for name in below("migrations")}
    assert "scheduler/_migrations/env.py" in migrations
    pages = {f"scheduler/cli/checks/{name.rpartition('/')[2]}" for name in below("docs/checks")}
    assert "rules/calendar/tariffs/sce-tou-d-prime.toml" in names
    assert names == below("rules") | below("scheduler") | migrations | pages | {
        "pwsched.py",
        "scheduler/cli/tou_sce.toml",
        "scheduler/service/pwsched.service",
    }


def test_both_packages_say_that_they_are_typed(tmp_path: Path, installed: Installed) -> None:
    marks = {"rules/py.typed", "scheduler/py.typed"}
    with ZipFile(installed.wheel) as archive:
        assert marks <= set(archive.namelist())
    quietly(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert marks <= {name.partition("/")[2] for name in archive.getnames()}


def test_the_steps_of_the_schema_are_found_there(tmp_path: Path, installed: Installed) -> None:
    newest = (
        "from alembic.script import ScriptDirectory as Scripts;"
        "from scheduler.journal.sqlite import migrate;"
        "print(Scripts.from_config(migrate.alembic_config()).get_heads() == [migrate.HEAD])"
    )
    found = pwsched(
        "-c", newest, cwd=tmp_path, env=environment(), call=[str(installed.bin / "python")]
    )
    assert found.out == "True\n", found.err


def test_the_command_works_from_there(tmp_path: Path, installed: Installed) -> None:
    assert installed.run("--version", cwd=tmp_path).out.startswith("pwsched ")
    ended = installed.run("check", ROOT / "examples" / "tou_sce.toml", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert ": sound" in ended.out
    which = "import scheduler, rules; print(scheduler.__file__, rules.__file__)"
    found = pwsched(
        "-c", which, cwd=tmp_path, env=environment(), call=[str(installed.bin / "python")]
    )
    assert found.out.count(str(installed.site_packages)) == 2


def test_the_daemon_makes_its_journal_from_there(tmp_path: Path, installed: Installed) -> None:
    with served(gateway()) as address:
        config = install(tmp_path, address)
        words = ("run", "--config", config)
        with running(*words, cwd=tmp_path, env=environment(), call=installed.command) as daemon:
            daemon.until("writing backup, reserve 40 %")
            assert daemon.end() == 0
    (ended,) = entries(tmp_path / "journal.sqlite", Kind.RUN_END)
    assert ended.fields["reason"] == "SIGTERM"


def test_the_demo_finds_its_rules_there(tmp_path: Path, installed: Installed) -> None:
    env = environment(TMPDIR=str(tmp_path))
    with running(
        "demo", "--seconds", "3600", cwd=tmp_path, env=env, call=installed.command
    ) as demo:
        assert "tou_sce.toml" in demo.until("tou_sce.toml")


@pytest.mark.parametrize("name", ["rules", "scheduler"])
def test_another_package_first_on_the_path_is_told_of(
    tmp_path: Path, installed: Installed, name: str
) -> None:
    other = tmp_path / name
    other.mkdir()
    (other / "__init__.py").touch()
    ended = installed.run("check", "x.toml", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert ended.code == 2
    assert ended.err == (
        f"pwsched: another package is in the way: {name} ({other}/__init__.py);"
        " install powerwall-scheduler into an environment of its own\n"
    )


def test_another_package_installed_over_ours_is_told_of(
    tmp_path: Path, installed: Installed
) -> None:
    first = installed.site_packages / "scheduler" / "__init__.py"
    ours = first.read_text()
    first.write_text("")
    try:
        ended = installed.run("check", "x.toml", cwd=tmp_path)
    finally:
        first.write_text(ours)
    assert ended.code == 2
    assert ended.err.startswith(f"pwsched: another package is in the way: scheduler ({first});")
    assert ended.err.count("\n") == 1
