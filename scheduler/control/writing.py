"""What the writes of one site have come to: at most one on its way, and what is known of the last.

A journal that was restored does not know what was written last: nothing is until one reading is
whole, and the write caps count as spent for an hour.

Where nothing may be written (a dry run, or an account without permission) the same reconciling goes
on against a shadow setting: the last that would have been written. Rows say `would` then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import NOTHING, Setting
from scheduler.control.applying import Applying, pause_after
from scheduler.control.reconcile import Again, Blocker, WriteNow
from scheduler.domain import OpenIntent, Outcome, PastWrite

REMEMBERED_WRITES = 100
"""More than any cap counts in a day."""

FAILED = frozenset({Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE})


@dataclass(frozen=True, slots=True)
class Sending:
    """A write that is on the wire, for the intent of this row."""

    intent_id: int
    write: WriteNow


@dataclass(frozen=True, slots=True)
class Writing:
    """The writes of one site.

    `left_open` is what an earlier run did not conclude. Of a write on its way one of `sending` and
    `applying` tells. `failures` in a row, the last with this `failure`, have a pause after them,
    until `paused_until`. `probed` is
    the (firmware, start) for which a write back was tried without an answer, `refused` the
    (firmware, login) whose refusal the owner was told of. `shadow` is the setting that would be in
    effect while nothing may be written, `assumed` what the parts that cannot be read back are set
    to. `blockers` are what the last look found in the way of a write, all of them reported.
    `writes` and `would_writes` are by the present clock. `lost_until` is the end of a gap
    in the journal, after which a whole reading is wanted first (`read_first`). `unrecorded_at` is
    when the safe state was last written without a row.
    """

    left_open: OpenIntent | None = None
    sending: Sending | None = None
    applying: Applying | None = None
    failures: int = 0
    failure: str = ""
    paused_until: datetime | None = None
    again: Again | None = None
    probed: tuple[str | None, str | None] | None = None
    refused: tuple[str | None, str] | None = None
    shadow: Setting | None = None
    assumed: Setting = Setting()  # noqa: RUF009 -- frozen
    blockers: tuple[Blocker, ...] = ()
    writes: tuple[PastWrite, ...] = ()
    would_writes: tuple[PastWrite, ...] = ()
    lost_until: datetime | None = None
    read_first: bool = False
    unrecorded_at: datetime | None = None

    @property
    def on_its_way(self) -> bool:
        """A write is on its way or open: the setting is read in every tick."""
        return self.applying is not None or self.left_open is not None or self.sending is not None

    @property
    def awaited(self) -> Setting:
        """What a write that is on its way or open wants."""
        if self.sending is not None:
            return self.sending.write.target
        on_its_way = self.left_open or self.applying
        return NOTHING if on_its_way is None else on_its_way.wanted

    def intended(self, write: PastWrite, *, would: bool) -> Writing:
        """One more write counts."""
        if would:
            return replace(self, would_writes=(*self.would_writes, write)[-REMEMBERED_WRITES:])
        return replace(self, writes=(*self.writes, write)[-REMEMBERED_WRITES:])

    def concluded(self, outcome: Outcome, now: datetime, detail: str = "") -> Writing:
        """A write has come to its end."""
        if outcome in FAILED:
            failures = self.failures + 1
            paused_until = now + pause_after(failures)
            return replace(self, failures=failures, failure=detail, paused_until=paused_until)
        if outcome in {Outcome.HELD, Outcome.UNVERIFIED}:
            return replace(self, failures=0, failure="", paused_until=None, again=None)
        return self

    def let_go(self, now: datetime) -> Writing:
        """Another write goes before the one on its way, whose intent stays open."""
        left_open, sending, applying = self.left_open, self.sending, self.applying
        if sending is not None:
            write = sending.write
            left_open = OpenIntent(
                sending.intent_id, now, write.previous, write.target, write.cause, None
            )
        elif applying is not None:
            sent_at = applying.sent_at
            left_open = OpenIntent(
                applying.intent_id,
                sent_at,
                applying.previous,
                applying.wanted,
                applying.cause,
                sent_at,
            )
        return replace(self, left_open=left_open, sending=None, applying=None)

    def shifted(self, by: timedelta) -> Writing:
        """The same, on a wall clock that was set."""
        return replace(self, applying=self.applying and self.applying.shifted(by))

    def counted_on(self, by: timedelta) -> Writing:
        """What is so long ago is as long ago on a wall clock that was set, by however little."""
        return replace(
            self.writes_shifted(by),
            paused_until=self.paused_until and self.paused_until + by,
            lost_until=self.lost_until and self.lost_until + by,
            unrecorded_at=self.unrecorded_at and self.unrecorded_at + by,
        )

    def writes_shifted(self, by: timedelta) -> Writing:
        """The caps count the writes by a clock that was set."""
        return replace(
            self,
            writes=tuple(each.shifted(by) for each in self.writes),
            would_writes=tuple(each.shifted(by) for each in self.would_writes),
        )

    def clamped(self, now: datetime) -> Writing:
        """A write of which a clock that was set back says that it is still to come is made now."""
        newest = max((each.at for each in (*self.writes, *self.would_writes)), default=now)
        if newest <= now:
            return self
        writes, would = (
            tuple(replace(each, at=min(each.at, now)) for each in made)
            for made in (self.writes, self.would_writes)
        )
        return replace(self, writes=writes, would_writes=would)
