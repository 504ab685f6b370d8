"""The owner's word: a rule that is in no file and stands above all that are.

A hold decides the parts it names, mode or reserve or both, until an instant or until it is taken
back; the other parts go on by the rules. A release is the safe state, whole, until it is taken
back. One word is in force at a time: a new one takes the place of the one before.

It is committed to the journal before it is followed, and read from there at the start, so a
restart, a reload and a clock that was set leave it in force. Its end is an instant of the wall
clock and gets a row of its own. The owner's own limits hold for it too: what is under the floor,
or what the route cannot hold, is refused rather than bent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.calendar import parse_duration, parse_time
from rules.domain import Mode, Part, Setting, in_words
from rules.engine import OWNER, Decision
from rules.explain import Explanation
from rules.resolve import Levers
from scheduler.domain import Cause, HoldRecord, Safety, Word
from scheduler.errors import WordRefused
from scheduler.gateways.protocol import Gateway
from scheduler.recording import Recorder

THE_CLOCK = "the clock"
"""Who takes back a hold that has come to its end."""

LONGEST = timedelta(days=366)
"""An end beyond it is a slip of the keys."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks to be held, with the times as they were typed.

    `reserve` is app percent; `until` a local time like "22:00" or an ISO instant, `lasting` a
    duration like "3h"; with neither it holds until it is taken back. `by` is who asks.
    """

    by: str
    mode: Mode | None = None
    reserve: int | None = None
    until: str | None = None
    lasting: str | None = None


class OwnersWord:
    """The word in force at one site."""

    def __init__(self, recorder: Recorder, gateway: Gateway, safety: Safety) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._safety = safety
        self._word: HoldRecord | None = None
        self._known = True
        self._ended_by_clock = False

    @property
    def word(self) -> HoldRecord | None:
        """What is followed, `None` where the rules decide alone."""
        return self._word

    async def take_up(self) -> None:
        """Take up the word that an earlier run left in the journal."""
        self._word = in_force(await self._recorder.last_word())
        self._known = True

    async def look(self, now: datetime) -> None:
        """End a hold whose time has come."""
        if not self._known:
            await self.take_up()
        if self._word is not None and self._word.until is not None and now >= self._word.until:
            await self._say(HoldRecord(now, Word.RESUME, Setting(), None, THE_CLOCK))

    async def hold(self, wish: Wish, now: datetime, zone: ZoneInfo) -> HoldRecord:
        """Hold what is wished from now on. Raises `WordRefused`."""
        setting = Setting(wish.mode, wish.reserve)
        refuse(setting, self._gateway.capabilities.levers, self._safety.reserve_floor)
        until = end_of(wish.until, wish.lasting, now, zone)
        return await self._say(HoldRecord(now, Word.HOLD, setting, until, wish.by))

    async def release(self, by: str, now: datetime) -> HoldRecord:
        """Go to the safe state and stay there."""
        safe = self._safety.safe
        setting = Setting(safe.mode, safe.reserve)
        return await self._say(HoldRecord(now, Word.RELEASE, setting, None, by))

    async def resume(self, by: str, now: datetime) -> HoldRecord | None:
        """Go on by the rules. What was in force until now, `None` where nothing was."""
        ended = self._word
        if ended is not None:
            await self._say(HoldRecord(now, Word.RESUME, Setting(), None, by))
        return ended

    def cause(
        self, followed: HoldRecord | None, before: Decision | None, decision: Decision
    ) -> Cause | None:
        """What made the decision change since another word was followed, if it was this one."""
        # A word may have been taken back while nobody looked: the decision before it tells.
        if followed is self._word if before is None else _owned(before) == _owned(decision):
            return None
        return Cause.TIME if self._ended_by_clock else Cause.OWNER

    async def _say(self, record: HoldRecord) -> HoldRecord:
        # Whether a failed commit reached the disk is for the journal to say, at the next look.
        self._known = False
        await self._recorder.said(record)
        self._word = None if record.word is Word.RESUME else record
        self._known = True
        self._ended_by_clock = record.by == THE_CLOCK
        return record


def in_force(last: HoldRecord | None) -> HoldRecord | None:
    """The word that is to be followed, of what was said last."""
    return None if last is None or last.word is Word.RESUME else last


def ended(word: HoldRecord | None, overridden: bool) -> tuple[str, ...]:
    """What a `resume` has ended: "hold" or "release", and "override"."""
    words = () if word is None else (word.word.value,)
    return (*words, "override") if overridden else words


def resumed(what: Sequence[str]) -> str:
    """The same in a sentence."""
    if not what:
        return "nothing was held; the rules decide"
    named = ["what somebody else set" if each == "override" else f"the {each}" for each in what]
    return f"{' and '.join(named)} no longer counts; the rules decide again"


def laid_over(decision: Decision, word: HoldRecord) -> Decision:
    """The decision with the parts that the owner decides, which no change by hand overrides."""
    setting = decision.setting
    parts = {part: value for part in Part if (value := getattr(word.setting, part)) is not None}
    return replace(
        decision,
        setting=replace(setting, **{part.value: value for part, value in parts.items()}),
        winners={**decision.winners, **dict.fromkeys(parts, OWNER)},
        insists=True,
        until=decision.until if word.until is None else min(decision.until, word.until),
    )


def reason(explanation: Explanation, word: HoldRecord | None, now: datetime, zone: ZoneInfo) -> str:
    """Why what is wanted is wanted, of the rules' own explanation and the owner's word over it."""
    if word is None:
        return explanation.reason()
    decision = explanation.decision
    rest = {
        part: winner
        for part, winner in decision.winners.items()
        if getattr(word.setting, part) is None
    }
    if not rest:
        return in_a_sentence(word, now, zone)
    by_rules = replace(explanation, decision=replace(decision, winners=rest)).reason()
    return f"{in_a_sentence(word, now, zone)}; {by_rules}"


def in_a_sentence(word: HoldRecord, now: datetime, zone: ZoneInfo) -> str:
    """What the owner decides and until when, by the clock on the wall."""
    parts = [
        in_words(part, value) for part in Part if (value := getattr(word.setting, part)) is not None
    ]
    safe = ", the safe state" if word.word is Word.RELEASE else ""
    until = "taken back" if word.until is None else on_the_wall(word.until, now, zone)
    return f"{' and '.join(parts)} by the owner's word{safe} until {until}"


def announced(word: HoldRecord) -> str:
    """Who said what, for the log."""
    what = "" if word.setting.empty else f" {word.setting}"
    until = f" until {word.until:%Y-%m-%d %H:%M} UTC" if word.until else ""
    return f"{word.by} said {word.word.value}{what}{until}"


def on_the_wall(instant: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant as the owner's clock shows it, with its day where that is not today."""
    local = instant.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%a %d %b %H:%M}"


def refuse(setting: Setting, levers: Levers, floor: int) -> None:
    """Raise `WordRefused` for a setting that would not be held as it was said."""
    mode, reserve = setting.mode, setting.reserve
    if setting.empty:
        raise WordRefused("nothing to hold: say a reserve, a mode or both")
    if mode is not None and mode not in levers.modes:
        settable = ", ".join(sorted(levers.modes))
        raise WordRefused(f"{mode.value} cannot be set by this route; it can set {settable}")
    if reserve is None:
        return
    if not 0 <= reserve <= 100:
        raise WordRefused(f"a reserve is 0 to 100 %, not {reserve} %")
    if reserve < floor:
        raise WordRefused(
            f"a reserve of {reserve} % is under the floor of {floor} %; hold at least"
            f" {levers.reserve_at_least(floor)} %, or lower reserve_floor in the configuration"
        )
    if not levers.is_legal_reserve(reserve):
        nearest = {levers.reserve_at_most(reserve), levers.reserve_at_least(reserve)}
        legal = " and ".join(f"{each} %" for each in sorted(nearest) if each >= floor)
        raise WordRefused(f"this gateway does not hold a reserve of {reserve} %; nearest: {legal}")


def end_of(
    until: str | None, lasting: str | None, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """When a hold ends: at the next such moment on the owner's clock, or after so long.

    Raises `WordRefused` for what is no time, has passed, never comes or is too far away.
    """
    if until is not None and lasting is not None:
        raise WordRefused("say either until when or for how long, not both")
    if until is None and lasting is None:
        return None
    try:
        end = now + parse_duration(lasting) if lasting is not None else _moment(until, now, zone)
    except (ValueError, OverflowError) as error:
        said = f"for {lasting}" if lasting is not None else f"until {until}"
        raise WordRefused(f"{said}: {error}") from None
    if end <= now:
        raise WordRefused(f"that is over already: {_shown(end, zone)}")
    if end - now > LONGEST:
        raise WordRefused(f"{_shown(end, zone)} is more than a year away; hold without an end")
    return end


def _moment(text: str | None, now: datetime, zone: ZoneInfo) -> datetime:
    """The next moment at which the owner's clock shows "22:00", or the one of an ISO text."""
    text = text or ""
    if "-" not in text:
        minutes = parse_time(text)
        today = now.astimezone(zone).date()
        days = (today, today + timedelta(days=1))
        return next(at for day in days for at in _instants(day, minutes, zone) if at > now)
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError('must be a time like "22:00" or "2026-07-15 22:00"') from None
    if said.tzinfo is not None:
        return said.astimezone(UTC)
    if not 1 < said.year < 9999:
        raise ValueError("is no year of ours")
    return _instants(said.date(), said.hour * 60 + said.minute, zone)[0]


def _instants(day: date, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """When the clock shows this on that day: twice in the autumn night, and never in spring's."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minutes)
    both = [wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [
        at for at in both if at.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    ]
    if not shown:
        raise ValueError(f"the clocks go forward over {wall:%H:%M} on {wall:%d %B}")
    return shown


def _owned(decision: Decision) -> dict[Part, object]:
    """The parts that the owner decides."""
    return {
        part: getattr(decision.setting, part)
        for part, winner in decision.winners.items()
        if winner == OWNER
    }


def _shown(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
