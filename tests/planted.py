"""Mistakes as owners make them, each planted into a copy of an example."""

from __future__ import annotations

from typing import NamedTuple


class Planted(NamedTuple):
    """In the example of this name `right` became `wrong`; `what` says what that means.

    `told` is the kind of finding by which the check finds it, or "refused" where such rules do not
    load; nothing where nobody but a test can know what is meant. `tested`: the example's own tests
    find it.
    """

    example: str
    right: str
    wrong: str
    what: str
    told: str = ""
    tested: bool = True

    @property
    def row(self) -> str:
        """Its line in the table of docs/checks/README.md."""
        check = "does not load" if self.told == "refused" else f"[{self.told}]({self.told}.md)"
        tests = "yes" if self.tested else "no"
        return f"| {self.what} | {self.example} | {check if self.told else 'no'} | {tests} |"


TABLE = (
    Planted(
        "tou_sce",
        "12:00-14:00",
        "12:00-15:55",
        "one rule shadows another of equal priority by its place",
        "conflict",
    ),
    Planted(
        "tou_sce",
        "21:00-06:00",
        "06:00-21:00",
        "hours turned round: a hold all day, against charging",
        "conflict",
    ),
    Planted(
        "critical_peak",
        'time = "06:00-15:55"',
        'time = "06:00-16:55"',
        "a hold against a low reserve at equal priority, for an hour",
        "conflict",
    ),
    Planted(
        "tou_sce",
        "14:00-15:55",
        "14:00-16:55",
        "charging into the peak",
        "buys-at-peak",
    ),
    Planted(
        "tou_sce",
        'time = "14:00-15:55" ',
        'time = "14:00-15:55", months = "jun..aug" ',
        "wrong season edge: the tariff's summer has September",
        "season-edge",
        tested=False,
    ),
    Planted(
        "storm",
        'months = "jun..nov"',
        'months = "jun..oct"',
        "wrong season edge, and no tariff that knows it",
        "",
    ),
    Planted(
        "tou_sce",
        "soe_below = 30",
        "soe_below = 3",
        "a threshold a digit short",
        "under-reserve",
    ),
    Planted(
        "tou_sce",
        'soe_below = 30 }\nset   = { battery = "hold" }',
        'soe_below = 30 }\nset   = { mode = "backup" }',
        "a threshold that chases its own effect, in spite of its margin",
        "flapping",
    ),
    Planted(
        "tou_sce",
        'before = "peak", lead = "60m"',
        'before = "on-peak", lead = "60m"',
        "an event that never comes in winter",
        "long-silence",
    ),
    Planted(
        "tou_sce_2018",
        'inset = "5m"',
        'inset = "5h"',
        "an inset of hours: of the window one night is left",
        "long-silence",
    ),
    Planted(
        "half_hourly",
        "priority = 30",
        "priority = 5",
        "a rule under another that always holds with it",
        "never-wins",
    ),
    Planted(
        "storm",
        "reserve_at_least = 50",
        "reserve_at_least = 15",
        "a floor under the reserve of [default]",
        "never-wins",
    ),
    Planted(
        "half_hourly",
        "cheapest = 4",
        "cheapest = 44",
        "more slots than the night has",
        "always-true",
    ),
    Planted(
        "critical_peak",
        "reserve = 5 }",
        "reserve = 20 }",
        "a reserve that [default] has anyway",
        "no-effect",
    ),
    Planted(
        "storm",
        'mode    = "self_consumption"\nreserve = 20',
        "leave = true",
        "a reserve raised, and nothing that sets it back",
        "not-restored",
    ),
    Planted(
        "export_limited",
        'export  = "pv_only"\n',
        "",
        "a part that nothing restores",
        "refused",
    ),
    Planted(
        "critical_peak",
        'eve_of = "event-days", time = "21:30-06:00"',
        'dates = "event-days", time = "21:30-06:00"',
        "the night after instead of the night before",
        "",
    ),
    Planted(
        "ev_night",
        'margin = "2 kW"',
        'margin = "200 W"',
        "a margin too small for what the car does",
        "",
    ),
    Planted(
        "outage_prone",
        'keep     = "6h"',
        'keep     = "6m"',
        "minutes for hours",
        "",
    ),
    Planted(
        "tou_sce_2018",
        '"super-off-peak"',
        '"off-peak"',
        "a wrong period: on some days it is the dearest",
        "buys-at-peak",
    ),
)
"""Twenty that owners make; docs/checks/README.md has them as a table."""

MORE = (
    Planted(
        "ev_night",
        'period = "peak"',
        'period = "on-peak"',
        "a notification that never comes in winter",
        "long-silence",
    ),
    Planted(
        "tou_sce",
        'time = "14:00-15:55"',
        'time = "14:00-15:55", season = "winter"',
        "wrong season",
    ),
    Planted(
        "tou_sce_2018",
        'at = "07:15"',
        'at = "07:15", days = "weekends"',
        "wrong days",
    ),
    Planted(
        "critical_peak",
        'at = "18:00", eve_of',
        'at = "18:00", dates',
        "told a day late",
    ),
    Planted(
        "ev_night",
        'keep   = "10m"',
        'keep   = "1m"',
        "kept too short",
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
        "cheapest = 4",
        "cheapest = 14",
        "flaps through the night",
    ),
    Planted(
        "storm",
        "even_if_overridden = true",
        "even_if_overridden = false",
        "gives way to the app",
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
"""Mistakes over what only the owner knows."""

PLANTED = (*TABLE, *MORE)


def planted(rules: str, mistake: Planted) -> str:
    """The text of an example with a mistake in it."""
    assert mistake.right in rules
    return rules.replace(mistake.right, mistake.wrong, 1)
