"""What event rules start: notifications, firmware checks, installations; and the watchdog.

An occurrence is recorded in the step that acts on it, so it is never acted on twice. A firmware
check that an earlier run began and did not end is begun again: it is done at least once. An
installation that it requested is waited out, and not requested again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rules.domain import Observation
from rules.engine import Action, EventRule, Happened, Occurrence
from rules.inputs import Inputs
from scheduler.control import firmware, watchdog
from scheduler.control.actions import InstallFirmware, LeaveBattery, RunBattery
from scheduler.control.draft import Draft
from scheduler.control.events import (
    BatteryRunRequested,
    CheckStarted,
    FailureKind,
    FirmwareRead,
    InstallRequested,
)
from scheduler.control.firmware import FirmwareCheck, Installation, Job
from scheduler.control.installing import next_dearer, objections
from scheduler.domain import EventRecord, FirmwareCheckRecord, FirmwareState, NoteKind


def act_on(draft: Draft, occurrences: Sequence[Occurrence]) -> None:
    """Record each occurrence, and take on what those that fired request."""
    for occurrence in occurrences:
        if (occurrence.rule, occurrence.scheduled_at) in draft.occurred:
            continue
        event_id = draft.record(
            EventRecord(
                draft.at,
                occurrence.rule,
                occurrence.scheduled_at,
                occurrence.action,
                occurrence.happened,
            )
        )
        event = draft.decisions.plan.event(occurrence.rule)
        if event is None or occurrence.happened is Happened.MISSED:
            continue
        if event.action is Action.NOTIFY:
            draft.note(NoteKind.NOTIFICATION, event.message)
        else:
            _begin_check(draft, event, event_id)


def advance(draft: Draft) -> None:
    """Take the firmware check, or the installation that follows, a step further."""
    if draft.job.due(draft.at):
        draft.job, request = firmware.begin(draft.job, draft.at)
        draft.act(request)


def check_started(draft: Draft, event: CheckStarted) -> None:
    """The gateway was requested to look for an update."""
    check = draft.job.check
    if check is not None:
        _go_on(draft, firmware.started(check, event))


def firmware_read(draft: Draft, event: FirmwareRead) -> None:
    """The gateway has reported how its update stands."""
    job, observation = draft.job, draft.observation
    if job.installation is not None:
        running = None if observation is None else observation.running
        record = firmware.read_installing(job.installation, event, running=running)
        if record is not None:
            _end(draft, record, job.installation.rule)
    elif job.check is not None:
        _go_on(draft, firmware.read(job.check, event))


def install_asked(draft: Draft, event: InstallRequested) -> None:
    """Installing what is staged was requested; whether it began shows in what follows."""
    installation, failure = draft.job.installation, event.failure
    if installation is None or failure is None or failure.kind is FailureKind.UNCERTAIN:
        return
    not_permitted = failure.kind is FailureKind.NOT_PERMITTED
    result = firmware.NOT_PERMITTED if not_permitted else firmware.NOT_INSTALLED
    staged = draft.job.staged
    version = staged.version if staged else None
    raw = staged.state_raw if staged else ""
    record = FirmwareCheckRecord(
        draft.at, installation.event_id, result, raw, version, f"staged: {failure.text}"
    )
    _end(draft, record, installation.rule)


def watch_battery(draft: Draft, observation: Observation) -> None:
    """Notice whether the battery runs, and ask it to where that is due."""
    may_ask = not draft.job.on_its_way and not draft.terms.dry_run
    watched = watchdog.check(draft.watchdog, draft.at, running=observation.running, may_ask=may_ask)
    draft.watchdog = watched.watchdog
    for note in watched.notes:
        draft.record(note)
    if watched.ask:
        draft.act(RunBattery())


def battery_asked(draft: Draft, event: BatteryRunRequested) -> None:
    """The stopped battery was requested to run."""
    if event.failure is not None:
        draft.note(NoteKind.BATTERY_RUN_FAILED, event.failure.text)


def _begin_check(draft: Draft, event: EventRule, event_id: int) -> None:
    if draft.terms.dry_run:
        instead = ("would", "dry run: no check was asked for")
    elif draft.job.on_its_way:
        instead = ("joined", "another check was on its way already")
    elif not draft.capabilities.may_check_firmware:
        # Reported when it was found out; another request would only repeat it.
        said = "not asked for: this login may not, by an earlier answer"
        instead = (firmware.NOT_PERMITTED, said)
    else:
        draft.job = Job(FirmwareCheck(event_id, event.name, draft.at))
        return
    result, why = instead
    draft.record(FirmwareCheckRecord(draft.at, event_id, result, "", None, why))


def _go_on(draft: Draft, after: FirmwareCheck | FirmwareCheckRecord) -> None:
    if isinstance(after, FirmwareCheck):
        draft.job = replace(draft.job, check=after)
        return
    check = draft.job.check
    rule = "" if check is None else check.rule
    event = draft.decisions.plan.event(rule)
    if after.result == FirmwareState.STAGED and event is not None and event.install:
        _install(draft, after, rule)
    else:
        _end(draft, after, rule)


def _install(draft: Draft, staged: FirmwareCheckRecord, rule: str) -> None:
    blockers = _install_objections(draft, draft.inputs)
    if blockers:
        text = f"staged, not installed: {'; '.join(blockers)}"
        _end(draft, replace(staged, detail=text), rule)
        return
    text = "asking the gateway to install the staged update; the battery stands meanwhile"
    draft.note(NoteKind.FIRMWARE_INSTALL, text)
    now, before = draft.at, draft.capabilities.firmware
    event_id = staged.event_id or 0
    installation = Installation(event_id, rule, now, before, now + firmware.READ_EVERY)
    draft.job = Job(staged=staged, installation=installation)
    draft.act(LeaveBattery(firmware.LONGEST_INSTALL.total_seconds()))
    draft.act(InstallFirmware())


def _install_objections(draft: Draft, inputs: Inputs) -> tuple[str, ...]:
    observation = draft.observation
    if observation is None:
        return ("nothing was read yet",)
    dearer = next_dearer(draft.decisions.plan.rules.almanac.tariff, inputs, draft.at)
    overridden = draft.ownership.objection
    return objections(draft.grid_up_since, observation, overridden, dearer, draft.at)


def _end(draft: Draft, record: FirmwareCheckRecord, rule: str) -> None:
    draft.job = Job()
    draft.act(LeaveBattery(0.0))
    draft.record(record)
    event = draft.decisions.plan.event(rule)
    if event is not None and event.or_notify and record.result not in firmware.GOOD_ENDS:
        text = f"{event.name}: {record.result}, {record.detail}"
        draft.note(NoteKind.NOTIFICATION, text)
