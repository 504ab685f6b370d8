"""The login at the Fleet API: the file, its renewal ahead of time, and what goes wrong with it."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from fleeting import A_POLL, SECRET, SITE, Fleet, lasting
from simulated_client import START

from scheduler.domain import NoteKind
from scheduler.errors import ConfigProblem, LoginRefused, Paused, Unreachable
from scheduler.gateways.pypowerwall.fleet.account import FleetAccount
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.gateways.pypowerwall.fleet.tokens import (
    REGIONS,
    Tokens,
    TokenStore,
    fresh_tokens,
)
from scheduler.simulator.cloud import CloudProfile
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind

HOUR = 3600.0
DOCUMENT = {
    "CLIENT_ID": "an-application",
    "CLIENT_SECRET": SECRET,
    "AUDIENCE": REGIONS["eu"],
    "access_token": "CANARYaccess",
    "refresh_token": "CANARYrefresh",
    "site_id": 1689,
}


def written(folder: Path, *, mode: int = 0o600, **changed: object) -> Path:
    path = folder / "fleet.json"
    path.write_text(json.dumps(DOCUMENT | changed))
    path.chmod(mode)
    return path


class TestFile:
    def test_what_the_library_has_registered_is_used_as_it_is(self, tmp_path: Path) -> None:
        store = TokenStore(written(tmp_path))
        assert store.registration.client_id == "an-application"
        assert store.registration.audience == REGIONS["eu"]
        assert store.registration.site_ids == ("1689",)
        assert store.load().refresh == "CANARYrefresh"

    def test_by_hand_in_small_letters(self, tmp_path: Path) -> None:
        path = tmp_path / "fleet.json"
        path.write_text(
            json.dumps(
                {
                    "client_id": "mine",
                    "region": "na",
                    "refresh_token": "CANARYrefresh",
                    "site_ids": [1, "2"],
                }
            )
        )
        path.chmod(0o600)
        store = TokenStore(path)
        assert store.registration.audience == REGIONS["na"]
        assert store.registration.site_ids == ("1", "2")
        assert store.load().access == ""

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_others_may_not_read_it(self, tmp_path: Path, mode: int) -> None:
        with pytest.raises(ConfigProblem, match="others may read the login; chmod 600 it"):
            TokenStore(written(tmp_path, mode=mode))

    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        link = tmp_path / "link.json"
        link.symlink_to(written(tmp_path))
        with pytest.raises(ConfigProblem, match="cannot read the login"):
            TokenStore(link)

    def test_there_is_none(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigProblem, match="pypowerwall setup"):
            TokenStore(tmp_path / "fleet.json")

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is damaged"),
            (b"{", "is damaged"),
            (b"[]", "is damaged"),
            (b'{"CLIENT_ID": "a" "b"}', "is damaged"),
            (b"\xff\xfe", "is damaged"),
        ],
    )
    def test_a_damaged_file(self, tmp_path: Path, content: bytes, said: str) -> None:
        path = written(tmp_path)
        path.write_bytes(content)
        with pytest.raises(ConfigProblem, match=said) as raised:
            TokenStore(path)
        assert str(path) in str(raised.value)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"CLIENT_ID": ""}, "CLIENT_ID"),
            ({"CLIENT_ID": 'a"b'}, "CLIENT_ID"),
            ({"AUDIENCE": "http://fleet-api.example"}, "AUDIENCE"),
            ({"AUDIENCE": None}, "AUDIENCE"),
            ({"refresh_token": None}, "refresh_token"),
            ({"refresh_token": "CANARY\r\nX: y"}, "refresh_token"),
            ({"site_id": "../1"}, "site_id"),
            ({"site_ids": "1"}, "site_ids"),
        ],
    )
    def test_what_cannot_be_used(
        self, tmp_path: Path, changed: dict[str, object], said: str
    ) -> None:
        with pytest.raises(ConfigProblem, match=said) as raised:
            TokenStore(written(tmp_path, **changed))
        assert "CANARY" not in str(raised.value)

    def test_it_is_replaced_as_a_whole_and_for_its_owner_alone(self, tmp_path: Path) -> None:
        path = written(tmp_path, DOMAIN="example.org")
        store = TokenStore(path)
        before = path.stat().st_ino
        store.save(fresh_tokens("next", "after", 60.0, START))
        kept = json.loads(path.read_bytes())
        assert path.stat().st_ino != before
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert (kept["access_token"], kept["refresh_token"]) == ("next", "after")
        assert kept["DOMAIN"] == "example.org"
        assert [each.name for each in tmp_path.iterdir()] == ["fleet.json"]
        loaded = TokenStore(path).load()
        assert loaded == Tokens("next", "after", START + timedelta(seconds=60), START)

    def test_a_folder_that_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda _path, _mode: False)
        with pytest.raises(ConfigProblem, match="renewed every few hours"):
            TokenStore(written(tmp_path))

    def test_no_representation_shows_a_secret(self, tmp_path: Path) -> None:
        store = TokenStore(written(tmp_path))
        assert "CANARY" not in repr((store.registration, store.load(), vars(store)))


class TestCredential:
    def test_what_it_became_is_kept_beside_the_journal(self, tmp_path: Path) -> None:
        given = tmp_path / "given"
        given.mkdir()
        path = written(given, mode=0o440)
        given.chmod(0o500)
        store = TokenStore.from_credential(path, tmp_path / "journal.sqlite")
        before = path.read_bytes()
        store.save(fresh_tokens("next", "after", 60.0, START))
        again = TokenStore.from_credential(path, tmp_path / "journal.sqlite")
        assert again.load().refresh == "after"
        assert path.read_bytes() == before
        assert stat.S_IMODE(again.path.stat().st_mode) == 0o600
        given.chmod(0o700)

    def test_it_comes_before_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given, journal = tmp_path / "given", tmp_path / "journal.sqlite"
        given.mkdir()
        written(given, CLIENT_ID="given").rename(given / "fleet-login")
        file = written(tmp_path)

        def found(file: Path | None) -> TokenStore:
            return TokenStore.find("fleet-login", file, journal)

        assert found(file).registration.client_id == "an-application"
        with pytest.raises(ConfigProblem, match=r"credential fleet-login.*tokens_file"):
            found(None)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
        assert found(file).registration.client_id == "given"
        assert found(None).path.parent == tmp_path

    def test_a_region_counts_where_the_file_names_none(self, tmp_path: Path) -> None:
        assert TokenStore(written(tmp_path), region="na").registration.audience == REGIONS["eu"]
        bare = {key: value for key, value in DOCUMENT.items() if key != "AUDIENCE"}
        (tmp_path / "fleet.json").write_text(json.dumps(bare))
        store = TokenStore(tmp_path / "fleet.json", region="na")
        assert store.registration.audience == REGIONS["na"]

    def test_another_one_is_newer_than_what_the_first_became(self, tmp_path: Path) -> None:
        given = tmp_path / "given"
        given.mkdir()
        path = written(given)
        journal = tmp_path / "journal.sqlite"
        TokenStore.from_credential(path, journal).save(fresh_tokens("next", "after", 60.0, START))
        written(given, refresh_token="CANARYmade-anew")
        assert TokenStore.from_credential(path, journal).load().refresh == "CANARYmade-anew"

    def test_what_was_kept_must_be_ours_alone(self, tmp_path: Path) -> None:
        path = written(tmp_path)
        journal = tmp_path / "journal.sqlite"
        store = TokenStore.from_credential(path, journal)
        store.save(fresh_tokens("next", "after", 60.0, START))
        store.path.chmod(0o644)
        with pytest.raises(ConfigProblem, match="chmod 600"):
            store.load()


class TestWhen:
    def test_well_before_it_ends(self) -> None:
        tokens = fresh_tokens("a", "r", 8 * HOUR, START)
        assert not tokens.is_due(START + timedelta(hours=5.9))
        assert tokens.is_due(START + timedelta(hours=6.1))
        assert not tokens.ended(START + timedelta(hours=7.9))
        assert tokens.ended(START + timedelta(hours=8))

    def test_a_short_one_at_its_last_quarter(self) -> None:
        tokens = fresh_tokens("a", "r", 600, START)
        assert not tokens.is_due(START + timedelta(seconds=449))
        assert tokens.is_due(START + timedelta(seconds=451))

    def test_eight_hours_where_nothing_is_said(self) -> None:
        assert fresh_tokens("a", "r", None, START).expires_at == START + timedelta(hours=8)

    def test_one_of_which_nothing_is_known(self) -> None:
        assert Tokens("a", "r").is_due(START)


def polls(fleet: Fleet, hours: float, every: float = 900.0) -> Callable[[FleetGateway], Any]:
    async def run(gateway: FleetGateway) -> list[str]:
        """What went wrong, in words; nothing for a poll that went well."""
        said = []
        for _ in range(int(hours * HOUR / every)):
            fleet.clock.pass_time(every)
            try:
                await gateway.observe(A_POLL)
            except (LoginRefused, Paused, Unreachable) as problem:
                said.append(f"{type(problem).__name__}: {problem}")
        return said

    return run


class TestRenewal:
    def test_no_token_is_ever_found_expired(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        first = fleet.cloud.tokens.refresh
        assert fleet.play(polls(fleet, 24, every=1800)) == []
        assert 401 not in {each.status for each in fleet.requests}
        assert [each.refusal for each in fleet.cloud.record.refreshes] == [""] * 3
        assert fleet.kept["refresh_token"] != first

    def test_the_next_process_goes_on_with_it(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        fleet.play(polls(fleet, 9))
        assert fleet.play(polls(fleet, 9)) == []
        assert {each.refusal for each in fleet.cloud.record.refreshes} == {""}

    def test_a_token_that_ends_early_is_renewed_in_the_same_request(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.TOKENS_EXPIRE, 600))
        assert fleet.play(polls(fleet, 1)) == []
        assert [each.status for each in fleet.requests if each.path.endswith("live_status")] == [
            401,
            200,
            200,
            200,
            200,
        ]

    def test_a_write_at_that_moment_is_made_once(self, tmp_path: Path) -> None:
        from rules.domain import Mode, Setting

        fleet = Fleet(tmp_path, lasting(CloudFaultKind.TOKENS_EXPIRE, 600))

        async def write(gateway: FleetGateway) -> None:
            fleet.clock.pass_time(700)
            await gateway.apply(Setting(Mode.BACKUP))

        fleet.play(write)
        assert [each.asked for each in fleet.cloud.record.commands] == [Setting(Mode.BACKUP)]

    def test_a_first_login_without_an_access_token(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def run() -> None:
            async with fleet.served(access_token=None):
                gateway = fleet.gateway()
                await gateway.connect()
                await gateway.close()

        asyncio.run(run())
        assert fleet.asked == ["POST token", "GET site_info"]

    def test_a_refusal_is_told_while_the_login_lasts(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.REFRESH_REFUSED))
        assert fleet.play(polls(fleet, 7.5)) == []
        [(kind, text)] = fleet.notes
        assert kind is NoteKind.LOGIN_AT_RISK
        assert "login_required" in text
        assert "the login lasts until 2026-07-02 03:00 UTC" in text
        assert "pypowerwall setup" in text

    def test_it_is_not_asked_for_again_and_again(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.REFRESH_REFUSED))
        said = fleet.play(polls(fleet, 9, every=300))
        refreshes = [each.at for each in fleet.cloud.record.refreshes]
        gaps = [(b - a).total_seconds() for a, b in pairwise(refreshes)]
        assert min(gaps) >= 180
        assert gaps[-1] > 10 * gaps[0]
        assert any(each.startswith("LoginRefused") for each in said)
        assert any(each.startswith("Paused") and "login_required" in each for each in said)

    def test_a_restart_does_not_ask_sooner(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.REFRESH_REFUSED))
        fleet.clock.pass_time(9 * HOUR)
        for _ in range(3):
            with pytest.raises((LoginRefused, Paused)):
                fleet.play(lambda gateway: gateway.observe(A_POLL), connect=False)
        assert fleet.asked == ["POST token"]

    def test_a_cloud_that_is_down_costs_no_login(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.DOWN, 5 * HOUR, 2.5 * HOUR))
        said = fleet.play(polls(fleet, 12))
        assert all(each.startswith("Unreachable") for each in said)
        assert len(said) == 10
        assert {each.refusal for each in fleet.cloud.record.refreshes} == {""}

    def test_another_process_has_renewed_it(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def run() -> None:
            async with fleet.served():
                one, other = fleet.gateway(), fleet.gateway()
                await one.connect()
                await other.connect()
                fleet.clock.pass_time(7 * HOUR)
                await one.observe(A_POLL)
                await other.observe(A_POLL)
                await one.close()
                await other.close()

        asyncio.run(run())
        assert [each.refusal for each in fleet.cloud.record.refreshes] == [""]

    def test_two_processes_at_the_same_time_renew_it_once(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def run() -> None:
            async with fleet.served():
                gateways = [fleet.gateway() for _ in range(4)]
                fleet.clock.pass_time(7 * HOUR)
                await asyncio.gather(*(each.observe(A_POLL) for each in gateways))
                for each in gateways:
                    await each.close()

        asyncio.run(run())
        assert [each.refusal for each in fleet.cloud.record.refreshes] == [""]

    def test_a_login_that_cannot_be_stored_is_told_and_stored_later(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fleet = Fleet(tmp_path, profile=CloudProfile(access_token_s=4 * HOUR))
        real, full = TokenStore.save, [True]

        def save(store: TokenStore, tokens: Tokens) -> None:
            if full[0]:
                raise OSError(28, "No space left on device")
            real(store, tokens)

        monkeypatch.setattr(TokenStore, "save", save)

        async def run(gateway: FleetGateway) -> None:
            fleet.clock.pass_time(3.5 * HOUR)
            await gateway.observe(A_POLL)
            assert [kind for kind, _ in fleet.notes] == [NoteKind.LOGIN_AT_RISK]
            assert "cannot be stored" in fleet.notes[0][1]
            full[0] = False
            await gateway.observe(A_POLL)

        first = fleet.cloud.tokens.refresh
        fleet.play(run)
        assert fleet.kept["refresh_token"] != first
        assert fleet.play(polls(fleet, 0.5)) == []

    def test_expires_in_counts_where_the_token_says_nothing(self, tmp_path: Path) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("token"):
                said = {"access_token": "opaque", "refresh_token": "next", "expires_in": 1200}
                return httpx.Response(200, json=said)
            return httpx.Response(200, json={"response": {"percentage_charged": 50}})

        fleet = Fleet(tmp_path)
        fleet.address = "127.0.0.1:1"
        fleet.write_login(access_token=None)
        account = fleet.account(transport=httpx.MockTransport(answer))

        async def run() -> None:
            gateway = FleetGateway(account, SITE, fleet.clock)
            await gateway.observe(A_POLL)
            await gateway.close()

        asyncio.run(run())
        assert account.tokens.expires_at == START + timedelta(seconds=1200)

    def test_an_account_without_its_file_is_told(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        with pytest.raises(ConfigProblem):
            fleet.account()
        assert FleetAccount is not None
