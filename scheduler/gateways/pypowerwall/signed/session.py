"""A login at a gateway, and what is asked of it in that, through the library.

Policy:

* What came of a call is taken from the exchange below the library, never from the library.
* A request that comes back with 401 is made once more after one new login, and so is one that comes
  back with 403 but worked before. Between two logins lie at least 3 minutes, twice as long after
  each refusal, up to an hour; after 429 nothing at all is requested for 5 minutes, then 10, up to
  an hour. Both are kept with the token for the next process, where there is a file for it.
* Neither password nor token nor key is ever part of a sentence, not even where the gateway repeats
  them to us.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from scheduler.clock import Clock
from scheduler.errors import (
    CertificateMismatch,
    ConfigProblem,
    GatewayProblem,
    LoginRefused,
    Paused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways import (
    AFTER_TOO_MANY,
    BETWEEN_LOGINS,
    Pause,
    is_plain,
    is_token,
    words,
)
from scheduler.gateways.local.connection import CONNECTING
from scheduler.gateways.local.refused_login import no_login
from scheduler.gateways.local.resolver import AddressResolver
from scheduler.gateways.local.stored_session import Party, SessionFile, StoredSession
from scheduler.gateways.pypowerwall.library import Worker
from scheduler.gateways.pypowerwall.signed import refusals
from scheduler.gateways.pypowerwall.signed.answers import (
    Document,
    Reply,
    configured,
    is_din,
    open_reply,
)
from scheduler.gateways.pypowerwall.signed.client import Client, client_over
from scheduler.gateways.pypowerwall.signed.key import key_from
from scheduler.gateways.pypowerwall.signed.transport import (
    DENIED,
    TOO_MANY_REQUESTS,
    Exchange,
    Fate,
    Network,
    Outcome,
    Wire,
)

LOGIN: Final = "customer"
"""The library logs in as nobody else."""

_UNAUTHORIZED: Final = 401
_STEPS_OF_A_WRITE: Final = 2


class Session:
    """One login of the owner, and one key. Not for use by several tasks at once.

    The parameters are those of `SignedGateway`. Raises `ConfigProblem` for a key or a host that
    cannot be used, and without the library.
    """

    def __init__(
        self,
        host: str,
        password: str,
        email: str,
        pin: str | None,
        key: bytes | Path,
        clock: Clock,
        *,
        allow_public: bool = False,
        deadline: float = 10.0,
        file: SessionFile | None = None,
        transport: Network | None = None,
    ) -> None:
        if is_plain(host):
            raise ConfigProblem(f"{host}: signed control is spoken by https only; drop http://")
        self.host = host
        self._password = password
        self._clock = clock
        self._deadline = deadline
        self._wire = Wire(host, pin, email=email, deadline=deadline, transport=transport)
        self._client = client_over(self._wire, password, key_from(key))
        self._resolver = AddressResolver(
            host, allow_public=allow_public, patience=CONNECTING * deadline
        )
        self._worker = Worker(f"the gateway at {host}")
        self._din: str | None = None
        self._logins = Pause(BETWEEN_LOGINS)
        self._requests = Pause(AFTER_TOO_MANY)
        self._readable: set[str] = set()
        self._taken_over = False
        self._refusal = ""
        self._party = Party(host, pin, LOGIN)
        self._file = file
        if file is not None and (stored := file.load(self._party)) is not None:
            self._restore(stored)

    async def log_in(self) -> None:
        """Have a session. Raises `LoginRefused`, `Paused` or `Unreachable`."""
        if self._client.token is None:
            await self._renew()

    async def din(self) -> str:
        """The name of the gateway, which what is signed is signed for."""
        if self._din is None:
            answer, exchange = await self._ask(lambda client: client.get_din())
            outcome = exchange.last
            if not outcome.ok:
                raise refusals.of_status(self.host, outcome, self.said(outcome))
            if not isinstance(answer, str) or not is_din(answer):
                raise Unreachable(f"the gateway at {self.host} does not tell its name")
            self._din = answer
        return self._din

    async def get(self, path: str) -> Outcome:
        """The answer of the classic API, whatever it says. Raises what `log_in` raises."""
        _, exchange = await self._ask(lambda client: client.api_get(path))
        return exchange.last

    async def read_config(self) -> Document:
        """The configuration; empty where what is there is none. Raises `GatewayProblem`."""
        din = await self.din()
        _, exchange = await self._ask(lambda client: client.get_config_v1r(din))
        outcome = exchange.last
        if not outcome.ok:
            raise refusals.of_status(self.host, outcome, self.said(outcome))
        reply = self._opened(outcome)
        if not reply.ok:
            raise refusals.of_reading(self.host, reply)
        return reply.config

    async def write_config(self, updates: Mapping[str, object]) -> None:
        """Put these in their dotted places, all in one write. Raises `GatewayProblem`.

        Where it is not known whether that was done, that is `WriteUncertain`.
        """
        din = await self.din()
        _, exchange = await self._ask(
            lambda client: client.write_config_v1r(din, updates), may_replace=_is_whole
        )
        problem = refusals.of_write(self.host, exchange, self.said(exchange.last), self._opened)
        if problem is not None:
            raise problem

    def said(self, outcome: Outcome) -> str:
        """The gateway's own words for its refusal, on one line and without our secrets."""
        document = outcome.document()
        parts = (document.get("error"), document.get("message"))
        said = (words(self._without_secrets(each)) for each in parts if isinstance(each, str))
        text = "; ".join(each for each in said if each)
        return f"HTTP {outcome.status}: {text}" if text else f"HTTP {outcome.status}"

    def trust(self, pin: str) -> None:
        """The gateway has another certificate; a session of before is not sent there."""
        self._wire.trust(pin)
        self._party = Party(self.host, pin, LOGIN)
        self._din = None
        self._hold(None)
        self._keep()

    def close(self) -> None:
        """Let go of the connection; a session that is stored stays valid."""
        self._worker.close()
        self._wire.close()

    async def _ask(
        self,
        function: Callable[[Client], object],
        may_replace: Callable[[Outcome], bool] | None = None,
    ) -> tuple[object, Exchange]:
        """What the library answered, and the exchange, which ended with an answer or a write."""
        await self.log_in()
        answer, exchange = await self._call(function, may_replace)
        if self._is_worth_a_login(exchange.last):
            self._readable.discard(exchange.last.path)
            await self._renew()
            answer, exchange = await self._call(function, may_replace)
        last = exchange.last
        if last.ok:
            self._readable.add(last.path)
            if self._requests.reset():
                self._keep()
        elif last.fate is not Fate.ANSWERED and may_replace is None:
            raise refusals.of_silence(self.host, last)
        return answer, exchange

    def _is_worth_a_login(self, outcome: Outcome) -> bool:
        """The gateway has forgotten the session, or may have and it is worth finding out."""
        if outcome.fate is not Fate.ANSWERED or outcome.status not in DENIED:
            return False
        if outcome.status == _UNAUTHORIZED:
            return True
        may_be = self._taken_over or outcome.path in self._readable
        return may_be and not self._logins.left(self._clock.monotonic())

    async def _renew(self) -> None:
        self._hold(None)
        now = self._clock.monotonic()
        if left := self._logins.left(now):
            why = self._refusal or f"the gateway at {self.host} wants another login"
            raise Paused(
                f"{why}. The next login is in {left:.0f} s: too many would lock the account out",
                left,
            )
        self._raise_while_paused()
        before = copy.copy(self._logins)
        self._logins.begin(now)
        self._keep()
        exchange: Exchange | None = None
        try:
            _, exchange = await self._call(lambda client: client.login())
            outcome = exchange.last
            if outcome.fate is not Fate.ANSWERED:
                raise refusals.of_silence(self.host, outcome)
            self._take_token(outcome)
        except LoginRefused as refused:
            self._refusal = str(refused)
            raise
        except GatewayProblem as problem:
            unreached = exchange is not None and exchange.last.fate is Fate.UNREACHED
            if unreached or isinstance(problem, CertificateMismatch):
                self._logins = before
            raise
        finally:
            self._keep()

    def _take_token(self, outcome: Outcome) -> None:
        self._client.token = None
        if not outcome.ok:
            raise no_login(self.host, LOGIN, outcome.status, self.said(outcome))
        token = outcome.document().get("token")
        if not is_token(token):
            raise Unreachable(f"the gateway at {self.host} answered a login without a usable token")
        self._logins.reset()
        self._refusal = ""
        self._taken_over = False
        self._hold(str(token))

    def _hold(self, token: str | None) -> None:
        self._client.token = token
        self._wire.token = token

    async def _call(
        self,
        function: Callable[[Client], object],
        may_replace: Callable[[Outcome], bool] | None = None,
    ) -> tuple[object, Exchange]:
        """One call of the library, at the first of the gateway's addresses where anybody listens.

        Raises `Unreachable` past the deadline, as `WriteUncertain` where something may have been
        replaced by then; `CertificateMismatch`; and `Paused` after too many requests.
        """
        steps = 1 if may_replace is None else _STEPS_OF_A_WRITE
        deadline = steps * self._deadline
        while True:
            self._raise_while_paused()
            exchange = Exchange(await self._resolver.authority(), may_replace or _never)
            answer: object = None
            try:
                answer = await self._worker.call(
                    lambda sent=exchange: self._wire.during(sent, lambda: function(self._client)),  # type: ignore[misc] # it is bound here
                    deadline,
                )
            except TimeoutError:
                # First, so that whatever is sent after this was known when it is looked at.
                exchange.given_up = True
                lost = WriteUncertain if may_replace and exchange.signed else Unreachable
                raise lost(
                    f"the gateway at {self.host} gave no whole answer within {deadline:g} s"
                ) from None
            except GatewayProblem:
                raise
            except Exception as error:  # noqa: BLE001 -- what the library stumbles over, it may quote
                exchange.problem = Unreachable(
                    f"the gateway at {self.host} gave no usable answer ({type(error).__name__})"
                )
            finally:
                exchange.given_up = True
            if exchange.problem is not None:
                if isinstance(exchange.problem, CertificateMismatch):
                    self._resolver.failed()
                raise exchange.problem
            if exchange.last.status == TOO_MANY_REQUESTS:
                self._requests.begin(self._clock.monotonic())
                self._keep()
                self._raise_while_paused()
            if exchange.last.fate is not Fate.UNREACHED or not self._resolver.failed():
                return answer, exchange

    def _raise_while_paused(self) -> None:
        if left := self._requests.left(self._clock.monotonic()):
            raise Paused(
                f"the gateway at {self.host} limits requests (429); pausing for {left:.0f} s", left
            )

    def _restore(self, stored: StoredSession) -> None:
        """Go on with what an earlier process left."""
        now, wall = self._clock.monotonic(), self._clock.now()
        self._logins.restore(stored.logins, now, wall)
        self._requests.restore(stored.requests, now, wall)
        if stored.token is not None:
            self._hold(stored.token)
            self._taken_over = True
        elif stored.logins.refusals:
            self._refusal = f"the gateway at {self.host} did not accept the last login"

    def _keep(self) -> None:
        """Leave the session as it is now for the next process."""
        if self._file is None:
            return
        now, wall = self._clock.monotonic(), self._clock.now()
        logins, requests = self._logins.keep(now, wall), self._requests.keep(now, wall)
        self._file.store(StoredSession(self._party, self._client.token, logins, requests))

    def _opened(self, outcome: Outcome) -> Reply:
        reply = open_reply(outcome.body)
        return replace(reply, problem=self._without_secrets(reply.problem))

    def _without_secrets(self, text: str) -> str:
        for secret in (self._password, self._client.token):
            if secret:
                text = text.replace(secret, "•••")
        return text


def _never(_answer: Outcome) -> bool:
    return False


def _is_whole(answer: Outcome) -> bool:
    """The configuration that was read is one that can be changed and put back."""
    reply = open_reply(answer.body)
    return reply.ok and configured(reply.config).whole
