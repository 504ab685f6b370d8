"""What a row of the journal says, as a sentence for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rules.domain import GridStatus, Mode, Setting
from scheduler.domain import Outcome

Row = Mapping[str, Any]

_HASH_SHOWN = 12
_OUTCOMES = {
    Outcome.HELD: "wrote {setting}: held",
    Outcome.REFUSED: "tried {setting}: refused",
    Outcome.MISMATCH: "wrote {setting}: the gateway reports something else",
    Outcome.UNREACHABLE: "tried {setting}: the gateway could not be reached",
    Outcome.SUPERSEDED: "gave up {setting}: superseded",
    Outcome.WOULD: "would have written {setting}",
    Outcome.RECOVERED_APPLIED: "after a restart: {setting} had been applied",
    Outcome.RECOVERED_NOT_APPLIED: "after a restart: {setting} had not been applied",
}
_TIMED_OUTCOMES = (Outcome.HELD, Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE)


def run(row: Row) -> str:
    """A start."""
    how = " as a dry run" if row["dry_run"] else ""
    return f"pwsched {row['version']} started{how}, rules {row['rules_hash'][:_HASH_SHOWN]}"


def run_end(row: Row) -> str:
    """An orderly end."""
    return f"stopped: {row['reason']}"


def observation(row: Row) -> str:
    """What one poll found; what is missing is left out."""
    parts = []
    if row["soe"] is not None:
        parts.append(f"SOE {row['soe']:.1f} %")
    if row["grid"] is not None:
        parts.append(f"grid {_grid(GridStatus(row['grid']))}")
    parts += [
        f"{name} {row[column]:.0f} W"
        for name, column in (
            ("site", "site_power"),
            ("battery", "battery_power"),
            ("home", "load_power"),
            ("solar", "solar_power"),
        )
        if row[column] is not None
    ]
    if row["mode"] is not None:
        parts.append(row["mode"])
    if row["reserve"] is not None:
        parts.append(f"reserve {row['reserve']:.0f} %")
    if row["running"] is False:
        parts.append("battery stopped")
    if row["grid_services"]:
        parts.append("grid services")
    return ", ".join(parts) or "nothing usable"


def decision(row: Row) -> str:
    """What was decided: its reason names the setting and the rules that won it."""
    return f"decided: {row['reason']}"


def intent(row: Row) -> str:
    """A write before it was made."""
    verb = "would write" if row["would"] else "writing"
    was = ""
    if row["previous_mode"] is not None:
        was = f" instead of {Setting(Mode(row['previous_mode']), row['previous_reserve'])}"
    return f"{verb} {_wanted(row)}{was}, because of {row['cause']}"


def sent(row: Row) -> str:
    """The write left."""
    return f"sent {_wanted(row)}"


def outcome(row: Row) -> str:
    """What became of a write."""
    word = Outcome(row["outcome"])
    said = _OUTCOMES[word].format(setting=_wanted(row))
    took = row["at"] - row["intended_at"]
    if word in _TIMED_OUTCOMES and took >= timedelta(0):
        said += f" after {_length(took)}"
    # A held write says how long it took already.
    return f"{said}: {row['detail']}" if row["detail"] and word is not Outcome.HELD else said


def effect(row: Row) -> str:
    """What the power flows showed of a write."""
    return f"effect of {_wanted(row)} {row['effect']}: {row['detail']}"


def override(row: Row) -> str:
    """Somebody else's change."""
    return f"override {row['state']}: {row['detail']}"


def hold(row: Row) -> str:
    """The owner's word."""
    until = f" until {row['until']:%Y-%m-%d %H:%M} UTC" if row["until"] else ""
    setting = Setting(Mode(row["mode"]) if row["mode"] else None, row["reserve"])
    what = f" {setting}" if not setting.empty else ""
    return f"{row['by']} said {row['word']}{what}{until}"


def capability(row: Row) -> str:
    """What the route allows."""
    may = {True: "may write", False: "may not write"}.get(
        row["may_write"], "is not known yet to be allowed to write"
    )
    return f"firmware {row['firmware'] or 'unknown'}: the {row['login']} login {may}"


def event(row: Row) -> str:
    """An occurrence of an event rule."""
    due = f"{row['scheduled_at']:%Y-%m-%d %H:%M} UTC"
    return f'{row["state"]} "{row["rule"]}": {row["action"]}, due {due}'


def firmware_check(row: Row) -> str:
    """How a firmware check ended."""
    version = f" ({row['version']})" if row["version"] else ""
    said = f"firmware check: {row['result']}{version}"
    return f"{said}: {row['detail']}" if row["detail"] else said


def note(row: Row) -> str:
    """Anything else."""
    return f"{row['kind']}: {row['text']}"


def gap(row: Row) -> str:
    """Rows were lost."""
    since = (
        "in all the time before"
        if row["since"] is None
        else f"since {row['since']:%Y-%m-%d %H:%M} UTC"
    )
    return f"nothing is known of what happened {since}: {row['reason']}"


def seal(row: Row) -> str:
    """A stretch of the stream was sealed, or what thinning left of it."""
    word = "sealed" if row["replaces"] is None else "thinned and sealed again"
    return f"{word} {row['count']} readings, rows {row['first']} to {row['last']}"


def _wanted(row: Row) -> Setting:
    return Setting(Mode(row["wanted_mode"]), row["wanted_reserve"])


def _grid(status: GridStatus) -> str:
    if status.up:
        return "up"
    return "down" if status.down else "in transition"


def _length(took: timedelta) -> str:
    seconds = round(took.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
