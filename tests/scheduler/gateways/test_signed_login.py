"""The login, the key and the certificate of signed control, and what is said of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from signing import A_POLL, EVERYTHING, PASSWORD, SETTING, Signed, key_file, lasting, new_key

from rules.domain import Export, Mode, Setting
from scheduler.errors import (
    CertificateMismatch,
    CertificateUnconfirmed,
    ConfigProblem,
    GatewayProblem,
    LoginRefused,
    Paused,
    Unreachable,
)
from scheduler.gateways.local import SessionFile
from scheduler.gateways.pypowerwall import SignedGateway
from scheduler.gateways.pypowerwall.library import check_installed
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Kind
from scheduler.simulator.signed_fault_kinds import SignedFaultKind

WHOLE = Setting(Mode.BACKUP, 60, grid_charging=False, export=Export.SOLAR)


def logins(site: Signed) -> int:
    return site.asked.count("POST Basic")


class TestLogin:
    def test_what_is_sent(self) -> None:
        sent: list[bytes] = []
        site = Signed()
        log_in = site.simulated._sessions.log_in

        def watched(now: Any, request: Any, *more: Any, **named: Any) -> Any:
            sent.append(request.body)
            return log_in(now, request, *more, **named)

        site.simulated._sessions.log_in = watched  # type: ignore[method-assign]
        site.seen(A_POLL)
        assert len(sent) == 1
        assert b'"email": "owner@example.com"' in sent[0]
        assert b'"username": "customer"' in sent[0]
        assert b'"force_sm_off": false' in sent[0]

    def test_a_session_that_was_forgotten_costs_one_login(self) -> None:
        site = Signed()

        async def forget(gateway: SignedGateway) -> None:
            site.clock.pass_time(400)
            site.simulated._sessions.drop_all()
            assert (await gateway.observe(A_POLL)).soe is not None

        site.play(forget)
        assert logins(site) == 2

    @pytest.mark.parametrize("what", ["read", "write"])
    def test_so_does_one_that_is_forgotten_for_what_is_signed(self, what: str) -> None:
        site = Signed()

        async def forget(gateway: SignedGateway) -> None:
            site.clock.pass_time(400)
            site.simulated._sessions.drop_all()
            if what == "read":
                assert (await gateway.observe(SETTING)).mode is not None
            else:
                await gateway.apply(WHOLE)

        site.play(forget)
        assert logins(site) == 2
        assert site.writes == ([] if what == "read" else [WHOLE])

    def test_a_session_that_dies_between_reading_and_replacing(self) -> None:
        site = Signed()
        answer = site.control.answer
        dropped: list[bool] = []

        def dropping(*asked: Any) -> Any:
            said = answer(*asked)
            if len(site.requests) >= 4 and not dropped:
                dropped.append(True)
                site.simulated._sessions.drop_all()
            return said

        site.control.answer = dropping  # type: ignore[method-assign]

        async def write(gateway: SignedGateway) -> None:
            site.clock.pass_time(400)
            await gateway.apply(WHOLE)

        site.play(write)
        assert dropped == [True]
        assert site.writes == [WHOLE]
        assert logins(site) == 2

    def test_a_gateway_that_forgets_every_session_is_not_stormed(self) -> None:
        site = Signed(lasting(FaultKind.UNAUTHORIZED, 1))

        async def polls(gateway: SignedGateway) -> None:
            for _ in range(60):
                site.clock.pass_time(30)
                with pytest.raises((LoginRefused, Paused)):
                    await gateway.observe(EVERYTHING)

        site.play(polls)
        times = [each.at for each in site.simulated.record.logins]
        gaps = [(b - a).total_seconds() for a, b in pairwise(times)]
        assert len(times) > 2
        assert min(gaps) >= 180

    def test_a_wrong_password_is_tried_ever_more_seldom(self) -> None:
        site = Signed()

        async def polls(gateway: SignedGateway) -> None:
            for _ in range(120):
                with pytest.raises((LoginRefused, Paused)) as raised:
                    await gateway.observe(A_POLL)
                assert "wrong-CANARY" not in str(raised.value)
                site.clock.pass_time(30)

        site.play(polls, connect=False, password="wrong-CANARY")
        assert logins(site) == 5  # at 0, 3, 9, 21 and 45 minutes

    def test_429_is_a_pause_for_everything(self) -> None:
        site = Signed(lasting(FaultKind.RATE_LIMITED, 1, 20))

        async def polls(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            with pytest.raises(Paused) as raised:
                await gateway.observe(A_POLL)
            assert raised.value.seconds == 300
            before = len(site.requests)
            site.clock.pass_time(290)
            for request in (gateway.observe(A_POLL), gateway.apply(WHOLE), gateway.connect()):
                with pytest.raises(Paused):
                    await request
            assert len(site.requests) == before
            site.clock.pass_time(11)
            assert (await gateway.observe(A_POLL)).soe is not None

        site.play(polls)

    def test_a_login_that_was_not_sent_does_not_count(self) -> None:
        site = Signed(lasting(FaultKind.REBOOT, 0, 120))

        async def again(gateway: SignedGateway) -> None:
            for _ in range(3):
                with pytest.raises(Unreachable):
                    await gateway.connect()
            site.clock.pass_time(200)
            await gateway.connect()

        site.play(again, connect=False)
        assert logins(site) == 1

    def test_a_restart_costs_no_login_and_keeps_the_pauses(self, tmp_path: Path) -> None:
        site = Signed(session_file=SessionFile(tmp_path / "session.json"))

        async def run() -> None:
            async with site.served():
                for _ in range(2):
                    gateway = site.gateway()
                    await gateway.connect()
                    await gateway.observe(EVERYTHING)
                    await gateway.close()
                assert logins(site) == 1
                site.clock.pass_time(200)
                site.simulated._sessions.drop_all()
                assert (tmp_path / "session.json").stat().st_mode & 0o077 == 0
                for _ in range(3):
                    gateway = site.gateway(password="wrong")
                    with pytest.raises((LoginRefused, Paused)):
                        await gateway.connect()
                    await gateway.close()

        asyncio.run(run())
        assert logins(site) == 2


class TestCertificate:
    def test_without_one_nothing_is_sent(self) -> None:
        site = Signed()
        with pytest.raises(CertificateUnconfirmed, match="sha256:") as raised:
            site.play(lambda gateway: gateway.observe(A_POLL), pin=None)
        assert site.requests == []
        assert raised.value.found.startswith("sha256:")

    def test_another_one_gets_nothing(self) -> None:
        site = Signed()
        with pytest.raises(CertificateMismatch, match="is the one that was confirmed"):
            site.play(lambda gateway: gateway.observe(A_POLL), pin=f"sha256:{'0' * 64}")
        assert site.requests == []

    def test_one_that_is_confirmed_meanwhile_is_trusted(self) -> None:
        site = Signed()

        async def confirm(gateway: SignedGateway) -> None:
            with pytest.raises(CertificateMismatch) as raised:
                await gateway.connect()
            await gateway.trust(raised.value.found)
            await gateway.connect()

        site.play(confirm, connect=False, pin=f"sha256:{'0' * 64}")
        assert logins(site) == 1

    def test_an_impostor_learns_nothing(self) -> None:
        site = Signed(lasting(FaultKind.IMPOSTOR, 1))

        async def later(gateway: SignedGateway) -> None:
            await gateway.close()
            site.clock.pass_time(2)
            again = site.gateway()
            with pytest.raises(CertificateMismatch):
                await again.apply(WHOLE)
            await again.close()

        site.play(later)
        assert logins(site) == 1

    def test_no_public_address_and_no_plain_http(self) -> None:
        site = Signed()
        site.host = "8.8.8.8"
        with pytest.raises(Unreachable, match="private network"):
            asyncio.run(site.gateway().connect())
        site.host = "http://10.0.0.1"
        with pytest.raises(ConfigProblem, match="https only"):
            site.gateway()


class TestKey:
    def test_a_file_that_only_its_owner_may_read(self, tmp_path: Path) -> None:
        site = Signed()
        site.play(lambda gateway: gateway.apply(WHOLE), key=key_file(tmp_path))
        assert site.writes == [WHOLE]
        assert sorted(each.name for each in tmp_path.iterdir()) == ["tedapi_rsa_private.pem"]

    def test_a_file_that_others_may_read_is_not_used(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigProblem, match=r"others may read.*chmod 600"):
            Signed().gateway(key=key_file(tmp_path, mode=0o640))

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigProblem, match="cannot read the key of signed control"):
            Signed().gateway(key=tmp_path / "none.pem")

    @pytest.mark.parametrize("kind", ["cut", "other", "locked", "empty", "long"])
    def test_what_is_no_key_is_not_quoted(self, kind: str) -> None:
        pem = new_key()
        other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()
            if kind != "locked"
            else serialization.BestAvailableEncryption(b"CANARY"),
        )
        content = {
            "cut": pem[:-200],
            "other": other,
            "locked": other,
            "empty": b"",
            "long": pem * 20,
        }[kind]
        with pytest.raises(ConfigProblem, match="not an RSA private key") as raised:
            Signed().gateway(key=content)
        said = "".join(traceback.format_exception(raised.value))
        assert not any(line in said for line in content.decode().splitlines() if len(line) > 40)

    def test_without_the_library_it_is_said_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from importlib import metadata

        def missing(_name: str) -> str:
            raise metadata.PackageNotFoundError

        monkeypatch.setattr(metadata, "version", missing)
        with pytest.raises(ConfigProblem, match="pip install"):
            check_installed()
        with pytest.raises(ConfigProblem, match="pip install"):
            Signed().gateway()


KINDS: tuple[tuple[Kind, dict[str, Any]], ...] = (
    *((kind, {}) for kind in SignedFaultKind if kind is not SignedFaultKind.SIGNED_FAULT),
    *((SignedFaultKind.SIGNED_FAULT, {"status": status}) for status in (1, 3, 5, 7, 17, 99)),
    *(
        (kind, {})
        for kind in (
            FaultKind.BAD_GATEWAY,
            FaultKind.BUSY,
            FaultKind.COMPRESSED,
            FaultKind.DUPLICATE_KEYS,
            FaultKind.EMPTY_BODY,
            FaultKind.LOCKOUT,
            FaultKind.NAN,
            FaultKind.NOT_JSON,
            FaultKind.RATE_LIMITED,
            FaultKind.REBOOT,
            FaultKind.REDIRECT,
            FaultKind.RESET,
            FaultKind.TRUNCATED,
            FaultKind.UNAUTHORIZED,
            FaultKind.WRONG_JSON,
        )
    ),
)


@pytest.mark.parametrize(("kind", "more"), KINDS)
@pytest.mark.parametrize("from_the_start", [True, False])
def test_no_secret_is_in_anything_that_is_said(
    kind: Kind,
    more: dict[str, Any],
    from_the_start: bool,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> None:
    site = Signed(lasting(kind, 0 if from_the_start else 1, **more))
    said: list[str] = []

    async def everything(gateway: SignedGateway) -> None:
        said.append(repr(gateway) + repr(gateway.capabilities))
        for request in (
            gateway.connect,
            lambda: gateway.observe(EVERYTHING),
            lambda: gateway.apply(WHOLE),
            gateway.write_back,
            gateway.run_battery,
        ):
            site.clock.pass_time(4_000)
            try:
                said.append(repr(await request()))  # type: ignore[operator]
            except GatewayProblem as problem:
                said.append("".join(traceback.format_exception(problem)) + repr(problem))

    with caplog.at_level(logging.DEBUG):
        site.play(everything, connect=not from_the_start)
    gc.collect()
    out, err = capfd.readouterr()
    tokens = site.simulated._sessions._open
    everywhere = "\n".join(
        [
            *said,
            *(text for _, text in site.notes),
            # The clock of the loop and the simulator are not ours to look at.
            *(each.getMessage() for each in caplog.records if not each.name.startswith("asyncio")),
            *(str(each.message) for each in recwarn),
            out,
            err,
        ]
    )
    assert (out, err) == ("", "")
    for secret in (PASSWORD, *tokens, *new_key().decode().splitlines()[1:-1]):
        assert secret not in everywhere
    assert any(each.strip() for each in said)
