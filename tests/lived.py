"""Journals of weeks that a home lived through, read of a gateway every few minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from journaling import Recorder, observation, with_run

from rules.domain import AppPercent, Mode, Observation
from scheduler.domain import ObservationRecord
from scheduler.journal.sqlite import SqliteJournal
from scheduler.money.backtest import Flows

HOUR = timedelta(hours=1)
DAY = 288
"""Readings that are committed at once."""


@dataclass(frozen=True)
class Lived:
    """Some time under a mode, in which this flowed."""

    mode: Mode
    flows: Flows
    reserve: float = 20.0

    def observations(self) -> list[Observation]:
        """What was read of it at the beginning of each interval, and once at the end."""
        data, energies, battery = self.flows.site.data, self.flows.energies, self.flows.site.battery
        hours = data.step / HOUR
        stored = [battery.energy(self.flows.site.soe), *energies.stored]
        found = [
            self._read(
                at,
                battery.soe(stored[n]),
                (energies.imported[n] - energies.exported[n]) / hours,
                (energies.discharged[n] - energies.charged[n]) / hours,
                energies.load[n] / hours,
                energies.solar[n] / hours,
            )
            for n, at in enumerate(data.times())
        ]
        return [*found, replace(found[-1], at=data.end, soe=battery.soe(stored[-1]))]

    def _read(self, at: datetime, soe: AppPercent, *powers: float) -> Observation:
        site, battery, load, solar = powers
        return replace(
            observation(at, soe),
            site_power=site,
            battery_power=battery,
            load_power=load,
            solar_power=solar,
            mode=self.mode,
            reserve=AppPercent(self.reserve),
        )


def journal_of(path: Path, *weeks: Lived, strange: Sequence[Observation] = ()) -> Path:
    """A journal of these weeks. What is `strange` takes the place of what was read at its time."""
    read = {each.at: each for week in weeks for each in week.observations()}
    read |= {each.at: each for each in strange}

    async def act(_: SqliteJournal, recorder: Recorder) -> None:
        times = sorted(read)
        for first in range(0, len(times), DAY):
            some = times[first : first + DAY]
            await recorder.commit(*(ObservationRecord(at, read[at]) for at in some))

    with_run(path, act)
    return path
