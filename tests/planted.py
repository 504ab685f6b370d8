"""Mistakes as owners make them, each planted into a copy of an example."""

from __future__ import annotations

from typing import NamedTuple


class Planted(NamedTuple):
    """In the example of this name `right` became `wrong`; `what` says what that means."""

    example: str
    right: str
    wrong: str
    what: str


PLANTED = (
    Planted(
        "tou_sce",
        "12:00-14:00",
        "12:00-15:55",
        "half full shadows full by its place, equal priority",
    ),
    Planted(
        "tou_sce",
        "14:00-15:55",
        "14:00-16:55",
        "charging into the peak",
    ),
    Planted(
        "tou_sce",
        "soe_below = 30",
        "soe_below = 3",
        "threshold a digit short",
    ),
    Planted(
        "tou_sce",
        "21:00-06:00",
        "06:00-21:00",
        "hours turned round: hold against charge",
    ),
    Planted(
        "tou_sce",
        'before = "peak", lead = "60m"',
        'before = "on-peak", lead = "60m"',
        "an event that never comes in winter",
    ),
    Planted(
        "tou_sce",
        'time = "14:00-15:55"',
        'time = "14:00-15:55", season = "winter"',
        "wrong season",
    ),
    Planted(
        "tou_sce_2018",
        'inset = "5m"',
        'inset = "5h"',
        "an inset of hours",
    ),
    Planted(
        "tou_sce_2018",
        '"super-off-peak"',
        '"off-peak"',
        "wrong period",
    ),
    Planted(
        "tou_sce_2018",
        'at = "07:15"',
        'at = "07:15", days = "weekends"',
        "wrong days",
    ),
    Planted(
        "critical_peak",
        'eve_of = "event-days", time = "21:30-06:00"',
        'dates = "event-days", time = "21:30-06:00"',
        "the night after instead of before",
    ),
    Planted(
        "critical_peak",
        'time = "06:00-15:55"',
        'time = "06:00-16:55"',
        "hold against use at equal priority",
    ),
    Planted(
        "critical_peak",
        'at = "18:00", eve_of',
        'at = "18:00", dates',
        "told a day late",
    ),
    Planted(
        "ev_night",
        'margin = "2 kW"',
        'margin = "200 W"',
        "a margin too small",
    ),
    Planted(
        "ev_night",
        'keep   = "10m"',
        'keep   = "1m"',
        "kept too short",
    ),
    Planted(
        "ev_night",
        'period = "peak"',
        'period = "on-peak"',
        "never in winter",
    ),
    Planted(
        "ev_night",
        'for    = "2m"',
        'for    = "0m"',
        "no patience",
    ),
    Planted(
        "export_limited",
        "above = 30",
        "above = 300",
        "never holds",
    ),
    Planted(
        "export_limited",
        'oldest = "20h" }\nset   = { battery = "use"',
        'oldest = "1h" }\nset   = { battery = "use"',
        "a forecast too soon too old",
    ),
    Planted(
        "half_hourly",
        "priority = 30",
        "priority = 5",
        "shadowed rule",
    ),
    Planted(
        "half_hourly",
        "cheapest = 4",
        "cheapest = 14",
        "flaps through the night",
    ),
    Planted(
        "storm",
        'months = "jun..nov"',
        'months = "jun..oct"',
        "wrong season edge",
    ),
    Planted(
        "storm",
        "even_if_overridden = true",
        "even_if_overridden = false",
        "gives way to the app",
    ),
    Planted(
        "outage_prone",
        'keep     = "6h"',
        'keep     = "6m"',
        "minutes for hours",
    ),
    Planted(
        "outage_prone",
        'months = "jun..nov"',
        'months = "jul..nov"',
        "wrong season edge",
    ),
    Planted(
        "first_steps",
        "\nleave = true",
        '\nmode = "self_consumption"\nreserve = 20',
        "writes after all",
    ),
)
