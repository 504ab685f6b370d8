"""The writes of one site: at most one on its way, each with an intent before and an outcome after.

A write that is read back is ours, and its effect is watched. Whether this account may write at all
is found out by writing back what is set, when the house is quiet and no write is due anyway.

A journal that was restored does not know what was written last: nothing is until one reading is
whole, and the write caps count as spent for an hour.

Where nothing may be written (a dry run, or an account without permission) the same reconciling goes
on against a shadow setting: the last that would have been written. Rows say `would` then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import AppPercent, Observation, Quantity, Setting
from scheduler.applying import Applying, Concluded, advance, pause_after, recover
from scheduler.clock import Clock
from scheduler.domain import Cause, Endpoint, IntentRecord, OpenIntent, Outcome, Safety
from scheduler.effects import Effects
from scheduler.errors import GatewayProblem, NotPermitted, Refused, WriteUncertain
from scheduler.gateways.protocol import Gateway
from scheduler.observing import BEFORE_WRITING
from scheduler.overrides import Overrides
from scheduler.reconcile import (
    HOUR,
    Again,
    HeldBack,
    InStep,
    Situation,
    WriteNow,
    differs,
    legal,
    probe,
    reconcile,
    reports,
)
from scheduler.recording import Recorder

NOT_PERMITTED = (
    "this account may not write to the gateway, so nothing is written: the log says what would be."
    " Ways out: the installer login on firmware before 1.50, or a signed route"
)


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted of the gateway now, and why.

    `relies_on` are the quantities that the winning rules looked at, `cause` is what made the
    setting change. With `insists` it is wanted against a change by hand; `quiet` is a time at which
    even a write that changes nothing does no harm; `updating`: an update is being installed.
    """

    setting: Setting
    relies_on: frozenset[Quantity]
    cause: Cause
    decision_id: int | None
    reason: str
    insists: bool
    quiet: bool
    updating: bool


class Writes:
    """Brings the gateway to the desired setting, one write at a time."""

    def __init__(
        self,
        recorder: Recorder,
        gateway: Gateway,
        clock: Clock,
        safety: Safety,
        freshest: timedelta,
        *,
        dry_run: bool,
    ) -> None:
        self._recorder = recorder
        self._gateway = gateway
        self._clock = clock
        self._safety = safety
        self._freshest = freshest
        self._dry_run = dry_run
        self.overrides = Overrides(recorder, gateway, safety.hold_max)
        self._effects = Effects(recorder, gateway)
        self._open: OpenIntent | None = None
        self._applying: Applying | None = None
        self._failures = 0
        self._paused_until: datetime | None = None
        self._again: Again | None = None
        self._probed: tuple[str | None, str | None] | None = None
        self._refused: tuple[str | None, str] | None = None
        self._shadow: Setting | None = None
        self._told: tuple[str, ...] = ()
        self._lost_track = False
        self._without_row: datetime | None = None
        self._lost_until: datetime | None = None
        self._to_look_first = False

    @property
    def advising(self) -> bool:
        """Nothing is written; rows say what would be."""
        return self._dry_run or self._gateway.capabilities.may_write is False

    @property
    def shadow(self) -> Setting | None:
        """While advising, the setting that would be in effect."""
        return self._shadow if self.advising else None

    async def take_up(self, now: datetime) -> None:
        """Take up what an earlier run left in the journal."""
        self._open = await self._recorder.open_intent()
        uncertain = await self._recorder.uncertain_write()
        self._again = Again(uncertain, Cause.REPEAT) if uncertain else await self._effects.take_up()
        failed = await self._recorder.failed_writes()
        if failed is not None:
            self._failures = failed.count
            self._paused_until = min(failed.at, now) + pause_after(failed.count)
        gap = await self._recorder.last_gap()
        self._lost_until = gap.until if gap is not None else None
        self._to_look_first = gap is not None and abs(now - gap.until) < HOUR
        await self.overrides.take_up(self._lost_until)
        known = await self._recorder.last_capability()
        if known is not None and known.may_write is False:
            self._refused = known.firmware, known.login
        if self.advising:
            would = await self._recorder.writes_of_the_day(now, would=True)
            self._shadow = would[-1].wanted if would else None

    def lose_track(self) -> None:
        """The journal failed somewhere: what is open is read from it again before going on."""
        self._lost_track = True

    def clock_set(self, by: timedelta) -> None:
        """The wall clock was set: what is waited for takes as long as before."""
        if self._applying is not None:
            self._applying = replace(self._applying, sent_at=self._applying.sent_at + by)
        if self._paused_until is not None:
            self._paused_until += by
        self.overrides.clock_set(by)
        self._effects.clock_set(by)

    def next_look(self, now: datetime) -> datetime | None:
        """When the setting should be read back."""
        return self._applying.next_read_back(now) if self._applying else None

    @property
    def wants_to_see(self) -> frozenset[Endpoint]:
        """What must be read in the next tick, however lately it was."""
        if self.overrides.suspecting:
            return BEFORE_WRITING | {Endpoint.STATUS}
        return BEFORE_WRITING if self.looking or self._effects.doubting else frozenset()

    @property
    def looking(self) -> bool:
        """A write is on its way or open: the setting is read in every tick."""
        return self._applying is not None or self._open is not None

    def wants_fresh_reading(self, desired: Desired, observation: Observation) -> bool:
        """On what is known a write may be due, so the setting has to be read in this tick."""
        situation = self._situation(desired, observation, observation.at)
        return differs(desired.setting, situation) or self._may_probe(desired)

    async def settle(self, desired: Setting, observation: Observation, now: datetime) -> None:
        """Advance the write that is on its way, or close what an earlier run left open."""
        if self._lost_track:
            self._open = None if self._applying else await self._recorder.open_intent()
            self._lost_track = False
        if self._open is not None:
            concluded = recover(self._open, observation)
            if concluded is None:
                return
            opened, self._open = self._open, None
            if opened.sent_at is None:
                # Nobody knows how far it got: what is reported may not be in effect.
                self._again = Again(opened.wanted, Cause.REPEAT)
            await self._conclude(opened.id, opened.wanted, now, concluded)
            if concluded.outcome is Outcome.RECOVERED_APPLIED and opened.sent_at is not None:
                self._is_held(opened, now)
        elif self._applying is not None:
            applying = self._applying
            concluded = advance(applying, observation, now)
            if concluded is None and self._superseded(desired, applying.wanted):
                concluded = Concluded(Outcome.SUPERSEDED, f"now wanted: {desired}")
            if concluded is not None:
                await self._conclude(applying.intent_id, applying.wanted, now, concluded)
                self._applying = None
                if concluded.outcome is Outcome.HELD:
                    self._is_held(applying, now)

    async def judge(self, observation: Observation, now: datetime, *, updating: bool) -> None:
        """See whose setting it is that the gateway reports, and whether it shows."""
        if self.looking or self.advising:
            return
        await self.overrides.look(observation, now)
        if self.overrides.respected is not None:
            self._effects.forget()
        again = await self._effects.look(observation, now, updating=updating)
        self._again = again or self._again

    async def bring(self, desired: Desired, observation: Observation, now: datetime) -> bool:
        """Write if it is due and no guard objects. True when the gateway is in step."""
        if self.looking:
            return False
        if self._to_look_first:
            self._to_look_first = any(
                observation.measured(part) is None
                for part in (Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING, Quantity.GRID)
            )
            return False
        situation = self._situation(desired, observation, now)
        if not differs(desired.setting, situation) and not self._may_probe(desired):
            self._told = ()
            return True
        writes = await self._recorder.writes_of_the_day(now, would=self.advising)
        situation = replace(situation, writes=writes)
        verdict = reconcile(desired.setting, desired.relies_on, desired.cause, situation)
        if isinstance(verdict, HeldBack):
            await self._tell_once(verdict, now)
            return False
        self._told = ()
        if isinstance(verdict, InStep):
            tried = probe(situation) if self._may_probe(desired) else None
            if tried is not None:
                await self._write(tried, desired, now)
            return True
        await self._write(verdict, desired, now)
        return False

    @property
    def _safe(self) -> Setting:
        levers = self._gateway.capabilities.levers
        return legal(self._safety.safe, levers, self._safety.reserve_floor)

    def may_go_to_safety(self, observation: Observation | None, now: datetime) -> bool:
        """A move to the safe state without a row may be due: worth a reading of its own."""
        last = self._without_row
        if self.advising or (last is not None and abs(now - last) < HOUR):
            return False
        return observation is None or not reports(observation, self._safe)

    async def to_safety(
        self, desired: Desired, observation: Observation, now: datetime
    ) -> Setting | None:
        """Write the safe state without a row, if it is wanted and no guard objects.

        The one write that may be made while the journal takes no row, and once an hour at most.
        What was written; `None`: nothing. Raises `GatewayProblem`, and `JournalProblem` where not
        even past writes can be read.
        """
        writes = await self._recorder.writes_of_the_day(now, would=False)
        situation = replace(self._situation(desired, observation, now), writes=writes)
        verdict = reconcile(desired.setting, desired.relies_on, Cause.TIME, situation)
        if not isinstance(verdict, WriteNow) or verdict.wanted != self._safe:
            return None
        self._without_row = now
        self._applying = None  # its intent is closed by what is true once there is room
        self.overrides.nobodys()
        self._effects.forget()
        await self._gateway.apply(verdict.wanted)
        return verdict.wanted

    def _may_probe(self, desired: Desired) -> bool:
        capabilities = self._gateway.capabilities
        unknown = capabilities.may_write is None and not self._dry_run
        return (
            unknown
            and desired.quiet
            and not desired.setting.empty
            and self._probed != (capabilities.firmware, capabilities.started)
        )

    async def _write(self, verdict: WriteNow, desired: Desired, now: datetime) -> None:
        intent = IntentRecord(
            now,
            verdict.previous,
            verdict.wanted,
            verdict.cause,
            desired.reason,
            would=self.advising,
        )
        intent_id = await self._recorder.intend(desired.decision_id, intent)
        if self.advising:
            await self._would(intent_id, verdict, now)
        else:
            await self.overrides.end(now, "it is written over, by a rule or a word that insists")
            self.overrides.nobodys()
            self._effects.forget()
            await self._send(intent_id, verdict, now)

    def _situation(self, desired: Desired, observation: Observation, now: datetime) -> Situation:
        capabilities = self._gateway.capabilities
        seen = observation
        if self.shadow is not None:
            seen = replace(
                observation, mode=self.shadow.mode, reserve=AppPercent(self.shadow.reserve)
            )
        return Situation(
            now,
            seen,
            capabilities.levers,
            self._safety,
            self._freshest,
            (),
            capabilities.writes_a_day,
            self._again,
            self._paused_until,
            "" if self.advising or desired.insists else self.overrides.objection(),
            desired.updating,
            self._lost_until,
        )

    async def _would(self, intent_id: int, verdict: WriteNow, now: datetime) -> None:
        self._shadow = verdict.wanted
        why = "dry run" if self._dry_run else "no permission to write"
        await self._conclude(intent_id, verdict.wanted, now, Concluded(Outcome.WOULD, why))

    async def _send(self, intent_id: int, verdict: WriteNow, now: datetime) -> None:
        wanted = verdict.wanted
        try:
            if verdict.cause is Cause.PROBE:
                self._probed = (
                    self._gateway.capabilities.firmware,
                    self._gateway.capabilities.started,
                )
                await self._gateway.write_back()
            else:
                await self._gateway.apply(wanted)
        except NotPermitted as error:
            await self._conclude(intent_id, wanted, now, Concluded(Outcome.REFUSED, str(error)))
            self._probed = None  # it has answered; whether it does again is for the route to say
            await self._tell_refused(now)
        except Refused as error:
            await self._conclude(intent_id, wanted, now, Concluded(Outcome.REFUSED, str(error)))
        except WriteUncertain as error:
            self._again = Again(wanted, Cause.REPEAT)
            await self._conclude(intent_id, wanted, now, Concluded(Outcome.UNREACHABLE, str(error)))
        except GatewayProblem as error:
            await self._conclude(intent_id, wanted, now, Concluded(Outcome.UNREACHABLE, str(error)))
        else:
            settling = timedelta(seconds=self._gateway.capabilities.settling_time)
            sent_at = self._clock.now()
            previous, cause = verdict.previous, verdict.cause
            self._applying = Applying(intent_id, wanted, previous, cause, sent_at, settling)
            await self._recorder.sent(intent_id, sent_at)

    def _is_held(self, write: Applying | OpenIntent, now: datetime) -> None:
        self._shadow = None
        self.overrides.ours(write.wanted, now)
        intent_id = write.intent_id if isinstance(write, Applying) else write.id
        self._effects.held(intent_id, write.wanted, write.previous, write.cause, now)

    def _superseded(self, desired: Setting, wanted: Setting) -> bool:
        """A newer decision wants something else than the write on its way."""
        now_wanted = Setting(
            wanted.mode if desired.mode is None else desired.mode,
            wanted.reserve if desired.reserve is None else desired.reserve,
        )
        levers = self._gateway.capabilities.levers
        return legal(now_wanted, levers, self._safety.reserve_floor) != wanted

    async def _conclude(
        self, intent_id: int, wanted: Setting, now: datetime, concluded: Concluded
    ) -> None:
        await self._recorder.conclude(intent_id, wanted, now, concluded.outcome, concluded.detail)
        match concluded.outcome:
            case Outcome.HELD:
                self._failures, self._paused_until, self._again = 0, None, None
            case Outcome.REFUSED | Outcome.MISMATCH | Outcome.UNREACHABLE:
                self._failures += 1
                self._paused_until = now + pause_after(self._failures)

    async def _tell_refused(self, now: datetime) -> None:
        """Tell the owner once what this account may not; a later try may say the same."""
        account = self._gateway.capabilities.firmware, self._gateway.capabilities.login
        if account != self._refused:
            await self._recorder.note(now, "not_permitted", NOT_PERMITTED)
            self._refused = account

    async def _tell_once(self, held: HeldBack, now: datetime) -> None:
        """Journal why a write waits, once for each set of guards that hold it."""
        if held.reasons == self._told:
            return
        self._told = held.reasons
        what = f"{held.wanted} is wanted" if held.wanted else "a write is wanted"
        await self._recorder.note(now, "held_back", f"{what}, but {'; '.join(held.reasons)}")
