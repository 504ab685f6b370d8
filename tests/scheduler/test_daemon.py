"""The loop through restarts, reloads and the odd ways of a machine and its gateway."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from house import AFTERNOON, EVERYDAY, EXAMPLES, FULL, House, local, trouble

from scheduler.domain import Kind
from scheduler.errors import JournalProblem, LoginRefused
from scheduler.loop import CommitFailed
from scheduler.simulator.fault_plan import FaultKind
from scheduler.simulator.sessions import Credentials

NOON = local(7, 15, "12:00")
TWO, FOUR, SIX = (local(7, 15, time) for time in ("14:00", "16:00", "18:00"))
ONCE = [(TWO, FULL), (FOUR, EVERYDAY)]
POLL = timedelta(seconds=30)


# --- what an account may do ------------------------------------------------------------------


def test_an_owner_s_login_is_refused_once_and_advises_from_then_on(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON, profile="21.44").play(SIX)
    posts = [each for each in house.record.requests if each.path == "/api/operation"]
    assert [each.at for each in posts if each.method == "POST"] == [NOON]
    assert not house.writes
    assert [probe.outcome for probe in house.probes] == ["refused"]
    would = [(a.at, a.wanted) for a in house.actions if a.would]
    assert [wanted for _, wanted in would] == [FULL, EVERYDAY]
    assert would[1][0] == FOUR
    assert house.kinds().count("not_permitted") == 1
    assert len(house.record.logins) == 1


def test_a_login_that_stops_the_battery_is_made_good_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON, profile="1.15").play(SIX)
    assert [(each.at, each.running) for each in house.record.running] == [
        (NOON, True),
        (NOON, False),
        (NOON, True),
    ]
    assert house.kinds() == ["battery_run"]
    assert house.writes == ONCE  # with the key that this firmware takes
    assert house.setting == EVERYDAY


# --- a battery that stands still --------------------------------------------------------------


def stop(house: House) -> None:
    house.gateway._set_running(house.unstepped(), running=False, cause="somebody")


def test_a_stopped_battery_is_told_of_and_asked_to_run(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(NOON + timedelta(minutes=10, seconds=7), stop, house)
    house.play(TWO - POLL)
    kinds = house.kinds()
    assert kinds == ["battery_stopped", "battery_run", "battery_runs"]
    (stopped, _), (asked, _), _ = house.notes()
    assert asked - stopped >= timedelta(minutes=3)
    assert asked - stopped <= timedelta(minutes=3) + POLL
    assert house.asked("/api/sitemaster/run") == [asked]
    assert house.home.running


def test_one_that_keeps_stopping_is_asked_once_an_hour(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    for minute in range(10, 300):
        house.at(NOON + timedelta(minutes=minute, seconds=7), stop, house)
    house.play(NOON + timedelta(hours=5))
    asked = house.asked("/api/sitemaster/run")
    assert 4 <= len(asked) <= 5
    assert all(b - a >= timedelta(hours=1) for a, b in pairwise(asked))
    assert all(house.record.running_at(at) for at, _ in house.writes)


def test_a_dry_run_only_tells_of_a_stopped_battery(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(NOON + timedelta(minutes=10, seconds=7), stop, house)
    house.play(TWO - POLL, dry_run=True)
    assert house.kinds() == ["battery_stopped"]
    assert not house.asked("/api/sitemaster/run")


# --- guards in the loop -----------------------------------------------------------------------


def test_nothing_is_written_while_grid_services_are_active(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.home.grid_services = True
    end = TWO + timedelta(minutes=20, seconds=7)
    house.at(end, lambda: setattr(house.home, "grid_services", False))
    house.play(FOUR - POLL)
    assert [setting for _, setting in house.writes] == [FULL]
    assert end <= house.writes[0][0] <= end + POLL
    assert len(house.notes("held_back")) == 1


# --- reloading --------------------------------------------------------------------------------


def test_a_reload_puts_new_rules_in_force_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)

    def change() -> None:
        house.rules.write_text(AFTERNOON.replace("14:00", "12:30"), encoding="utf-8")
        house.reload()

    changed = NOON + timedelta(minutes=50, seconds=7)
    house.at(changed, change)
    house.play(SIX)
    assert house.writes == [(changed, FULL), (FOUR, EVERYDAY)]
    assert [entry.at for entry in house.entries(Kind.RELOAD)] == [changed]


def test_a_bad_rule_file_keeps_the_old_rules_and_says_so(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)

    def spoil() -> None:
        house.rules.write_text(AFTERNOON.replace("14:00-", "26:00-"), encoding="utf-8")
        house.reload()

    house.at(NOON + timedelta(minutes=50, seconds=7), spoil)
    house.play(SIX)
    assert house.writes == ONCE
    ((_, text),) = house.notes("reload_failed")
    assert "home.toml:" in text


def test_reloading_the_same_file_changes_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(TWO + timedelta(minutes=50, seconds=7), house.reload)
    house.play(SIX)
    assert house.writes == ONCE
    ((_, text),) = house.notes("reloaded")
    assert "not changed" in text


# --- clocks that are set ----------------------------------------------------------------------


def test_a_clock_set_forward_is_noted_and_followed(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(NOON + timedelta(minutes=10, seconds=7), house.clock.step_wall, timedelta(hours=3))
    house.play(NOON + timedelta(minutes=30))
    assert house.kinds() == ["clock_stepped"]
    assert house.setting == FULL


def test_a_clock_set_back_is_noted_and_followed(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    late = TWO + timedelta(minutes=30, seconds=7)
    house.at(late, house.clock.step_wall, -timedelta(hours=2))
    house.play(late + timedelta(minutes=5))
    assert house.kinds() == ["clock_stepped"]
    assert house.setting == EVERYDAY


def test_a_clock_set_back_right_after_a_write_does_not_stall_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(TWO + timedelta(seconds=2), house.clock.step_wall, -timedelta(minutes=10))
    house.play(TWO + timedelta(minutes=3))
    assert house.outcomes() == ["held", "held"]
    assert house.setting == EVERYDAY


# --- a journal that fails ---------------------------------------------------------------------


@pytest.fixture
def full_disk() -> Iterator[type[FullDisk]]:
    yield FullDisk
    FullDisk.end()


class FullDisk:
    """No file of this process can grow, as on a full disk."""

    @staticmethod
    def begin() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, most))

    @staticmethod
    def end() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def test_a_full_disk_neither_stops_the_loop_nor_lets_it_write(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    full, room = TWO - timedelta(seconds=7), TWO + timedelta(minutes=10, seconds=7)
    house.at(full, full_disk.begin)
    house.at(full + timedelta(minutes=5), house.reload)
    house.at(room, full_disk.end)
    house.play(SIX)
    polls = [at for at in house.asked("/api/system_status/soe") if full < at < room]
    assert len(polls) >= 20
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]
    assert room < house.writes[0][0] <= room + POLL
    assert [(a.at, a.wanted) for a in house.actions] == house.writes
    assert house.outcomes() == ["held", "held"]
    unrecorded = [each.at for each in house.heard if isinstance(each, CommitFailed)]
    assert set(polls) <= set(unrecorded)


def test_on_a_full_disk_the_safe_state_alone_is_written_and_told(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    room = FOUR + timedelta(minutes=30, seconds=7)
    house.at(FOUR - timedelta(minutes=10, seconds=7), full_disk.begin)
    house.at(room, full_disk.end)
    house.play(SIX)
    (_, first), (at, second) = house.writes
    assert (first, second) == (FULL, EVERYDAY)
    assert FOUR <= at < FOUR + timedelta(minutes=2)
    assert house.setting == EVERYDAY
    assert [action.wanted for action in house.actions] == [FULL]
    ((told, text),) = house.notes("unrecorded_write")
    assert told >= room
    assert "self_consumption, reserve 20 % at 23:00 UTC without a row" in text
    assert any("without a row" in e.problem for e in house.heard if isinstance(e, CommitFailed))


def test_on_a_full_disk_the_safe_state_is_written_once_an_hour(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(FOUR - timedelta(minutes=10, seconds=7), full_disk.begin)
    for minute in (5, 10, 15):
        house.at(FOUR + timedelta(minutes=minute, seconds=7), house.gateway.set_in_app, FULL)
    house.at(FOUR + timedelta(minutes=50, seconds=7), full_disk.end)
    house.play(FOUR + timedelta(minutes=50))
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]


def test_a_dry_run_on_a_full_disk_writes_nothing_either(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.gateway.set_in_app(FULL)
    house.at(FOUR - timedelta(minutes=10, seconds=7), full_disk.begin)
    house.at(FOUR + timedelta(minutes=20, seconds=7), full_disk.end)
    house.play(SIX, dry_run=True)
    assert not house.record.writes


def test_on_a_full_disk_a_write_on_its_way_gives_way_to_the_safe_state(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON.replace("14:00-16:00", "15:59-16:00"), NOON)
    house.at(FOUR - timedelta(seconds=58), full_disk.begin)
    house.at(FOUR + timedelta(minutes=30, seconds=7), full_disk.end)
    house.play(SIX)
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]
    assert house.outcomes() == ["recovered_not_applied"]


def test_a_write_whose_journal_fails_in_between_is_found_again(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(TWO + timedelta(seconds=2), full_disk.begin)
    house.at(TWO + timedelta(minutes=10, seconds=7), full_disk.end)
    house.play(SIX)
    assert house.writes == ONCE
    assert house.outcomes() == ["held", "held"]


def test_a_failed_write_that_could_not_be_journaled_blocks_nothing(
    tmp_path: Path, full_disk: type[FullDisk]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    whole = house.transport.handle_async_request
    house.play(TWO - POLL)

    async def fails_with_the_disk(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/operation" and request.method == "POST":
            house.transport.handle_async_request = whole  # type: ignore[method-assign]
            full_disk.begin()
            raise httpx.ReadError("the connection ended", request=request)
        return await whole(request)

    house.transport.handle_async_request = fails_with_the_disk  # type: ignore[method-assign]
    room = TWO + timedelta(minutes=5, seconds=7)
    house.at(room, full_disk.end)
    house.play(SIX)
    assert house.outcomes() == ["unreachable", "held", "held"]
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]
    assert house.writes[0][0] <= room + POLL
    last_trouble = max(each.at for each in house.heard if isinstance(each, CommitFailed))
    assert last_trouble < room


def test_an_end_with_a_full_disk_is_an_end(tmp_path: Path, full_disk: type[FullDisk]) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.at(NOON + timedelta(minutes=10, seconds=7), full_disk.begin)
    with pytest.raises(JournalProblem):
        house.play(NOON + timedelta(minutes=20))
    full_disk.end()
    house.play(SIX)  # nobody holds the journal's lock any more
    assert house.writes == ONCE


# --- restarts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kill", [False, True])
def test_a_restart_sets_nothing_twice(tmp_path: Path, kill: bool) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.play(TWO + timedelta(minutes=20), kill=kill).play(SIX)
    assert house.writes == ONCE
    assert len(house.entries(Kind.RUN)) == 2
    assert len(house.entries(Kind.RUN_END)) == (1 if kill else 2)


def test_a_write_cut_short_by_a_kill_is_closed_by_what_is_true(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.play(TWO + timedelta(seconds=2), kill=True)
    assert house.outcomes() == [None]
    house.play(SIX)
    assert house.writes == ONCE
    assert house.outcomes() == ["recovered_applied", "held"]


def test_a_boundary_that_nobody_saw_is_made_good_at_the_start(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON).play(TWO - POLL)
    house.wait(TWO + timedelta(minutes=20))
    house.play(FOUR - POLL)
    assert house.writes == [(TWO + timedelta(minutes=20), FULL)]


def test_the_caps_survive_restarts(tmp_path: Path) -> None:
    rules = AFTERNOON.replace("14:00-16:00", "14:00-14:08") + "".join(
        f"""
[[rule]]
name  = "{minute}"
while = {{ time = "14:{minute:02}-14:{minute + 4:02}" }}
set   = {{ mode = "backup", reserve = 100 }}
"""
        for minute in range(12, 50, 8)
    )
    house = House(tmp_path, rules, local(7, 15, "12:30"))
    for minute in range(0, 60, 3):
        house.play(TWO + timedelta(minutes=minute, seconds=41), kill=bool(minute % 2))
    assert len(house.writes) == 6


def test_a_firmware_check_cut_short_is_begun_again_once(tmp_path: Path) -> None:
    house = House(tmp_path, EXAMPLES / "tou_sce_2018.toml", local(7, 15, "07:00"))
    at = local(7, 15, "07:15")
    house.play(at + timedelta(seconds=2), kill=True)
    house.play(at + timedelta(minutes=10)).play(at + timedelta(minutes=20))
    assert house.record.update_checks == [at, at + timedelta(seconds=2)]
    assert len(house.entries(Kind.EVENT)) == 1
    assert len(house.entries(Kind.FIRMWARE_CHECK)) == 1


def test_other_rules_after_a_restart_are_followed(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON).play(TWO + timedelta(minutes=20))
    text = AFTERNOON.replace("fill up", "fill more").replace("16:00", "15:00")
    house.rules.write_text(text, encoding="utf-8")
    house.play(SIX)
    assert house.writes == [(TWO, FULL), (local(7, 15, "15:00"), EVERYDAY)]


# --- the first contact ------------------------------------------------------------------------


def test_a_gateway_that_never_answered_is_waited_for(tmp_path: Path) -> None:
    away = trouble(FaultKind.NO_ANSWER, NOON, local(7, 15, "14:30"))
    house = House(tmp_path, AFTERNOON, NOON, faults=[away]).play(SIX)
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]
    assert house.notes("reachable")[0][1] == "the gateway answers again"


def test_a_wrong_password_ends_the_start(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    # The loop is given this label's password, the gateway knows another's.
    house.gateway.credentials = Credentials.as_shipped("SIM1800009999")
    with pytest.raises(LoginRefused):
        house.play(SIX)


@pytest.mark.parametrize("profile", ["1.15", "1.49"])
def test_one_that_has_answered_before_is_waited_for(tmp_path: Path, profile: str) -> None:
    away = trouble(FaultKind.NO_ANSWER, local(7, 15, "13:30"), TWO + timedelta(minutes=5))
    house = House(tmp_path, AFTERNOON, NOON, profile=profile, faults=[away])
    house.play(local(7, 15, "13:00")).wait(local(7, 15, "13:57"))
    house.play(SIX)
    assert "unreachable" in house.kinds()
    assert "reachable" in house.kinds()
    (first, setting), second = house.writes
    assert setting == FULL
    assert first - away.end <= 3 * POLL + timedelta(seconds=90)
    assert second == (FOUR, EVERYDAY)
    assert house.outcomes() == ["held", "held"]
