"""One site by two routes: what is read where and written where, and what a failure comes to."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from four_levers import four_levers
from simulated import SteadyHousehold
from simulated_client import START, HandClock

from rules.domain import Export, Mode, Setting
from scheduler.domain import BudgetState, Caveat, Endpoint, NoteKind, Usage
from scheduler.errors import NotPermitted, Unreachable
from scheduler.gateways import SplitGateway, levers_of, parse_version
from scheduler.simulator.direct import DirectGateway, WriteFate
from scheduler.simulator.home import Home

T = TypeVar("T")
WISH = Setting(Mode.BACKUP, 30, grid_charging=False, export=Export.NEVER)
POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
OPERATION, PERMISSIONS = frozenset({Endpoint.OPERATION}), frozenset({Endpoint.PERMISSIONS})


def wait(asked: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asked)


class Site:
    """One home, read by a route that has mode and reserve only and written by one that has all."""

    def __init__(self) -> None:
        self.clock = HandClock(START)
        self.home = Home(SteadyHousehold(), START)
        levers = levers_of(parse_version("23.44.3"))
        self.reader = DirectGateway(self.home, self.clock, levers=levers)
        self.reader.fate = WriteFate.NOT_PERMITTED
        self.writer = four_levers(self.home, self.clock)
        self.notes: list[tuple[NoteKind, str]] = []
        self.gateway = SplitGateway(self.reader, self.writer, lambda *note: self.notes.append(note))


def test_what_the_reader_shows_is_never_asked_of_the_writer() -> None:
    site = Site()
    seen = wait(site.gateway.observe(POLL | OPERATION))
    assert seen.soe is not None
    assert seen.mode is not None
    assert list(site.writer.reads) == []


def test_what_only_the_writer_shows_comes_from_there() -> None:
    site = Site()
    seen = wait(site.gateway.observe(POLL | PERMISSIONS))
    assert (seen.grid_charging, seen.export) == (True, Export.SOLAR)
    assert seen.soe is not None
    assert [read.endpoints for read in site.writer.reads] == [PERMISSIONS]
    assert not any(PERMISSIONS & read.endpoints for read in site.reader.reads)


def test_a_write_goes_to_the_writer_alone_and_is_read_by_the_reader() -> None:
    site = Site()
    wait(site.gateway.apply(WISH))
    site.reader.shown = site.writer.shown
    seen = wait(site.gateway.observe(OPERATION))
    assert (seen.mode, seen.reserve) == (Mode.BACKUP, 30)
    assert site.reader.attempts == []


def test_what_the_route_allows_is_the_writers_and_what_it_is_the_readers() -> None:
    site = Site()
    both = site.gateway.capabilities
    assert both.levers == site.writer.capabilities.levers
    assert both.firmware == site.reader.capabilities.firmware
    assert both.endpoints == site.reader.capabilities.endpoints | PERMISSIONS
    site.gateway.assume(may_write=True)
    assert site.gateway.capabilities.may_write is True
    assert site.reader.capabilities.may_write is None


@pytest.mark.parametrize(("counted", "seconds"), [(False, 120.0), (True, 3600.0)])
def test_what_only_a_counted_writer_shows_is_asked_for_once_an_hour(
    counted: bool, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site()
    there = site.reader.capabilities
    usage = Usage(0, 0, 0, 0, 0.0, 10.0, BudgetState.WITHIN) if counted else None
    known = replace(site.writer.capabilities, usage=usage)
    monkeypatch.setattr(
        DirectGateway,
        "capabilities",
        property(lambda self: known if self is site.writer else there),
    )
    of_both = SplitGateway(site.reader, site.writer).capabilities
    assert of_both.at_intervals[Endpoint.PERMISSIONS] == seconds
    assert of_both.at_intervals[Endpoint.OPERATION] == 120.0


def test_a_writer_out_of_reach_takes_nothing_from_what_is_read_at_home() -> None:
    site = Site()
    site.writer.silent = True
    for _ in range(3):
        seen = wait(site.gateway.observe(POLL | PERMISSIONS))
        assert seen.soe is not None
        assert seen.export is None
    assert [kind for kind, _ in site.notes] == [NoteKind.READING_UNUSABLE]
    site.writer.silent = False
    assert wait(site.gateway.observe(POLL | PERMISSIONS)).export is Export.SOLAR
    assert [kind for kind, _ in site.notes] == [NoteKind.READING_UNUSABLE, NoteKind.REACHABLE]


def test_a_reader_out_of_reach_is_a_site_out_of_reach() -> None:
    site = Site()
    site.reader.silent = True
    with pytest.raises(Unreachable):
        wait(site.gateway.observe(POLL))
    with pytest.raises(Unreachable):
        wait(site.gateway.connect())


def test_the_first_contact_does_not_wait_for_the_writer() -> None:
    site = Site()
    site.writer.silent = True
    wait(site.gateway.connect())
    assert len(site.notes) == 1


def test_what_the_writer_may_not_is_said_by_the_site() -> None:
    site = Site()
    site.writer.fate = WriteFate.NOT_PERMITTED
    with pytest.raises(NotPermitted):
        wait(site.gateway.apply(WISH))
    assert site.gateway.capabilities.may_write is False


@pytest.mark.parametrize("of_reader", [True, False])
def test_what_keeps_a_setting_from_showing_is_known_of_either(
    monkeypatch: pytest.MonkeyPatch, of_reader: bool
) -> None:
    site = Site()
    known = site.reader if of_reader else site.writer
    caveats = frozenset({Caveat.TARIFF_MAY_WIN})
    told = replace(known.capabilities, caveats=caveats)
    monkeypatch.setattr(known, "_capabilities", told)
    assert site.gateway.capabilities.caveats == caveats
