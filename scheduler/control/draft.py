"""A step in the making: the parts of the state as they change, its rows and its actions."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from scheduler.control.actions import Action
from scheduler.control.events import Notes
from scheduler.control.state import Reply, State, Step
from scheduler.domain import NoteKind, NoteRecord, Record, Row

_FIELDS = tuple(field.name for field in fields(State))


class Draft:
    """What a state becomes in one step, for the functions that make it.

    Lives no longer than the step: nobody outside sees one.
    """

    __slots__ = (*_FIELDS, "_actions", "_rows", "at")

    def __init__(self, state: State, at: datetime) -> None:
        self.at = at
        self._rows: list[Row] = []
        self._actions: list[Action] = []
        (
            self.terms, self.capabilities, self.decisions, self.run, self.next_number,
            self.last_hold, self.observation, self.recorded, self.requested_at, self.read_at,
            self.silence, self.inputs, self.engine_inputs, self.engine_plan, self.out_of_reach,
            self.writing, self.ownership, self.effects, self.job, self.watchdog, self.route,
            self.grid_up_since, self.clock, self.unnoted_step, self.occurred, self.pending_notes,
            self.unrecorded,
        ) = (
            state.terms, state.capabilities, state.decisions, state.run, state.next_number,
            state.last_hold, state.observation, state.recorded,
            state.requested_at, state.read_at, state.silence, state.inputs, state.engine_inputs,
            state.engine_plan, state.out_of_reach, state.writing, state.ownership,
            state.effects, state.job, state.watchdog, state.route, state.grid_up_since,
            state.clock, state.unnoted_step, state.occurred, state.pending_notes,
            state.unrecorded,
        )  # fmt: skip

    @property
    def advising(self) -> bool:
        """Nothing is written; rows say what would be."""
        return self.terms.dry_run or self.capabilities.may_write is False

    def record(self, record: Record) -> int:
        """Let a row be committed with this step; its number."""
        number = self.next_number
        self.next_number = number + 1
        self._rows.append(Row(number, self.run or number, record))
        return number

    def note(self, kind: NoteKind, text: str) -> None:
        """Let a note be committed with this step."""
        self.record(NoteRecord(self.at, kind, text))

    def add_notes(self, notes: Notes) -> None:
        """Let notes be committed of what others reported."""
        for kind, text in notes:
            self.note(kind, text)

    def act(self, action: Action) -> None:
        """Let this be done once the step is committed."""
        self._actions.append(action)

    def finished(self, reply: Reply = None) -> Step:
        """The step."""
        state = State(
            self.terms, self.capabilities, self.decisions, self.run, self.next_number,
            self.last_hold, self.observation, self.recorded, self.requested_at, self.read_at,
            self.silence, self.inputs, self.engine_inputs, self.engine_plan, self.out_of_reach,
            self.writing, self.ownership, self.effects, self.job, self.watchdog, self.route,
            self.grid_up_since, self.clock, self.unnoted_step, self.occurred, self.pending_notes,
            self.unrecorded,
        )  # fmt: skip
        return Step(state, tuple(self._rows), tuple(self._actions), reply)
