"""The text of a test that shows what was found: a history of looks, and what is so at its end.

A test that is written so is read back to the same observations at the same instants: the controller
looks at the points and nowhere else, and every value is said, missing ones too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Protocol
from zoneinfo import ZoneInfo

from rules.domain import GridStatus, Observation, Part, Setting
from rules.engine import RuleState
from rules.inputs import Inputs, PriceSeries, PriceSlot
from rules.testing.house_model import UNKNOWN
from rules.testing.times import written_time

_GRID = {GridStatus.CONNECTED: "up", GridStatus.ISLANDED: "down"}
_SECONDS = 9999
"""The longest duration that can be written in seconds."""


class Look(Protocol):
    """What is seen at one instant: the observation, and what comes from outside."""

    @property
    def observation(self) -> Observation: ...
    @property
    def inputs(self) -> Inputs: ...


def rule_tests_text(
    rules: Iterable[str], tests: Iterable[str], *, note: str = "", reserve_floor: int = 0
) -> str:
    """The text of a test file about these rule files, from the texts of its tests.

    `note` becomes a comment at its top.
    """
    head = [f"# {line}".rstrip() for line in note.splitlines()]
    head.append(f"rules = [{', '.join(map(_text, rules))}]")
    if reserve_floor:
        head.append(f"reserve_floor = {reserve_floor}")
    return "\n\n".join(["\n".join(head), *(test.rstrip("\n") for test in tests)]) + "\n"


def rule_test_text(
    name: str,
    looks: Sequence[Look],
    zone: ZoneInfo,
    *,
    active: Sequence[str] = (),
    setting: Setting | None = None,
    winners: Mapping[Part, str] | None = None,
    states: Mapping[str, RuleState] | None = None,
) -> str:
    """The text of one test: what is seen, look by look, and what is expected at the last one.

    `active` are rules that are active, `setting` is what the rules want, as far as it is said,
    `winners` who wins its parts. `zone` is that of the rules.
    """
    first, last = looks[0].observation.at, looks[-1].observation.at
    lines = [
        "[[test]]",
        f"name  = {_text(name)}",
        f'start = "{written_time(first, zone)}"',
        f'end   = "{written_time(last + timedelta(minutes=1), zone)}"',
        'step  = "points"',
        f"given = {_table(_values(looks[0], zone))}",
    ]
    if len(looks) > 1:
        lines.append("then  = [")
        for before, look in pairwise(looks):
            said = {"at": _text(written_time(look.observation.at, zone))}
            lines.append(f"  {_table(said | _changed(before, look, zone))},")
        lines.append("]")
    lines += ["", "[[test.expect]]", f'at = "{written_time(last, zone)}"']
    if active:
        lines.append(f"active = [{', '.join(map(_text, active))}]")
    if setting is not None:
        lines.append(f"wanted = {_table(_setting(setting))}")
    if winners:
        lines.append(f"winner = {_table({part.value: _text(by) for part, by in winners.items()})}")
    if states:
        told = {_text(rule): _text(state.value) for rule, state in states.items()}
        lines.append(f"state = {_table(told)}")
    return "\n".join(lines) + "\n"


def _changed(before: Look, look: Look, zone: ZoneInfo) -> dict[str, str]:
    """What is otherwise than at the look before. What is no longer there is said to be gone."""
    old, new = _values(before, zone), _values(look, zone)
    for key, word, kept in (
        ("flags", "false", before.inputs.flags.keys() - look.inputs.flags.keys()),
        ("inputs", _text(UNKNOWN), before.inputs.values.keys() - look.inputs.values.keys()),
    ):
        if kept:
            gone = _table(dict.fromkeys(sorted(kept), word))
            new[key] = f"{new[key][:-2]}, {gone[2:]}" if key in new else gone
    if "prices" in old:
        new.setdefault("prices", "[]")
    return {key: text for key, text in new.items() if old.get(key) != text}


def _values(look: Look, zone: ZoneInfo) -> dict[str, str]:
    """All that is seen, as the keys and values of a table."""
    seen, inputs = look.observation, look.inputs
    services = seen.grid_services
    found = {
        "soe": _number(seen.soe),
        "grid": _text(UNKNOWN if seen.grid is None else _GRID.get(seen.grid, seen.grid.value)),
        "grid_services": _text(UNKNOWN) if services is None else _truth(services),
        "load": _number(seen.load_power),
        "solar": _number(seen.solar_power),
        **_power("discharging", "charging", seen.battery_power),
        **_power("import", "export", seen.site_power),
    }
    setting = Setting(
        seen.mode,
        None if seen.reserve is None else round(seen.reserve),
        seen.grid_charging,
        seen.export,
    )
    if not setting.empty:
        found["setting"] = _table(_setting(setting))
    if inputs.flags:
        flags = {
            name: "true" if until is None else _text(written_time(until, zone))
            for name, until in inputs.flags.items()
        }
        found["flags"] = _table(flags)
    if inputs.values:
        values = {
            name: _table({"value": _number(dated.value), "at": _text(written_time(dated.at, zone))})
            for name, dated in inputs.values.items()
        }
        found["inputs"] = _table(values)
    if inputs.prices is not None:
        found["prices"] = f"[{', '.join(_prices(inputs.prices, zone))}]"
    return found


def _prices(series: PriceSeries, zone: ZoneInfo) -> Iterator[str]:
    """The slots as tables; those of one length that follow each other in one."""
    runs: list[list[PriceSlot]] = []
    for slot in series.slots:
        last = runs[-1][-1] if runs else None
        length = slot.end - slot.start
        if last is not None and last.end == slot.start and last.end - last.start == length:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    for run in runs:
        seconds = (run[0].end - run[0].start).total_seconds()
        if seconds == int(seconds) <= _SECONDS:
            yield _slots(run, zone, every=f"{int(seconds)}s")
        else:
            yield from (_slots([slot], zone, every="") for slot in run)


def _slots(run: Sequence[PriceSlot], zone: ZoneInfo, *, every: str) -> str:
    said = {"from": _text(written_time(run[0].start, zone))}
    said |= {"every": _text(every)} if every else {"to": _text(written_time(run[0].end, zone))}
    said["import"] = f"[{', '.join(_number(slot.imported) for slot in run)}]"
    if any(slot.exported is not None for slot in run):
        said["export"] = f"[{', '.join(_number(slot.exported) for slot in run)}]"
    return _table(said)


def _power(forward: str, back: str, watts: float | None) -> dict[str, str]:
    """A power under the key of its direction."""
    if watts is not None and watts < 0:
        return {back: _number(-watts)}
    return {forward: _number(watts)}


def _setting(setting: Setting) -> dict[str, str]:
    return {part.value: _part(value) for part, value in setting.present.items()}


def _part(value: object) -> str:
    if isinstance(value, bool):
        return _truth(value)
    return str(value) if isinstance(value, int) else _text(str(value))


def _table(said: Mapping[str, str]) -> str:
    return f"{{ {', '.join(f'{key} = {text}' for key, text in said.items())} }}"


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float | None) -> str:
    if value is None:
        return _text(UNKNOWN)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
