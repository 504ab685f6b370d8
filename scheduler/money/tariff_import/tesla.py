"""Tesla's `tariff_content_v2`, as the app and the Fleet API keep it for a site.

Days of the week count from 0 for Monday (a real read of TOU-D-PRIME fits nothing else), a missing
`from` is 0 and a missing `toDayOfWeek` is 6; an end of 0:00 is midnight, and one before its start
is on the next day. A price or a label "ALL" holds for all. Zones, holidays, baseline credits and
dates of prices have no place in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.errors import ImportRefused
from scheduler.money.tariff_import.draft import DAY, Hours, SeasonDraft, TariffDraft

CONTENT = "tariff_content_v2"
ALL = "ALL"
NAMES = {"PARTIAL_PEAK": "part-peak", ALL: "all-day"}
NOT_IN_IT = (
    "Not in this format, so not in here: a baseline credit, what export earns by the hour, "
    "non-bypassable charges, credits of certain months, prices before and after."
)


def find_content(said: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 -- any JSON
    """The tariff in an answer of the API, or in a request to it, however deep it is."""
    if not isinstance(said, Mapping):
        return None
    if "seasons" in said and "energy_charges" in said:
        return said
    inner = [said[CONTENT]] if CONTENT in said else list(said.values())
    return next((found for each in inner if (found := find_content(each))), None)


def read_tesla(said: Mapping[str, Any]) -> TariffDraft:
    """The tariff that a site has. Raises `ImportRefused` for what a tariff file cannot say."""
    if any(charges.get("rates") for charges in (said.get("demand_charges") or {}).values()):
        raise ImportRefused("it has demand charges: write [charges.demand] by hand without them")
    seasons = [
        _season(name, season, _rates(said, name))
        for name, season in said["seasons"].items()
        if season
    ]
    if not seasons:
        raise ImportRefused("it has no season with hours")
    draft = TariffDraft(
        title=f"{said.get('utility', '')} {said.get('name', '')}".strip() or "Imported",
        source=f"Tesla's {CONTENT}, code {said.get('code') or 'unknown'}",
        currency=said.get("currency") or "USD",
        seasons=seasons,
        fixed_per_day=sum(float(each.get("amount") or 0) for each in said.get("daily_charges", [])),
        untold=[NOT_IN_IT],
    )
    _sell(said, draft)
    return draft


def _rates(said: Mapping[str, Any], season: str) -> Mapping[str, Any]:
    charges = said["energy_charges"]
    found: Mapping[str, Any] = (charges.get(season) or {}).get("rates") or (
        charges.get(ALL) or {}
    ).get("rates", {})
    return found


def _season(name: str, said: Mapping[str, Any], rates: Mapping[str, Any]) -> SeasonDraft:
    hours: list[Hours] = []
    prices: dict[str, float] = {}
    for label, period in said["tou_periods"].items():
        price = rates.get(label, rates.get(ALL))
        if price is None:
            raise ImportRefused(f"{label} has no price in season {name}")
        named = NAMES.get(label, label.lower().replace("_", "-"))
        prices[named] = float(price)
        for window in period["periods"]:
            hours += _hours(named, window)
    return SeasonDraft(
        name=name.lower().replace(" ", "-"),
        first=(int(said["fromMonth"]), int(said["fromDay"])),
        last=(int(said["toMonth"]), int(said["toDay"])),
        hours=hours,
        prices=prices,
    )


def _hours(period: str, said: Mapping[str, Any]) -> Iterator[Hours]:
    first, last = int(said.get("fromDayOfWeek", 0)), int(said.get("toDayOfWeek", 6))
    days = frozenset((first + day) % 7 for day in range((last - first) % 7 + 1))
    start = int(said.get("fromHour", 0)) * 60 + int(said.get("fromMinute", 0))
    end = int(said.get("toHour", 0)) * 60 + int(said.get("toMinute", 0)) or DAY
    if start < end:
        yield Hours(period, days, start, end)
        return
    yield Hours(period, days, start, DAY)
    yield Hours(period, days, 0, end)


def _sell(said: Mapping[str, Any], draft: TariffDraft) -> None:
    """A price for export is one for all hours, or is told of and left out."""
    charges = (said.get("sell_tariff") or {}).get("energy_charges") or {}
    sells = {
        float(price)
        for season in charges.values()
        for price in ((season or {}).get("rates") or {}).values()
    }
    if len(sells) == 1:
        draft.flat_export = sells.pop()
    elif sells:
        draft.untold.append("Its prices for export differ by period and are left out.")
