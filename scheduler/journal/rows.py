"""Records as table rows, and table rows as records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from rules.domain import Export, GridStatus, Mode, Observation, Quantity, Setting
from scheduler.domain import (
    CapabilityRecord,
    DecisionRecord,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldRecord,
    IntentRecord,
    NoteRecord,
    OverrideRecord,
    OverrideState,
    RunStart,
    Word,
)
from scheduler.journal.tables import instant_from_text, instant_text

Row = dict[str, Any]


def run_row(start: RunStart) -> Row:
    """Columns of `run`."""
    return {
        "at": start.at,
        "version": start.version,
        "process": start.process,
        "dry_run": start.dry_run,
        "rules_hash": start.rules_hash,
    }


def observation_row(run_id: int, observation: Observation, tick_at: datetime) -> Row:
    """Columns of `observation`. Raises `ValueError` for a naive instant."""
    instant_text(observation.at)
    instant_text(tick_at)
    grid, mode = observation.grid, observation.mode
    return {
        "run_id": run_id,
        "at": observation.at,
        "soe": observation.soe,
        "site_power": observation.site_power,
        "battery_power": observation.battery_power,
        "load_power": observation.load_power,
        "solar_power": observation.solar_power,
        "grid": None if grid is None else grid.value,
        "grid_services": observation.grid_services,
        "mode": None if mode is None else mode.value,
        "reserve": observation.reserve,
        "running": observation.running,
        "firmware": observation.firmware,
        "earlier": {
            quantity.value: instant_text(at) for quantity, at in observation.earlier.items()
        },
        "tick_at": tick_at,
    }


def observation_of(row: RowMapping) -> Observation:
    """What `observation_row` wrote."""
    earlier = {Quantity(name): instant_from_text(text) for name, text in row["earlier"].items()}
    return Observation(
        at=row["at"],
        soe=row["soe"],
        site_power=row["site_power"],
        battery_power=row["battery_power"],
        load_power=row["load_power"],
        solar_power=row["solar_power"],
        grid=None if row["grid"] is None else GridStatus(row["grid"]),
        grid_services=row["grid_services"],
        mode=None if row["mode"] is None else Mode(row["mode"]),
        reserve=row["reserve"],
        running=row["running"],
        firmware=row["firmware"],
        earlier=earlier,
    )


def decision_row(run_id: int, decision: DecisionRecord) -> Row:
    """Columns of `decision`."""
    mode, export = decision.setting.mode, decision.setting.export
    return {
        "run_id": run_id,
        "at": decision.at,
        "mode": None if mode is None else mode.value,
        "reserve": decision.setting.reserve,
        "grid_charging": decision.setting.grid_charging,
        "export": None if export is None else export.value,
        "winners": decision.winners,
        "rules_hash": decision.rules_hash,
        "reason": decision.reason,
        "memory": decision.memory,
        "cause": decision.cause,
    }


def decision_record(row: RowMapping) -> DecisionRecord:
    """What `decision_row` wrote."""
    return DecisionRecord(
        at=row["at"],
        setting=Setting(
            mode=None if row["mode"] is None else Mode(row["mode"]),
            reserve=row["reserve"],
            grid_charging=row["grid_charging"],
            export=None if row["export"] is None else Export(row["export"]),
        ),
        winners=row["winners"],
        rules_hash=row["rules_hash"],
        reason=row["reason"],
        memory=row["memory"],
        cause=row["cause"],
    )


def intent_row(run_id: int, decision_id: int | None, intent: IntentRecord) -> Row:
    """Columns of `intent`."""
    previous = intent.previous
    return {
        "run_id": run_id,
        "decision_id": decision_id,
        "at": intent.at,
        "previous_mode": None if previous is None else previous.mode.value,
        "previous_reserve": None if previous is None else previous.reserve,
        "wanted_mode": intent.wanted.mode.value,
        "wanted_reserve": intent.wanted.reserve,
        "cause": intent.cause,
        "reason": intent.reason,
        "would": intent.would,
    }


def wanted_setting(row: RowMapping) -> Setting:
    """What an intent wanted."""
    return Setting(Mode(row["wanted_mode"]), row["wanted_reserve"])


def previous_setting(row: RowMapping) -> Setting | None:
    """What an intent found, where it was known."""
    if row["previous_mode"] is None:
        return None
    return Setting(Mode(row["previous_mode"]), row["previous_reserve"])


def event_row(run_id: int, event: EventRecord) -> Row:
    """Columns of `event`."""
    return {
        "run_id": run_id,
        "at": event.at,
        "rule": event.rule,
        "scheduled_at": event.scheduled_at,
        "action": event.action,
        "state": event.state,
    }


def firmware_check_row(run_id: int, check: FirmwareCheckRecord) -> Row:
    """Columns of `firmware_check`."""
    return {
        "run_id": run_id,
        "at": check.at,
        "event_id": check.event_id,
        "result": check.result,
        "state_raw": check.state_raw,
        "version": check.version,
        "detail": check.detail,
    }


def effect_row(effect: EffectRecord) -> Row:
    """Columns of `effect`."""
    return {
        "at": effect.at,
        "intent_id": effect.intent_id,
        "effect": effect.effect.value,
        "detail": effect.detail,
    }


def override_row(run_id: int, override: OverrideRecord) -> Row:
    """Columns of `override`."""
    return {
        "run_id": run_id,
        "at": override.at,
        "state": override.state.value,
        "ours_mode": override.ours.mode.value,
        "ours_reserve": override.ours.reserve,
        "found_mode": override.found.mode.value,
        "found_reserve": override.found.reserve,
        "until": override.until,
        "detail": override.detail,
    }


def override_record(row: RowMapping) -> OverrideRecord:
    """What `override_row` wrote."""
    return OverrideRecord(
        row["at"],
        OverrideState(row["state"]),
        Setting(Mode(row["ours_mode"]), row["ours_reserve"]),
        Setting(Mode(row["found_mode"]), row["found_reserve"]),
        row["until"],
        row["detail"],
    )


def hold_row(run_id: int, hold: HoldRecord) -> Row:
    """Columns of `hold`."""
    mode = hold.setting.mode
    return {
        "run_id": run_id,
        "at": hold.at,
        "word": hold.word.value,
        "mode": None if mode is None else mode.value,
        "reserve": hold.setting.reserve,
        "until": hold.until,
        "by": hold.by,
    }


def hold_record(row: RowMapping) -> HoldRecord:
    """What `hold_row` wrote."""
    mode = None if row["mode"] is None else Mode(row["mode"])
    setting = Setting(mode, row["reserve"])
    return HoldRecord(row["at"], Word(row["word"]), setting, row["until"], row["by"])


def capability_row(run_id: int, capability: CapabilityRecord) -> Row:
    """Columns of `capability`."""
    return {
        "run_id": run_id,
        "at": capability.at,
        "firmware": capability.firmware,
        "login": capability.login,
        "may_write": capability.may_write,
        "may_check_firmware": capability.may_check_firmware,
        "may_install_firmware": capability.may_install_firmware,
        "levers": capability.levers,
        "started": capability.started,
    }


def capability_record(row: RowMapping) -> CapabilityRecord:
    """What `capability_row` wrote."""
    return CapabilityRecord(
        row["at"],
        row["firmware"],
        row["login"],
        row["may_write"],
        row["may_check_firmware"],
        row["may_install_firmware"],
        row["levers"],
        row["started"],
    )


def note_row(run_id: int, note: NoteRecord) -> Row:
    """Columns of `note`."""
    return {"run_id": run_id, "at": note.at, "kind": note.kind, "text": note.text}
