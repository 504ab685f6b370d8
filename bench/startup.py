"""How long a command takes to start, and how much memory the daemon has: `python bench/startup.py`.

Processor time (user and system) of whole processes, as a multiple of what it takes to import the
two libraries that no command can do without; the median of several runs. The daemon runs against a
simulated gateway on loopback, first with a new journal and then with the one that is there; its
resident memory is read when it has looked at the gateway a few times, and written what it wants.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
RUNS = 15
SETTLING_S = 12
MEMORY_GOAL = 75
PWSCHED = (sys.executable, "-m", "pwsched")
IMPORTS = (sys.executable, "-c", "import pydantic, typer")
EXAMPLE = ROOT / "examples" / "tou_sce.toml"

RULES = """
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "backup"
reserve = 40
[[rule]]
name = "hold out"
while = { grid = "down" }
set = { mode = "backup" }
"""
CONFIG = """
[[site]]
name = "home"
rules = ["rules.toml"]
poll = "5s"
[site.gateway]
host = "{host}:{port}"
certificate = "{certificate}"
login = "{login}"
password_file = "password"
[site.safety]
reserve_floor = 5
safe = {{ mode = "self_consumption", reserve = 20 }}
"""


def environment() -> dict[str, str]:
    """Our modules are compiled once and kept, as those of an installed package are."""
    inherited = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    return inherited | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def seconds(command: Sequence[object], env: dict[str, str]) -> float:
    """The processor time of one process."""
    with subprocess.Popen(
        [str(word) for word in command], env=env, stdout=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    return used.ru_utime + used.ru_stime


@contextmanager
def saying(
    folder: Path, env: dict[str, str], *words: object
) -> Iterator[tuple[int, Iterator[str]]]:
    """A command that goes on until the block ends: its process id, and what it says."""
    process = subprocess.Popen(
        [*PWSCHED, *map(str, words)],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process.pid, iter(process.stdout or ())
        finally:
            process.terminate()


def resident_mib(folder: Path, env: dict[str, str]) -> float:
    """The resident memory of a daemon that has looked at its gateway a few times."""
    with saying(folder, env, "run", "--config", "pwsched.toml") as (pid, lines):
        said = []
        for line in lines:
            said.append(line)
            if "running with rules" in line:
                break
        else:
            raise SystemExit("".join(said))
        time.sleep(SETTLING_S)
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) / 1024


def print_times(env: dict[str, str]) -> None:
    """How long the commands take, beside the imports."""
    measured = {
        "pwsched --help": ((*PWSCHED, "--help"), 1.5),
        "pwsched check": ((*PWSCHED, "check", EXAMPLE), 3.5),
    }
    commands = {"": IMPORTS} | {name: command for name, (command, _) in measured.items()}
    # In turn, so that what else this machine does is shared by all.
    runs = [{name: seconds(each, env) for name, each in commands.items()} for _ in range(RUNS + 1)][
        1:
    ]
    medians = {name: statistics.median(run[name] for run in runs) for name in commands}
    print(f"import pydantic, typer   {medians[''] * 1000:5.0f} ms")
    for name, (_, goal) in measured.items():
        ratio = medians[name] / medians[""]
        print(f"{name:24} {medians[name] * 1000:5.0f} ms, {ratio:4.2f} times (goal {goal:g} times)")


def print_memory(folder: Path, env: dict[str, str]) -> None:
    """What the daemon takes, with a new journal and with one that is there."""
    kept = str(folder / "gateway.pem")
    simulate = ("simulate", "gateway", "--port", "0", "--json", "--certificate", kept)
    with saying(folder, env, *simulate) as (_, lines):
        gateway = json.loads(next(lines))
        secret = folder / "password"
        secret.write_text(gateway["password"])
        secret.chmod(0o600)
        (folder / "rules.toml").write_text(RULES)
        (folder / "pwsched.toml").write_text(CONFIG.format_map(gateway))
        for name in ("first start", "restart"):
            print(f"{name:24} {resident_mib(folder, env):5.1f} MiB (goal {MEMORY_GOAL} MiB)")


if __name__ == "__main__":
    around = environment()
    print_times(around)
    with tempfile.TemporaryDirectory() as house:
        print_memory(Path(house), around)
