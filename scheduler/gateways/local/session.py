"""A login at the gateway, and what it takes to keep one without doing harm.

Policy:

* The token lives in memory and, where a file for it is given, in that file, for the next process.
  Neither it nor the password is ever part of an error, a log line or a representation, not even
  where the gateway repeats them to us.
* A request that comes back with 401 is made once more after one new login, and so is a read that
  comes back with 403 but worked before. Never more: gateways lock everybody out, their owner
  included, after too many logins. A 401 on anything but a reading may be about the account rather
  than the token, which is therefore used for readings until there is a new one.
* Between two logins lie at least 3 minutes, twice as long after each refusal, up to an hour. After
  429 nothing at all is requested for 5 minutes, then 10, up to an hour. The file has these pauses
  too, and has them before a login is sent: a process that crashes and starts again respects them.
* A token out of the file may have been forgotten by the gateway, which some firmware says with 403.
  So a 403 is a verdict on the account only with a token of this process's own.
* A login never requests the battery to be stopped (`force_sm_off` is always false). Old firmware
  stops it all the same, and some does after a write. So the battery is looked at before and after:
  one that ran and stands is requested to run at once (`own_stop`). One that stood already is left
  to whoever stopped it, and to the loop.
* A session that is `hands_off`, as a dry run is, requests no battery to run, and makes no login
  where the firmware may stop the battery for one. It reads what needs none, or goes on with a token
  that it finds.
"""

from __future__ import annotations

import asyncio
import copy
import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress

from scheduler.clock import Clock
from scheduler.domain import NoteKind
from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways import (
    AFTER_TOO_MANY,
    BETWEEN_LOGINS,
    OnNote,
    Pause,
    is_token,
    login_may_stop_battery,
    parse_version,
    words,
)
from scheduler.gateways.local.answers import parse_sitemaster
from scheduler.gateways.local.own_stop import OwnStop
from scheduler.gateways.local.refused_login import no_login, withheld
from scheduler.gateways.local.stored_session import Party, SessionFile, StoredSession
from scheduler.gateways.local.transport import (
    AGGREGATES,
    COMPLETED,
    GRID_STATUS,
    LOGIN,
    OPERATION,
    RUN,
    SITEMASTER,
    SOE,
    STATUS,
    GatewayTransport,
    Response,
)

TOO_MANY_REQUESTS = 429
DENIED = UNAUTHORIZED, FORBIDDEN = 401, 403

_log = logging.getLogger(__name__)
_JSON = ("Content-Type", "application/json")
_READINGS = frozenset({SOE, AGGREGATES, GRID_STATUS, OPERATION, SITEMASTER, STATUS})
"""Where a 403 is a missing value, and no verdict on what the account may do."""
_MAY_STOP = frozenset({OPERATION, COMPLETED})
"""What a write is made of: some firmware stands after it (vloschiavo/powerwall2, issue 22)."""
_OPENLY = frozenset(("GET", target) for target in _READINGS)


class Session:
    """One login of one account, renewed as the gateway forgets it.

    `login` is the gateway's user name, "customer" or "installer". `file` stores the session for the
    next process. With `hands_off` nothing is done to the battery. `firmware` is the gateway's, once
    it is known. Not for use from several threads; several tasks share it safely.
    """

    def __init__(
        self,
        transport: GatewayTransport,
        clock: Clock,
        *,
        login: str,
        password: str,
        email: str,
        on_note: OnNote,
        file: SessionFile | None = None,
        hands_off: bool = False,
    ) -> None:
        self.firmware: str | None = None
        self._transport = transport
        self._clock = clock
        self._party = Party(transport.host, transport.pin, login)
        self._password = password
        self._email = email
        self._on_note = on_note
        self._token: str | None = None
        self._token_number = 0
        self._credentials: tuple[tuple[str, str], ...] = ()
        self._one_login = asyncio.Lock()
        self._logins = Pause(BETWEEN_LOGINS)
        self._requests = Pause(AFTER_TOO_MANY)
        self._readable: set[str] = set()
        self._hands_off = hands_off
        self._own_stop = OwnStop()
        self._battery_left_until = 0.0
        self._refusal = ""
        self._taken_over = False
        self._file = file
        if file is not None and (stored := file.load(self._party)) is not None:
            self._restore(stored)

    @property
    def host(self) -> str:
        """Where the gateway is."""
        return self._transport.host

    @property
    def withheld(self) -> str:
        """Why no login is made, in a sentence; empty where one is."""
        if not (self._hands_off and self._login_may_stop_battery):
            return ""
        return withheld(self.host, self.firmware)

    def forget(self) -> None:
        """Forget the token; the next request begins with a login. The file has it still."""
        self._token = None
        self._credentials = ()

    def trust(self, pin: str) -> None:
        """The gateway has another certificate; a token of before is not sent there."""
        self._party = Party(self._party.host, pin, self._party.login)
        self.forget()
        self._keep()

    async def log_in(self) -> None:
        """Have a token, where a login may be made for one, and a battery that runs as before.

        Raises `LoginRefused`, `Paused` when it is too early for another login, `Unreachable`.
        """
        if self._token is None and not self.withheld:
            await self._renew(self._token_number)
        await self._settle_doubt()

    async def get_open(self, target: str) -> Response:
        """Read what gateways show to everybody. Raises `Unreachable` or `Paused`."""
        return await self._ask("GET", target, (), None, changes=False)

    async def get_aside(self, target: str) -> Response:
        """Read as the account what is good to know: a refusal is no reason for another login.

        Raises `Unreachable` or `Paused`.
        """
        return await self._ask("GET", target, self._credentials, None, changes=False)

    async def get(self, target: str, *, changes: bool = False) -> Response:
        """Make a GET as the account; several of the gateway's GETs `change` something.

        Raises what `log_in` raises, and `WriteUncertain` when it `changes` something and the
        answer was lost.
        """
        return await self._request("GET", target, None, changes=changes)

    async def post(self, target: str, document: Mapping[str, object]) -> Response:
        """Make a POST as the account. Raises what `get` raises for a request that changes."""
        return await self._request("POST", target, json.dumps(document).encode(), changes=True)

    async def reads(self) -> bool:
        """The gateway shows what it shows to accounts only: the token is good."""
        with suppress(Unreachable, Paused):
            return (await self.get_aside(OPERATION)).ok
        return False

    def said(self, answer: Response) -> str:
        """The gateway's own words for its refusal, on one line and without our secrets."""
        document = answer.document()
        parts = (document.get("error"), document.get("message"))
        said = (words(self._without_secrets(each)) for each in parts if isinstance(each, str))
        text = "; ".join(each for each in said if each)
        return f"HTTP {answer.status}: {text}" if text else f"HTTP {answer.status}"

    async def run_battery(self) -> None:
        """Ask a stopped battery to run again. Raises `GatewayProblem`."""
        answer = await self.get(RUN)
        if answer.status in DENIED:
            raise NotPermitted(
                f"this account may not start the battery at {self.host} ({self.said(answer)}); "
                "start it in the Tesla app or at the gateway"
            )
        if not answer.ok:
            raise Refused(f"the gateway at {self.host} does not start ({self.said(answer)})")

    async def undo_own_stop(self) -> None:
        """See to it that a battery which ran before the last login or write still does.

        Where the gateway does not answer, this is made up for before the next request.
        """
        try:
            await self._settle_doubt()
        except GatewayProblem as problem:
            _log.warning("cannot tell yet whether the battery runs: %s", problem)

    def leave_battery(self, seconds: float) -> None:
        """Do not ask a stopped battery to run for so long: an update has stopped it."""
        self._battery_left_until = self._clock.monotonic() + seconds

    async def _request(
        self, method: str, target: str, content: bytes | None, *, changes: bool
    ) -> Response:
        if not changes:
            await self._settle_doubt()
        if self._token is None and not self.withheld:
            await self._renew(self._token_number)
            await self._settle_doubt()
        used = self._token_number
        answer = await self._ask(method, target, self._credentials, content, changes=changes)
        if self.withheld:
            answer = await self._ask_openly(method, target, answer)
        elif self._is_worth_a_login(method, target, answer):
            self._readable.discard(target)
            await self._renew(used, keep=changes or target not in _READINGS)
            await self._settle_doubt()
            answer = await self._ask(method, target, self._credentials, content, changes=changes)
        if answer.ok:
            if self._requests.reset():
                self._keep()
            if method == "GET":
                self._readable.add(target)
        return answer

    async def _ask_openly(self, method: str, target: str, answer: Response) -> Response:
        """A token that is refused is worth less than none where there will be no other."""
        if answer.status not in DENIED or self._token is None or (method, target) not in _OPENLY:
            return answer
        if answer.status == UNAUTHORIZED:
            self.forget()
        return await self._ask(method, target, (), None, changes=False)

    def _is_worth_a_login(self, method: str, target: str, answer: Response) -> bool:
        """The gateway has forgotten the token, or may have and it is not too early to find out.

        Raises `Paused` when it is, and the answer would be taken for a verdict on the account.
        """
        if answer.status != FORBIDDEN:
            return answer.status == UNAUTHORIZED
        reads = method == "GET" and target in _READINGS
        if not self._taken_over and not (reads and target in self._readable):
            return False
        left = self._logins.left(self._clock.monotonic())
        if left and not reads:
            raise self._too_early(left)
        return not left

    def _too_early(self, left: float) -> Paused:
        why = self._refusal or f"the gateway at {self.host} wants another login"
        return Paused(
            f"{why}. The next login is in {left:.0f} s: too many would lock the account out", left
        )

    def _restore(self, stored: StoredSession) -> None:
        """Go on with what an earlier process left."""
        now, wall = self._clock.monotonic(), self._clock.now()
        self._logins.restore(stored.logins, now, wall)
        self._requests.restore(stored.requests, now, wall)
        self._own_stop.restore(stored.own_stop_until, now, wall)
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
        own_stop = self._own_stop.keep(now, wall)
        self._file.store(StoredSession(self._party, self._token, logins, requests, own_stop))

    async def _settle_doubt(self) -> None:
        now = self._clock.monotonic()
        in_doubt = self._own_stop.possible(now) and now >= self._battery_left_until
        if self._hands_off or not in_doubt:
            return
        answer = await self._ask("GET", SITEMASTER, self._credentials, None, changes=False)
        stands = parse_sitemaster(answer.document()).get("running") is False
        if stands:
            answer = await self._ask("GET", RUN, self._credentials, None, changes=False)
        # Later firmware answers these only with a token: the doubt lasts until there is one.
        if self._token is None and answer.status in DENIED:
            return
        if not stands and answer.status >= 500:
            return
        self._own_stop.over()
        self._keep()
        if stands and answer.ok:
            self._on_note(
                NoteKind.BATTERY_RUN,
                "the battery ran before our login or write and stood after it;"
                " asked it to run again",
            )
        elif stands:
            _log.warning("the battery does not start: %s", self.said(answer))

    @property
    def _login_may_stop_battery(self) -> bool:
        return login_may_stop_battery(parse_version(self.firmware))

    async def _renew(self, used: int, *, keep: bool = False) -> None:
        """Log in, unless another task has done so since token number `used` was the latest.

        With `keep` the old token is good for readings until there is a new one.
        """
        async with self._one_login:
            if self._token is not None and self._token_number != used:
                return
            if not keep:
                self.forget()
            left = self._logins.left(self._clock.monotonic())
            if left:
                raise self._too_early(left)
            self._raise_while_paused()
            answer = await self._log_in_once()
            try:
                self._take_token(answer)
            except LoginRefused as refused:
                self._refusal = str(refused)
                raise
            finally:
                self._keep()

    async def _log_in_once(self) -> Response:
        if self._transport.plain:
            # A gateway that has learnt https since says so here, before it is sent the password.
            await self.get_open(STATUS)
        document = {
            "username": self._party.login,
            "password": self._password,
            "email": self._email,
            "force_sm_off": False,
        }
        if self._login_may_stop_battery:
            await self._look_at_battery()
        before = copy.copy(self._logins), copy.copy(self._own_stop)
        now = self._clock.monotonic()
        self._logins.begin(now)
        self._own_stop.begin(now)
        self._keep()
        try:
            answer = await self._ask("POST", LOGIN, (), json.dumps(document).encode(), changes=True)
        except WriteUncertain as error:
            # To the caller a lost login is no lost write; to the gateway it may count as a login.
            raise Unreachable(str(error)) from error
        except GatewayProblem:
            self._logins, self._own_stop = before
            self._keep()
            raise
        if not answer.ok:
            self._own_stop = before[1]
        return answer

    async def _look_at_battery(self) -> None:
        """See whether it runs, so that a stop of our own can be told from another's.

        Raises `Unreachable` where that is not known yet; strangers may not be told at all.
        """
        answer = await self._ask("GET", SITEMASTER, (), None, changes=False)
        if answer.status >= 500:
            raise Unreachable(
                f"the gateway at {self.host} does not say whether the battery runs "
                f"({self.said(answer)}), so nothing that may stop it was sent"
            )

    def _take_token(self, answer: Response) -> None:
        if not answer.ok:
            raise no_login(self.host, self._party.login, answer.status, self.said(answer))
        token = answer.document().get("token")
        if not is_token(token):
            raise Unreachable(f"the gateway at {self.host} answered a login without a usable token")
        self._logins.reset()
        self._refusal = ""
        self._taken_over = False
        self._hold(str(token))

    def _hold(self, token: str) -> None:
        self._token = token
        self._token_number += 1
        # Firmware 1.15 wants the header. Later firmware sets a cookie, and clients in the field
        # send now the one, now the other: what each version reads is not known, so it gets both.
        self._credentials = (
            ("Authorization", f"Bearer {token}"),
            ("Cookie", f"AuthCookie={token}"),
        )

    async def _ask(
        self,
        method: str,
        target: str,
        credentials: Sequence[tuple[str, str]],
        content: bytes | None,
        *,
        changes: bool,
    ) -> Response:
        self._raise_while_paused()
        headers = (*credentials, _JSON) if content is not None else credentials
        if changes and target in _MAY_STOP and self._own_stop.begin(self._clock.monotonic()):
            self._keep()
        answer = await self._transport.request(
            method, target, headers=headers, content=content, changes=changes
        )
        if target == SITEMASTER:
            running = parse_sitemaster(answer.document()).get("running")
            self._own_stop.seen(running=running, now=self._clock.monotonic())
        if answer.status == TOO_MANY_REQUESTS:
            self._requests.begin(self._clock.monotonic())
            self._keep()
            self._raise_while_paused()
        return answer

    def _raise_while_paused(self) -> None:
        left = self._requests.left(self._clock.monotonic())
        if left:
            raise Paused(
                f"the gateway at {self.host} limits requests (429); pausing for {left:.0f} s",
                left,
            )

    def _without_secrets(self, text: str) -> str:
        for secret in (self._password, self._token):
            if secret:
                text = text.replace(secret, "•••")
        return text
