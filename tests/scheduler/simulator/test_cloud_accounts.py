"""Who may ask the simulated Fleet API: tokens, scopes, rate limits and the month's bill."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from simulated_client import START
from simulated_cloud import PROMPT, CloudClient, cloud_client, lasting

from scheduler.simulator.cloud import Application, RequestLimit, TokenPair
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.wire import WireRequest, WireResponse

HOUR = 3_600.0
DISABLED = {"error": "account disabled: EXCEEDED_LIMIT"}
FREE = replace(PROMPT, limits=())


def error(answer: WireResponse) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["error"]


def live(asker: CloudClient) -> WireResponse:
    return asker.ask("GET", "/api/1/energy_sites/1689/live_status")


def test_a_refresh_gives_a_new_pair_and_voids_the_old() -> None:
    asker = cloud_client()
    old = asker.tokens
    answer = asker.log_in()
    said = json.loads(answer.body)
    assert (said["expires_in"], said["token_type"]) == (28_800, "Bearer")
    assert {asker.tokens.access, asker.tokens.refresh}.isdisjoint({old.access, old.refresh})
    assert live(asker).status == 200
    new, asker.tokens = asker.tokens, old
    assert error(live(asker)) == (401, "token expired (401)")
    assert error(asker.log_in()) == (401, "login_required")
    asker.tokens = new
    assert live(asker).status == 200
    assert [each.refusal for each in asker.cloud.record.refreshes] == ["", "login_required"]


def test_an_access_token_lives_eight_hours_of_the_clock() -> None:
    asker = cloud_client()
    asker.pass_time(8 * HOUR - 1)
    assert live(asker).status == 200
    asker.pass_time(1)
    assert error(live(asker)) == (401, "token expired (401)")
    asker.log_in()
    assert live(asker).status == 200


def test_a_refresh_token_has_an_end_too() -> None:
    assert timedelta(seconds=PROMPT.refresh_token_s) == timedelta(days=90)
    for seconds, status in ((599, 200), (600, 401)):
        asker = cloud_client(profile=replace(PROMPT, refresh_token_s=600.0))
        asker.pass_time(seconds)
        assert asker.log_in().status == status


def test_an_access_token_tells_its_end_and_its_scopes() -> None:
    payload = cloud_client().tokens.access.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert datetime.fromtimestamp(claims["exp"], UTC) == START + timedelta(hours=8)
    assert {"energy_cmds", "energy_device_data"} < set(claims["scp"])


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        ({"client_id": "somebody"}, (400, "unauthorized_client")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"refresh_token": "NA_0"}, (401, "login_required")),
    ],
)
def test_a_refresh_that_is_refused(content: dict[str, str], refusal: tuple[int, str]) -> None:
    asker = cloud_client()
    assert error(asker.log_in(**content)) == refusal
    assert asker.cloud.record.refreshes[-1].refusal == refusal[1]
    assert asker.log_in().status == 200  # it has cost nothing


def test_a_refresh_whose_answer_is_lost_has_used_up_the_token() -> None:
    asker = cloud_client(lasting(FaultKind.RESET, 0, 60, path="/oauth2"))
    assert not asker.refresh().wire.answered
    assert live(asker).status == 401
    asker.pass_time(60)
    assert error(asker.refresh()) == (401, "login_required")


def test_a_refresh_that_says_nothing() -> None:
    asker = cloud_client()
    request = WireRequest("POST", "/oauth2/v3/token", {}, {}, b"\xff")
    assert error(asker.cloud.handle(request)) == (400, "invalid_request")


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer somebody", "Basic c2VjcmV0"])
def test_a_stranger_gets_nothing_and_costs_nothing(header: str | None) -> None:
    asker = cloud_client()
    headers = {} if header is None else {"authorization": header}
    answer = asker.cloud.handle(WireRequest("GET", "/api/1/products", {}, headers))
    assert error(answer) == (401, "invalid bearer token")
    assert asker.cloud.bill().requests == 0


@pytest.mark.parametrize(
    ("scope", "read", "write"), [("energy_device_data", 200, 403), ("energy_cmds", 403, 200)]
)
def test_what_the_owner_has_not_consented_to(scope: str, read: int, write: int) -> None:
    asker = cloud_client(application=Application(scopes=frozenset({"openid", scope})))
    answers = (live(asker), asker.reserve(60))
    assert tuple(answer.status for answer in answers) == (read, write)
    (refused,) = (answer for answer in answers if answer.status == 403)
    assert error(refused) == (403, "Unauthorized missing scopes")
    assert len(asker.cloud.record.commands) == (write == 200)


@pytest.mark.parametrize("limit", [RequestLimit(4, 1.0), RequestLimit(4, 60.0)])
def test_too_many_requests_have_to_wait(limit: RequestLimit) -> None:
    asker = cloud_client(profile=replace(PROMPT, limits=(limit,)))
    assert [live(asker).status for _ in range(3)] == [200] * 3
    asker.pass_time(limit.seconds / 4)
    assert [live(asker).status for _ in range(2)] == [200, 429]
    answer = asker.reserve(60)
    wait = int(dict(answer.headers)["retry-after"])
    assert answer.body.decode() == f"Retry in {wait} seconds"
    assert asker.log_in().status == 200  # logins are not limited
    asker.pass_time(wait - 1)
    assert live(asker).status == 429
    asker.pass_time(1)
    assert live(asker).status == 200
    assert asker.cloud.record.commands == []


def test_ten_requests_a_second_and_sixty_a_minute() -> None:
    asker = cloud_client()
    told = []
    for _ in range(7):
        told += [live(asker).status for _ in range(10)]
        asker.pass_time(1)
    assert told == [200] * 60 + [429] * 10
    asker.pass_time(60)
    assert [live(asker).status for _ in range(11)] == [200] * 10 + [429]


def test_the_bill_is_two_for_a_read_and_one_for_a_command_in_thousandths() -> None:
    asker = cloud_client(profile=FREE)
    for _ in range(5):
        live(asker)
    asker.reserve(60)
    asker.reserve("a mistake")
    asker.log_in()
    assert asker.cloud.bill() == (5, 2, pytest.approx(0.012))
    billed = [each.billed for each in asker.cloud.record.requests]
    assert billed == ["data"] * 5 + ["command"] * 2 + [None]


def test_refusals_are_billed_and_failures_of_the_cloud_are_not() -> None:
    limited = replace(PROMPT, limits=(RequestLimit(1, 60.0),))
    asker = cloud_client(
        lasting(CloudFaultKind.SERVER_ERROR, 120, 60),
        lasting(CloudFaultKind.COMMAND_LOST, 240, 60),
        profile=limited,
    )
    assert [live(asker).status for _ in range(2)] == [200, 429]
    asker.pass_time(120)
    assert live(asker).status == 503
    asker.pass_time(120)
    assert asker.reserve(60).status == 0
    asker.pass_time(120)
    assert asker.ask("GET", "/api/1/nowhere").status == 404
    asker.pass_time(8 * HOUR)
    assert live(asker).status == 401
    assert asker.cloud.bill().requests == 4
    assert [each.billed for each in asker.cloud.record.requests] == [
        "data", "data", None, None, "data", "data",
    ]  # fmt: skip


def test_beyond_the_limit_the_application_is_disabled_until_the_month_ends() -> None:
    august = datetime(2026, 8, 1, tzinfo=UTC)
    asker = cloud_client(profile=replace(FREE, allowance=0.01), start=august - timedelta(hours=9))
    asker.reserve(60)
    assert [live(asker).status for _ in range(7)] == [200] * 5 + [403] * 2
    assert json.loads(live(asker).body) == DISABLED
    assert (asker.mode("backup").status, asker.log_in().status) == (403, 200)
    assert asker.cloud.bill().dollars == pytest.approx(0.011)
    asker.pass_time(30)
    assert asker.obeyed.reserve == 60  # what was taken is done
    asker.pass_time(9 * HOUR - 31)
    asker.log_in()
    assert live(asker).status == 403
    asker.pass_time(1)
    assert live(asker).status == 200
    assert asker.cloud.bill() == (1, 0, pytest.approx(0.002))


def test_ten_dollars_are_five_thousand_reads_and_then_one() -> None:
    asker = cloud_client(profile=FREE)
    assert {live(asker).status for _ in range(5_001)} == {200}
    assert live(asker).status == 403


def test_without_a_limit_nothing_is_disabled() -> None:
    asker = cloud_client(profile=replace(FREE, allowance=None, data_for_a_dollar=1))
    assert {live(asker).status for _ in range(50)} == {200}
    assert asker.cloud.bill().dollars == 50


def test_the_owner_may_log_in_anew() -> None:
    asker = cloud_client(lasting(CloudFaultKind.REFRESH_REFUSED))
    asker.pass_time(8 * HOUR)
    assert error(asker.log_in()) == (401, "login_required")
    asker.tokens = asker.cloud.log_in()
    assert isinstance(asker.tokens, TokenPair)
    assert live(asker).status == 200


def test_a_refresh_may_come_as_json_and_never_stands_in_the_record() -> None:
    asker = cloud_client()
    form = {
        "grant_type": "refresh_token",
        "client_id": asker.cloud.application.client_id,
        "refresh_token": asker.tokens.refresh,
    }
    bodies = (json.dumps(form).encode(), urlencode(form).encode())
    answers = [asker.ask("POST", "/oauth2/v3/token", body).status for body in bodies]
    assert answers == [200, 401]
    assert {each.sent for each in asker.cloud.record.requests} == {""}
    assert asker.cloud.bill() == (0, 0, 0)  # though they came with a token
