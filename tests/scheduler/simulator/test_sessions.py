"""Who the simulated gateway lets in, and what that does to the battery."""

from __future__ import annotations

import json

import pytest
from simulated_client import client, installer

from scheduler.simulator import profiles
from scheduler.simulator.profiles import PROFILES

ALL_PROFILES = tuple(PROFILES)


@pytest.mark.parametrize(
    ("profile", "username", "password", "status", "word"),
    [
        ("1.15", "anybody", "SSIM1800001234", 200, "Provider_Engineer"),
        ("1.15", "installer", "SIM1800001234", 401, "Invalid Credentials"),
        ("1.49", "customer", "01234", 200, "Home_Owner"),
        ("1.49", "installer", "SSIM1800001234", 200, "Provider_Engineer"),
        ("1.49", "installer", "01234", 401, "bad credentials"),
        ("1.49", "anybody", "01234", 401, "bad credentials"),
        ("21.44", "customer", "01234", 200, "Home_Owner"),
        ("21.44", "customer", "wrong", 401, "bad credentials"),
        ("21.44", "installer", "SSIM1800001234", 401, "require physical access"),
        ("21.44", "installer", "wrong", 401, "bad credentials"),
    ],
)
def test_logins(profile: str, username: str, password: str, status: int, word: str) -> None:
    asker = client(profile)
    answer = asker.log_in(username, password)
    assert (answer.status, word in answer.body.decode()) == (status, True)
    assert [(seen.username, seen.ok) for seen in asker.gateway.record.logins] == [
        (username, status == 200)
    ]


def test_a_login_may_come_as_a_form_and_a_broken_one_is_refused() -> None:
    asker = client()
    form = b"username=customer&password=01234&email="
    assert asker.ask("/api/login/Basic", "POST", form).status == 200
    assert asker.ask("/api/login/Basic", "POST", b"\xff").status == 400
    assert asker.ask("/api/login/Basic", "POST", b"nonsense").status == 400


@pytest.mark.parametrize(
    ("profile", "read", "write"),
    [("1.15", 200, 401), ("1.49", 200, 403), ("21.44", 403, 403)],
)
def test_what_is_open_to_strangers(profile: str, read: int, write: int) -> None:
    asker = client(profile)
    for path in (profiles.SOE, profiles.GRID_STATUS, profiles.AGGREGATES, profiles.SITEMASTER):
        assert asker.ask(path).status == read
    assert asker.ask(profiles.OPERATION).status == write
    assert asker.write("backup", 100).status == write
    for path in (profiles.STATUS, profiles.REGISTRATION, profiles.TOGGLE_SUPPORTED):
        assert asker.ask(path).status == 200


@pytest.mark.parametrize(
    ("profile", "cookie_status"), [("1.15", 401), ("1.49", 200), ("21.44", 200)]
)
def test_bearer_and_cookie(profile: str, cookie_status: int) -> None:
    asker = installer(profile)
    token = asker.headers["authorization"].removeprefix("Bearer ")
    assert asker.ask(profiles.OPERATION).status == 200
    asker.headers = {"cookie": f"UserRecord=x; AuthCookie={token}"}
    assert asker.ask(profiles.OPERATION).status == cookie_status


def test_a_login_sets_both_cookies() -> None:
    answer = client("21.44").log_in("customer")
    cookies = [value for name, value in answer.headers if name == "set-cookie"]
    token = json.loads(answer.body)["token"]
    assert [cookie.split("=")[0] for cookie in cookies] == ["AuthCookie", "UserRecord"]
    assert cookies[0].startswith(f"AuthCookie={token};")


def test_a_token_that_is_not_good_gets_401_where_none_gets_403() -> None:
    asker = client("21.44")
    asker.headers = {"authorization": "Bearer of bad news"}
    assert asker.ask(profiles.SOE).status == 401


def test_a_session_ends_at_logout_and_after_a_day() -> None:
    asker = installer("21.44")
    asker.clock.pass_time(86_390)
    assert asker.ask(profiles.SOE).status == 200
    asker.clock.pass_time(20)
    assert asker.ask(profiles.SOE).status == 401
    asker.log_in("customer")
    assert asker.ask(profiles.SOE).status == 200
    assert asker.ask(profiles.LOGOUT).status == 204
    assert asker.ask(profiles.SOE).status == 401


def test_an_old_session_outlives_a_new_login() -> None:
    asker = installer("21.44")
    old = asker.headers
    asker.log_in("customer")
    assert asker.headers != old
    asker.headers = old
    assert asker.ask(profiles.SOE).status == 200


@pytest.mark.parametrize(
    ("profile", "force", "runs"),
    [
        ("1.15", False, False),
        ("1.49", False, True),
        ("21.44", False, True),
        ("1.49", True, False),
        ("21.44", True, False),
    ],
)
def test_whether_a_login_stops_the_battery(profile: str, force: bool, runs: bool) -> None:
    asker = client(profile)
    asker.log_in("customer", force_sm_off=force)
    assert asker.gateway.home.running is runs
    asker.ask(profiles.RUN)
    assert asker.gateway.home.running is True


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_a_failed_login_stops_nothing(profile: str) -> None:
    asker = client(profile)
    assert asker.log_in("customer", "wrong", force_sm_off=True).status == 401
    assert asker.gateway.home.running is True


@pytest.mark.parametrize(
    ("profile", "method", "status"),
    [
        ("1.15", "GET", 202),
        ("1.49", "GET", 202),
        ("1.49", "POST", 405),
        ("21.44", "POST", 202),
        ("21.44", "GET", 405),
    ],
)
def test_stopping_is_possible_and_is_seen(profile: str, method: str, status: int) -> None:
    asker = installer(profile)
    assert asker.ask(profiles.STOP, method, {"force": True}).status == status
    assert asker.gateway.home.running is (status == 405)
    assert asker.gateway.record.requests[-1].path == profiles.STOP


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_a_stopped_battery_leaves_five_paths_silent(profile: str) -> None:
    asker = installer(profile)
    asker.gateway.home.running = False
    reads = profiles.READS | {profiles.OPERATION}
    answers = {path: asker.ask(path) for path in reads}
    silent = {path for path, answer in answers.items() if answer.status == 502}
    assert silent == profiles.NEEDS_BATTERY
    assert all(answers[path].body == b"" for path in silent)
    assert all(answers[path].status == 200 for path in reads - silent)
    assert asker.read(profiles.SITEMASTER)["running"] is False
    assert asker.read(profiles.TOGGLE_SUPPORTED) == {"toggle_auth_supported": False}


def test_credentials_do_not_show_their_passwords() -> None:
    credentials = client().gateway.credentials
    assert "01234" not in repr(credentials).replace(credentials.serial, "")
