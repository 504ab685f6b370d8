"""Small histories as files, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.errors import HistoryProblems
from scheduler.money.intervals import History, Instructions, read_history

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
START = datetime(2026, 5, 4, tzinfo=LOS_ANGELES)  # a Monday
HOUR = timedelta(hours=1)

Cells = Sequence[object]


def written(folder: Path, content: str | bytes, name: str = "home.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def table(header: str, rows: Iterable[Cells]) -> str:
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""])


def hours(
    count: int,
    load: Callable[[int], object] = lambda _: 1.25,
    start: datetime = START,
    step: timedelta = HOUR,
) -> list[list[object]]:
    """Rows of time with an offset, load and sun."""
    first = start.astimezone(ZoneInfo("UTC"))
    return [
        [(first + n * step).astimezone(LOS_ANGELES).isoformat(), load(n), 0.5] for n in range(count)
    ]


def kw(rows: Iterable[Cells]) -> str:
    return table("time,load_kW,solar_kW", rows)


def read(folder: Path, content: str | bytes, **said: Any) -> History:
    zone = said.pop("zone", LOS_ANGELES)
    return read_history([written(folder, content)], Instructions(zone=zone, **said))


def problems(folder: Path, content: str | bytes, **said: Any) -> list[str]:
    """Every sentence about a file, whether it can be read at all or not be trusted."""
    try:
        history = read(folder, content, **said)
    except HistoryProblems as error:
        return list(error.sentences)
    return [finding.text for finding in history.findings]


# --- as utilities and apps write them --------------------------------------------------------

PREAMBLE = 'Name,SOMEBODY\nAddress,"1 SOME ST, SOMEWHERE CA 90000"\nService,Service 1\n\n'
PGE = f"""{PREAMBLE}TYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),COST,NOTES
Electric usage,2026-05-04,00:00,00:14,0.25,0.00,$0.05
Electric usage,2026-05-04,00:15,00:29,0.50,0.00,$0.10
Electric usage,2026-05-04,00:30,00:44,0.00,0.25,$0.00
"""
PGE_NET = f"""{PREAMBLE}TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES
Electric usage,5/4/2026,0:00,0:14,0.25,$0.05,
Electric usage,5/4/2026,0:15,0:29,0.50,$0.10,
Electric usage,5/4/2026,0:30,0:44,-0.25,$0.00,
"""
SDGE = f"""{PREAMBLE}Meter Number,00000000
Meter Number,Date,Start Time,Duration,Consumption,Generation,Net
"00000000","5/4/2026","12:00 AM","15","0.2500","0.0000","0.2500"
"00000000","5/4/2026","12:15 AM","15","0.5000","0.0000","0.5000"
"00000000","5/4/2026","12:30 AM","15","0.0000","0.2500","-0.2500"
"""
SCE_TO = "\u00a0to\u00a0"
SCE = f"""Energy Usage Information
"For location: SOMEWHERE"

"Data for period starting: 2026-05-04 00:00:00  for 24 hours"
Energy  Delivered time period,Usage Delivered(Real energy in kilowatt-hours),Reading quality
"2026-05-04 00:00:00{SCE_TO}2026-05-04 00:15:00","0.250",""
"2026-05-04 00:15:00{SCE_TO}2026-05-04 00:30:00","0.500",""
"2026-05-04 00:30:00 to 2026-05-04 00:45:00","0.000",""

"Data for period starting: 2026-05-04 00:00:00  for 24 hours"
Energy  Received time period,Usage Received(Real energy in kilowatt-hours),Reading quality
"2026-05-04 00:00:00{SCE_TO}2026-05-04 00:15:00","0.000",""
"2026-05-04 00:15:00{SCE_TO}2026-05-04 00:30:00","0.000",""
"2026-05-04 00:30:00 to 2026-05-04 00:45:00","0.250",""
"""

ESPI = "https://example.com/espi/1_1/resource"
POINT = f"{ESPI}/RetailCustomer/1/UsagePoint/7"


def reading_type(name: str, direction: int, multiplier: int = 0, uom: int = 72) -> str:
    return f"""<entry><link rel="self" href="{ESPI}/ReadingType/{name}"/><content><ReadingType
 xmlns="http://naesb.org/espi"><flowDirection>{direction}</flowDirection>
<powerOfTenMultiplier>{multiplier}</powerOfTenMultiplier><uom>{uom}</uom></ReadingType></content></entry>"""


def meter(name: str, kind: str, values: list[int], point: str = POINT, step: int = 900) -> str:
    first = int(START.timestamp())
    readings = "".join(
        f"<IntervalReading><timePeriod><duration>{step}</duration><start>{first + n * step}</start>"
        f"</timePeriod><value>{value}</value></IntervalReading>"
        for n, value in enumerate(values)
    )
    return f"""<entry><link rel="self" href="{point}/MeterReading/{name}"/>
<link rel="related" href="{ESPI}/ReadingType/{kind}"/><content><MeterReading/></content></entry>
<entry><link rel="self" href="{point}/MeterReading/{name}/IntervalBlock/1"/><content>
<IntervalBlock xmlns="http://naesb.org/espi">{readings}</IntervalBlock></content></entry>"""


def feed(*entries: str) -> str:
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'
    )


BOTH_WAYS = (
    reading_type("in", 1),
    reading_type("out", 19, -3),
    meter("a", "in", [250, 500, 0]),
    meter("b", "out", [0, 0, 250_000]),
)

HOURS_IN_UTC = ",".join(f"2026-05-04T{hour:02}:00:00.000Z" for hour in (7, 8, 9))
HOME_ASSISTANT = f"""entity_id,type,unit,{HOURS_IN_UTC}
sensor.import,grid_consumption,kWh,1.5,0.5,1.0
sensor.import_cost,grid_consumption_cost,USD,0.4,0.1,0.2
sensor.export,grid_return,kWh,0,1,0.5
sensor.pv_east,solar_production,kWh,0,1,1
sensor.pv_west,solar_production,Wh,0,1500,1000
sensor.battery_in,battery_in,kWh,0,0.5,0
sensor.battery_out,battery_out,kWh,0.25,0,0
,calculated_total_consumption,kWh,1.75,1.5,2.5
"""
