"""What a plan begins with: what a daemon that runs knows of its site, or what the call says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from rules.domain import Export, GridStatus, Mode, Part, Setting
from rules.engine import Memory, RuleSet
from rules.errors import PwschedError
from rules.inputs import NO_INPUTS, Inputs
from rules.resolve import Levers

if TYPE_CHECKING:
    from scheduler.cli.chosen_site import Chosen
    from scheduler.config import Config, Site
    from scheduler.domain import HoldRecord, Past


@dataclass(frozen=True, slots=True)
class WantedNow:
    """What a daemon wants at the moment, its reason, and until when that stands at least."""

    setting: Setting
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Start:
    """What is known when a plan begins. `memory` and `past` are those of a daemon that runs.

    `soe` is app percent; `setting` are the parts of which it is known what is set. `told` are
    sentences about all that.
    """

    at: datetime
    soe: float | None = None
    grid: GridStatus = GridStatus.CONNECTED
    setting: Setting = field(default_factory=Setting)
    inputs: Inputs = NO_INPUTS
    levers: Levers | None = None
    memory: Memory | None = None
    hold: HoldRecord | None = None
    wanted: WantedNow | None = None
    past: Past | None = None
    told: tuple[str, ...] = ()


def start_of(chosen: Chosen, rules: RuleSet, now: datetime, *, live: bool) -> Start:
    """What is true of the chosen site at an instant; `live`: as the daemon knows it.

    Where no daemon says so, it is told why. Raises `ConfigProblem`.
    """
    site, place = chosen.site, chosen.config
    if site is None or place is None:
        return Start(now)
    start = Start(now, inputs=_folder(site))
    if not live:
        return start
    from scheduler.config import load_config
    from scheduler.ipc import ask

    settings = load_config(place)
    silent = "no daemon runs"
    try:
        answer = ask(settings, "status", site=site.name)
    except PwschedError as error:
        answer, silent = None, str(error)
    if answer is None:
        return replace(start, told=(f"{silent}: it begins with what the call says",))
    return _live(start, answer["sites"].get(site.name, {}), settings, site, rules)


def with_given(start: Start, inputs: Inputs, soe: float | None, grid: GridStatus | None) -> Start:
    """The same with what the call says in the place of what is there."""
    there = start.inputs
    return replace(
        start,
        soe=start.soe if soe is None else soe,
        wanted=start.wanted if soe is None and grid is None else None,
        grid=start.grid if grid is None else grid,
        inputs=Inputs(
            {**there.flags, **inputs.flags},
            {**there.values, **inputs.values},
            there.prices if inputs.prices is None else inputs.prices,
        ),
    )


def _folder(site: Site) -> Inputs:
    """What is in the input folder; what is wrong with its files is told on stderr."""
    from scheduler.inputs import InputFolder

    return InputFolder(site.inputs).read(lambda text: typer.echo(f"pwsched: {text}", err=True))


def _live(
    start: Start, beat: Mapping[str, Any], settings: Config, site: Site, rules: RuleSet
) -> Start:
    """What the daemon says, and what its journal remembers."""
    from scheduler.cli.status import overridden, owner_in_words

    now, zone = start.at, rules.almanac.zone
    told: list[str] = []
    if beat.get("soe") is None:
        told.append("the daemon does not know the state of energy now")
    if silence := beat.get("silence"):
        told.append(f"the gateway cannot be read: {silence['why']}")
    if override := beat.get("override"):
        told.append(f"override: {overridden(override, now, zone)}")
    hold = beat.get("hold")
    if hold:
        told.append(f"{owner_in_words(hold, now, zone)}; the rules then")
    if beat.get("advising"):
        told.append("advising: nothing is written; this is what would be")
    past, memory, levers = _remembered(settings.journal, site, rules, now, told)
    return replace(
        start,
        soe=beat.get("soe"),
        grid=GridStatus(beat["grid"]) if beat.get("grid") else start.grid,
        setting=_setting(beat),
        levers=levers,
        memory=memory,
        hold=_hold(hold) if hold else None,
        wanted=_wanted(beat),
        past=past,
        told=tuple(told),
    )


def _remembered(
    journal: Path, site: Site, rules: RuleSet, now: datetime, told: list[str]
) -> tuple[Past | None, Memory | None, Levers | None]:
    """What a daemon that began now would go on from; `told` hears what of it is not to be had."""
    from scheduler import control
    from scheduler.control import Terms
    from scheduler.domain import LEVERS, Capabilities, levers_from_json
    from scheduler.journal.sqlite import past_of

    try:
        past = past_of(journal, site.name)
    except PwschedError as error:
        told.append(f"timers and held reserves are not known: {error}")
        return None, None, None
    levers = None
    if LEVERS in past.engine_inputs:
        levers = levers_from_json(past.engine_inputs[LEVERS])
    route = Capabilities(site.login, levers=levers or Levers())
    begun = control.begin(past, Terms(site.safety, site.poll), rules, route, now)
    if past.decision is not None and past.decision.record.rules_hash != rules.digest:
        told.append("these are not the rules in force: they are planned as if they were")
    return past, begun.state.decisions.memory, levers


def _wanted(beat: Mapping[str, Any]) -> WantedNow | None:
    if "wanted" not in beat:
        return None
    until = datetime.fromisoformat(beat["until"])
    return WantedNow(_setting(beat["wanted"]), beat["reason"], until)


def _hold(beat: Mapping[str, Any]) -> HoldRecord:
    from scheduler.domain import HoldKind, HoldRecord

    until = beat["until"]
    return HoldRecord(
        datetime.fromisoformat(beat["since"]),
        HoldKind(beat["word"]),
        _setting(beat["setting"]),
        None if until is None else datetime.fromisoformat(until),
        beat["by"],
    )


def _setting(parts: Mapping[str, Any]) -> Setting:
    mode, reserve = parts.get(Part.MODE), parts.get(Part.RESERVE)
    export = parts.get(Part.EXPORT)
    return Setting(
        None if mode is None else Mode(mode),
        None if reserve is None else round(reserve),
        parts.get(Part.GRID_CHARGING),
        None if export is None else Export(export),
    )
