"""Records the golden journals: `PYTHONPATH=.:tests python tests/scheduler/record_golden.py`.

Each is a few days of the real daemon on the simulated house, thinned by the real upkeep, as an SQL
dump. They are never recorded anew but on purpose: a decision that changes in them is one that would
have changed in a house.
"""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from house import EXAMPLES, LOS_ANGELES, House, local
from test_replay import thin

from scheduler.household import Household
from scheduler.inputs import set_flag
from scheduler.simulator.home import Outage

GOLDEN = Path(__file__).with_name("golden")


def summer(folder: Path) -> House:
    """Three days of the first example: charging before the peak, holding by night, an outage."""
    start = local(7, 14, "00:00")
    outages = [Outage(local(7, 15, "17:10"), local(7, 15, "18:25"))]
    rules = (EXAMPLES / "tou_sce.toml").read_text("utf-8")
    house = House(
        folder, rules, start, soe=45.0, poll=timedelta(minutes=1), outages=outages,
        household=Household(7, LOS_ANGELES),
    )  # fmt: skip
    house.play(local(7, 15, "09:00"), kill=True)
    return house.play(local(7, 17, "00:00"))


def storm(folder: Path) -> House:
    """A storm flag, a hold of the owner, other rules, and the night the clocks go back."""
    inputs = folder / "inputs"
    rules = (EXAMPLES / "storm.toml").read_text("utf-8")
    house = House(
        folder, rules, local(10, 31, "12:00"), soe=60.0, poll=timedelta(minutes=1), inputs=inputs,
        household=Household(8, LOS_ANGELES),
    )  # fmt: skip

    def hold() -> None:
        assert house.loop is not None
        house.hold("anna", reserve=70, lasting="3h")

    def reload() -> None:
        house.rules.write_text(rules + "# other rules\n", "utf-8")
        house.reload()

    house.at(local(10, 31, "16:00"), set_flag, inputs, "storm", local(11, 1, "03:00"))
    house.at(local(11, 1, "06:00"), hold)
    house.at(local(11, 1, "11:00"), reload)
    return house.play(local(11, 1, "20:00"))


def main() -> None:
    """Write the dumps."""
    GOLDEN.mkdir(exist_ok=True)
    for play in (summer, storm):
        with tempfile.TemporaryDirectory() as folder:
            house = play(Path(folder))
            thin(house.path, house.unstepped())
            with closing(sqlite3.connect(house.path)) as connection:
                marks = [
                    f"PRAGMA {name} = {connection.execute(f'PRAGMA {name}').fetchone()[0]};"
                    for name in ("application_id", "user_version")
                ]
                lines = [*marks, *connection.iterdump()]
            lines = [line for line in lines if not line.startswith('INSERT INTO "mean"')]
            target = GOLDEN / f"{play.__name__}.sql"
            target.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
