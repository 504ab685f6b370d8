"""What each fault does at the simulated Fleet API, on the wire and in the home."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from simulated_client import START
from simulated_cloud import OTHER, SITE, cloud_client, lasting

from rules.domain import Mode, Setting
from scheduler.simulator.cloud_fault_kinds import CLOUD_KINDS, CloudFaultKind
from scheduler.simulator.fault_answers import AT_ANY_SERVER
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, Kind
from scheduler.simulator.wire import DROPPED, NEVER, PROMPT, REFUSED, Wire

BEFORE, AFTER = 20, 60
LIVE = f"/api/1/energy_sites/{SITE}/live_status"


def test_every_kind_is_described_and_none_has_the_name_of_a_gateways() -> None:
    assert set(CLOUD_KINDS) == set(CloudFaultKind)
    page = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text("utf-8")
    for kind, about in CLOUD_KINDS.items():
        assert f"| `{kind}` | {about.text} |\n" in page
    assert {kind.value for kind in CloudFaultKind}.isdisjoint(kind.value for kind in FaultKind)


@pytest.mark.parametrize(
    ("kind", "wire", "read", "login"),
    [
        (CloudFaultKind.DOWN, REFUSED, 0, 0),
        (CloudFaultKind.SERVER_ERROR, PROMPT, 503, 503),
        (CloudFaultKind.OVER_LIMIT, PROMPT, 429, 200),
        (CloudFaultKind.DISABLED, PROMPT, 403, 200),
        (CloudFaultKind.TOKENS_EXPIRE, PROMPT, 401, 200),
        (CloudFaultKind.REFRESH_REFUSED, PROMPT, 200, 401),
        (CloudFaultKind.STALE_STATUS, PROMPT, 200, 200),
        (CloudFaultKind.COMMAND_LOST, PROMPT, 200, 200),
        (CloudFaultKind.COMMAND_ANSWER_LOST, PROMPT, 200, 200),
        (CloudFaultKind.COMMAND_IGNORED, PROMPT, 200, 200),
        (CloudFaultKind.GONE, PROMPT, 200, 200),
        (FaultKind.NO_ANSWER, NEVER, 0, 0),
        (FaultKind.LATE_ANSWER, Wire(delay_s=7), 200, 200),
        (FaultKind.BAD_GATEWAY, PROMPT, 502, 502),
        (FaultKind.TRUNCATED, Wire(cut=True), 200, 200),
        (FaultKind.NOT_JSON, PROMPT, 200, 200),
    ],
)
def test_a_read_and_a_login_under_each_fault(kind: Kind, wire: Wire, read: int, login: int) -> None:
    asker = cloud_client(lasting(kind, 60, delay_s=7))
    asker.pass_time(59)
    assert (asker.ask("GET", LIVE).status, asker.cloud.offline) == (200, False)
    asker.pass_time(1)
    answer = asker.ask("GET", LIVE)
    assert (answer.wire, answer.status) == (wire, read)
    assert asker.cloud.offline is (kind is CloudFaultKind.DOWN)
    seen = asker.cloud.record.requests[-1]
    assert (seen.status, seen.answered) == (read, wire.answered)
    assert asker.refresh().status == login


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_the_cloud_in_trouble_says_so_and_does_nothing(status: int) -> None:
    asker = cloud_client(lasting(CloudFaultKind.SERVER_ERROR, status=status, for_s=60))
    answer = asker.reserve(AFTER)
    assert answer.status == status
    assert json.loads(answer.body)["response"] is None
    asker.pass_time(60)
    assert (asker.cloud.record.commands, asker.obeyed.reserve) == ([], BEFORE)
    assert asker.reserve(AFTER).status == 200


@pytest.mark.parametrize(
    ("kind", "wire", "status", "taken", "shown", "obeyed"),
    [
        (CloudFaultKind.COMMAND_LOST, DROPPED, 0, False, BEFORE, BEFORE),
        (CloudFaultKind.COMMAND_ANSWER_LOST, DROPPED, 200, True, AFTER, AFTER),
        (CloudFaultKind.COMMAND_IGNORED, PROMPT, 200, True, BEFORE, BEFORE),
        (CloudFaultKind.COMMAND_UNACTED, PROMPT, 200, True, AFTER, BEFORE),
        (CloudFaultKind.COMMAND_LATE, PROMPT, 200, True, AFTER, BEFORE),
        (CloudFaultKind.RESERVE_SNAPPED, PROMPT, 200, True, AFTER, AFTER),
        (CloudFaultKind.NO_RATE_PLAN, PROMPT, 200, True, AFTER, AFTER),
        (CloudFaultKind.OVER_LIMIT, PROMPT, 429, False, BEFORE, BEFORE),
        (CloudFaultKind.DISABLED, PROMPT, 403, False, BEFORE, BEFORE),
        (CloudFaultKind.TOKENS_EXPIRE, PROMPT, 401, False, BEFORE, BEFORE),
        (FaultKind.NO_ANSWER, NEVER, 0, False, BEFORE, BEFORE),
        (FaultKind.LATE_ANSWER, Wire(delay_s=600), 200, True, AFTER, AFTER),
        (FaultKind.EMPTY_BODY, PROMPT, 200, True, AFTER, AFTER),
    ],
)
def test_a_command_under_each_fault(
    kind: Kind, wire: Wire, status: int, taken: bool, shown: int, obeyed: int
) -> None:
    asker = cloud_client(lasting(kind, 1, 59, delay_s=600))
    asker.pass_time(1)
    answer = asker.reserve(AFTER)
    assert (answer.wire, answer.status) == (wire, status)
    assert asker.cloud.record.requests[-1].fault == (
        None if kind is CloudFaultKind.TOKENS_EXPIRE else _met(kind)
    )
    assert bool(asker.cloud.record.commands) is taken
    asker.pass_time(300)
    asker.log_in()
    assert (asker.shown()[1], asker.obeyed.reserve) == (shown, obeyed)
    asker.pass_time(600)
    late = kind is CloudFaultKind.COMMAND_LATE
    assert asker.obeyed.reserve == (AFTER if late else obeyed)


def _met(kind: Kind) -> str | None:
    """The fault that a reserve meets."""
    return None if kind is CloudFaultKind.NO_RATE_PLAN else kind.value


def test_a_late_command_holds_up_those_behind_it() -> None:
    asker = cloud_client(lasting(CloudFaultKind.COMMAND_LATE, 0, 1, delay_s=600))
    asker.reserve(AFTER)
    asker.pass_time(60)
    asker.mode("backup")
    asker.pass_time(569)
    assert (asker.obeyed.reserve, asker.obeyed.mode) == (BEFORE, Mode.SELF_CONSUMPTION)
    asker.pass_time(1)
    assert (asker.obeyed.reserve, asker.obeyed.mode) == (AFTER, Mode.BACKUP)
    assert [each.number for each in asker.cloud.record.done] == [1, 2]


def test_an_unacted_command_is_shown_until_somebody_sets_that_part_elsewhere() -> None:
    asker = cloud_client(lasting(CloudFaultKind.COMMAND_UNACTED, 0, 60))
    asker.reserve(AFTER)
    asker.pass_time(3_600)
    assert (asker.shown()[1], asker.obeyed.reserve) == (AFTER, BEFORE)
    asker.gateway.set_in_app(Setting(reserve=35))
    asker.pass_time(60)
    assert (asker.shown()[1], asker.obeyed.reserve) == (35, 35)


@pytest.mark.parametrize(("reserve", "becomes"), [(80, 80), (81, 80), (99, 80), (100, 100)])
def test_a_reserve_snaps_on_old_firmware_too(reserve: int, becomes: int) -> None:
    asker = cloud_client(lasting(CloudFaultKind.RESERVE_SNAPPED), firmware="24.36")
    assert asker.reserve(reserve).status == 200
    asker.pass_time(30)
    assert (asker.shown()[1], asker.obeyed.reserve) == (becomes, becomes)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (CloudFaultKind.NO_RATE_PLAN, {"autonomous"}),
        (CloudFaultKind.GONE, {"autonomous", "backup", "self_consumption"}),
    ],
)
def test_without_a_rate_plan_modes_are_gone(kind: Kind, refused: set[str]) -> None:
    asker = cloud_client(lasting(kind, for_s=60))
    shown = asker.read("site_info")["tariff_content"]
    assert (shown == {}) is (kind is CloudFaultKind.NO_RATE_PLAN)
    told = {mode: asker.mode(mode).status for mode in ("autonomous", "backup", "self_consumption")}
    assert {mode for mode, status in told.items() if status == 410} == refused
    assert set(told.values()) <= {200, 410}
    assert len(asker.cloud.record.commands) == 3 - len(refused)
    assert asker.reserve(AFTER).status == 200
    asker.pass_time(60)
    assert asker.mode("autonomous").status == 200
    assert asker.read("site_info")["tariff_content"] != {}


def test_over_the_limit_says_when_it_ends() -> None:
    asker = cloud_client(lasting(CloudFaultKind.OVER_LIMIT, 0, 600))
    asker.pass_time(59.5)
    answer = asker.ask("GET", LIVE)
    assert dict(answer.headers)["retry-after"] == "541"
    asker.pass_time(541)
    assert asker.ask("GET", LIVE).status == 200


@pytest.mark.parametrize("after_s", [0, 600])
def test_tokens_given_at_the_very_moment_are_good(after_s: float) -> None:
    asker = cloud_client(lasting(CloudFaultKind.TOKENS_EXPIRE, after_s))
    asker.pass_time(after_s)
    assert asker.ask("GET", LIVE).status == 401
    asker.log_in()
    assert asker.ask("GET", LIVE).status == 200


def test_tokens_expire_at_a_moment_and_those_given_after_it_are_good() -> None:
    asker = cloud_client(lasting(CloudFaultKind.TOKENS_EXPIRE, 600, 60))
    asker.pass_time(599)
    assert asker.ask("GET", LIVE).status == 200
    asker.pass_time(1)
    assert asker.ask("GET", LIVE).status == 401
    asker.pass_time(3_600)
    assert asker.ask("GET", LIVE).status == 401
    asker.log_in()
    assert asker.ask("GET", LIVE).status == 200


def test_what_was_taken_is_done_while_the_cloud_is_down() -> None:
    asker = cloud_client(lasting(CloudFaultKind.DOWN, 1, 600))
    asker.reserve(AFTER)
    asker.pass_time(30)
    assert asker.ask("GET", LIVE).wire == REFUSED
    assert asker.obeyed.reserve == AFTER


def test_a_stale_status_stays_as_it_was() -> None:
    asker = cloud_client(lasting(CloudFaultKind.STALE_STATUS, 90, 600))
    told = []
    for _ in range(14):
        live = asker.read("live_status")
        told.append((datetime.fromisoformat(live["timestamp"]) - START).total_seconds())
        asker.pass_time(60)
    assert told == [0, *[60] * 11, 720, 780]
    asker.reserve(AFTER)
    asker.pass_time(30)
    assert asker.shown()[1] == AFTER  # site_info is not stale


def test_a_fault_of_one_site_leaves_the_others_alone() -> None:
    path = f"/api/1/energy_sites/{SITE}"
    asker = cloud_client(
        lasting(CloudFaultKind.SERVER_ERROR, path=f"{path}/live_status"),
        lasting(CloudFaultKind.STALE_STATUS, path=path),
        lasting(CloudFaultKind.COMMAND_LOST, path=path),
        sites=(SITE, OTHER),
    )
    asker.pass_time(60)
    assert asker.ask("GET", LIVE).status == 503
    assert asker.read("live_status", OTHER)["timestamp"] == "2026-07-01T12:01:00-07:00"
    assert asker.read("site_status")["percentage_charged"] == pytest.approx(50)
    assert (asker.reserve(AFTER).status, asker.reserve(AFTER, OTHER).status) == (0, 200)


@pytest.mark.parametrize(
    ("firmware", "wins"), [("26.18.3", True), ("26.2.1", True), ("25.18.4", False)]
)
def test_a_tariff_in_the_app_wins_over_the_reserve(firmware: str, wins: bool) -> None:
    asker = cloud_client(lasting(CloudFaultKind.TARIFF_WINS, 600, 3_600), firmware=firmware)
    asker.reserve(AFTER)
    asker.pass_time(660)
    assert asker.shown() == ("self_consumption", AFTER)
    # A battery at 50 % with a reserve of 60 % is charged; here it goes on to feed the home.
    power = asker.read("live_status")["battery_power"]
    assert (power > 0) is wins
    asker.reserve(70)
    asker.pass_time(60)
    assert (asker.shown()[1], asker.obeyed.reserve == 0) == (70, wins)
    asker.pass_time(3_600)
    assert (asker.shown()[1], asker.obeyed.reserve) == (70, 70)
    assert asker.read("live_status")["battery_power"] < 0


def test_somebody_else_may_listen_in_the_clouds_place() -> None:
    asker = cloud_client(Fault(FaultKind.IMPOSTOR, START, START + timedelta(minutes=1)))
    assert asker.cloud.impostor
    assert asker.ask("GET", LIVE).wire == REFUSED
    asker.pass_time(60)
    assert not asker.cloud.impostor


@pytest.mark.parametrize("kind", sorted(AT_ANY_SERVER))
def test_every_answer_may_be_spoiled(kind: Kind) -> None:
    clean, spoiled = (
        asker.ask("GET", LIVE) for asker in (cloud_client(), cloud_client(lasting(kind)))
    )
    assert spoiled != clean
