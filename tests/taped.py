"""Plays what a recorded daemon read to the controller, and compares what both came to.

The recordings are those of `tests/oracle`; its README tells what is in them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Part, Quantity, Setting
from rules.engine import RuleSet
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot
from rules.language import load_rules
from rules.resolve import Levers
from scheduler import control
from scheduler.control import Failure, FailureKind, State, Terms, actions, events
from scheduler.control.events import Event
from scheduler.domain import (
    Capabilities,
    DecisionRecord,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    FirmwareState,
    FirmwareStatus,
    HoldRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    OutcomeRecord,
    OverrideRecord,
    ReloadRecord,
    Row,
    RunEnd,
    RunStart,
    Safety,
    SentRecord,
)
from scheduler.journal import MemoryJournal

ORACLE = Path(__file__).parent / "oracle"
HOUSE = "home"
CALLS = {
    "connect", "asked", "applied", "wrote_back", "assumed", "ran_battery", "left_battery",
    "check_started", "firmware_status", "install",
}  # fmt: skip
FAILURES = {
    "WriteUncertain": FailureKind.UNCERTAIN,
    "NotPermitted": FailureKind.NOT_PERMITTED,
    "Refused": FailureKind.REFUSED,
}
ASIDE = {"row", "heard", "inputs", "objected", "ticked", "broken_off"}
"""What stands between calls without being one."""

REWORDED = {
    "by the owner's word": "by manual hold",
    "until taken back": "until resumed",
    " said resume": " requested resume",
    "; looking again": "; reading it again",
    "a word that insists": "a hold that insists",
    "respected long enough": "the hold time ended",
    "it is written over, by a rule or a hold that insists": "overruled by a rule or a manual hold",
    "reads back, twice, but it does not show": "read back twice, but has no effect",
    "the log says what would be.": "the journal shows what would be written.",
    "Ways out: the installer login on firmware before 1.50, or a signed route": (
        "Way out: the installer login on firmware before 1.50; on later firmware"
        ' route = "fleet" or "v1r" in pwsched.toml'
    ),
    "its verdict is kept until": "the rule stays active until",
    "to take hold)": "to become active)",
}
"""What the daemon said otherwise: the recordings stay as they are, the comparison knows both."""

LEFT = re.compile(r"was left only at (\d\d:\d\d) UTC")
LEFT_NOW = r"was left at \1 UTC, less than 15 minutes ago"
"""The same of the dwell time, which is a quarter of an hour in every recording."""

ALWAYS = re.compile(r": (?=;|$)")
"""The reason of a rule without a clause ended here."""
WRITES = re.compile(r"\b(\d+) writes in the last (hour|day)")
CAPS = {"5": "5 of 6", "6": "6 of 6", "24": "24 of 24"}
"""The same of the caps, which are 6 and 24 in every recording."""

Said = Mapping[str, Any]


class Differs(AssertionError):
    """The controller wants something else than the daemon did."""


class Killed(Exception):
    """The process died inside a call."""


def reworded(sentence: str) -> str:
    """A recorded sentence as it is said now."""
    for old, new in REWORDED.items():
        sentence = sentence.replace(old, new)
    sentence = WRITES.sub(lambda found: f"{CAPS[found[1]]} writes in the last {found[2]}", sentence)
    return ALWAYS.sub(": always", LEFT.sub(LEFT_NOW, sentence))


def load(name: str) -> dict[str, Any]:
    with gzip.open(ORACLE / f"{name}.json.gz", "rt", encoding="utf-8") as file:
        loaded: dict[str, Any] = json.load(file)
    return loaded


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in ORACLE.glob("*.json.gz"))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def capabilities_of(said: Said) -> Capabilities:
    levers = said["levers"]
    modes = frozenset(map(Mode, levers["modes"]))
    return Capabilities(**{**said, "levers": Levers(modes, levers["reserve_ceiling"])})


def observation_of(said: Said) -> Observation:
    values = dict(said)
    known: dict[str, Any] = {
        "at": instant(values.pop("at")),
        "earlier": {Quantity(q): instant(at) for q, at in values.pop("earlier").items()},
    }
    for name, make in (
        ("grid", GridStatus),
        ("mode", Mode),
        ("soe", AppPercent),
        ("reserve", AppPercent),
    ):
        if values.get(name) is not None:
            known[name] = make(values.pop(name))
    return Observation(**known, **values)


def inputs_of(said: Said) -> Inputs:
    prices = said["prices"]
    return Inputs(
        {name: at and instant(at) for name, at in said["flags"].items()},
        {
            name: DatedValue(each["value"], instant(each["at"]))
            for name, each in said["values"].items()
        },
        None
        if prices is None
        else PriceSeries([PriceSlot(instant(a), instant(b), *rates) for a, b, *rates in prices]),
    )


def setting_of(said: Said | None) -> Setting | None:
    if said is None:
        return None
    mode, export = said.get("mode"), said.get("export")
    return Setting(
        mode and Mode(mode),
        said.get("reserve"),
        said.get("grid_charging"),
        export and Export(export),
    )


def failure_of(said: Said | None) -> Failure | None:
    if said is None:
        return None
    return Failure(FAILURES.get(said["problem"], FailureKind.UNREACHABLE), said["text"])


def terms_of(site: Said, *, dry_run: bool) -> Terms:
    safety = site["safety"]
    safe = setting_of(safety["safe"])
    assert safe is not None
    return Terms(
        Safety(
            safety["reserve_floor"],
            safe,
            safety["writes_an_hour"],
            safety["writes_a_day"],
            timedelta(seconds=safety["dwell"]),
            timedelta(seconds=safety["hold_max"]),
        ),
        timedelta(seconds=site["poll"]),
        dry_run,
        "1.2.0",
        "boot:1",
    )


@dataclass
class Player:
    """Plays one tape. What it finds different is in `differences`, by where it was."""

    tape: Said
    folder: Path
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    through_json: bool = False
    rows: list[Row] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._events: list[Said] = list(self.tape["events"])
        self._place = 0
        self._began = 0.0
        self._state: State | None = None
        self._inputs = NO_INPUTS
        self._heard: list[tuple[NoteKind, str]] = []
        self._rules: RuleSet | None = None

    @property
    def state(self) -> State:
        assert self._state is not None
        return self._state

    async def play(self) -> None:
        while self._place < len(self._events):
            event = self._events[self._place]
            self._place += 1
            try:
                await self._follow(event)
            except Killed:
                self._state = None

    async def _follow(self, event: Said) -> None:
        at = instant(event["now"])
        match event["e"]:
            case "run":
                await self._begin(event, at)
            case "woke":
                self._began = event["mono"]
                await self._take(events.Woke(at, event["mono"]))
            case "ticked":
                self._compare_tick(event, at)
            case "hold":
                wish = event["wish"]
                mode = wish["mode"] and Mode(wish["mode"])
                times = {"until": wish["until"], "lasting": wish["lasting"]}
                hold = events.Hold(at, wish["by"], mode, wish["reserve"], **times)
                await self._take(hold)
            case "release":
                await self._take(events.Release(at, event["by"]))
            case "resume":
                await self._take(events.Resume(at, event["by"]))
            case "reload" if event["rules"] is None:
                await self._take(events.ReloadFailed(at, event["problem"]))
            case "reload":
                await self._take(events.Reloaded(at, self._load(event["rules"])))
            case "stop":
                await self._take(events.Stopped(at, event["reason"]))
                self._state = None
            case "killed" | "failed":
                self._state = None
            case "heard" | "inputs" | "objected" | "row" | "waited" | "broken_off":
                self._aside(event)
            case other if other in CALLS:
                raise Differs(f"{event['now']}: the daemon made a call here: {other}")
            case other:
                raise Differs(f"nobody can play {other!r}")

    async def _begin(self, event: Said, at: datetime) -> None:
        terms = terms_of(self.tape["site"], dry_run=event["dry_run"])
        past = await self.journal.past(HOUSE)
        rules, found = self._load(event["rules"]), capabilities_of(event["capabilities"])
        step = control.begin(past, terms, rules, found, at)
        self._state, self._inputs = step.state, NO_INPUTS
        self._heard.clear()
        for action in step.actions:
            self._answer(action, at)
        connect = self._next_call("connect")
        failure = failure_of(connect["answer"])
        if failure is not None and step.state.read_at is None:
            self._state = None
            return
        found = capabilities_of(connect["capabilities"])
        await self._take(events.Connected(at, found, failure))

    def _load(self, files: Mapping[str, str]) -> RuleSet:
        paths = []
        for name, text in files.items():
            path = self.folder / name
            path.write_text(text, encoding="utf-8")
            paths.append(path)
        return load_rules(paths)

    async def _take(self, event: Event) -> None:
        """Take the controller as far as it goes, with the tape's answers to what it wants."""
        waiting = deque([event])
        while waiting:
            event = waiting.popleft()
            await self._commit(event, waiting)
            if self._heard and not waiting:
                waiting.append(events.Reported(event.at, tuple(self._heard)))
                self._heard.clear()

    async def _commit(self, event: Event, waiting: deque[Event]) -> None:
        step = control.step(self.state, event)
        await self.journal.commit(HOUSE, step.rows)
        self.rows += step.rows
        self._state = self._round_trip(step.state)
        for action in step.actions:
            result = self._answer(action, event.at)
            if result is not None:
                waiting.append(result)

    def _round_trip(self, state: State) -> State:
        if not self.through_json:
            return state
        from scheduler.control.codec import from_json, to_json

        said = json.loads(json.dumps(to_json(state)))
        again = from_json(said, state.terms, state.decisions.plan.rules)
        assert again == state
        assert to_json(again) == said
        return again

    def _answer(self, action: control.Action, at: datetime) -> Event | None:
        match action:
            case actions.Observe():
                return self._seen(action, at)
            case actions.Apply():
                call = self._next_call("applied")
                if setting_of(call["setting"]) != action.setting:
                    raise Differs(f"{call['now']}: wants {action.setting}, was {call['setting']}")
                return self._written(call, at)
            case actions.WriteBack():
                return self._written(self._next_call("wrote_back"), at)
            case actions.RunBattery():
                return events.BatteryRunRequested(
                    at, failure_of(self._next_call("ran_battery")["problem"])
                )
            case actions.CheckFirmware():
                call = self._next_call("check_started")
                return events.CheckStarted(at, failure_of(call["problem"]))
            case actions.ReadFirmware():
                call, status = self._next_call("firmware_status"), None
                if call["status"] is not None:
                    said = call["status"]
                    state = FirmwareState(said["state"])
                    status = FirmwareStatus(state, said["version"], said["raw"])
                found = capabilities_of(call["capabilities"])
                return events.FirmwareRead(at, status, found, failure_of(call["problem"]))
            case actions.InstallFirmware():
                call = self._next_call("install")
                found = capabilities_of(call["capabilities"])
                return events.InstallRequested(at, found, failure_of(call["problem"]))
            case actions.Assume():
                assert self._next_call("assumed")["may_write"] is action.may_write
            case actions.LeaveBattery():
                self._next_call("left_battery")
        return None

    def _seen(self, action: actions.Observe, at: datetime) -> events.Seen:
        call = self._next_call("asked")
        asked = {endpoint.value for endpoint in action.endpoints}
        if asked != set(call["parts"]):
            raise Differs(f"{call['now']}: asks for {sorted(asked)}, was {call['parts']}")
        while self._place < len(self._events) and self._peek()["e"] in {"inputs", "objected"}:
            self._aside(self._peek())
            self._place += 1
        failure = failure_of(call["problem"])
        observation = Observation(at) if failure else observation_of(call["observation"])
        found = capabilities_of(call["capabilities"])
        known = self.state.capabilities
        found = known if found == known else found
        return events.Seen(at, action.endpoints, observation, found, failure, self._inputs)

    def _written(self, call: Said, at: datetime) -> events.Written:
        found = capabilities_of(call["capabilities"])
        return events.Written(at, instant(call["done"]), found, failure_of(call["problem"]))

    def _peek(self) -> Said:
        return self._events[self._place]

    def _next_call(self, kind: str) -> Said:
        while self._place < len(self._events):
            event = self._peek()
            if event["e"] not in ASIDE - {"ticked"}:
                break
            self._place += 1
            self._aside(event)
        else:
            raise Differs(f"wants {kind} after the end")
        if event["e"] == "killed":
            raise Killed
        if event["e"] != kind:
            raise Differs(f"{event['now']}: wants {kind}, but then came {event['e']}")
        self._place += 1
        if event.get("cut"):
            raise Killed
        return event

    def _aside(self, event: Said) -> None:
        match event["e"]:
            case "heard":
                self._heard.append((NoteKind(event["kind"]), event["text"]))
            case "objected":
                self._heard.append((NoteKind.INPUT_UNUSABLE, event["text"]))
            case "inputs":
                self._inputs = inputs_of(event)

    def _compare_tick(self, event: Said, at: datetime) -> None:
        state = self.state
        last, wake = state.decisions.last, control.next_wake(state, at)
        assert last is not None
        respected = None if state.advising else state.ownership.override
        soonest = wake.poll if wake.soonest is None else (wake.soonest - at).total_seconds()
        got = {
            "setting": last.setting,
            "advising": state.advising,
            "shadow": state.shadow,
            "respected": respected and respected.found,
        }
        if event["mono"] == self._began:  # no call has taken time
            got["wait"] = max(0.0, min(wake.poll, soonest))
        was = {
            "setting": setting_of(event["setting"]),
            "advising": event["advising"],
            "shadow": setting_of(event["shadow"]),
            "respected": setting_of(event["respected"]),
            "wait": event["wait"],
        }
        for key, value in got.items():
            if value != was[key]:
                self.differences.append(f"{event['now']}: {key} is {value}, was {was[key]}")


def recorded(tape: Said, table: str) -> list[dict[str, Any]]:
    """The rows of a table as the daemon wrote them, without numbers."""
    rows = [dict(row) for row in tape["rows"].get(table, [])]
    for row in rows:
        for key in ("id", "site", "run_id", "decision_id", "intent_id", "event_id"):
            row.pop(key, None)
        if row.get("at"):
            row["at"] = instant(row["at"])
        for key in ("detail", "reason", "text"):
            if row.get(key):
                row[key] = reworded(row[key])
    return rows


def made(rows: list[Row], table: str) -> list[dict[str, Any]]:
    """The same of what the controller wrote."""
    found = (_neutral(row.record) for row in rows)
    return [values for name, values in found if name == table]


def _neutral(record: object) -> tuple[str, dict[str, Any]]:
    match record:
        case RunStart():
            run = {"version": record.version, "process": record.process, "dry_run": record.dry_run}
            return "run", {"at": record.at, **run, "rules_hash": record.rules_hash}
        case RunEnd():
            return "run_end", {"at": record.at, "reason": record.reason}
        case DecisionRecord():
            return "decision", {
                "at": record.at,
                **_parts(record.setting, ""),
                "grid_charging": record.setting.grid_charging,
                "export": record.setting.export,
                "winners": {part.value: name for part, name in record.winners.items()},
                "rules_hash": record.rules_hash,
                "reason": record.reason,
                "memory": record.memory,
                "cause": record.cause.value,
            }
        case IntentRecord():
            return "intent", {
                "at": record.at,
                **_parts(record.previous, "previous_"),
                **_parts(record.wanted, "wanted_"),
                "cause": record.cause.value,
                "reason": record.reason,
                "would": record.would,
            }
        case SentRecord():
            return "intent_sent", {"at": record.at}
        case OutcomeRecord():
            outcome = {"outcome": record.outcome.value, "detail": record.detail}
            return "outcome", {"at": record.at, **outcome}
        case EffectRecord():
            return "effect", {
                "at": record.at,
                "effect": record.effect.value,
                "detail": record.detail,
            }
        case OverrideRecord():
            return "override", {
                "at": record.at,
                "state": record.state.value,
                **_parts(record.ours, "ours_"),
                **_parts(record.found, "found_"),
                "until": record.until,
                "detail": record.detail,
            }
        case HoldRecord():
            said = {"word": record.word.value, "until": record.until, "by": record.by}
            return "hold", {"at": record.at, **_parts(record.setting, ""), **said}
        case EventRecord():
            what = {"rule": record.rule, "scheduled_at": record.scheduled_at}
            how = {"action": record.action.value, "state": record.state.value}
            return "event", {"at": record.at, **what, **how}
        case FirmwareCheckRecord():
            return "firmware_check", {
                "at": record.at,
                "result": record.result,
                "state_raw": record.state_raw,
                "version": record.version,
                "detail": record.detail,
            }
        case ReloadRecord():
            text = f"{RELOADED}{record.rules_hash[:12]}"
            return "note", {"at": record.at, "kind": "reloaded", "text": text}
        case NoteRecord():
            text, _, _ = record.text.partition("; nothing was read since ")
            return "note", {"at": record.at, "kind": record.kind.value, "text": text}
    return "", {}


def _parts(setting: Setting, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}mode": None if setting.mode is None else setting.mode.value,
        f"{prefix}reserve": setting.reserve,
    }


TABLES = (
    "run", "run_end", "decision", "intent", "intent_sent", "outcome", "effect", "override", "hold",
    "event", "firmware_check", "note",
)  # fmt: skip


def _by_instant(row: Said) -> tuple[datetime, str, str]:
    return row["at"], row["kind"], row["text"]


TIMES = ("until", "scheduled_at")


RELOADED = "new rules are in force: "


def _number_rules(tables: Mapping[str, list[Said]]) -> None:
    """Name rule sets by their turn: their hashes change with the shipped tariffs' files."""
    known: dict[str, int] = {}
    every = (row for rows in tables.values() for row in rows)
    for row in sorted(every, key=itemgetter("at")):
        if (digest := row.get("rules_hash")) is not None:
            row["rules_hash"] = known.setdefault(digest[:12], len(known))
        elif row.get("text", "").startswith(RELOADED):
            digest = row["text"].removeprefix(RELOADED)
            row["text"] = f"{RELOADED}{known.setdefault(digest, len(known))}"


def compare(tape: Said, rows: list[Row]) -> list[str]:
    """Each difference between what the daemon and the controller journaled, as a sentence."""
    found = []
    before = {table: recorded(tape, table) for table in TABLES}
    after = {table: made(rows, table) for table in TABLES}
    _number_rules(before)
    _number_rules(after)
    for table in TABLES:
        was, now = before[table], after[table]
        if table == "note":  # in another order within a tick, and what is out of reach is told
            was.sort(key=_by_instant)
            now = [row for row in now if row["kind"] != "out_of_reach"]
            now.sort(key=_by_instant)
        for row in was:
            for key in TIMES:
                if row.get(key) is not None:
                    row[key] = instant(row[key])
        for number, (old, new) in enumerate(zip(was, now, strict=False)):
            if old != new:
                keys = [key for key in {*old, *new} if old.get(key) != new.get(key)]
                texts = "; ".join(f"{key}: {old.get(key)!r} -> {new.get(key)!r}" for key in keys)
                found.append(f"{table} {number} at {old['at']}: {texts}")
        found += [f"{table}: missing {old}" for old in was[len(now) :]]
        found += [f"{table}: added {new}" for new in now[len(was) :]]
    return found


__all__ = ["Part", "Player", "compare", "load", "names"]
