"""`pwsched status`: what is set, what is wanted and why, and until when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG

if TYPE_CHECKING:
    from rich.table import Table

    from scheduler.config import Config

LATE = 3
"""Polls without a heartbeat after which something is wrong."""

MISSED = 2
"""Polls without a reading after which the gateway counts as silent: one is lost now and then."""


def status(
    *,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    config: CONFIG = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, times in UTC.")] = False,
) -> None:
    """Show the state of every site."""
    from scheduler.clock import SystemClock
    from scheduler.config import find_config, load_config
    from scheduler.ipc import ask

    settings, now = load_config(find_config(config)), SystemClock().now()
    answer = ask(settings, "status", site=site)
    runs = answer is not None
    if answer is None:
        from scheduler.process import offline_status

        answer = offline_status(settings, _names(settings, site))
    for each in answer["sites"].values():
        if each.get("at"):
            alive = datetime.fromisoformat(each.get("alive") or each["at"])
            each["age"] = (now - alive).total_seconds()
    failing = [name for name, each in answer["sites"].items() if runs and not _sound(each, now)]
    if as_json:
        print(json.dumps({"running": runs, **answer}, ensure_ascii=False))
    else:
        _print(answer, runs=runs, now=now)
    if failing or not runs:
        raise typer.Exit(1)


def _names(settings: Config, site: str | None) -> list[str]:
    return [each.name for each in settings.sites] if site is None else [settings.one(site).name]


def _lively(beat: Mapping[str, Any]) -> bool:
    """The loop has ticked or waited for its next tick lately."""
    return "age" not in beat or beat["age"] <= LATE * max(_beats(beat), 20.0)


def _beats(beat: Mapping[str, Any]) -> float:
    """Seconds between two heartbeats."""
    return float(beat.get("beats") or beat["poll"])


def _sound(beat: Mapping[str, Any], now: datetime) -> bool:
    """The loop lives, reads and records."""
    return _lively(beat) and not beat.get("unrecorded") and not _silent(beat, now)


def _silent(beat: Mapping[str, Any], now: datetime) -> bool:
    """Nothing was read for more than a poll or two."""
    silence = beat.get("silence")
    if not silence or not silence["since"]:
        return bool(silence)
    since = datetime.fromisoformat(silence["since"])
    return (now - since).total_seconds() > MISSED * float(beat["poll"])


def _print(answer: Mapping[str, Any], *, runs: bool, now: datetime) -> None:
    from rich.console import Console
    from rich.text import Text

    from scheduler.cli.local_times import in_zone

    console = Console(highlight=False)
    zones = [ZoneInfo(beat["timezone"]) for beat in answer["sites"].values()]
    if runs:
        console.print(f"pwsched {answer['version']} runs, process {answer['pid']}")
    else:
        console.print(Text(in_zone(answer["text"], now, zones[0]) if zones else answer["text"]))
    for name, beat in answer["sites"].items():
        console.print()
        console.print(_table(name, beat, now))


def _table(name: str, beat: Mapping[str, Any], now: datetime) -> Table:
    from rich.table import Table
    from rich.text import Text

    from scheduler.cli.local_times import in_zone

    zone = ZoneInfo(beat["timezone"])
    title = f"{name}, {now.astimezone(zone):%a %H:%M} in {zone.key}"
    table = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for label, text in _lines(beat, now):
        table.add_row(label, Text(in_zone(text, now, zone)))
    return table


def _lines(beat: Mapping[str, Any], now: datetime) -> list[tuple[str, str]]:
    """What is told of a site: a label and a sentence each."""
    zone = ZoneInfo(beat["timezone"])
    lines = _trouble(beat, now, zone)
    if "wanted" in beat:
        lines += [
            ("set", f"{_setting({**beat, **beat['unknown_words']}) or 'unknown'}; {_house(beat)}"),
            ("wanted", _setting(beat["wanted"]) or "nothing"),
            ("why", beat["reason"]),
            ("until", f"{_wall(beat['until'], now, zone)} at least, on these readings"),
        ]
    if stopped := beat.get("stopped_since"):
        lines.append(("battery", f"stopped, seen so since {_wall(stopped, now, zone)}"))
    lines += [("not set yet", _blocker(each, now, zone)) for each in beat.get("blockers", ())]
    hold = beat.get("hold")
    lines.append(("owner", owner_in_words(hold, now, zone) if hold else "the rules decide"))
    if override := beat.get("override"):
        lines.append(("override", overridden(override, now, zone)))
    write = beat.get("last_write")
    lines.append(
        ("last write", f"{_wall(write['at'], now, zone)}: {write['text']}" if write else "none")
    )
    if check := beat.get("rule_check"):
        lines.append(("rules", _check(check, now, zone)))
    lines += [("out of reach", sentence) for sentence in beat.get("out_of_reach", ())]
    if usage := beat.get("usage"):
        lines.append(("usage", used(usage)))
    if beat.get("advising"):
        lines.append(("advising", "nothing is written; the journal shows what would be written"))
    if "age" in beat:
        late = "" if _lively(beat) else ": something is wrong, see the log"
        lines.append(
            ("heartbeat", f"{beat['age']:.0f} s ago, one every {_beats(beat):.0f} s{late}")
        )
    elif "ended" not in beat and not beat.get("unrecorded"):
        lines.append(("heartbeat", "none yet: the first reading of the gateway is not finished"))
    return lines


def _check(check: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    """When the rules were last checked, and what shows what was found."""
    found = check["errors"] or check["warnings"] or not check["until"]
    shown = "; pwsched check shows them"
    return f"{_wall(check['at'], now, zone)}: {check['text']}{shown if found else ''}"


def _trouble(beat: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What cannot be done, since when and why."""
    lines = []
    if silence := beat.get("silence"):
        since = silence["since"]
        when = f"since {_wall(since, now, zone)}" if since else "yet"
        lines.append(("unread", f"nothing was read {when}: {silence['why']}"))
    if unrecorded := beat.get("unrecorded"):
        when = _wall(unrecorded["since"], now, zone)
        lines.append(("unrecorded", f"nothing was recorded since {when}: {unrecorded['why']}"))
    if failed := beat.get("reload_failed"):
        lines.append(("reload", f"failed at {_wall(failed['at'], now, zone)}: {failed['text']}"))
    return lines


def _setting(parts: Mapping[str, Any]) -> str:
    from rules.domain import Part, in_words

    named = [part for part in Part if parts.get(part) is not None]
    return ", ".join(
        in_words(part, round(parts[part]) if part is Part.RESERVE else parts[part])
        for part in named
    )


def _house(beat: Mapping[str, Any]) -> str:
    from rules.domain import GridStatus

    soe = "unknown" if beat["soe"] is None else f"{beat['soe']:.0f} %"
    grid = beat["unknown_words"].get("grid", "unknown")
    if beat["grid"] is not None:
        word = GridStatus(beat["grid"])
        grid = "up" if word.up else "down" if word.down else "in transition"
    return f"energy {soe}, grid {grid}"


def _blocker(blocker: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    from scheduler.control import Blocker
    from scheduler.control.waiting import with_next_attempt

    until = blocker["until"] and datetime.fromisoformat(blocker["until"])
    return with_next_attempt(Blocker(blocker["text"], until), now, zone)


def owner_in_words(hold: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    """A manual hold of a status in a sentence."""
    what = f"{hold['by']} requested {hold['word']} at {_wall(hold['since'], now, zone)}"
    until = f"until {_wall(hold['until'], now, zone)}" if hold["until"] else "until resumed"
    return f"{what}: {_setting(hold['setting'])}, {until}"


def overridden(override: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> str:
    """An override of a status in a sentence."""
    who = "Storm Watch, it seems," if override["storm"] else "somebody else"
    what = f"{who} set {_setting(override['found'])} at {_wall(override['since'], now, zone)}"
    return f"{what}; respected until {_wall(override['until'], now, zone)} at the latest"


def used(usage: Mapping[str, Any]) -> str:
    """What a metered route has used, by days and months of UTC, in a sentence."""
    today = _counted(usage["requests_today"], usage["commands_today"])
    month = _counted(usage["requests_this_month"], usage["commands_this_month"])
    dollars = f"{usage['dollars']:.2f} of {usage['allowance']:g} dollars"
    return f"{today} today, {month} this month (UTC): {dollars}; {usage['state']}"


def _counted(requests: int, commands: int) -> str:
    return (
        f"{requests} request{'' if requests == 1 else 's'} and "
        f"{commands} command{'' if commands == 1 else 's'}"
    )


def _wall(instant: str, now: datetime, zone: ZoneInfo) -> str:
    from scheduler.control.hold import on_the_wall

    return on_the_wall(datetime.fromisoformat(instant), now, zone)
