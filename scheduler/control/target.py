"""What would be written for a desired setting, and whether the gateway has it already.

A desired setting is fitted to what the route can hold before it is compared: the owner's floor
under the reserve, the legal values, whole percents, the parts that travel together. A value that
the gateway rounds would otherwise never be equal and would be written for ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rules.domain import AppPercent, Observation, Part, Quantity, Setting, in_words
from rules.resolve import Levers, Limits
from scheduler.domain import Safety

RESERVE_TOLERANCE = 0.6
"""Two reserves are the same if they differ by less, in app percent: the gateway keeps raw percents
and some firmware rounds them to whole ones (1 raw = 1.05 app)."""


def target_of(
    desired: Setting, observation: Observation, levers: Levers, limits: Limits
) -> Setting | None:
    """The parts to write together; a part that must go with them is as the gateway has it.

    A part that nobody decided goes with them too where the gateway has more than the owner permits.
    `None` where what the gateway has is needed and not known.
    """
    if desired.empty:
        return desired
    wanted = desired
    missing = [part for part in levers.together if getattr(desired, part) is None]
    if missing and len(missing) < len(levers.together):
        found = present(observation, missing)
        if len(found.present) < len(missing):
            return None
        wanted = desired.over(found)
    return legal(wanted.over(too_much(observation, limits)), levers, limits.reserve_floor)


def legal(setting: Setting, levers: Levers, floor: int) -> Setting:
    """The nearest setting that the route accepts and the owner permits."""
    return levers.settable(levers.legal(setting, floor))


def safe_of(safety: Safety, levers: Levers) -> Setting:
    """The safe state, as this route can have it."""
    return legal(safety.safe, levers, safety.reserve_floor)


def too_much(observation: Observation, limits: Limits) -> Setting:
    """What the gateway may not have, at its most permitted value."""
    grid_charging, export = observation.grid_charging, observation.export
    return Setting(
        grid_charging=False if grid_charging and not limits.grid_charging else None,
        export=limits.export if export and export.rank > limits.export.rank else None,
    )


def reports(observation: Observation, setting: Setting) -> bool:
    """The gateway has every part of this setting, as far as it can tell reserves apart."""
    reserve = setting.reserve
    return (
        (setting.mode is None or observation.mode is setting.mode)
        and (
            reserve is None
            or (
                observation.reserve is not None
                and abs(observation.reserve - reserve) < RESERVE_TOLERANCE
            )
        )
        and (setting.grid_charging is None or observation.grid_charging is setting.grid_charging)
        and (setting.export is None or observation.export is setting.export)
    )


def matches(one: Setting, other: Setting) -> bool:
    """No part is set differently in both; a part that is absent in one matches any."""
    if one == other:
        return True
    pairs = ((getattr(one, part), getattr(other, part)) for part in Part)
    return all(a is None or b is None or a == b for a, b in pairs)


def parts_of(setting: Setting) -> tuple[Part, ...]:
    """The parts that are not left alone."""
    return tuple(setting.present)


def only(setting: Setting, parts: Iterable[Part]) -> Setting:
    """These parts of a setting."""
    return Setting(**{part.value: getattr(setting, part.value) for part in parts})


def present(observation: Observation, parts: Iterable[Part]) -> Setting:
    """What the gateway reports of these parts, the reserve in whole percent."""
    found = {part.value: getattr(observation, part.value) for part in parts}
    if found.get("reserve") is not None:
        found["reserve"] = round(found["reserve"])
    return Setting(**found)


def as_if(observation: Observation, setting: Setting) -> Observation:
    """The observation of a gateway that has these parts in place of its own."""
    reserve = setting.reserve
    return replace(
        observation,
        mode=observation.mode if setting.mode is None else setting.mode,
        reserve=observation.reserve if reserve is None else AppPercent(reserve),
        grid_charging=observation.grid_charging
        if setting.grid_charging is None
        else setting.grid_charging,
        export=observation.export if setting.export is None else setting.export,
    )


def described(observation: Observation, parts: Iterable[Part]) -> str:
    """What the gateway reports of these parts, for people; the reserve as exactly as it is read."""
    said = []
    for part in parts:
        value = getattr(observation, part.value)
        word = observation.unknown_word(Quantity(part.value))
        if value is None:
            said.append(word or f"an unknown {part.value.replace('_', ' ')}")
        elif part is Part.RESERVE:
            said.append(f"reserve {value:.1f} %")
        else:
            said.append(in_words(part, value))
    return ", ".join(said)
