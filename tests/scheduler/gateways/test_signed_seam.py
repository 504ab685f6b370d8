"""The seam below the client of signed control: what is not let through, and what is not told."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from signing import A_POLL, Signed, new_key
from simulated_client import START, HandClock

import scheduler
from rules.domain import Mode, Setting
from scheduler.domain import Endpoint
from scheduler.errors import GatewayProblem, LoginRefused, Unreachable
from scheduler.gateways.pypowerwall import SignedGateway
from scheduler.gateways.pypowerwall.signed.answers import UNREADABLE, is_harmless, open_reply
from scheduler.gateways.pypowerwall.signed.transport import ALLOWED, Exchange, Wire
from scheduler.simulator.protobuf import message, number, text

DIN = "1118431-00-L--SIM1800001234"
PLAIN = b"v1r: client authorization not verified"


class Network(httpx.BaseTransport):
    """Answers as it is told, and keeps what it was sent."""

    def __init__(self, **answers: Callable[[httpx.Request], httpx.Response]) -> None:
        self.seen: list[httpx.Request] = []
        self.answers = answers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        name = request.url.path.rpartition("/")[2]
        if name in self.answers:
            return self.answers[name](request)
        known = {
            "Basic": {"token": "a-token"},
            "soe": {"percentage": 52.5},
            "grid_status": {"grid_status": "SystemGridConnected"},
        }
        if name == "din":
            return httpx.Response(200, content=DIN.encode())
        return httpx.Response(200, json=known.get(name, {}))

    @property
    def asked(self) -> list[str]:
        return [f"{each.method} {each.url.path.rpartition('/')[2]}" for each in self.seen]


def over(network: Network, **more: Any) -> SignedGateway:
    found: dict[str, Any] = {"host": "10.0.0.1", "password": "a-password", "email": "", "pin": None}
    return SignedGateway(**found | more, key=new_key(), clock=HandClock(START), transport=network)


def wire(network: Network) -> tuple[Any, Exchange]:
    """The library's own client over this network, and what is noted below it."""
    gateway = over(network)
    return gateway._session, Exchange("10.0.0.1:443", lambda _answer: True)


def test_it_goes_to_the_address_that_was_judged_with_what_a_gateway_has_use_for() -> None:
    network = Network()

    async def poll() -> None:
        gateway = over(network, host="10.0.0.1:8443", email="me@example.com")
        assert (await gateway.observe(A_POLL)).soe == pytest.approx(50)
        await gateway.close()

    asyncio.run(poll())
    login, read = network.seen[:2]
    assert json.loads(login.content)["email"] == "me@example.com"
    assert "cookie" not in login.headers
    assert str(read.url) == "https://10.0.0.1:8443/api/system_status/soe"
    assert read.headers["host"] == "10.0.0.1:8443"
    assert read.headers["cookie"] == "AuthCookie=a-token"
    assert read.headers["authorization"] == "Bearer a-token"
    assert set(read.headers) == {"host", "accept-encoding", "cookie", "authorization"}
    assert read.extensions["sni_hostname"] == "powerwall"


def test_what_the_library_could_do_else_does_not_get_out() -> None:
    network = Network()
    session, exchange = wire(network)
    client = session._client

    def try_everything() -> None:
        client.dispatch_battery_power(DIN, 0, 60)
        exchange.outcomes.clear()
        client.resume_battery_operation(DIN)
        exchange.outcomes.clear()
        client.send_island_mode(DIN, 6, force=True)
        exchange.outcomes.clear()
        for path in ("/api/sitemaster/stop", "/api/operation", "/api/system/update"):
            client.api_get(path)
            exchange.outcomes.clear()
        client.session.post("https://gateway.invalid/api/operation", data="{}")
        exchange.outcomes.clear()

    session._wire.during(exchange, try_everything)
    assert network.seen == []


def test_no_power_is_ever_dispatched_by_our_code() -> None:
    sources = [*Path(scheduler.__file__).parent.rglob("*.py")]
    assert len(sources) > 100
    words = ("dispatch_battery_power", "resume_battery_operation", "send_island_mode")
    assert [path for path in sources for word in words if word in path.read_text("utf-8")] == []


def test_what_may_be_requested() -> None:
    assert {path for method, path in ALLOWED if method == "POST"} == {
        "/api/login/Basic",
        "/tedapi/v1r",
    }
    assert not any("stop" in path or "update" in path for _, path in ALLOWED)


def test_outside_of_a_call_of_ours_nothing_is_sent() -> None:
    network = Network()
    session, _ = wire(network)
    assert session._client.login() is False
    assert session._client.api_get("/api/system_status/soe") is None
    assert network.seen == []


def test_there_is_no_other_way_out_of_the_librarys_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    network = Network()
    session, exchange = wire(network)
    client = session._client
    assert list(client.session.adapters) == ["https://"]
    assert client.session.trust_env is False
    assert client.rsa_key_path is None
    assert session._wire.during(exchange, lambda: client.api_get("/api/system_status/soe"))


def test_the_library_never_sees_a_refusal_after_which_it_would_log_in() -> None:
    network = Network(soe=lambda _: httpx.Response(401, json={"error": "no"}))
    session, exchange = wire(network)
    session._wire.during(exchange, lambda: session._client.api_get("/api/system_status/soe"))
    assert network.asked == ["GET soe"]
    assert exchange.last.status == 401


def test_after_a_call_was_given_up_nothing_more_is_sent() -> None:
    network = Network()
    session, exchange = wire(network)
    exchange.given_up = True
    session._wire.during(exchange, session._client.login)
    assert network.seen == []
    assert exchange.last.said == "the call was over"


def test_no_redirect_is_followed() -> None:
    to = {"location": "https://elsewhere.example/"}
    network = Network(soe=lambda _: httpx.Response(302, headers=to))
    session, exchange = wire(network)
    session._wire.during(exchange, lambda: session._client.api_get("/api/system_status/soe"))
    assert network.asked == ["GET soe"]


def test_an_error_of_any_kind_leads_nowhere_else() -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise RuntimeError("CANARY")

    network = Network(soe=fail)

    async def poll() -> None:
        gateway = over(network)
        with pytest.raises(Unreachable) as raised:
            await gateway.observe(A_POLL)
        assert "CANARY" not in str(raised.value)
        await gateway.close()

    asyncio.run(poll())
    assert network.asked == ["POST Basic", "GET soe"]


def test_a_name_that_comes_compressed_without_a_word() -> None:
    network = Network(din=lambda _: httpx.Response(200, content=gzip.compress(DIN.encode())))

    async def name() -> str:
        return await over(network)._session.din()

    assert asyncio.run(name()) == DIN


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (b"", "its name"),
        (b"x" * 5_000, "more than 4096 bytes"),
        (b"\xff\xfe\xff", "its name"),
        (b"a name with\nlines", "its name"),
    ],
)
def test_a_name_that_is_none(name: bytes, said: str) -> None:
    network = Network(din=lambda _: httpx.Response(200, content=name))

    async def connect() -> None:
        gateway = over(network)
        with pytest.raises(Unreachable, match=said):
            await gateway.connect()
        await gateway.close()

    asyncio.run(connect())
    assert network.asked == ["POST Basic", "GET din"]


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_key_that_nobody_confirmed_in_either_shape(wrapped: bool) -> None:
    body = message(10, PLAIN) if wrapped else PLAIN
    network = Network(v1r=lambda _: httpx.Response(200, content=body))

    async def connect() -> None:
        gateway = over(network)
        with pytest.raises(LoginRefused, match="nobody has confirmed it"):
            await gateway.connect()
        await gateway.close()

    asyncio.run(connect())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 40,
        b"<html>",
        message(10, b""),
        message(10, b"\xff\xff"),
        message(10, message(16, b"")),
    ],
)
def test_what_is_no_answer_is_unreadable(content: bytes) -> None:
    assert open_reply(content).fault == UNREADABLE
    assert not is_harmless(content)


def test_a_fault_that_has_no_name() -> None:
    assert open_reply(message(12, number(1, 77))).fault == "fault 77"


def test_a_call_that_overruns_sends_nothing_after_that() -> None:
    """The configuration comes when nobody waits for it any more."""
    reading, go_on = threading.Event(), threading.Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        reading.set()
        go_on.wait(10)
        return httpx.Response(200, content=b"{}")

    network = Network(v1r=slow)

    async def write() -> None:
        gateway = over(network, deadline=0.1)
        worker = gateway._session._worker
        with pytest.raises(Unreachable) as raised:
            await gateway.apply(Setting(Mode.BACKUP))
        assert type(raised.value) is Unreachable
        assert reading.is_set()
        with pytest.raises(Unreachable, match="has not come back yet"):
            await gateway.observe(A_POLL)
        go_on.set()
        await gateway.close()
        assert worker is not None

    asyncio.run(write())
    assert network.asked.count("POST v1r") == 1


def test_what_the_gateway_repeats_to_us_is_not_repeated() -> None:
    echo = {"error": "no: a-password", "message": "nor a-token"}
    problem = message(4, message(1, message(1, number(1, 3) + text(2, "a-token, a-password"))))
    for network in (
        Network(Basic=lambda _: httpx.Response(401, json={"error": "no: a-password"})),
        Network(soe=lambda _: httpx.Response(500, json=echo)),
        Network(v1r=lambda _: httpx.Response(200, content=message(10, problem))),
        Network(v1r=lambda _: httpx.Response(500, json=echo)),
    ):
        said: list[str] = []

        async def ask(network: Network = network, said: list[str] = said) -> None:
            gateway = over(network)
            for request in (
                gateway.connect,
                lambda: gateway.observe(frozenset({Endpoint.SOE})),
                lambda: gateway.apply(Setting(Mode.BACKUP)),
            ):
                try:
                    await request()  # type: ignore[operator]
                except GatewayProblem as problem:
                    said.append(str(problem))
            await gateway.close()

        asyncio.run(ask())
        assert not any("a-password" in each or "a-token" in each for each in said)
        assert any("•••" in each for each in said)


def test_two_gateways_do_not_share_a_session() -> None:
    one, other = Signed(), Signed()

    async def run() -> None:
        async with one.served(), other.served():
            gateways = one.gateway(), other.gateway()
            for gateway in gateways:
                await gateway.connect()
            await gateways[0].apply(Setting(Mode.BACKUP))
            for gateway in gateways:
                await gateway.close()

    asyncio.run(run())
    assert (len(one.writes), len(other.writes)) == (1, 0)


def test_a_wire_that_is_asked_for_nonsense_raises_nothing() -> None:
    network = Network()
    made = Wire("10.0.0.1", None, email="", transport=network)
    exchange = Exchange("10.0.0.1:443")
    answers = made.during(
        exchange, lambda: made.send("POST", "/api/login/Basic", {}, b"no json at all")
    )
    assert answers == (599, b"{}")
    assert network.seen == []
    assert not isinstance(exchange.problem, GatewayProblem)
