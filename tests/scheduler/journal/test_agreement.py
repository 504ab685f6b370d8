"""The journal in memory and that of SQLite know the same of the same rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journaling import EVERYDAY, FULL, Recorder, after, decision, observed, opened, run_start

from rules.domain import Export, Mode, Setting
from rules.occurrences import Happened
from rules.plan import Action
from scheduler.domain import (
    CapabilityRecord,
    Cause,
    Effect,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldRecord,
    InputRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Past,
    Record,
    ReloadRecord,
    Row,
    RuleFilesRecord,
    RunEnd,
    SentRecord,
    Word,
)
from scheduler.errors import JournalProblem
from scheduler.journal import Journal, MemoryJournal, OccurrenceExists, OpenIntentExists

WORDS = st.sampled_from(["storm", "sun", "fill up"])
SETTINGS = st.sampled_from(
    [
        FULL,
        EVERYDAY,
        Setting(),
        Setting(Mode.BACKUP, 80, grid_charging=False, export=Export.SOLAR),
        Setting(grid_charging=True),
    ]
)
TIMES = st.integers(0, 3).map(lambda hours: after(3600 * hours))
"""Few, and in any order: clocks are set back."""


@dataclass
class Story:
    """Records of one site that could follow one another, drawn one by one."""

    data: st.DataObject
    number: int = 1
    open_intent: int | None = None
    woulds: list[int] = field(default_factory=list)
    intents: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    occurred: set[tuple[str, datetime]] = field(default_factory=set)
    kept: bool = False

    def draw(self, strategy: st.SearchStrategy[object]) -> object:
        return self.data.draw(strategy)

    def step(self) -> list[Record]:
        return [self.record() for _ in range(self.data.draw(st.integers(1, 4)))]

    def record(self) -> Record:
        draw = self.data.draw
        self.number += 1
        kinds = ["observe", "give", "decide", "would", "end run", "override", "hold", "rules"]
        kinds += ["capability", "note", "event", "check", "reload"]
        kinds += ["intend"] * 3 if self.open_intent is None else ["sent", *["conclude"] * 3]
        kinds += ["effect"] if self.intents else []
        kind, at = draw(st.sampled_from(kinds)), draw(TIMES)
        match kind:
            case "observe":
                return observed(at)
            case "give":
                content = draw(st.none() | st.just({"until": None}) | st.just({"v": 1.5}))
                return InputRecord(at, draw(WORDS), content)
            case "decide":
                return decision(at, draw(SETTINGS))
            case "intend" | "would":
                wanted, previous, cause = (
                    draw(SETTINGS),
                    draw(SETTINGS),
                    draw(st.sampled_from(Cause)),
                )
                if kind == "intend":
                    self.open_intent = self.number
                    self.intents.append(self.number)
                return IntentRecord(at, None, previous, wanted, cause, "", kind == "would")
            case "sent":
                assert self.open_intent is not None
                return SentRecord(at, self.open_intent)
            case "conclude":
                assert self.open_intent is not None
                concluded, self.open_intent = self.open_intent, None
                return OutcomeRecord(at, concluded, FULL, draw(st.sampled_from(Outcome)), "")
            case "effect":
                of = draw(st.sampled_from(self.intents))
                return EffectRecord(at, of, FULL, draw(st.sampled_from(Effect)), "")
            case "override":
                state = draw(st.sampled_from(OverrideState))
                end = None if state is OverrideState.BEGAN else draw(st.sampled_from(OverrideEnd))
                return OverrideRecord(at, state, draw(SETTINGS), draw(SETTINGS), at, end, "")
            case "hold":
                word = draw(st.sampled_from(Word))
                return HoldRecord(at, word, draw(SETTINGS), draw(st.none() | TIMES), "me")
            case "rules":
                return RuleFilesRecord(at, draw(WORDS), {"rules": "..."})
            case "reload":
                return ReloadRecord(at, draw(WORDS))
            case "capability":
                return CapabilityRecord(
                    at,
                    draw(st.none() | st.just("1.49.0")),
                    "customer",
                    draw(st.none() | st.booleans()),
                    draw(st.booleans()),
                    draw(st.none() | st.booleans()),
                    {"modes": ["backup"]},
                    None,
                )
            case "note":
                return NoteRecord(at, draw(st.sampled_from(NoteKind)), "")
            case "event":
                rule, scheduled = draw(WORDS), after(60 * self.number)
                action, state = draw(st.sampled_from(Action)), draw(st.sampled_from(Happened))
                self.events.append(self.number)
                return EventRecord(at, rule, scheduled, action, state)
            case "check":
                event = draw(st.none() | st.sampled_from(self.events)) if self.events else None
                return FirmwareCheckRecord(at, event, "nothing newer", "", None, "")
        return RunEnd(at, "") if self.ended() else observed(at)

    def ended(self) -> bool:
        """A run ends once."""
        before, self.kept = self.kept, True
        return not before


@settings(max_examples=150)
@given(st.data(), st.integers(1, 12))
def test_the_same_rows_give_the_same_past(data: st.DataObject, steps: int) -> None:
    story = Story(data)

    async def told(path: Path) -> Past:
        memory = MemoryJournal()
        async with opened(path) as journal:
            both = [await Recorder.begin(each) for each in (journal, memory)]
            for _ in range(steps):
                records = story.step()
                for recorder in both:
                    await recorder.commit(*records)
                assert await journal.past("home") == await memory.past("home")
        again = MemoryJournal({"home": memory.rows("home")})
        assert await again.past("home") == await memory.past("home")
        async with opened(path) as journal:  # nothing of it was only in memory
            assert await journal.past("home") == await memory.past("home")
        return await memory.past("home")

    with TemporaryDirectory() as folder:
        asyncio.run(told(Path(folder) / "journal.sqlite"))
