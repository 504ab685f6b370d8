"""What the writes of one site have come to: at most one on its way, and what is known of the last.

A journal that was restored does not know what was written last: nothing is until one reading is
whole, and the write caps count as spent for an hour.

Where nothing may be written (a dry run, or an account without permission) the same reconciling goes
on against a shadow setting: the last that would have been written. Rows say `would` then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Setting
from scheduler.control.applying import Applying, pause_after
from scheduler.control.reconcile import Again, WriteNow
from scheduler.domain import OpenIntent, Outcome, PastWrite

REMEMBERED_WRITES = 100
"""More than any cap counts in a day; counted, since a clock that was set back makes old
writes young again."""

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
    `applying` tells. `failures` in a row have a pause after them, until `paused_until`. `probed` is
    the (firmware, start) for which a write back was tried without an answer, `refused` the
    (firmware, login) whose refusal the owner was told of. `shadow` is the setting that would be in
    effect while nothing may be written, `assumed` what the parts that cannot be read back are set
    to. `reported_blockers` are those that the owner was told of. `lost_until` is the end of a gap
    in the journal, after which a whole reading is wanted first (`read_first`). `unrecorded_at` is
    when the safe state was last written without a row.
    """

    left_open: OpenIntent | None = None
    sending: Sending | None = None
    applying: Applying | None = None
    failures: int = 0
    paused_until: datetime | None = None
    again: Again | None = None
    probed: tuple[str | None, str | None] | None = None
    refused: tuple[str | None, str] | None = None
    shadow: Setting | None = None
    assumed: Setting = Setting()  # noqa: RUF009 -- frozen
    reported_blockers: tuple[str, ...] = ()
    writes: tuple[PastWrite, ...] = ()
    would_writes: tuple[PastWrite, ...] = ()
    lost_until: datetime | None = None
    read_first: bool = False
    unrecorded_at: datetime | None = None

    @property
    def on_its_way(self) -> bool:
        """A write is on its way or open: the setting is read in every tick."""
        return self.applying is not None or self.left_open is not None or self.sending is not None

    def intended(self, write: PastWrite, *, would: bool) -> Writing:
        """One more write counts."""
        if would:
            return replace(self, would_writes=(*self.would_writes, write)[-REMEMBERED_WRITES:])
        return replace(self, writes=(*self.writes, write)[-REMEMBERED_WRITES:])

    def concluded(self, outcome: Outcome, now: datetime) -> Writing:
        """A write has come to its end."""
        if outcome in FAILED:
            failures = self.failures + 1
            return replace(self, failures=failures, paused_until=now + pause_after(failures))
        if outcome in {Outcome.HELD, Outcome.UNVERIFIED}:
            return replace(self, failures=0, paused_until=None, again=None)
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
        return replace(
            self,
            applying=self.applying and self.applying.shifted(by),
            paused_until=self.paused_until and self.paused_until + by,
        )
