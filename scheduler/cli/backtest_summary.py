"""The result of a backtest in figures, as JSON: each schedule with its bill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scheduler.money.report import Schedule, gain_of, saving_of

if TYPE_CHECKING:
    from scheduler.money.backtest import Endured, Site


def as_json(site: Site, schedules: Sequence[Schedule]) -> dict[str, Any]:
    """Everything, for a script."""
    data = site.data
    return {
        "start": data.start.isoformat(),
        "end": data.end.isoformat(),
        "step_minutes": data.step / timedelta(minutes=1),
        "timezone": data.zone.key,
        "source": data.source,
        "repairs": [
            {"start": each.start.isoformat(), "end": each.end.isoformat(), "what": each.what}
            for each in data.repairs
        ],
        "battery": {"capacity_wh": site.battery.capacity_wh, "power_w": site.battery.power_w},
        "currency": schedules[0].bill.currency,
        "schedules": [_schedule(each, schedules) for each in schedules],
    }


def _schedule(schedule: Schedule, schedules: Sequence[Schedule]) -> dict[str, Any]:
    flows, bill, saving = schedule.flows, schedule.bill, saving_of(schedule, schedules)
    gain = gain_of(schedule, schedules)
    shown: dict[str, Any] = {
        "name": schedule.name,
        "total": round(bill.total, 2),
        "energy": round(bill.energy, 2),
        "saving": round(saving.sum, 2),
        "saving_uncertain_by": [round(saving.at_least, 2), round(saving.at_most, 2)],
        "less_than_self_consumption": round(gain.sum, 2),
        "less_than_self_consumption_may_be": [round(gain.low, 2), round(gain.high, 2)],
        "parts": {kind.value: round(sum_, 2) for kind, sum_ in bill.by_kind.items()},
        "months": [
            {
                "start": month.start.isoformat(),
                "total": round(month.total, 2),
                "imported_kwh": round(month.imported_kwh, 3),
                "exported_kwh": round(month.exported_kwh, 3),
            }
            for month in bill.months
        ],
        "notes": list(bill.notes),
        "cycles": round(flows.cycles, 2),
        "self_sufficiency": round(flows.self_sufficiency, 4),
        "highest_import_w": round(flows.highest_import_w, 1),
        "soe_at_end": round(flows.soe_at_end, 2),
        "outages": [_endured(each) for each in flows.endured],
    }
    if schedule.found is not None:
        found = schedule.found
        shown["writes"] = len(found.writes)
        shown["hours_by_rule"] = {
            name: round(hours, 3) for name, hours in found.hours_by_rule.items()
        }
        shown["never_won"] = list(found.never_won)
    return shown


def _endured(endured: Endured) -> dict[str, Any]:
    return {
        "start": endured.outage.start.isoformat(),
        "minutes": endured.outage.length / timedelta(minutes=1),
        "soe": round(endured.soe, 2),
        "stood_minutes": round(endured.stood / timedelta(minutes=1), 2),
        "unserved_wh": round(endured.unserved_wh, 1),
    }
