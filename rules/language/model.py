"""What a rule file may say.

Times and durations are quoted ("16:00", "45m"), because bare TOML times mean something else. The
texts under the fields are what an editor shows, by way of `pwsched schema`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from rules.domain import Export, Mode
from rules.engine import DEFAULT, OWNER, AtMost
from rules.errors import KeyMistake, shown
from rules.language.clauses import POWERS, When, While
from rules.language.field_types import (
    TEXT,
    Duration,
    ExportWord,
    Margin,
    ModeWord,
    Name,
    Reserve,
    Strict,
    Texts,
    parse_power,
    parse_rate,
    text,
)


def _language(value: object) -> object:
    # To Python, and so to pydantic's literals, true and 1.0 are 1 as well.
    if type(value) is not int or value != 1:
        raise ValueError(f"must be 1, got {shown(value)}")
    return value


def _country(code: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code):
        raise ValueError(f'must be two capital letters like "US", got {shown(code)}')
    return code


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be on one line, without control characters")
    if name in {DEFAULT, OWNER}:
        raise ValueError(f'"{name}" is what decides beside the rules; call the rule otherwise')
    return name


DECIDED_BY_INTENT = {
    "hold": ("reserve", "grid_charging"),
    "charge": ("reserve", "grid_charging"),
    "leave": ("reserve", "grid_charging", "export"),
}
"""The keys that cannot stand beside an intent, for it decides them."""


class Set(Strict):
    """What a state rule wants: by intent, or in the gateway's words."""

    battery: Literal["use", "hold", "charge", "leave"] | None = None
    """By intent: cover the home; keep what is in it; buy until `to`, then hold; write nothing."""
    to: Annotated[int, Field(ge=1, le=100)] | None = None
    """With battery = "charge": up to which percent as the Tesla app shows it."""
    mode: ModeWord | None = None
    """The operation mode, in the gateway's words."""
    reserve: Reserve | None = None
    """The backup reserve in percent as the Tesla app shows it."""
    reserve_at_least: Reserve | None = None
    """Raises the reserve that wins, by maximum over all active rules."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid, if the route can set it."""
    export: ExportWord | None = None
    """What may be sold to the grid, if the route can set it."""

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("sets nothing")
        if self.battery is not None and self.mode is not None:
            raise ValueError("battery and mode say the same thing twice; keep one")
        if self.battery == "charge" and self.to is None:
            raise ValueError('battery = "charge" needs to = a percentage')
        if self.battery != "charge" and self.to is not None:
            raise KeyMistake("to", 'goes with battery = "charge"')
        for key in DECIDED_BY_INTENT.get(self.battery or "", ()):
            if getattr(self, key) is not None:
                raise KeyMistake(key, f'battery = "{self.battery}" decides that itself')
        return self


OF_EVENTS = ("do", "else_", "install", "message", "at_most", "catch_up")
OF_STATES = ("set_", "priority", "even_if_overridden", "inset", "stale", "keep")
SOE_KEYS = frozenset({"soe_above", "soe_below"})
POWER_KEYS = frozenset(f"{word}_{side}" for word, *_ in POWERS for side in ("above", "below"))


class Rule(Strict):
    """One rule: a state rule (`while` ... `set`) or an event rule (`when` ... `do`)."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
    """The rule's name; unique among all files."""
    why: Annotated[str, Field(max_length=200)] = ""
    """The owner's own reason, shown wherever the rule is."""
    enabled: bool = True
    """With false the rule is read and checked, and does nothing."""
    replaces: str | None = None
    """The name of a rule of an earlier file that this one stands in for."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Each part of the setting goes to the active rule of the highest priority."""
    even_if_overridden: bool = False
    """The rule holds even against a change that somebody made by hand."""

    while_: Annotated[While | None, Field(alias="while")] = None
    """When a state rule holds; always, where it is left out."""
    set_: Annotated[Set | None, Field(alias="set")] = None
    """What a state rule wants."""
    when: When | None = None
    """When an event rule acts."""
    do: Literal["firmware-check", "notify"] | None = None
    """What an event rule does."""
    install: bool = False
    """Install the update that a firmware check finds; the battery stands for a quarter of an hour.
    Only with 40 minutes left before power gets dearer, after 30 minutes of grid, and not while
    somebody else's change or grid services are respected."""
    else_: Annotated[Literal["notify"] | None, Field(alias="else")] = None
    """What is done when the action fails."""
    message: Annotated[str, Field(max_length=500)] = ""
    """What a notification says."""
    at_most: Annotated[AtMost | None, text(parse_rate), WithJsonSchema(TEXT)] = None
    """A limit to how often an event fires: "1/day", "2/12h"."""

    margin: Margin = None
    """How far beyond a threshold a rule stays active: a number up to 20 for the state of energy
    (2 % by default), or a power like "300 W" (200 W by default)."""
    for_: Annotated[Duration, Field(alias="for")] = timedelta(0)
    """How long the clause must have held before the rule becomes active."""
    keep: Duration = timedelta(0)
    """How long the rule stays active after its clause no longer holds."""
    stale: Duration = timedelta(minutes=10)
    """How long an active rule stays active while a value is missing."""
    inset: Duration = timedelta(0)
    """Open time starts this much later and ends this much earlier; at most 6 hours."""
    catch_up: Duration = timedelta(minutes=15)
    """How long after its moment an event may still fire; at most 6 hours."""

    @property
    def soe_margin(self) -> float:
        """How far a threshold of the state of energy stays true, in percent."""
        return float(self.margin) if isinstance(self.margin, int | float) else 2.0

    @property
    def power_margin(self) -> float:
        """How far a threshold of a power stays true, in watts."""
        return parse_power(self.margin) if isinstance(self.margin, str) else 200.0

    @model_validator(mode="after")
    def _state_or_event(self) -> Self:
        if self.while_ is not None and self.when is not None:
            raise ValueError("needs either while ... set or when ... do")
        if self.when is not None:
            self._is_an_event(self.when)
        elif self.while_ is not None:
            self._fits("while", "set_", OF_EVENTS)
        elif self.set_ is not None:
            self._fits("set", "set_", OF_EVENTS)
            self._has_none_of(("margin", "for_", "keep", "stale", "inset"), "goes with while")
        elif self.do is not None:
            raise ValueError("do needs when")
        else:
            raise ValueError("needs either while ... set or when ... do")
        self._has_a_use_for_its_margin()
        self._has_sensible_lengths()
        return self

    def _is_an_event(self, when: When) -> None:
        self._fits("when", "do", OF_STATES)
        if when.moment is None:
            self._has_none_of(("catch_up",), "goes with a moment: at, before or after")
            return
        once = f"does not go with {when.moment}: at a moment the clause is looked at once"
        self._has_none_of(("margin", "for_"), once)
        if any(clause.margin is not None for clause in when.clauses()):
            raise KeyMistake("when", f"margin {once}")

    def _has_a_use_for_its_margin(self) -> None:
        clause = self.while_ or self.when
        if self.margin is None or clause is None:
            return
        said = {key for each in clause.clauses() for key in each.model_fields_set}
        has_soe, has_power = bool(said & SOE_KEYS), bool(said & POWER_KEYS)
        if has_power if isinstance(self.margin, str) else has_soe:
            return
        wrong = f"is for {'powers' if isinstance(self.margin, str) else 'the state of energy'}"
        ways_out = []
        if has_power:
            ways_out.append('for powers it is a text like "300 W"')
        if has_soe:
            ways_out.append("for the state of energy it is a number")
        if "input" in said:
            ways_out.append('an input has its own: input = "sun", above = 25, margin = 3')
        told = "; ".join([f"{wrong}, and no clause here tests that", *ways_out])
        raise KeyMistake("margin", told)

    def _fits(self, kind: str, needed: str, strangers: tuple[str, ...]) -> None:
        if getattr(self, needed) is None:
            raise ValueError(f"{kind} needs {needed.rstrip('_')}")
        self._has_none_of(strangers, f"does not go with {kind}")
        if self.do == "notify" and not self.message:
            raise KeyMistake("do", '"notify" needs a message')
        if self.do == "notify" and self.install:
            raise KeyMistake("install", 'goes with do = "firmware-check"')
        if self.do == "notify" and self.else_ is not None:
            raise KeyMistake("else", 'goes with do = "firmware-check"')
        if self.do == "firmware-check" and self.message:
            raise KeyMistake("message", 'goes with do = "notify"')

    def _has_none_of(self, keys: tuple[str, ...], why_not: str) -> None:
        for key in keys:
            if key in self.model_fields_set:
                raise KeyMistake(key.rstrip("_"), why_not)

    def _has_sensible_lengths(self) -> None:
        if self.inset > timedelta(hours=6):
            raise KeyMistake("inset", "must be at most 6h")
        if not timedelta(0) < self.catch_up <= timedelta(hours=6):
            raise KeyMistake("catch_up", "must be more than 0 and at most 6h")


class Default(Strict):
    """What applies when no rule is active. With `leave` nothing is written then."""

    leave: bool = False
    """Nothing is written when no rule is active."""
    mode: ModeWord | None = None
    """The operation mode."""
    reserve: Reserve | None = None
    """The backup reserve in percent as the Tesla app shows it."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid."""
    export: ExportWord | None = None
    """What may be sold to the grid."""

    @model_validator(mode="after")
    def _leave_or_set(self) -> Self:
        sets = self.model_fields_set - {"leave"}
        if self.leave == bool(sets):
            raise ValueError("needs either a mode and a reserve, or leave = true")
        return self


class RuleFile(Strict):
    """A base file, or a later file of the list."""

    language: Annotated[Literal[1] | None, BeforeValidator(_language)] = None
    """The version of the rule language: 1."""
    timezone: str | None = None
    """The owner's time zone, like "America/Los_Angeles"; needed unless the tariff gives it."""
    tariff: str | None = None
    """A shipped tariff by name, or the path of your own, ending in .toml."""
    country: (
        Annotated[str, AfterValidator(_country), WithJsonSchema(TEXT | {"pattern": "^[A-Z]{2}$"})]
        | None
    ) = None
    """Whose public holidays count, instead of the tariff's: "US"."""
    subdivision: str | None = None
    """A part of the country with holidays of its own: "CA"."""
    dates: Annotated[dict[Name, Texts], Field(max_length=200)] = Field(default_factory=dict)
    """Named lists of dates, for `dates` and `eve_of`."""
    default: Default | None = None
    """What applies when no rule is active."""
    replaces: list[Literal["default", "timezone", "tariff", "country", "subdivision"]] = Field(
        default_factory=list
    )
    """What is given here in place of an earlier file's: "default", "timezone", "tariff", "country",
    "subdivision"."""
    off: Annotated[list[str], Field(max_length=200)] = Field(default_factory=list)
    """Names of rules of earlier files that are switched off."""
    rule: list[Rule] = Field(default_factory=list, max_length=200)
    """The rules."""


def mode_of(word: str | None) -> Mode | None:
    """The mode of a word that the model has let through."""
    return None if word is None else Mode(word)


def export_of(word: str | None) -> Export | None:
    """The export rule of a word that the model has let through."""
    return None if word is None else Export(word)
