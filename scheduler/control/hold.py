"""The manual hold: a setting that the owner requests, in no file and above all rules.

A hold decides the parts it names until an instant or until it is resumed; the other parts go on
by the rules. A release is the safe state, whole, until it is resumed. One is in force at a time:
a new one takes the place of the one before.

It is committed to the journal before it takes effect, and read from there at the start, so a
restart, a reload and a clock that was set leave it in force. Its end is an instant of the wall
clock and gets a row of its own. The owner's own limits hold for it too: what is under the floor,
or what the route cannot hold, is refused rather than bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rules.domain import Part, Setting, in_words
from rules.engine import OWNER, Decision, Explanation, Plan, of_setting
from rules.language import Towards, parse_moment, parse_span
from rules.resolve import Levers
from scheduler.control.events import Hold
from scheduler.control.target import parts_of
from scheduler.domain import THE_CLOCK, Cause, HoldKind, HoldRecord

LONGEST = timedelta(days=366)
"""An end beyond it is a slip of the keys."""


class HoldRefused(ValueError):
    """The requested setting cannot be held as it was requested."""


def hold_of(request: Hold, plan: Plan) -> HoldRecord:
    """The row of a requested hold. Raises `HoldRefused`."""
    setting = Setting(request.mode, request.reserve, request.grid_charging, request.export)
    refuse(setting, plan)
    until = end_of(request.until, request.lasting, request.at, plan.rules.almanac.zone)
    return HoldRecord(request.at, HoldKind.HOLD, setting, until, request.by)


def resume_of(at: datetime, by: str) -> HoldRecord:
    """The row that ends a hold or a release."""
    return HoldRecord(at, HoldKind.RESUME, Setting(), None, by)


def cause_of_hold(
    last: HoldRecord | None, followed: HoldRecord | None, before: Decision | None, now: Decision
) -> Cause | None:
    """What made the decision change, if it was a manual hold: the `last` that was requested."""
    # A hold may have ended between two ticks: the decision before it shows.
    if followed == in_force(last) if before is None else _owned(before) == _owned(now):
        return None
    by_clock = last is not None and last.by == THE_CLOCK
    return Cause.TIME if by_clock else Cause.OWNER


def in_force(last: HoldRecord | None) -> HoldRecord | None:
    """The hold or release that is in force, by what was requested last."""
    return None if last is None or last.word is HoldKind.RESUME else last


def ended(hold: HoldRecord | None, overridden: bool) -> tuple[str, ...]:
    """What a `resume` has ended: "hold" or "release", and "override"."""
    words = () if hold is None else (hold.word.value,)
    return (*words, "override") if overridden else words


def resumed(what: Sequence[str]) -> str:
    """The same in a sentence."""
    if not what:
        return "nothing was held; the rules decide"
    named = " and ".join(f"the {each}" for each in what)
    return f"{named} {'is' if len(what) == 1 else 'are'} ended; the rules decide again"


def laid_over(decision: Decision, hold: HoldRecord) -> Decision:
    """The decision with the parts that the owner decides, which no change by hand overrides."""
    owned = dict.fromkeys(parts_of(hold.setting), OWNER)
    until = decision.until if hold.until is None else min(decision.until, hold.until)
    return replace(
        decision,
        setting=hold.setting.over(decision.setting),
        winners={**decision.winners, **owned},
        insists=True,
        validity=replace(decision.validity, until=until),
    )


def reason(explanation: Explanation, hold: HoldRecord | None, now: datetime, zone: ZoneInfo) -> str:
    """Why what is wanted is wanted, of the rules' own explanation and the manual hold over it."""
    if hold is None:
        return explanation.reason()
    decision = explanation.decision
    rest = {
        part: winner
        for part, winner in decision.winners.items()
        if getattr(hold.setting, part) is None
    }
    if not rest:
        return in_a_sentence(hold, now, zone)
    by_rules = replace(explanation, decision=replace(decision, winners=rest)).reason()
    return f"{in_a_sentence(hold, now, zone)}; {by_rules}"


def in_a_sentence(hold: HoldRecord, now: datetime, zone: ZoneInfo) -> str:
    """What the owner decides and until when, by the clock on the wall."""
    parts = [
        in_words(part, value) for part in Part if (value := getattr(hold.setting, part)) is not None
    ]
    safe = ", the safe state" if hold.word is HoldKind.RELEASE else ""
    until = "resumed" if hold.until is None else on_the_wall(hold.until, now, zone)
    return f"{' and '.join(parts)} by manual hold{safe} until {until}"


def confirmed(hold: HoldRecord, now: datetime, zone: ZoneInfo) -> str:
    """The same for whoever requested it, who may be in another zone."""
    said = in_a_sentence(hold, now, zone)
    return said if hold.until is None else f"{said} ({hold.until.astimezone(zone).tzname()})"


def announced(hold: HoldRecord) -> str:
    """Who requested what, for the log."""
    if hold.by == THE_CLOCK:
        return "the hold has ended"
    what = "" if hold.setting.empty else f" {hold.setting}"
    until = f" until {hold.until:%Y-%m-%d %H:%M} UTC" if hold.until else ""
    return f"{hold.by} requested {hold.word.value}{what}{until}"


def on_the_wall(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant as the owner's clock shows it, with its day where that is not today."""
    local = instant.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%a %d %b %H:%M}"


def refuse(setting: Setting, plan: Plan) -> None:
    """Raise `HoldRefused` for a setting that would not be held as it was requested."""
    levers = plan.permitted
    if setting.empty:
        raise HoldRefused("nothing to hold: say a mode, a reserve, grid charging or an export")
    if setting.mode is not None and setting.mode not in levers.modes:
        settable = ", ".join(sorted(levers.modes))
        mode = setting.mode.value
        raise HoldRefused(f"{mode} cannot be set by this route; it can set {settable}")
    if setting.reserve is not None:
        _refuse_reserve(setting.reserve, levers, plan.limits.reserve_floor)
    for shortfall in of_setting(plan, setting):
        wanted = in_words(shortfall.part, shortfall.wanted)
        raise HoldRefused(f"{wanted}: {shortfall.reason.value}")
    for part in (Part.GRID_CHARGING, Part.EXPORT):
        if part in setting.present and part not in plan.default_claims:
            what = part.value.replace("_", " ")
            raise HoldRefused(f"nothing would restore {what}: add {part.value} to [default] first")


def _refuse_reserve(reserve: int, levers: Levers, floor: int) -> None:
    if not 0 <= reserve <= 100:
        raise HoldRefused(f"a reserve is 0 to 100 %, not {reserve} %")
    if reserve < floor:
        raise HoldRefused(
            f"a reserve of {reserve} % is under the floor of {floor} %; hold at least"
            f" {levers.reserve_at_least(floor)} %, or lower reserve_floor in the configuration"
        )
    if not levers.is_legal_reserve(reserve):
        nearest = {levers.reserve_at_most(reserve), levers.reserve_at_least(reserve)}
        legal = " and ".join(f"{each} %" for each in sorted(nearest) if each >= floor)
        raise HoldRefused(f"this gateway does not hold a reserve of {reserve} %; nearest: {legal}")


def end_of(
    until: str | None, lasting: str | None, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """When a hold ends: at the next such moment on the owner's clock, or after so long.

    Raises `HoldRefused` for what is no time, has passed, never comes or is too far away.
    """
    if until is not None and lasting is not None:
        raise HoldRefused("say either until when or for how long, not both")
    if until is None and lasting is None:
        return None
    try:
        end = (
            parse_moment(until, now, zone, Towards.FUTURE)
            if until is not None
            else now + parse_span(lasting or "")
        )
    except ValueError as error:
        raise HoldRefused(f"{'for' if until is None else 'until'}: {error}") from None
    except OverflowError:
        raise HoldRefused(f"for {lasting}: is more than a year; hold without an end") from None
    if end <= now:
        raise HoldRefused(f"that is over already: {_shown(end, zone)}")
    if end - now > LONGEST:
        raise HoldRefused(f"{_shown(end, zone)} is more than a year away; hold without an end")
    return end


def _owned(decision: Decision) -> dict[Part, object]:
    """The parts that the owner decides."""
    return {
        part: getattr(decision.setting, part)
        for part, winner in decision.winners.items()
        if winner == OWNER
    }


def _shown(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
