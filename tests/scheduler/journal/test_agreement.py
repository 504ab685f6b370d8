"""The journal in memory and that of SQLite know the same of the same rows."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from amounts import few
from hypothesis import given
from hypothesis import strategies as st
from journaling import EVERYDAY, FULL, Recorder, after, decision, note, observed, opened, rule_check

from rules.domain import Export, Mode, Setting
from rules.engine import Action, Happened
from scheduler.domain import (
    CapabilityRecord,
    Cause,
    Effect,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    IntentRecord,
    NoteKind,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Record,
    ReloadRecord,
    RuleFilesRecord,
    RunStart,
    SentRecord,
)
from scheduler.journal import MemoryJournal

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

CONTENTS = st.none() | st.just({"until": None}) | st.just({"v": 1.5})
MAYBE = st.none() | st.booleans()
ALWAYS: dict[str, st.SearchStrategy[Record]] = {
    "observed": TIMES.map(observed),
    "given": st.builds(InputRecord, TIMES, WORDS, CONTENTS),
    "decided": st.builds(decision, TIMES, SETTINGS),
    "would": st.builds(
        IntentRecord,
        TIMES,
        st.none(),
        SETTINGS,
        SETTINGS,
        st.sampled_from(Cause),
        WORDS,
        st.just(value=True),
    ),
    "override began": st.builds(
        OverrideRecord,
        TIMES,
        st.just(OverrideState.BEGAN),
        SETTINGS,
        SETTINGS,
        TIMES,
        st.none(),
        WORDS,
    ),
    "override ended": st.builds(
        OverrideRecord,
        TIMES,
        st.just(OverrideState.ENDED),
        SETTINGS,
        SETTINGS,
        TIMES,
        st.sampled_from(OverrideEnd),
        WORDS,
    ),
    "hold": st.builds(
        HoldRecord, TIMES, st.sampled_from(HoldKind), SETTINGS, st.none() | TIMES, WORDS
    ),
    "rule files": st.builds(RuleFilesRecord, TIMES, WORDS, st.just({"files": {}})),
    "reload": st.builds(ReloadRecord, TIMES, WORDS),
    "capability": st.builds(
        CapabilityRecord,
        TIMES,
        st.none() | WORDS,
        WORDS,
        MAYBE,
        st.booleans(),
        MAYBE,
        st.just({"modes": ["backup"]}),
        st.none() | WORDS,
    ),
    "note": st.builds(note, TIMES, WORDS, st.sampled_from(NoteKind)),
    "clock": st.builds(
        note,
        TIMES,
        st.integers(-9_000, 9_000).map(lambda step: f"the clock was set by {step:+d} s in steps"),
        st.just(NoteKind.CLOCK_STEPPED),
    ),
    "rule check": st.builds(rule_check, TIMES, WORDS, ended=st.booleans()),
    "run": st.builds(RunStart, TIMES, WORDS, WORDS, st.booleans(), WORDS),
}
"""Records that may come at any time."""


@dataclass
class Story:
    """Records of one site that could follow one another, drawn one by one."""

    data: st.DataObject
    number: int = 1
    open_intent: int | None = None
    intents: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def step(self) -> list[Record]:
        return [self.record() for _ in range(self.data.draw(st.integers(1, 4)))]

    def record(self) -> Record:
        self.number += 1
        own: list[Callable[[], Record]] = [self.event]
        own += [self.intend] * 3 if self.open_intent is None else [self.sent, *[self.concluded] * 3]
        own += [self.effect] if self.intents else []
        own += [self.checked] if self.events else []
        kind = self.data.draw(st.sampled_from([*ALWAYS, *own]))
        return self.data.draw(ALWAYS[kind]) if isinstance(kind, str) else kind()

    def intend(self) -> Record:
        self.open_intent = self.number
        self.intents.append(self.number)
        draw = self.data.draw
        previous, wanted, cause = draw(SETTINGS), draw(SETTINGS), draw(st.sampled_from(Cause))
        return IntentRecord(draw(TIMES), None, previous, wanted, cause, "", would=False)

    def sent(self) -> Record:
        assert self.open_intent is not None
        return SentRecord(self.data.draw(TIMES), self.open_intent)

    def concluded(self) -> Record:
        assert self.open_intent is not None
        intent_id, self.open_intent = self.open_intent, None
        result = self.data.draw(st.sampled_from(Outcome))
        return OutcomeRecord(self.data.draw(TIMES), intent_id, FULL, result, "")

    def effect(self) -> Record:
        intent_id = self.data.draw(st.sampled_from(self.intents))
        effect = self.data.draw(st.sampled_from(Effect))
        return EffectRecord(self.data.draw(TIMES), intent_id, FULL, effect, "")

    def event(self) -> Record:
        self.events.append(self.number)
        draw = self.data.draw
        action, state = draw(st.sampled_from(Action)), draw(st.sampled_from(Happened))
        return EventRecord(draw(TIMES), draw(WORDS), after(60 * self.number), action, state)

    def checked(self) -> Record:
        event = self.data.draw(st.none() | st.sampled_from(self.events))
        return FirmwareCheckRecord(self.data.draw(TIMES), event, "", "", None, "")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal without rows: to make one takes longer than the rest."""
    path = tmp_path_factory.mktemp("empty") / "journal.sqlite"

    async def make() -> None:
        async with opened(path):
            pass

    asyncio.run(make())
    return path


@few
@given(data=st.data(), steps=st.integers(1, 12))
def test_the_same_rows_give_the_same_past(empty: Path, data: st.DataObject, steps: int) -> None:
    story = Story(data)

    async def told(path: Path) -> None:
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

    with TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        shutil.copyfile(empty, path)
        asyncio.run(told(path))
