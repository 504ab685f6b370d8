"""The seam below the library: what is not let through, and what the library is not told."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fleeting import A_POLL, EVERYTHING, SECRET, SITE, Fleet, lasting

from rules.domain import Export, GridStatus, Mode, Quantity, Setting
from scheduler.domain import Endpoint
from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.gateways.pypowerwall.fleet.transport import install
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_kinds import FaultKind

Answer = Callable[[httpx.Request], httpx.Response]


class Scripted:
    """A cloud that answers as a test says, below the seam."""

    def __init__(self, folder: Path, answer: Answer) -> None:
        self.seen: list[httpx.Request] = []
        self._answer = answer
        self.fleet = Fleet(folder)
        self.fleet.address = "127.0.0.1:1"
        self.fleet.write_login()
        self.account = self.fleet.account(transport=httpx.MockTransport(self._take))
        self.gateway = FleetGateway(self.account, SITE, self.fleet.clock)

    def _take(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self._answer(request)

    def ask(self, what: Any) -> Any:
        return asyncio.run(what)


def live(**content: object) -> Answer:
    return lambda _request: httpx.Response(200, json={"response": content})


def status(number: int, **more: Any) -> Answer:
    return lambda _request: httpx.Response(number, **more)


class TestWayThrough:
    def test_the_environment_leads_nowhere_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PW_FLEETAPI_HTTP", "1.1")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        cloud = Scripted(tmp_path, live(percentage_charged=50))
        assert cloud.ask(cloud.gateway.observe(A_POLL)).soe == 50
        assert len(cloud.seen) == 1

    def test_an_error_leads_nowhere_else(self, tmp_path: Path) -> None:
        def fail(_request: httpx.Request) -> httpx.Response:
            raise RuntimeError("CANARY")

        cloud = Scripted(tmp_path, fail)
        with pytest.raises(Unreachable) as raised:
            cloud.ask(cloud.gateway.observe(A_POLL))
        assert "CANARY" not in str(raised.value)
        assert len(cloud.seen) == 1

    def test_outside_of_a_call_of_ours_nothing_is_sent(self) -> None:
        fleetapi = install()
        answer = fleetapi._http2_request("GET", "https://127.0.0.1:1/")
        assert answer.status_code == 599
        assert fleetapi._requests_fallback("GET", "https://127.0.0.1:1/").status_code == 599

    def test_what_is_not_allowed_is_not_sent(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, live())
        exchange = cloud.account.begin()

        def ask(client: Any) -> None:
            client.poll("api/1/users/me", force=True)
            client.poll(f"api/1/energy_sites/{SITE}/time_of_use_settings", "POST", {})
            client.AUDIENCE = "https://elsewhere.example"
            client.get_live_status(force=True)

        cloud.account.call(cloud.gateway._client, exchange, ask)
        assert cloud.seen == []
        assert [each.said for each in exchange.outcomes] == [
            "this program makes no such request"
        ] * 3

    def test_no_redirect_is_followed(self, tmp_path: Path) -> None:
        to = {"location": "https://elsewhere.example/api/1/products"}
        cloud = Scripted(tmp_path, status(307, headers=to))
        with pytest.raises(Unreachable, match="HTTP 307"):
            cloud.ask(cloud.gateway.observe(A_POLL))
        assert len(cloud.seen) == 1

    def test_after_a_call_was_given_up_nothing_more_is_sent(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, live())
        exchange = cloud.account.begin()
        exchange.given_up = True
        cloud.account.call(
            cloud.gateway._client, exchange, lambda client: client.set_operating_mode("backup")
        )
        assert cloud.seen == []

    def test_after_a_failure_nothing_more_is_sent_in_the_same_call(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, status(500))
        exchange = cloud.account.begin()

        def ask(client: Any) -> None:
            client.set_operating_mode("backup")
            client.set_battery_reserve(60)

        cloud.account.call(cloud.gateway._client, exchange, ask)
        assert [each.url.path.rpartition("/")[2] for each in cloud.seen] == ["operation"]

    def test_a_call_that_overran_sends_nothing_after_that(self, tmp_path: Path) -> None:
        go_on, over = threading.Event(), threading.Event()

        def answer(_request: httpx.Request) -> httpx.Response:
            go_on.wait(10)
            return httpx.Response(401, json={"error": "token expired (401)"})

        cloud = Scripted(tmp_path, answer)
        cloud.gateway = FleetGateway(cloud.account, SITE, cloud.fleet.clock, deadline=0.01)

        async def run() -> None:
            with pytest.raises(WriteUncertain):
                await cloud.gateway.apply(Setting(Mode.BACKUP))
            go_on.set()
            cloud.gateway._worker._work.put(over.set)
            assert await asyncio.to_thread(over.wait, 10)

        cloud.ask(run())
        assert [each.url.path.rpartition("/")[2] for each in cloud.seen] == ["operation"]

    def test_the_library_never_pauses_by_a_clock_of_its_own(self, tmp_path: Path) -> None:
        answers = [httpx.Response(429, text="Retry in 50 seconds"), None]

        def answer(_request: httpx.Request) -> httpx.Response:
            return answers.pop(0) or httpx.Response(200, json={"response": {"grid_power": 1}})

        cloud = Scripted(tmp_path, answer)
        with pytest.raises(Paused):
            cloud.ask(cloud.gateway.observe(A_POLL))
        cloud.fleet.clock.pass_time(61)
        assert cloud.ask(cloud.gateway.observe(A_POLL)).site_power == 1

    def test_pauses_grow(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, status(429))
        lengths = []
        for _ in range(3):
            with pytest.raises(Paused) as raised:
                cloud.ask(cloud.gateway.observe(A_POLL))
            lengths.append(raised.value.seconds)
            cloud.fleet.clock.pass_time(raised.value.seconds)
        assert lengths == [60, 120, 240]

    def test_each_read_is_a_request(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, live(percentage_charged=50))
        for _ in range(3):
            cloud.ask(cloud.gateway.observe(A_POLL))
        assert len(cloud.seen) == 3


class TestAnswers:
    @pytest.mark.parametrize(
        ("number", "error", "said"),
        [
            (402, Paused, "developer.tesla.com"),
            (404, LoginRefused, "site_id"),
            (412, LoginRefused, "not registered in this region"),
            (421, LoginRefused, "another region"),
            (408, Unreachable, "HTTP 408"),
            (500, Unreachable, "HTTP 500"),
        ],
    )
    def test_statuses(
        self, tmp_path: Path, number: int, error: type[GatewayProblem], said: str
    ) -> None:
        cloud = Scripted(tmp_path, status(number, json={"error": "words", "response": None}))
        with pytest.raises(error, match=said):
            cloud.ask(cloud.gateway.observe(A_POLL))

    @pytest.mark.parametrize(
        "answer",
        [
            status(200, content=b""),
            status(200, content=b"[]"),
            status(200, content=b'{"response": NaN}'),
            status(200, json={"response": None}),
            status(200, json={"response": []}),
            status(200, json={"response": {"percentage_charged": "50", "grid_power": True}}),
            status(200, content=b'{"response": {"grid_power": 1}}' + b" " * 1024 * 1024),
            status(200, content=b"\x1f\x8b", headers={"content-encoding": "br"}),
        ],
    )
    def test_what_cannot_be_used_is_no_reading(self, tmp_path: Path, answer: Answer) -> None:
        cloud = Scripted(tmp_path, answer)
        with pytest.raises(Unreachable):
            cloud.ask(cloud.gateway.observe(A_POLL))

    @pytest.mark.parametrize(
        ("island", "grid", "found"),
        [
            ("on_grid", "Active", GridStatus.CONNECTED),
            ("on_grid", "Unknown", GridStatus.CONNECTED),
            ("off_grid", "Inactive", GridStatus.ISLANDED),
            ("off_grid_intentional", "Active", GridStatus.ISLANDED),
            ("off_grid_unintentional", "Inactive", GridStatus.ISLANDED),
            ("island_status_unknown", "Active", GridStatus.CONNECTED),
            (None, "Inactive", GridStatus.ISLANDED),
            ("on_grid", "Inactive", None),
            ("island_status_unknown", "Unknown", None),
            ("sideways", "Active", None),
        ],
    )
    def test_words_for_the_grid(
        self, tmp_path: Path, island: str | None, grid: str, found: GridStatus | None
    ) -> None:
        cloud = Scripted(tmp_path, live(island_status=island, grid_status=grid))
        seen = cloud.ask(cloud.gateway.observe(A_POLL))
        assert seen.grid is found
        assert (seen.unknown_word(Quantity.GRID) is None) == (found is not None)

    @pytest.mark.parametrize(
        ("components", "may_charge", "export"),
        [
            ({}, True, Export.BATTERY),
            ({"disallow_charge_from_grid_with_solar_installed": True}, False, Export.BATTERY),
            ({"customer_preferred_export_rule": "pv_only"}, True, Export.SOLAR),
            ({"non_export_configured": True}, True, Export.NEVER),
            ({"customer_preferred_export_rule": "sideways"}, True, None),
            (None, None, None),
        ],
    )
    def test_permissions(
        self, tmp_path: Path, components: object, may_charge: bool | None, export: Export | None
    ) -> None:
        cloud = Scripted(tmp_path, live(default_real_mode="backup", components=components))
        seen = cloud.ask(cloud.gateway.observe(frozenset({Endpoint.PERMISSIONS})))
        assert (seen.grid_charging, seen.export) == (may_charge, export)

    def test_a_mode_that_is_none_of_ours_is_shown_as_it_is(self, tmp_path: Path) -> None:
        cloud = Scripted(tmp_path, live(default_real_mode="scheduler"))
        seen = cloud.ask(cloud.gateway.observe(frozenset({Endpoint.OPERATION})))
        assert seen.mode is None
        assert seen.unknown_word(Quantity.MODE) == "scheduler"

    @pytest.mark.parametrize(
        ("response", "refused"),
        [
            ({"code": 201, "message": "Updated"}, False),
            ({"Code": 201, "Message": "Updated"}, False),
            ({}, False),
            ({"code": 500, "message": "internal"}, True),
            ({"Code": 400, "Message": "no"}, True),
            ({"result": False, "reason": "busy"}, True),
        ],
    )
    def test_a_command_that_is_refused_in_a_good_answer(
        self, tmp_path: Path, response: object, refused: bool
    ) -> None:
        cloud = Scripted(tmp_path, status(200, json={"response": response}))
        if refused:
            with pytest.raises(Refused):
                cloud.ask(cloud.gateway.apply(Setting(Mode.BACKUP)))
        else:
            cloud.ask(cloud.gateway.apply(Setting(Mode.BACKUP)))


class TestSecrets:
    """Nothing that anybody sees has a token or the secret in it, whatever goes wrong."""

    KINDS = (*CloudFaultKind, FaultKind.NO_ANSWER, FaultKind.IMPOSTOR, FaultKind.NOT_JSON)

    @pytest.mark.parametrize("kind", KINDS)
    def test_whatever_the_cloud_does(
        self,
        tmp_path: Path,
        kind: CloudFaultKind,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        ours = "scheduler"
        caplog.set_level(logging.DEBUG)
        logging.getLogger(ours).setLevel(logging.DEBUG)
        fleet = Fleet(tmp_path, lasting(kind, 1), deadline=0.3)
        said: list[str] = []

        async def work(gateway: FleetGateway) -> None:
            for seconds in (2, 7 * 3600):
                fleet.clock.pass_time(seconds)
                for what in (
                    gateway.observe(EVERYTHING),
                    gateway.apply(Setting(Mode.AUTONOMOUS, 60)),
                    gateway.write_back(),
                ):
                    try:
                        await what
                    except GatewayProblem as problem:
                        said.append(repr(problem) + repr(problem.__cause__))
                said.append(repr(gateway.capabilities))
                said.append(repr((vars(gateway._account), gateway._account.tokens)))

        fleet.play(work)
        seen = [*said, *map(str, fleet.notes), *capfd.readouterr()]
        # pytest listens at the library's own loggers, whose records go nowhere else.
        seen += [
            each.getMessage()
            for each in caplog.records
            if not each.name.startswith(("pypowerwall", "asyncio"))
        ]
        secrets = {SECRET, fleet.kept["access_token"], fleet.kept["refresh_token"]}
        secrets |= {fleet.cloud.tokens.access, fleet.cloud.tokens.refresh}
        for secret in secrets | {each.rpartition(".")[2] for each in secrets}:
            assert not [text for text in seen if secret in text]
        usage = b"".join(path.read_bytes() for path in tmp_path.glob("*usage*"))
        assert usage
        assert not [secret for secret in secrets if secret.encode() in usage]

    @pytest.mark.parametrize("number", [200, 400, 401, 403, 429, 500])
    def test_what_the_cloud_repeats_to_us(
        self, tmp_path: Path, number: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)

        def repeat(request: httpx.Request) -> httpx.Response:
            text = request.headers.get("authorization", "") + request.content.decode() + SECRET
            return httpx.Response(number, json={"error": text, "error_description": text})

        cloud = Scripted(tmp_path, repeat)
        tokens = cloud.account.tokens
        with pytest.raises(GatewayProblem) as raised:
            cloud.ask(cloud.gateway.observe(A_POLL))
        seen = [repr(raised.value)]
        seen += [e.getMessage() for e in caplog.records if not e.name.startswith("pypowerwall")]
        for secret in (SECRET, tokens.access, tokens.refresh, tokens.access.split(".")[1]):
            assert not [text for text in seen if secret in text]
