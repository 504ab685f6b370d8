"""The result of a backtest in figures, as JSON: each schedule with its bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scheduler.money.comparison import Gain, Schedule, gain_of, saving_of

if TYPE_CHECKING:
    from scheduler.money.backtest import Endured
    from scheduler.money.report import Attainable, Report, Sensitivity


def as_json(report: Report) -> dict[str, Any]:
    """Everything, for a script."""
    data, battery, schedules = report.site.data, report.site.battery, report.schedules
    shown: dict[str, Any] = {
        "start": data.start.isoformat(),
        "end": data.end.isoformat(),
        "step_minutes": data.step / timedelta(minutes=1),
        "timezone": data.zone.key,
        "source": data.source,
        "repairs": [
            {"start": each.start.isoformat(), "end": each.end.isoformat(), "what": each.what}
            for each in data.repairs
        ],
        "battery": {"capacity_wh": battery.capacity_wh, "power_w": battery.power_w},
        "currency": schedules[0].bill.currency,
        "kwh_left_worth": round(report.kwh_worth, 4),
        "schedules": [_schedule(each, report) for each in schedules],
    }
    if report.attainable:
        shown["attainable_step_minutes"] = report.step_of_attainable / timedelta(minutes=1)
        shown["attainable"] = [_attainable(each) for each in report.attainable]
    if report.sensitivities:
        shown["sensitivity"] = [_sensitivity(each) for each in report.sensitivities]
    return shown


def _attainable(bound: Attainable) -> dict[str, Any]:
    return {
        "name": bound.name,
        "total": round(bound.total, 2),
        "tolerance": round(bound.tolerance, 2),
        "saving": round(bound.saving, 2),
        "less_than_self_consumption": round(bound.gain, 2),
    }


def _sensitivity(each: Sensitivity) -> dict[str, Any]:
    return {
        "rule": each.of or None,
        "change": each.what,
        "dearer_by": round(each.dearer_by, 2),
        **_gain(each.gain),
    }


def _gain(gain: Gain) -> dict[str, Any]:
    return {
        "less_than_self_consumption": round(gain.sum, 2),
        "less_than_self_consumption_may_be": [round(gain.low, 2), round(gain.high, 2)],
    }


def _schedule(schedule: Schedule, report: Report) -> dict[str, Any]:
    flows, bill, schedules = schedule.flows, schedule.bill, report.schedules
    saving, gain = saving_of(schedule, schedules), gain_of(schedule, schedules)
    shown: dict[str, Any] = {
        "name": schedule.name,
        "total": round(bill.total, 2),
        "energy": round(bill.energy, 2),
        "saving": round(saving.sum, 2),
        "saving_uncertain_by": [round(saving.at_least, 2), round(saving.at_most, 2)],
        **_gain(gain),
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
        "left_worth": round(schedule.left, 2),
        "outages": [_endured(each) for each in flows.endured],
    }
    if schedule.found is not None:
        found = schedule.found
        shown["writes"] = len(found.writes)
        shown["hours_by_rule"] = {
            name: round(hours, 3) for name, hours in found.hours_by_rule.items()
        }
        shown["never_won"] = list(found.never_won)
        shares = {each.name: each.share(gain.sum) for each in report.attainable}
        shown |= {"share_of_attainable": _rounded(shares)} if shares else {}
    return shown


def _rounded(shares: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: None if share is None else round(share, 4) for name, share in shares.items()}


def _endured(endured: Endured) -> dict[str, Any]:
    return {
        "start": endured.outage.start.isoformat(),
        "minutes": endured.outage.length / timedelta(minutes=1),
        "soe": round(endured.soe, 2),
        "stood_minutes": round(endured.stood / timedelta(minutes=1), 2),
        "unserved_wh": round(endured.unserved_wh, 1),
    }
